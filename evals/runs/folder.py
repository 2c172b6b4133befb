"""A run's folder: everything that was asked and graded, so that nothing is done twice.

    run.json           what the run is of (`evals.runs.identity`)
    candidates.jsonl   each answer as it came
    verdicts.jsonl     each program's grade as it came
    logs/              inspect_ai's logs, one for each time the command ran

A row that does not fit `run.json` is passed over, so a run whose suite or grader changed needs no
conversion: the rows that lack are asked or graded again. This module neither asks nor grades.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from evals.errors import EvalError
from evals.problem import Problem
from evals.runs import identity, journal, records
from evals.runs.identity import Identity
from evals.runs.records import Candidate, Grade, Graded, Key
from factory.errors import RequestError

CANDIDATES = "candidates.jsonl"
VERDICTS = "verdicts.jsonl"


class Folder:
    """A run's folder as it is read. `asked` holds candidates by label and sample, `graded` grades
    by what they are about; `unreadable` counts lines that held neither."""

    def __init__(self, path: Path, of: Identity) -> None:
        self.path = path
        self.identity = of
        self.unreadable = 0
        self.asked: dict[tuple[str, int], Candidate] = {}
        self.graded: dict[Key, Grade] = {}
        self._read_candidates()
        self._read_verdicts()

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def grade_of(self, problem: Problem, candidate: Candidate) -> Grade | None:
        """The stored grade of a candidate, if there is one."""
        program = records.program(candidate.answer, problem)
        return self.graded.get(records.key(problem, program))

    def _read_candidates(self) -> None:
        questions = {
            f"{suite.name}/{problem}": question
            for suite in self.identity.suites
            for problem, (_, question) in suite.problems.items()
        }
        model = self.identity.model.digest
        for _, row in journal.lines(self.path / CANDIDATES):
            candidate = records.candidate_of(row) if row is not None else None
            if candidate is None:
                self.unreadable += 1
            elif candidate.model == model and questions.get(candidate.label) == candidate.question:
                self.asked[candidate.label, candidate.sample] = candidate

    def _read_verdicts(self) -> None:
        problems = {digest for s in self.identity.suites for digest, _ in s.problems.values()}
        for _, row in journal.lines(self.path / VERDICTS):
            graded = records.graded_of(row) if row is not None else None
            if graded is None:
                self.unreadable += 1
            elif (
                graded.key[0] in problems
                and graded.grader == self.identity.grader
                and graded.image == self.identity.image
            ):
                self.graded[graded.key] = graded.grade


class Writing(Folder):
    """A run's folder that grows."""

    def __init__(self, path: Path, of: Identity) -> None:
        super().__init__(path, of)
        self._candidates = journal.Journal(path / CANDIDATES)
        self._verdicts = journal.Journal(path / VERDICTS)

    def keep_candidate(self, candidate: Candidate) -> None:
        self._candidates.append(records.candidate_row(candidate))
        self.asked[candidate.label, candidate.sample] = candidate

    def keep_grade(self, graded: Graded) -> None:
        self._verdicts.append(records.graded_row(graded))
        self.graded[graded.key] = graded.grade

    def close(self) -> None:
        self._candidates.close()
        self._verdicts.close()


def read(path: Path) -> Folder:
    """A run that is there. Raises `RequestError` when it is not, `EvalError` when it cannot be
    read."""
    return Folder(path, identity.read(path))


@contextmanager
def opened(path: Path, of: Identity, rescore: bool = False) -> Iterator[Writing]:
    """The run's folder, begun or gone on with, held by this process alone.

    With `rescore` the verdicts that are there are put aside and what changed in suites or grader
    is accepted. Raises `RequestError` when the folder's run is of something else, naming it, or
    when another process is at it.
    """
    path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RequestError(f"another process is at the run {path}: wait for it") from None
    try:
        _agree(path, of, rescore)
        folder = Writing(path, of)
        try:
            yield folder
        finally:
            folder.close()
    finally:
        lock.release()


def _agree(path: Path, of: Identity, rescore: bool) -> None:
    if not (path / identity.FILE).exists():
        _write(path / identity.FILE, of)
        return
    stored = identity.read(path)
    if wrong := identity.differences(stored, of):
        raise RequestError(
            f"the run {path} is of something else:\n  "
            + "\n  ".join(wrong)
            + "\nbegin another with --name, or ask as before"
        )
    if rescore:
        _put_aside(path / VERDICTS)
    elif wrong := identity.regrading(stored, of):
        raise RequestError(
            f"the verdicts of the run {path} are by something else:\n  "
            + "\n  ".join(wrong)
            + "\ngrade its candidates anew with --rescore, or begin another run with --name"
        )
    if stored != of:
        _write(path / identity.FILE, of)


def _put_aside(path: Path) -> None:
    if path.exists():
        number = 1
        while (aside := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
            number += 1
        path.rename(aside)


def _write(path: Path, of: Identity) -> None:
    new = path.with_suffix(".new")
    try:
        with new.open("w", encoding="utf-8") as stream:
            stream.write(of.model_dump_json(indent=1) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except OSError as error:
        raise EvalError(f"{path} cannot be written: {error.strerror}") from error


def find(store: Path, name_or_path: str) -> Path:
    """A run by its folder, its name in the store, or the only name that begins so.

    Raises `RequestError` with the runs that there are.
    """
    for path in (Path(name_or_path), store / "runs" / name_or_path):
        if (path / identity.FILE).is_file():
            return path
    known = names(store)
    close = [name for name in known if name.startswith(name_or_path)]
    if len(close) == 1:
        return store / "runs" / close[0]
    several = f"{', '.join(close or known) or 'none yet'}"
    raise RequestError(f"no run is named {name_or_path!r} in {store}; there are: {several}")


def names(store: Path) -> list[str]:
    """The names of the runs in a store, sorted."""
    folder = store / "runs"
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if (p / identity.FILE).is_file())
