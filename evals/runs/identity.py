"""What a run is of: its suites, its model with all settings, its grader. Kept as `run.json`.

Two runs of one command agree on all of it or must not be mixed. How many samples, which problems
and how many workers are no part of it: a run grows.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.errors import EvalError
from evals.problem import Problem
from evals.questions import question_digest
from evals.suite import Suite
from factory import digest
from factory.errors import RequestError

VERSION = 1
FILE = "run.json"


class ModelSettings(BaseModel):
    """All that shapes a model's answers. `weights` identifies a local folder's files."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str
    base_url: str | None = None
    weights: str = ""
    args: dict[str, Any] = Field(default_factory=dict)
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    system: str
    prompt: str

    @cached_property
    def digest(self) -> str:
        return digest.of(self.model_dump())


class SuiteIdentity(BaseModel):
    """A suite as it was: where it came from, its digest, and for each problem its digest and that
    of the question made of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source: str
    digest: str
    problems: dict[str, tuple[str, str]]


class Identity(BaseModel):
    """The schema of `run.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = VERSION
    suites: tuple[SuiteIdentity, ...]
    model: ModelSettings
    grader: str
    image: str
    engine: str = ""
    k: tuple[int, ...] = (1, 5, 10)


def suite_identity(suite: Suite, source: str, model: ModelSettings) -> SuiteIdentity:
    def both(problem: Problem) -> tuple[str, str]:
        return problem.digest, question_digest(problem, model.system, model.prompt)

    return SuiteIdentity(
        name=suite.name,
        source=source,
        digest=suite.digest,
        problems={problem.id: both(problem) for problem in suite.problems},
    )


def default_name(suites: list[str], model: ModelSettings) -> str:
    """`otp-openai-gpt-4o-3f2a9c01`: of suites, model and settings, so that one command finds its
    own run again. What the suites contain is left out: a suite that changed must be noticed."""
    model_name = Path(model.model).name if model.model.startswith("hf//") else model.model
    words = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join([*suites, model_name])).strip("-.")
    return f"{words[:80]}-{model.digest[:8]}"


def read(folder: Path) -> Identity:
    """Raises `RequestError` when the folder holds no run, `EvalError` when it cannot be read."""
    path = folder / FILE
    if not path.is_file():
        raise RequestError(f"{folder} holds no run (no {FILE})")
    try:
        return Identity.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError, RecursionError) as error:
        raise EvalError(
            f"{path} cannot be read ({_first_line(error)}); "
            "was it written by another version? Begin a run of another name with --name"
        ) from error


def differences(stored: Identity, now: Identity) -> list[str]:
    """What keeps the stored candidates from being answers to what is asked now: nothing that
    grading anew could mend."""
    before, after = stored.model.model_dump(), now.model.model_dump()
    found = [
        f"model settings: {name} was {_short(before[name])}, is {_short(after[name])}"
        for name in before
        if before[name] != after[name]
    ]
    old, new = ({s.name: s for s in i.suites} for i in (stored, now))
    if old.keys() != new.keys():
        found.append(f"suites: were {', '.join(old)}, are {', '.join(new)}")
    if not found:
        for name in old:
            changed = [
                problem
                for problem, (_, question) in old[name].problems.items()
                if problem in new[name].problems and new[name].problems[problem][1] != question
            ]
            if changed:
                found.append(f"suite {name}: the questions of {_some(changed)} have changed")
    return found


def regrading(stored: Identity, now: Identity) -> list[str]:
    """What makes the stored verdicts void and leaves the candidates good."""
    found = []
    old, new = ({s.name: s for s in i.suites} for i in (stored, now))
    for name in old.keys() & new.keys():
        if old[name].digest == new[name].digest:
            continue
        a, b = old[name].problems, new[name].problems
        parts = [
            ("changed", [p for p in a if p in b and a[p] != b[p]]),
            ("new", [p for p in b if p not in a]),
            ("gone", [p for p in a if p not in b]),
        ]
        told = "; ".join(f"{word}: {_some(which)}" for word, which in parts if which)
        found.append(f"suite {name}: {old[name].digest[:12]} → {new[name].digest[:12]} ({told})")
    if stored.image != now.image:
        found.append(f"image: {stored.image[:19]} → {now.image[:19]}")
    if stored.grader != now.grader:
        found.append(f"grader: {stored.grader[:12]} → {now.grader[:12]}")
    return found


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
