"""What `evals run` is asked, and what follows from it: settings, folder, problems.

Nothing here asks a model or touches the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from evals import models
from evals.problem import Problem
from evals.questions import PROMPT, SYSTEM
from evals.runs import identity
from evals.runs.grading import How
from evals.runs.identity import ModelSettings
from evals.runs.records import Grade
from evals.suite import Suite
from factory.errors import RequestError


class Progress(Protocol):
    """Who is told how a run goes."""

    def start(self, total: int, done: int, passed: int) -> None: ...

    def asked(self) -> None: ...

    def graded(self, label: str, grade: Grade) -> None: ...

    def failed(self, label: str, reason: str) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True)
class Asked:
    """What `evals run` was asked. `suites` holds each with the name or path it was found by;
    `problems` selects by id or label, `limit` the first so many of each suite."""

    suites: Sequence[tuple[str, Suite]]
    model: models.Choice
    store: Path
    n: int = 1
    k: tuple[int, ...] = (1, 5, 10)
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    system: str = SYSTEM
    prompt: str = PROMPT
    problems: tuple[str, ...] = ()
    limit: int | None = None
    name: str | None = None
    rescore: bool = False
    connections: int | None = None
    retries: int | None = 8
    timeout: int | None = None
    cache: bool = False
    how: How = field(default_factory=How)


@dataclass
class Done:
    """A run that went to its end. `failures` tells the samples that came to nothing, with why."""

    path: Path
    selected: tuple[str, ...]
    failures: list[tuple[str, int, str]]
    asked: int = 0
    graded: int = 0


def settings(asked: Asked) -> ModelSettings:
    """The model's settings as a run keeps them, without what is secret."""
    return ModelSettings(
        model=asked.model.name,
        base_url=_public(asked.model.base_url),
        weights=asked.model.weights,
        args={k: v for k, v in asked.model.args.items() if "key" not in k and "token" not in k},
        temperature=asked.temperature,
        top_p=asked.top_p,
        max_tokens=asked.max_tokens,
        seed=asked.seed,
        system=asked.system,
        prompt=asked.prompt,
    )


def path(asked: Asked) -> Path:
    """The run's folder: the name that was given, or one that follows from what is asked."""
    name = asked.name or identity.default_name([s.name for _, s in asked.suites], settings(asked))
    if "/" in name or name.startswith("."):
        raise RequestError(f"--name {name}: a run's name is one word without slashes")
    return asked.store / "runs" / name


def selection(asked: Asked) -> dict[str, list[Problem]]:
    """The problems to ask, by suite. Raises `SuiteError` for a problem that no suite has."""
    chosen: dict[str, list[Problem]] = {suite.name: [] for _, suite in asked.suites}
    if len(chosen) < len(asked.suites):
        raise RequestError("two suites of one name cannot be in one run")
    if not asked.problems:
        for _, suite in asked.suites:
            chosen[suite.name] = list(suite.problems[: asked.limit])
        return chosen
    for word in asked.problems:
        home = [
            s for _, s in asked.suites if word in {i for p in s.problems for i in (p.id, p.label)}
        ]
        suite = (home or [asked.suites[0][1]])[0]
        problem = suite.problem(word)
        if problem not in chosen[suite.name]:
            chosen[suite.name].append(problem)
    return chosen


def _public(url: str | None) -> str | None:
    """A URL without the name and password that may stand in it."""
    if url is None or "@" not in url:
        return url
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else url
