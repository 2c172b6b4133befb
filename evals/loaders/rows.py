"""JSONL as benchmarks come in: objects with their line, checked by a schema, sizes bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from evals.errors import SuiteError

MAX_LINE = 8 << 20
MAX_ROWS = 200_000
MAX_TOLD = 20
"""So many mistakes are told at once; the number of the others follows."""

M = TypeVar("M", bound=BaseModel)


class Row(NamedTuple):
    """A line's number, from 1, and what it holds; `value` is a text when it is wrong."""

    line: int
    value: dict[str, Any] | str


def first(path: Path) -> dict[str, Any]:
    """The first row of a file. Raises `SuiteError` when there is none or it is no JSON object."""
    for row in _read(path):
        if isinstance(row.value, str):
            raise SuiteError(f"{path}:{row.line}: {row.value}")
        return row.value
    raise SuiteError(f"{path}: holds no row")


def checked(path: Path, model: type[M], language: str = "") -> list[tuple[int, M]]:
    """The rows of a file as `model`, with their lines.

    Rows whose key `language` names another language than Elixir are skipped. Raises `SuiteError`
    that names every mistake as `file:line: key: what`.
    """
    found: list[tuple[int, M]] = []
    wrong: list[str] = []
    for row in _read(path):
        if isinstance(row.value, str):
            wrong.append(f"{path}:{row.line}: {row.value}")
            continue
        spoken = row.value.get(language) if language else None
        if isinstance(spoken, str) and not is_elixir(spoken):
            continue
        try:
            found.append((row.line, model.model_validate(row.value)))
        except ValidationError as error:
            wrong += [
                f"{path}:{row.line}: {'.'.join(map(str, e['loc']))}: {e['msg'].lower()}"
                for e in error.errors(include_url=False, include_context=False)
            ]
    if wrong:
        more = [f"and {len(wrong) - MAX_TOLD} more"] if len(wrong) > MAX_TOLD else []
        raise SuiteError("\n".join(wrong[:MAX_TOLD] + more))
    return found


def is_elixir(language: str) -> bool:
    """Whether a benchmark means Elixir by what it calls a language."""
    return language.strip().lower() in {"elixir", "ex", "exs"}


def _read(path: Path) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 1):
                if number > MAX_ROWS:
                    raise SuiteError(f"{path}: more than {MAX_ROWS:,} rows")
                if len(line) > MAX_LINE:
                    raise SuiteError(f"{path}:{number}: longer than {MAX_LINE:,} bytes")
                if line.strip():
                    yield Row(number, _object(line))
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read: {error.strerror}") from None


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "is not UTF-8"
    except (ValueError, RecursionError) as error:
        return f"is no JSON: {error}"
    return value if isinstance(value, dict) else "is no JSON object"
