"""Candidates that somebody else has: lines of `task_id` and `completion` or `solution`, graded.

The format is that of HumanEval's `samples.jsonl` (Chen et al. 2021, human-eval) and EvalPlus's:
`completion` continues the problem's prompt, `solution` is a whole program. Out come the same lines
in the same order with `verdict`, `reason`, `tests`, `seconds`, `scores` and the digests of what
they were graded by. What is graded goes into a journal beside the output as it comes, so a killed
command goes on where it was, and lines that an earlier output holds are not graded again. Memory
does not grow with the files, but for some 100 bytes a line.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from filelock import FileLock, Timeout

from evals import statistics
from evals.errors import EvalError, SuiteError
from evals.problem import Problem
from evals.runs import journal, records
from evals.runs.grading import Grading
from evals.runs.records import Grade, Key
from evals.statistics import Tally
from evals.suite import Suite
from factory import plugins
from factory.errors import RequestError

LONGEST = 16 << 20
"""Bytes of a line of candidates."""
ADDED = ("verdict", "reason", "tests", "seconds", "scores", "digests")
"""The keys that grading adds to a line."""


@dataclass(frozen=True)
class Line:
    """A line that can be graded. `at` is its number in the file, counted from 1."""

    at: int
    problem: Problem
    program: str
    row: dict[str, Any]


@dataclass
class Outcome:
    """What came of a file. `wrong` holds one `file:line: why` for each line that is no candidate;
    `counts` the verdicts by outcome, `tallies` the problems'."""

    wrong: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    lines: int = 0
    graded: int = 0


class Progress(Protocol):
    def start(self, total: int, done: int, passed: int) -> None: ...

    def graded(self, label: str, grade: Grade) -> None: ...

    def finish(self) -> None: ...


def score(
    source: Path, suites: list[Suite], out: Path, grading: Grading, progress: Progress
) -> Outcome:
    """Grade a file of candidates into `out`, which appears whole or not at all.

    Lines that are no candidates are told in the result and left out; the others are graded all
    the same. Raises `RequestError` when a file cannot be read or written, or when another process
    is at this output.
    """
    if not source.is_file():
        raise RequestError(f"{source}: no such file")
    if out.resolve() == source.resolve():
        raise RequestError(f"--out {out}: this is the file of candidates itself")
    problems = _by_task_id(suites)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            lock = FileLock(out.with_name(out.name + ".lock"))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise RequestError(f"another process is writing {out}: wait for it") from None
            stack.callback(_unlock, lock)
            work = _Work(source, problems, out, grading, progress)
            stack.callback(work.close)
            asyncio.run(work.grade_all())
            return work.write()
    except OSError as error:
        raise EvalError(f"{error.filename or out}: {error.strerror}") from error


def _unlock(lock: FileLock) -> None:
    Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()


class _Work:
    def __init__(
        self,
        source: Path,
        problems: Mapping[str, Problem | None],
        out: Path,
        grading: Grading,
        progress: Progress,
    ) -> None:
        self.source = source
        self.problems = problems
        self.out = out
        self.grading = grading
        self.progress = progress
        self.digests = {"grader": grading.digest, "image": grading.image}
        self.outcome = Outcome()
        self.where: dict[Key, tuple[Path, int]] = {}
        self.grades: dict[Key, Grade] = {}
        self.kept = journal.Journal(out.with_name(out.name + ".journal"))
        self._read_earlier()

    def close(self) -> None:
        self.kept.close()

    def _read_earlier(self) -> None:
        """Where grades of an earlier output, or of a command that was killed, are."""
        for path in (self.out, self.kept.path):
            for _, at, row in journal.lines_at(path):
                found = row.get("digests") if row is not None else None
                if row is None or not isinstance(found, dict):
                    continue
                if any(found.get(name) != value for name, value in self.digests.items()):
                    continue
                if row.get("verdict") in (None, "infrastructure_error"):
                    continue
                key = str(found.get("problem")), str(found.get("program"))
                self.where[key] = path, at

    async def grade_all(self) -> None:
        """Grade every line that has no grade yet, a bounded number of them at a time."""
        total = done = 0
        for line in self._lines():
            if isinstance(line, Line):
                total += 1
                done += records.key(line.problem, line.program) in self.where
        self.progress.start(total, done, 0)
        window = asyncio.Semaphore(4 * max(1, self.grading.workers))
        try:
            async with asyncio.TaskGroup() as group:
                for line in self._lines():
                    if not isinstance(line, Line):
                        continue
                    if records.key(line.problem, line.program) in self.where:
                        continue
                    await window.acquire()
                    task = group.create_task(self._grade(line))
                    task.add_done_callback(lambda _: window.release())
        except* EvalError as errors:
            raise errors.exceptions[0] from errors
        finally:
            self.progress.finish()

    async def _grade(self, line: Line) -> None:
        if records.key(line.problem, line.program) in self.where:
            return  # an equal one was graded since this one was taken up
        grade = await self.grading.grade(line.problem, line.program, self.grades, self._keep)
        self.progress.graded(line.problem.label, grade)

    def _keep(self, key: Key, grade: Grade) -> None:
        at = self.kept.append(self._added(key, grade))
        del self.grades[key]  # it is on disk, and `where` knows
        self.where[key] = self.kept.path, at
        self.outcome.graded += 1

    def _added(self, key: Key, grade: Grade) -> dict[str, Any]:
        verdict = grade.verdict
        return {
            "verdict": verdict.outcome,
            "reason": verdict.reason,
            "tests": [asdict(test) for test in verdict.tests],
            "seconds": verdict.seconds,
            "scores": grade.scores,
            "digests": {"problem": key[0], "program": key[1], **self.digests},
        }

    def write(self) -> Outcome:
        """Put the output together and let it take the earlier one's place."""
        new = self.out.with_name(self.out.name + ".new")
        passed: dict[str, list[int]] = {}
        with ExitStack() as stack:
            opened: dict[Path, IO[bytes]] = {}
            stream = stack.enter_context(new.open("wb"))
            for line in self._lines():
                if isinstance(line, str):
                    self.outcome.wrong.append(line)
                    continue
                path, at = self.where[records.key(line.problem, line.program)]
                if path not in opened:
                    opened[path] = stack.enter_context(path.open("rb"))
                opened[path].seek(at)
                row = journal.parsed(opened[path].readline(journal.LONGEST_LINE)) or {}
                added = {name: row.get(name) for name in ADDED}
                stream.write(journal.encoded({**line.row, **added}))
                outcome = str(added["verdict"])
                self.outcome.counts[outcome] = self.outcome.counts.get(outcome, 0) + 1
                self.outcome.lines += 1
                tally = passed.setdefault(line.problem.label, [0, 0])
                tally[0] += outcome != "infrastructure_error"
                tally[1] += outcome == "passed"
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.out)
        self.kept.path.unlink()
        self.outcome.tallies = {label: Tally(n, c) for label, (n, c) in passed.items()}
        return self.outcome

    def _lines(self) -> Iterator[Line | str]:
        """Every line of the source: a candidate, or what is wrong with it. Blank ones are none."""
        for at, text in _texts(self.source):
            if text is None:
                yield f"{self.source}:{at}: longer than {LONGEST >> 20} MiB"
                continue
            if not text.strip():
                continue
            found = self._line(at, text)
            yield found if isinstance(found, Line) else f"{self.source}:{at}: {found}"

    def _line(self, at: int, text: bytes) -> Line | str:
        try:
            row = json.loads(text)
        except RecursionError:
            return "is nested too deeply"
        except ValueError as error:
            return f"is no JSON: {error}"
        if not isinstance(row, dict):
            return "is no JSON object"
        task = row.get("task_id")
        if not isinstance(task, str):
            return "task_id is missing" if task is None else "task_id is no text"
        problem = self.problems.get(task)
        if problem is None:
            if task in self.problems:
                return f"task_id {task!r}: several suites have it; write SUITE/ID"
            close = plugins.nearest(task, self.problems)
            return f"task_id {task!r}: no such problem" + (f"; is it {close}?" if close else "")
        given = [name for name in ("completion", "solution") if row.get(name) is not None]
        if len(given) != 1:
            told = "both completion and solution" if given else "neither completion nor solution"
            return f"holds {told}"
        value = row[given[0]]
        if not isinstance(value, str):
            return f"{given[0]} is no text"
        program = value if given[0] == "solution" else records.program(value, problem)
        return Line(at, problem, records.whole(program), row)


def _texts(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file (a gzipped one too) with their numbers; None for one that is too long."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            number = 0
            while line := stream.readline(LONGEST + 1):
                number += 1
                if len(line) > LONGEST:
                    while not line.endswith(b"\n") and (line := stream.readline(LONGEST)):
                        pass
                    yield number, None
                else:
                    yield number, line
    except (EOFError, gzip.BadGzipFile) as error:
        raise SuiteError(f"{path}: is no whole gzip file: {error}") from error


def _by_task_id(suites: list[Suite]) -> dict[str, Problem | None]:
    """Problems by label and by bare id; None under an id that several suites have."""
    found: dict[str, Problem | None] = {}
    for suite in suites:
        for problem in suite.problems:
            found[problem.label] = problem
            found[problem.id] = None if problem.id in found else problem
    return found


def estimates(outcome: Outcome, k: tuple[int, ...]) -> list[statistics.Estimate]:
    """pass@k over the problems that the file has candidates for."""
    return [statistics.estimate(outcome.tallies, i) for i in k]
