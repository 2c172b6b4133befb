"""What every archive format must obey: names, kinds, limits, and where wanted bytes are kept.

Nothing here writes under a name that an archive chose: bytes that are wanted go to one anonymous
spool (memory, then an unlinked temporary file) and are found again by their path. What is refused
raises `ArchiveRefusedError` naming the archive and the member.

Not covered: the formats themselves (`tarball`, `zipped`), and what the files say.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from factory.errors import ArchiveRefusedError

Wanted = Callable[[str, int], bool]
"""Path inside the archive and size in bytes → whether its bytes will be asked for."""

Kind = Literal["file", "link"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may be before it is held to be a bomb. Sizes are in bytes.

    `ratio` is unpacked over packed size and counts only above `ratio_floor`, since a small file of
    one repeated letter packs a thousandfold and harms nobody.
    """

    packed: int = 1 << 30
    unpacked: int = 2 << 30
    files: int = 200_000
    ratio: int = 200
    ratio_floor: int = 64 << 20
    name: int = 1024
    depth: int = 64
    header: int = 1 << 20


LIMITS = Limits()

SPOOL_IN_MEMORY = 64 << 20
"""Wanted bytes beyond this go to an unlinked temporary file, so memory stays bounded."""

YEAR_10000 = 253_402_300_800
"""Seconds since 1970 at which dates end that ISO 8601 and Python can write."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file (or link) of a release: its path below the root, and its size in bytes."""

    path: str
    size: int
    kind: Kind = "file"


def shown(name: str) -> str:
    """A name as it can be printed on any terminal: escapes for all that is not plain, cut short."""
    plain = ascii(name)[1:-1]
    return plain if len(plain) <= 200 else plain[:200] + "…"


def refused(archive: str, member: str, reason: str) -> ArchiveRefusedError:
    where = f"{archive}: member {shown(member)}: " if member else f"{archive}: "
    return ArchiveRefusedError(f"{where}{reason}; the archive is not read")


def name_fault(name: str, limits: Limits = LIMITS) -> str:
    """Why a member of this name is refused, or "" when the name is harmless."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    parts = name.split("/")
    if "\0" in name:
        return "its name holds a NUL byte"
    if size > limits.name or len(parts) > limits.depth:
        return f"its name is longer than {limits.name} bytes or deeper than {limits.depth} folders"
    if name.startswith("/"):
        return "its path is absolute"
    if ".." in parts:
        return "its path climbs with '..'"
    if "\\" in name:
        return "its name holds a backslash"
    if _DRIVE.match(name):
        return "its name starts with a drive letter"
    if _CONTROL.search(name):
        return "its name holds control characters"
    return ""


def link_fault(name: str, target: str, *, from_root: bool) -> str:
    """Why a link is refused, or "" when it stays inside. A symbolic link's target counts from the
    link's own folder, a hard link's from the archive's root (`from_root`)."""
    if not target:
        return "it is a link to nothing"
    if target.startswith("/") or _DRIVE.match(target) or "\\" in target or "\0" in target:
        return f"it is a link to {shown(target)}, outside the archive"
    depth = 0 if from_root else len(PurePosixPath(name).parts) - 1
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in ("", "."):
            depth += 1
        if depth < 0:
            return f"it is a link to {shown(target)}, outside the archive"
    return ""


def plain_name(name: str) -> str:
    """The name without `./`, doubled slashes and the slash that ends a folder's name."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


class Contents:
    """An archive's files and links, sorted by path, and the bytes of those that were wanted.

    Paths are relative to the archive's single top folder where it has one. `newest` is the
    largest modification time of its members in seconds since 1970 (0 when none says).
    """

    def __init__(
        self,
        entries: tuple[Entry, ...],
        newest: int,
        places: dict[str, tuple[int, int]],
        spool: tempfile.SpooledTemporaryFile[bytes],
    ) -> None:
        self.entries = entries
        self.newest = newest
        self._places = places
        self._spool = spool

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises KeyError for a path that was not wanted."""
        start, size = self._places[path]
        self._spool.seek(start)
        return self._spool.read(size)

    def close(self) -> None:
        self._spool.close()

    def __enter__(self) -> Contents:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Collector:
    """Takes members one by one, refuses what is not safe, and ends as `Contents`."""

    def __init__(
        self, archive: str, wanted: Wanted, limits: Limits, *, last_counts: bool = False
    ) -> None:
        """A path that is there twice is refused, unless the last counts, as it does for whoever
        unpacks an archive over itself."""
        self.archive = archive
        self.limits = limits
        self.member = ""
        self._last_counts = last_counts
        self._wanted = wanted
        self._entries: dict[str, Entry] = {}
        self._folders: set[str] = set()
        self._places: dict[str, tuple[int, int]] = {}
        self._spool = tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY)  # noqa: SIM115 (Contents closes it)
        self._members = 0
        self._newest = 0
        self._total = 0

    def refuse(self, reason: str) -> ArchiveRefusedError:
        return refused(self.archive, self.member, reason)

    def meet(self, name: str, mtime: float) -> str:
        """Check a member's name before anything else of it is looked at; returns it plain."""
        self.member = name
        self._members += 1
        if self._members > self.limits.files:
            raise self.refuse(f"there are more than {self.limits.files:,} members")
        fault = name_fault(name, self.limits)
        if fault:
            raise self.refuse(fault)
        if 0 < mtime < YEAR_10000:
            self._newest = max(self._newest, int(mtime))
        return plain_name(name)

    def folder(self, path: str) -> None:
        if path:
            self._folders.add(path)

    def link(self, path: str, target: str, *, from_root: bool) -> None:
        fault = link_fault(path, target, from_root=from_root)
        if fault:
            raise self.refuse(fault)
        self._add(Entry(path, 0, "link"))

    def file(self, path: str, size: int) -> bool:
        """Note a file; returns whether its bytes are wanted (then `keep` takes them)."""
        if size < 0:
            raise self.refuse("its size is negative")
        self._total += size
        if self._total > self.limits.unpacked:
            raise self.refuse(f"unpacked it is larger than {self.limits.unpacked:,} bytes")
        self._add(Entry(path, size))
        return self._wanted(path, size)

    def keep(self, path: str, data: bytes) -> None:
        self._places[path] = (self._spool.tell(), len(data))
        self._spool.write(data)

    def discard(self) -> None:
        self._spool.close()

    def finish(self) -> Contents:
        """Raises when a file or a link also serves as a folder of other members."""
        for path in [*self._entries, *self._folders]:
            cut = path.rfind("/")
            while cut > 0:
                if path[:cut] in self._entries:
                    self.member = path
                    raise self.refuse(f"{shown(path[:cut])} is both a folder and not one")
                if path[:cut] in self._folders:
                    break
                self._folders.add(path[:cut])
                cut = path.rfind("/", 0, cut)
        for path in self._folders & self._entries.keys():
            self.member = path
            raise self.refuse("it is both a folder and not one")
        top = self._top()
        entries = sorted(
            (Entry(e.path[len(top) :], e.size, e.kind) for e in self._entries.values()),
            key=lambda e: e.path,
        )
        places = {path[len(top) :]: place for path, place in self._places.items()}
        return Contents(tuple(entries), self._newest, places, self._spool)

    def _add(self, entry: Entry) -> None:
        if not entry.path:
            raise self.refuse("it has no name")
        if entry.path in self._entries:
            if not self._last_counts:
                raise self.refuse("it is there twice")
            self._places.pop(entry.path, None)
        self._entries[entry.path] = entry

    def _top(self) -> str:
        """`folder/` when every file lies below one top folder, else ""."""
        tops = {path.partition("/")[0] for path in self._entries}
        if len(tops) != 1 or tops & self._entries.keys():
            return ""
        return tops.pop() + "/"
