"""MultiPL-E (Cassano et al. 2023): HumanEval and MBPP translated, as JSONL.

A row's `prompt` is the beginning of the program, so the candidate is prompt and completion, cut at
the first of `stop_tokens`. There is no reference solution. Its Elixir is known to contain items
that no right answer can pass; they load like the others.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.loaders import rows, scripts
from evals.problem import Problem

NAME = "MultiPL-E"
KEYS = frozenset({"name", "language", "prompt", "tests"})


class Row(BaseModel):
    """What is read of a row; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: str
    prompt: str
    tests: str
    doctests: str = ""
    stop_tokens: list[str] = []


def problems(path: Path, suite: str) -> list[Problem]:
    """The problems of a file. Raises `SuiteError` that names wrong rows by file and line."""
    return [
        Problem(
            id=row.name,
            suite=suite,
            prompt=row.prompt,
            solution="",
            test=scripts.as_test_file(row.tests, "MultiPLETest"),
            entry_points=scripts.entry_points(row.prompt, row.tests),
            tags=tuple(tag for tag in ("multipl_e", row.doctests) if tag),
            capabilities=scripts.capabilities(row.prompt),
            prefix=row.prompt,
            stop=tuple(token for token in row.stop_tokens if token),
        )
        for _, row in rows.checked(path, Row, language="language")
    ]
