"""How a build shows that it moves: a bar with rate and ETA on a terminal, plain lines elsewhere,
JSON lines for programs. All on standard error, so that results can be piped."""

from __future__ import annotations

import json
import sys
import time
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Bars:
    """For a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._size = 0
        self._began = 0.0

    def say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False)

    def start(self, stage: str, total: int, unit: str) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<14}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=self._console,
            transient=False,
        )
        self._progress.start()
        self._size, self._began = 0, time.monotonic()
        self._task = self._progress.add_task(stage, total=total or None, rate="")

    def advance(self, amount: int, size: int = 0) -> None:
        if self._progress is None:
            return
        self._size += size
        spent = max(time.monotonic() - self._began, 1e-9)
        rate = f"{self._size / spent / 1e6:.1f} MB/s" if self._size else ""
        self._progress.update(self._task, advance=amount, rate=rate)

    def finish(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


class Lines:
    """For a pipe or a log: a line when a stage begins and ends, and one every few seconds."""

    def __init__(self, stream: TextIO | None = None, as_json: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._json = as_json
        self._stage, self._unit = "", ""
        self._total = self._done = self._size = 0
        self._began = self._last = 0.0

    def _write(self, event: str, **fields: object) -> None:
        line = json.dumps({"event": event, **fields}) if self._json else event
        # In one piece: threads may say something at the same time.
        print(f"{line}\n", end="", file=self._stream, flush=True)

    def say(self, line: str) -> None:
        if self._json:
            self._write("message", text=line)
        else:
            self._write(line)

    def start(self, stage: str, total: int, unit: str) -> None:
        self._stage, self._unit, self._total = stage, unit, total
        self._done = self._size = 0
        self._began = self._last = time.monotonic()
        if self._json:
            self._write("stage", stage=stage, total=total)
        else:
            self._write(f"{stage}: {total} {unit}" if total else f"{stage} …")

    def advance(self, amount: int, size: int = 0) -> None:
        self._done += amount
        self._size += size
        now = time.monotonic()
        if now - self._last < 5 and (self._done < self._total or not self._total):
            return
        self._last = now
        spent = max(now - self._began, 1e-9)
        left = spent / self._done * max(0, self._total - self._done) if self._done else 0.0
        rate = self._size / spent / 1e6
        if self._json:
            self._write(
                "progress",
                stage=self._stage,
                done=self._done,
                total=self._total,
                megabytes_per_second=round(rate, 2),
                seconds_left=round(left, 1),
            )
        else:
            speed = f", {rate:.1f} MB/s" if self._size else ""
            eta = f", about {left:.0f} s left" if self._done < self._total else ""
            of = f"/{self._total}" if self._total else ""
            self._write(f"{self._stage}: {self._done}{of} {self._unit}{speed}{eta}")

    def finish(self) -> None:
        self._stage = ""


def chosen(as_json: bool) -> Bars | Lines:
    """The kind of progress that fits where standard error goes."""
    if as_json:
        return Lines(as_json=True)
    return Bars() if sys.stderr.isatty() else Lines()
