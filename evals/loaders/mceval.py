"""McEval (Chai et al. 2024): JSONL with 50 problems a language.

A row's `prompt` is the beginning of the program and `canonical_solution` its rest; its language is
the first part of `task_id` (`Elixir/1`).
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.loaders import rows, scripts
from evals.problem import Problem

NAME = "McEval"
KEYS = frozenset({"task_id", "prompt", "canonical_solution", "test", "entry_point"})
LEVELS = {"easy": "easy", "middle": "medium", "hard": "hard"}


class Row(BaseModel):
    """What is read of a row; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True)

    task_id: str
    prompt: str
    canonical_solution: str
    test: str
    entry_point: str
    level: str = "middle"


def problems(path: Path, suite: str) -> list[Problem]:
    """The problems of a file. Raises `SuiteError` that names wrong rows by file and line."""
    found: list[Problem] = []
    for _, row in rows.checked(path, Row):
        if not rows.is_elixir(row.task_id.partition("/")[0]):
            continue
        # The prompt ends in a comment, without the end of its line.
        prefix = row.prompt if row.prompt.endswith("\n") else f"{row.prompt}\n"
        solution = f"{prefix}{row.canonical_solution.strip()}\n"
        found.append(
            Problem(
                id=row.task_id,
                suite=suite,
                prompt=prefix,
                solution=solution,
                test=scripts.as_test_file(row.test, "McEvalTest"),
                entry_points=scripts.entry_points(solution, row.test),
                tags=("mceval",),
                difficulty=LEVELS.get(row.level, "medium"),
                capabilities=scripts.capabilities(solution),
                prefix=prefix,
            )
        )
    return found
