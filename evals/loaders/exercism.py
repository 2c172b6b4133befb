"""An Exercism track: a folder with `exercises/practice/*`, each described by `.meta/config.json`.

The prompt is the exercise's instructions and the stub that learners get; files that are given to
them are shown too, and belong into the answer. Deprecated exercises are left out. Tests marked as
pending run: the mark is for people who take one test after another.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.errors import SuiteError
from evals.loaders import scripts
from evals.problem import Problem

MAX_BYTES = 1 << 20


class Files(BaseModel):
    """Paths within the exercise's folder."""

    model_config = ConfigDict(extra="ignore")

    solution: list[str]
    test: list[str]
    example: list[str]
    editor: list[str] = []


class Config(BaseModel):
    """What is read of `.meta/config.json`."""

    model_config = ConfigDict(extra="ignore")

    files: Files


def is_track(path: Path) -> bool:
    """Whether a folder holds practice exercises."""
    return (path / "exercises" / "practice").is_dir()


def problems(track: Path, suite: str) -> list[Problem]:
    """The exercises of a track, by name. Raises `SuiteError` that names every wrong file."""
    known = _listed(track)
    found: list[Problem] = []
    wrong: list[str] = []
    for folder in sorted((track / "exercises" / "practice").iterdir()):
        entry = known.get(folder.name, {})
        if not folder.is_dir() or entry.get("status") == "deprecated":
            continue
        try:
            found.append(_problem(folder, suite, entry))
        except SuiteError as error:
            wrong.append(str(error))
    if wrong:
        raise SuiteError("\n".join(wrong))
    return found


def _problem(folder: Path, suite: str, entry: dict[str, Any]) -> Problem:
    described = folder / ".meta" / "config.json"
    try:
        files = Config.model_validate_json(_read(folder, ".meta/config.json")).files
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise SuiteError(f"{described}: {where}: {first['msg'].lower()}") from None
    given = [_read(folder, name) for name in files.editor]
    solution = "\n".join([*given, *(_read(folder, name) for name in files.example)])
    tests = "\n".join(_read(folder, name) for name in files.test)
    return Problem(
        id=folder.name,
        suite=suite,
        prompt=_prompt(folder, files, given),
        solution=solution,
        test=scripts.as_test_file(tests, "ExercismTest"),
        entry_points=scripts.entry_points(solution, tests),
        tags=("exercism",),
        difficulty=_difficulty(entry.get("difficulty")),
        capabilities=scripts.capabilities(solution),
    )


def _prompt(folder: Path, files: Files, given: list[str]) -> str:
    docs = [
        _read(folder, f".docs/{name}.md").strip()
        for name in ("introduction", "instructions", "instructions.append")
        if (folder / ".docs" / f"{name}.md").is_file()
    ]
    stubs = [_read(folder, name).strip() for name in files.solution]
    parts = [*docs, "Complete this:", *(f"```elixir\n{stub}\n```" for stub in stubs)]
    if given:
        parts.append("These modules are given; your answer must hold them as they are:")
        parts += [f"```elixir\n{text.strip()}\n```" for text in given]
    return "\n\n".join(parts) + "\n"


def _listed(track: Path) -> dict[str, dict[str, Any]]:
    """The track's own list of exercises by slug; empty where it has none."""
    if not (track / "config.json").is_file():
        return {}
    try:
        listed = json.loads(_read(track, "config.json"))["exercises"]["practice"]
        return {entry["slug"]: entry for entry in listed}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SuiteError(
            f"{track / 'config.json'}: exercises.practice: is no list of exercises with a slug"
        ) from None


def _difficulty(level: object) -> str:
    if not isinstance(level, int):
        return "medium"
    return "easy" if level <= 3 else "medium" if level <= 6 else "hard"


def _read(folder: Path, name: str) -> str:
    """A file of a folder, never one outside of it."""
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise SuiteError(f"{folder}: {name}: lies outside of the folder")
        if path.stat().st_size > MAX_BYTES:
            raise SuiteError(f"{path}: larger than {MAX_BYTES:,} bytes")
        return path.read_text("utf-8")
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise SuiteError(f"{path}: cannot be read: {error}") from None
