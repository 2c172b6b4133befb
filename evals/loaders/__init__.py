"""Problems of other benchmarks, from a file or folder that the user has.

    MultiPL-E      JSONL   name, language, prompt, tests, stop_tokens
    McEval         JSONL   task_id, prompt, canonical_solution, test, entry_point
    AutoCodeBench  JSONL   question, canonical_solution, full_test_func, language
    Exercism       a track's folder, with exercises/practice/*/.meta/config.json

Which one it is shows in what it holds. Rows of other languages are skipped; rows that are not what
they should be are errors that name file and line. Nothing is said here of whether a problem can be
solved: `evals check` grades the references.
"""

from __future__ import annotations

import re
from pathlib import Path

from evals.errors import SuiteError
from evals.loaders import autocodebench, exercism, mceval, multipl_e
from evals.loaders.rows import first
from evals.problem import Problem
from evals.suite import Suite

JSONL = (multipl_e, mceval, autocodebench)


def recognised(path: Path) -> bool:
    """Whether a path could be a benchmark that is loaded here: a file, or an Exercism track."""
    return path.is_file() or exercism.is_track(path)


def load(path: str | Path) -> Suite:
    """The suite that a benchmark's file or folder makes, named after it.

    Raises `SuiteError` when the format is not known, a row is wrong (all of them are named), or
    no row is Elixir.
    """
    path = Path(path)
    if exercism.is_track(path):
        return _suite(path, "an Exercism track", exercism.problems(path, _name(path)))
    keys = set(first(path))
    for loader in JSONL:
        if keys >= loader.KEYS:
            return _suite(path, loader.NAME, loader.problems(path, _name(path)))
    known = "; ".join(f"{loader.NAME}: {', '.join(sorted(loader.KEYS))}" for loader in JSONL)
    raise SuiteError(f"{path}:1: no benchmark that is known has these keys ({known})")


def _suite(path: Path, kind: str, problems: list[Problem]) -> Suite:
    if not problems:
        raise SuiteError(f"{path}: {kind} without a problem in Elixir")
    seen: set[str] = set()
    for problem in problems:
        if problem.id in seen:
            raise SuiteError(f"{path}: two problems have the id {problem.id!r}")
        seen.add(problem.id)
    return Suite(_name(path), f"{kind}, from {path.name}", tuple(problems))


def _name(path: Path) -> str:
    """A suite's name for a path: its own without the ending, in the letters that suites use."""
    name = path.resolve().name.partition(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "_", name).strip("_") or "benchmark"
