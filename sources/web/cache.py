"""What is kept on disk of earlier answers: one file each, whole or not there.

A file is a digest of the rest, a line of JSON (status and headers) and the body, unpacked. It is
written under another name and renamed, so that several processes can share the folder and a
process that is killed leaves nothing half; a file that was damaged since (or that a power cut
emptied, as nothing is synced) is told by its digest, removed, and fetched anew.

Its name is a digest of the address and all headers that were sent, with secrets represented by
their owner's identity; of the reply, cookies and rate limits are left out. So it holds no secret,
and one user's private answer is never another's.

hishel, which follows RFC 9111 for httpx, was tried in version 2.0 and is not used: it wrote the
`Authorization` of each request into its database, gave one token's answer to another, served a
body whose bytes had been changed on disk, and once a page of the database was damaged it stored
nothing more; and it asks again only what is stale, or with a `no-cache` that reaches the server.

Not covered: freshness (`max-age` is not looked at, every answer is asked about) and eviction: an
entry is as large as its answer, and there is one for each address.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"web1"
SEAL = len(MAGIC) + 1 + 64 + 1
"""Bytes before what is sealed: the format's name and version, and the digest, as a line."""
FORGOTTEN = frozenset(
    {
        *("set-cookie", "set-cookie2", "cookie", "authorization", "www-authenticate"),
        *("authentication-info", "location", "connection", "keep-alive", "transfer-encoding"),
        *("content-encoding", "content-length", "date", "age", "retry-after"),
    }
)
ABANDONED = 3600
"""Seconds after which a temporary file is nobody's any more."""


@dataclass(frozen=True)
class Entry:
    """A stored answer. `at` is a digest of the address that gave it, after redirects."""

    at: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask whether this still stands. Tags go back exactly as they came,
        unquoted ones too, as Hex's are."""
        names = {"etag": "if-none-match", "last-modified": "if-modified-since"}
        return {
            asking: self.headers[given]
            for given, asking in names.items()
            if can_be_sent(self.headers.get(given, ""))
        }


def can_be_sent(validator: str) -> bool:
    """Whether a tag or date can go back to the server: servers have sent other things than ASCII,
    which no request may hold."""
    return bool(validator) and validator.isascii() and validator.isprintable()


def key(url: str, headers: Mapping[str, str], identity: str) -> str:
    """The name under which the answer to a request is kept."""
    packed = json.dumps([url, sorted(headers.items()), identity])
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()


def address(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The part of a reply's headers that is worth keeping and safe to keep."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower() not in FORGOTTEN and "ratelimit" not in name.lower()
    }


class Cache:
    """A folder of answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new = folder / "new"
        self._swept = False

    def read(self, name: str) -> Entry | None:
        """The answer of this name; None when there is none or it was damaged."""
        path = self._path(name)
        try:
            packed = path.read_bytes()
        except OSError:
            return None
        entry = _unpacked(packed)
        if entry is None:
            with suppress(OSError):  # it is as if it were not there, even if we may not remove it
                path.unlink()
        return entry

    def write(self, name: str, entry: Entry) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._new.mkdir(parents=True, exist_ok=True)
        self._sweep()
        with tempfile.NamedTemporaryFile(dir=self._new, delete=False) as file:
            temporary = Path(file.name)
            try:
                for part in _packed(entry):
                    file.write(part)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        temporary.replace(path)

    def forget(self, name: str) -> None:
        """Remove the answer of this name, where it is and may be removed."""
        with suppress(OSError):
            self._path(name).unlink()

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:]

    def _sweep(self) -> None:
        """Remove what killed processes left."""
        if self._swept:
            return
        self._swept = True
        before = time.time() - ABANDONED
        for path in self._new.iterdir():
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:
                continue


def _packed(entry: Entry) -> tuple[bytes, bytes, bytes]:
    about = {"at": entry.at, "status": entry.status, "headers": dict(entry.headers)}
    line = json.dumps(about, sort_keys=True).encode() + b"\n"
    return _seal(line, entry.body), line, entry.body


def _seal(*rest: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()
    for part in rest:
        digest.update(part)
    return MAGIC + b" " + digest.hexdigest().encode() + b"\n"


def _unpacked(packed: bytes) -> Entry | None:
    if packed[:SEAL] != _seal(memoryview(packed)[SEAL:]):
        return None
    end = packed.index(b"\n", SEAL)
    about = json.loads(packed[SEAL:end])
    return Entry(about["at"], about["status"], about["headers"], packed[end + 1 :])
