"""A file on its way: it grows under a temporary name beside its place and is renamed when whole.

What came is kept when the connection breaks or the process is killed, and the next attempt, or the
next run, asks for the rest alone (`Range`, with `If-Range` where the server gave a strong
validator). Without a validator the rest is asked for only when the file's digest is known, as
otherwise nobody could tell two versions glued together.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import httpx
from filelock import FileLock, Timeout

from sources.web.cache import address, can_be_sent

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Partial:
    """The part of a file that has come so far."""

    def __init__(self, to: Path, url: str) -> None:
        self.path = to.parent / f".{to.name}.{address(url)[:12]}.part"
        self._about = self.path.with_suffix(".from")
        self._to = to

    def conditions(self, digest_known: bool) -> dict[str, str]:
        """The headers that ask for the rest; none when there is nothing to go on from."""
        size = self.size
        validator = self._validator()
        if not size or not (validator or digest_known):
            return {}
        return {"range": f"bytes={size}-"} | ({"if-range": validator} if validator else {})

    @property
    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def begin(self, response: httpx.Response) -> BinaryIO:
        """Where the body is to be appended: after what is there, if the answer goes on from it."""
        if self.goes_on(response):
            return self.path.open("ab")
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if validator := _strong(response):
            temporary = self._about.with_suffix(".new")
            temporary.write_text(json.dumps(validator), "utf-8")
            temporary.replace(self._about)
        return self.path.open("wb")

    def goes_on(self, response: httpx.Response) -> bool:
        """Whether a partial answer begins where we stopped."""
        if response.status_code != 206 or response.headers.get("content-encoding"):
            return False
        match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
        return match is not None and int(match[1]) == self.size > 0

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)

    def become_whole(self) -> Path:
        self.path.replace(self._to)
        self._about.unlink(missing_ok=True)
        return self._to

    def _validator(self) -> str:
        try:
            validator = json.loads(self._about.read_text("utf-8"))
        except (OSError, ValueError):
            return ""
        return validator if isinstance(validator, str) else ""


def _strong(response: httpx.Response) -> str:
    """What `If-Range` may carry (RFC 9110, 13.1.5): a strong tag, else the date; an unquoted tag
    goes back as it came."""
    if response.headers.get("content-encoding"):
        return ""
    etag = str(response.headers.get("etag", ""))
    if can_be_sent(etag) and not etag.startswith("W/"):
        return etag
    modified = str(response.headers.get("last-modified", ""))
    return modified if can_be_sent(modified) else ""


@contextmanager
def alone(partial: Partial, locks: Path, check: Callable[[], None]) -> Iterator[None]:
    """Nobody else, in this process or another, fetches the same file meanwhile. `check` raises
    when the work was called off. Raises OSError."""
    locks.mkdir(parents=True, exist_ok=True)
    # A few thousand names serve for any number of files; two that share one wait.
    lock = FileLock(locks / address(str(partial.path))[:3])
    while not lock.is_locked:
        check()
        with suppress(Timeout):
            lock.acquire(timeout=1)
    try:
        yield
    finally:
        lock.release()


def save(pieces: Iterator[bytes], file: BinaryIO) -> None:
    """Append the pieces, and have them on the disk when all came."""
    with file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def has_digest(path: Path, sha256: str) -> bool:
    """Whether the file is there with this content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256.lower()
    except OSError:
        return False
