"""A file of JSON lines that is only ever added to: what is in it was written whole.

A line is handed to the kernel before `append` returns, so that a killed process loses nothing, and
a thread of its own sees that it reaches the disk. A last line that a power cut tore is cut off when
the file is opened for writing. It holds no index: whoever reads it builds what they need.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.closing import Closing

LONGEST_LINE = 64 << 20
"""Bytes. No candidate with its verdict comes near; a line without end must not fill memory."""


def lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Every line with its number: the object that it holds, or None where it holds none. A last
    line without its end is not yielded; a file that is not there has no lines. Raises OSError."""
    for number, _, row in lines_at(path):
        yield number, row


def lines_at(path: Path) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
    """As `lines`, with where each line begins, in bytes."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        number = at = 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n"):
                if len(line) < LONGEST_LINE:
                    return
                yield number, at, None
                at += len(line) + _skip_line(stream)
                continue
            yield number, at, parsed(line)
            at += len(line)


def _skip_line(stream: Any) -> int:
    skipped = 0
    while part := stream.readline(LONGEST_LINE):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def parsed(line: bytes) -> dict[str, Any] | None:
    """The JSON object of a line, or None: whatever the line holds."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def encoded(row: dict[str, Any]) -> bytes:
    """A row as one line. What no UTF-8 can hold (lone surrogates) travels as escapes."""
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(row).encode() + b"\n"


class Journal(Closing):
    """A journal opened for writing. Not for two processes at once: whoever opens it holds a lock.
    `append` may be called from any thread. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        os.ftruncate(self._file, _whole(path))
        self._guard = threading.Lock()
        self._dirty = threading.Event()
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="journal", daemon=True)
        self._keeper.start()

    def append(self, row: dict[str, Any]) -> int:
        """Add a row and say where it begins."""
        line = memoryview(encoded(row))
        with self._guard:
            at = os.fstat(self._file).st_size
            try:
                while line:
                    line = line[os.write(self._file, line) :]
            except OSError:
                os.ftruncate(self._file, at)
                raise
        self._dirty.set()
        return at

    def read(self, at: int) -> dict[str, Any] | None:
        """The row that begins at `at`."""
        with self.path.open("rb") as stream:
            stream.seek(at)
            return parsed(stream.readline(LONGEST_LINE))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._dirty.set()
            self._keeper.join()
            os.fsync(self._file)
            os.close(self._file)

    def _keep(self) -> None:
        """Many lines that come during one fsync share the next."""
        while not self._closed:
            self._dirty.wait()
            self._dirty.clear()
            os.fsync(self._file)


def _whole(path: Path) -> int:
    """The size up to the end of the last whole line."""
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - 65536)
            stream.seek(begin)
            at = stream.read(end - begin).rfind(b"\n")
            if at >= 0:
                return begin + at + 1
            end = begin
    return 0
