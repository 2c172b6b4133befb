"""Suites: folders of problems with a `suite.yaml`, found by name (entry point) or by path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from evals.errors import SuiteError
from evals.problem import Problem, ProblemFile
from factory import digest, located, mistakes, plugins


class SuiteFile(BaseModel):
    """The schema of `suite.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9_]+$", description="The suite's name.")
    description: str = Field(description="What it measures, in a sentence.")
    licence: str = Field(default="MIT", description="SPDX licence of the problems.")


@dataclass(frozen=True)
class Suite:
    """Problems that are graded together, by id."""

    name: str
    description: str
    problems: tuple[Problem, ...]

    @cached_property
    def digest(self) -> str:
        """64 hex digits over the name and every problem's digest."""
        return digest.of(self.name, [problem.digest for problem in self.problems])

    def problem(self, id_: str) -> Problem:
        """Raises `SuiteError` naming the nearest id when there is none of that id."""
        for problem in self.problems:
            if id_ in {problem.id, problem.label}:
                return problem
        close = plugins.nearest(id_, [p.id for p in self.problems])
        hint = f"; did you mean {close}?" if close else ""
        raise SuiteError(f"the suite {self.name} has no problem {id_!r}{hint}")


M = TypeVar("M", bound=BaseModel)
PROBLEM_FILES = ("prompt.md", "solution.ex", "test.exs", "problem.yaml")


def names() -> list[str]:
    """The suites that are installed, sorted."""
    return plugins.names("evals.suites")


def load(name_or_folder: str) -> Suite:
    """A suite by its installed name, from a folder that holds a `suite.yaml`, or from another
    benchmark's file or folder (`evals.loaders`).

    Raises `SuiteError` when there is none, or when a file is missing, unreadable or wrong, naming
    every mistake with file, line and key.
    """
    folder = Path(name_or_folder)
    if name_or_folder in names():
        point = plugins.load("evals.suites", name_or_folder)
        return read(Path(point() if callable(point) else point))
    if (folder / "suite.yaml").is_file():
        return read(folder)
    from evals import loaders

    if loaders.recognised(folder):
        return loaders.load(folder)
    if folder.is_dir():
        raise SuiteError(f"{folder}: no suite.yaml in this folder, so it is no suite")
    close = plugins.nearest(name_or_folder, names())
    hint = f"did you mean {close}?" if close else f"installed: {', '.join(names()) or 'none'}"
    raise SuiteError(f"no suite is named {name_or_folder!r} and no such folder exists; {hint}")


def read(folder: Path) -> Suite:
    """The suite in a folder: every sub-folder that holds a `problem.yaml`, ordered by name.

    Raises `SuiteError` as `load` does.
    """
    wrong: list[str] = []
    described = _yaml(folder / "suite.yaml", SuiteFile, wrong)
    problems = [
        problem
        for path in sorted(folder.iterdir())
        if path.is_dir() and any((path / file).is_file() for file in PROBLEM_FILES)
        if (problem := _problem(path, wrong)) is not None
    ]
    if described is not None:
        wrong += [
            f"{folder / p.id / 'problem.yaml'}: suite: the suite here is {described.name}, "
            f"not {p.suite}"
            for p in problems
            if p.suite != described.name
        ]
    if wrong or described is None:
        raise SuiteError("\n".join(wrong))
    if not problems:
        raise SuiteError(f"{folder}: the suite holds no problem")
    return Suite(described.name, described.description, tuple(problems))


def _problem(folder: Path, wrong: list[str]) -> Problem | None:
    missing = [file for file in PROBLEM_FILES if not (folder / file).is_file()]
    if missing:
        wrong.append(f"{folder}: {', '.join(missing)} missing")
        return None
    described = _yaml(folder / "problem.yaml", ProblemFile, wrong)
    if described is None:
        return None
    if described.id != folder.name:
        wrong.append(
            f"{folder / 'problem.yaml'}: id: must be the folder's name, {folder.name}, "
            f"not {described.id}"
        )
    texts: dict[str, str] = {}
    for file in PROBLEM_FILES[:3]:
        try:
            texts[file] = (folder / file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            wrong.append(f"{folder / file}: cannot be read: {error}")
            return None
        if not texts[file].strip():
            wrong.append(f"{folder / file}: is empty")
    return Problem(
        id=described.id,
        suite=described.suite,
        prompt=texts["prompt.md"],
        solution=texts["solution.ex"],
        test=texts["test.exs"],
        entry_points=described.entry_points,
        tags=described.tags,
        difficulty=described.difficulty,
        capabilities=frozenset(described.capabilities),
        time_limit=described.time_limit,
    )


def _yaml(path: Path, model: type[M], wrong: list[str]) -> M | None:
    """A checked YAML file, or None with its mistakes added to `wrong`."""
    try:
        node, found = located.read(located.decode(path.read_bytes(), str(path)), str(path))
    except OSError as error:
        wrong.append(f"{path}: cannot be read: {error.strerror}")
        return None
    if not found:
        value, found = mistakes.check(model, node)
        if value is not None:
            return value
    wrong.extend(str(mistake) for mistake in found)
    return None
