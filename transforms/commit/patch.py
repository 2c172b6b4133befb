"""A document of language `patch` as its message and the two sides of each file.

Reads what `git format-patch` writes when its context is whole files: one hunk a file, from which
both sides come back exactly. Any other patch is refused (None), one that lost lines too; hunks
with less than the whole file cannot be told from it, as nothing in a patch says how long a file is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from factory.syntax import Span

_SUBJECT = "Subject: [PATCH] "
_NAMES = re.compile(r"diff --git a/(.+) b/\1\Z")
_HUNK = re.compile(r"@@ -([01]),(\d+) \+([01]),(\d+) @@")
_NO_NEWLINE = "\\ No newline at end of file"


class Hunk(NamedTuple):
    """Lines that changed: `before` `start` to `end` became `after` `start` to `end` (counted from
    0, ends exclusive)."""

    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after (None where there is none), its hunks in order, and the bytes of the
    patch from the first changed line to the last."""

    path: str
    before: str | None
    after: str | None
    hunks: tuple[Hunk, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Patch:
    """A commit: its name, its message's first paragraph and the rest, and what it changed."""

    commit: str
    subject: str
    body: str
    files: tuple[FileChange, ...]


class _Lines:
    """Lines of a text, one after the other, with the byte at which the next one starts."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._next = 0
        self.at = 0

    @property
    def here(self) -> str | None:
        return self._lines[self._next] if self._next < len(self._lines) else None

    def take(self) -> str:
        line = self._lines[self._next]
        self._next += 1
        self.at += len(line.encode()) + 1
        return line


def read_patch(text: str) -> Patch | None:
    """The patch, or None when it is none of this kind."""
    lines = _Lines(text)
    try:
        first = lines.take().split(" ")
        while not (subject := lines.take()).startswith(_SUBJECT):
            pass
        lines.take()
        body = []
        while (line := lines.take()) != "---":
            body.append(line)
        while not lines.here:
            lines.take()
        files = tuple(_files(lines))
    except (IndexError, ValueError):
        return None
    if first[0] != "From" or not files:
        return None
    return Patch(first[1], subject.removeprefix(_SUBJECT).strip(), "\n".join(body).strip(), files)


def _files(lines: _Lines) -> Iterator[FileChange]:
    """Every file's change. Raises ValueError or IndexError for what is no whole patch."""
    while lines.here is not None:
        if not lines.here:
            lines.take()
            continue
        named = _NAMES.match(lines.take())
        if named is None:
            raise ValueError("a file's change has to begin with its name")
        created = deleted = False
        while lines.here is not None and not lines.here.startswith(("@@ ", "diff --git ")):
            line = lines.take()
            created |= line == "--- /dev/null"
            deleted |= line == "+++ /dev/null"
        yield _file(lines, named[1], created=created, deleted=deleted)


def _file(lines: _Lines, path: str, *, created: bool, deleted: bool) -> FileChange:
    sides: tuple[list[str], list[str]] = ([], [])
    hunks: list[Hunk] = []
    first = last = lines.at
    opened: tuple[int, int] | None = None
    if lines.here is not None and lines.here.startswith("@@ "):
        header = _HUNK.match(lines.take())
        if header is None:
            raise ValueError("the context is not the whole file")
        wanted = int(header[2]), int(header[4])
        while (len(sides[0]), len(sides[1])) != wanted:
            start = lines.at
            line = lines.take()
            mark, content = line[:1], line[1:]
            if mark not in (" ", "-", "+"):
                raise ValueError("a line is neither kept, removed nor added")
            if mark == " " and opened is not None:
                hunks.append(_hunk(opened, sides))
                opened = None
            if mark != " ":
                if opened is None:
                    opened = len(sides[0]), len(sides[1])
                    first = start if not hunks else first
                last = lines.at
            ended = lines.here == _NO_NEWLINE
            if ended:
                lines.take()
            for side, marks in zip(sides, (" -", " +"), strict=True):
                if mark in marks:
                    side.append(content if ended else f"{content}\n")
        if opened is not None:
            hunks.append(_hunk(opened, sides))
    before, after = ("".join(side) for side in sides)
    return FileChange(
        path,
        None if created else before,
        None if deleted else after,
        tuple(hunks),
        Span(first, max(first, last - 1)),
    )


def _hunk(opened: tuple[int, int], sides: tuple[list[str], list[str]]) -> Hunk:
    return Hunk((opened[0], len(sides[0])), (opened[1], len(sides[1])))
