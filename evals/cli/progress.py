"""How a run shows that it moves: a bar with rate, ETA and running pass@1 on a terminal, a line
every few seconds elsewhere, JSON lines for programs. All on standard error."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import TYPE_CHECKING, TextIO

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

if TYPE_CHECKING:
    from evals.check import ProblemCheck
    from evals.runs.records import Grade

EVERY = 5.0
"""Seconds between two lines."""
TOLD = 5
"""So many failures are told one by one."""


class _Counting:
    """What both kinds count. Calls may come from any thread."""

    def __init__(self) -> None:
        self.total = self.done = self.passed = self.answers = self.failures = self.void = 0
        self.new = 0
        self.began = 0.0
        self.guard = threading.Lock()

    def begin(self, total: int, done: int, passed: int) -> None:
        self.total, self.done, self.passed = total, done, passed
        self.began = time.monotonic()

    def rate(self) -> float:
        return self.new / max(time.monotonic() - self.began, 1e-9)

    def seconds_left(self) -> float | None:
        rate = self.rate()
        return (self.total - self.done - self.failures) / rate if rate > 0 else None

    def pass_at_1(self) -> float | None:
        counted = self.done - self.void
        return self.passed / counted if counted > 0 else None

    def count(self, grade: Grade) -> None:
        self.done += 1
        self.new += 1
        self.passed += grade.verdict.passed
        self.void += not grade.verdict.counts


class Bar:
    """For a terminal."""

    def __init__(self) -> None:
        self._c = _Counting()
        self._console = Console(stderr=True)
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def start(self, total: int, done: int, passed: int) -> None:
        self._c.begin(total, done, passed)
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("graded"),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=self._console,
            speed_estimate_period=120,
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=total, completed=done, told="")

    def asked(self) -> None:
        with self._c.guard:
            self._c.answers += 1

    def graded(self, label: str, grade: Grade) -> None:  # noqa: ARG002
        with self._c.guard:
            self._c.count(grade)
            rate = self._c.pass_at_1()
            told = f"{self._c.rate():.1f}/s  pass@1 {rate:.1%}" if rate is not None else ""
            if self._bar is not None:
                self._bar.update(self._task, advance=1, told=told)

    def failed(self, label: str, reason: str) -> None:
        with self._c.guard:
            self._c.failures += 1
            if self._c.failures <= TOLD:
                line = f"{label}: {reason}"
                self._console.print(line, highlight=False, markup=False)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()


class Checking:
    """For `evals check` on a terminal: problems done, the share of mutants killed so far, ETA. A
    context manager; calls come from one thread."""

    def __init__(self, console: Console | None = None) -> None:
        self._mutants = self._killed = 0
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("problems"),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
            speed_estimate_period=600,
        )
        self._task = self._bar.add_task("", total=None, told="")

    def __enter__(self) -> Checking:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, checked: ProblemCheck, done: int, total: int) -> None:
        self._mutants += checked.mutants
        self._killed += checked.killed
        told = f"{self._killed / self._mutants:.1%} of mutants killed" if self._mutants else ""
        self._bar.update(self._task, completed=done, total=total, told=told)


class Lines:
    """For a pipe, a log or a program."""

    def __init__(self, as_json: bool = False, stream: TextIO | None = None) -> None:
        self._c = _Counting()
        self._json = as_json
        self._stream = stream or sys.stderr
        self._last = 0.0

    def _write(self, line: str, event: str, **fields: object) -> None:
        text = json.dumps({"event": event, **fields}) if self._json else line
        print(text, file=self._stream, flush=True)

    def start(self, total: int, done: int, passed: int) -> None:
        self._c.begin(total, done, passed)
        self._last = time.monotonic()
        there = f", {done} of them there" if done else ""
        self._write(f"{total} samples{there}", "start", total=total, done=done)

    def asked(self) -> None:
        with self._c.guard:
            self._c.answers += 1

    def graded(self, label: str, grade: Grade) -> None:  # noqa: ARG002
        with self._c.guard:
            self._c.count(grade)
            now = time.monotonic()
            if now - self._last < EVERY and self._c.done < self._c.total:
                return
            self._last = now
            rate, left, solved = self._c.rate(), self._c.seconds_left(), self._c.pass_at_1()
            line = f"{self._c.done}/{self._c.total} graded, {rate:.1f}/s"
            if left:
                line += f", about {left:.0f} s left"
            if solved is not None:
                line += f", pass@1 {solved:.1%}"
            self._write(
                line,
                "progress",
                done=self._c.done,
                total=self._c.total,
                asked=self._c.answers,
                per_second=round(rate, 2),
                seconds_left=None if left is None else round(left, 1),
                pass_at_1=solved,
            )

    def failed(self, label: str, reason: str) -> None:
        with self._c.guard:
            self._c.failures += 1
            if self._json or self._c.failures <= TOLD:
                self._write(f"{label}: {reason}", "failure", problem=label, reason=reason)

    def finish(self) -> None:
        self._stream.flush()


def chosen(as_json: bool) -> Bar | Lines:
    """The kind of progress that fits where standard error goes."""
    return Bar() if sys.stderr.isatty() and not as_json else Lines(as_json)
