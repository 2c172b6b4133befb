"""AutoCodeBench (Chou et al. 2025): JSONL of questions with whole programs as answers.

The full tests decide; the demo tests are a part of them. Rows have no name, so an id is made of
the question: the same in the full set and in its smaller ones.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.answers import blocks
from evals.loaders import rows, scripts
from evals.problem import Problem
from factory import digest

NAME = "AutoCodeBench"
KEYS = frozenset({"question", "canonical_solution", "full_test_func", "language"})
LEVELS = frozenset({"easy", "medium", "hard"})


class Row(BaseModel):
    """What is read of a row; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True)

    question: str
    canonical_solution: str
    full_test_func: str
    difficulty: str = "medium"


def problems(path: Path, suite: str) -> list[Problem]:
    """The problems of a file. Raises `SuiteError` that names wrong rows by file and line."""
    found: list[Problem] = []
    for _, row in rows.checked(path, Row, language="language"):
        solution, tests = _code(row.canonical_solution), _code(row.full_test_func)
        found.append(
            Problem(
                id=f"acb_{digest.of(row.question)[:10]}",
                suite=suite,
                prompt=f"{row.question.rstrip()}\n",
                solution=solution,
                test=scripts.as_test_file(tests, "AutoCodeBenchTest"),
                entry_points=scripts.entry_points(solution, tests),
                tags=("autocodebench",),
                difficulty=row.difficulty if row.difficulty in LEVELS else "medium",
                capabilities=scripts.capabilities(solution),
            )
        )
    return found


def _code(text: str) -> str:
    """A program that may come in a fence."""
    fenced = blocks(text) if text.lstrip().startswith(("```", "~~~")) else []
    return fenced[0].text if fenced else f"{text.strip()}\n"
