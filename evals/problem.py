"""A problem: what is asked, a solution that is right, and the tests that decide.

On disk it is a folder: `prompt.md`, `solution.ex` (the reference), `test.exs` (ExUnit) and
`problem.yaml` (see `ProblemFile`). Problems of other benchmarks are made by `evals.loaders`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from factory import digest

Difficulty = Literal["easy", "medium", "hard"]
Capability = Literal["process", "ets", "registry", "timer", "file", "random", "io", "macro"]
"""What a right solution may need beyond plain functions. It documents the problem and bounds what
the warm VM lets a candidate use; what a problem does not name runs in a VM of its own."""


class ProblemFile(BaseModel):
    """The schema of `problem.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$", description="The folder's name.")]
    suite: Annotated[str, Field(description="The suite it belongs to.")]
    difficulty: Difficulty
    tags: tuple[str, ...] = ()
    entry_points: Annotated[
        tuple[str, ...],
        Field(min_length=1, description="What the tests call, as `Counter.start_link/1`."),
    ]
    capabilities: tuple[Capability, ...] = ()
    time_limit: Annotated[
        float,
        Field(default=10.0, gt=1, description="A multiple of the reference solution's own time."),
    ] = 10.0


@dataclass(frozen=True)
class Problem:
    """One problem, ready to be asked and graded.

    `prefix` stands before every completion (MultiPL-E's prompts are the beginning of the program);
    `suffix` after it; `stop` ends a completion at the first of these texts. `solution` is empty
    where a benchmark has none: such a problem has no reference to scale limits by.
    """

    id: str
    """Unique within its suite."""
    suite: str
    prompt: str
    solution: str
    test: str
    entry_points: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    difficulty: str = "medium"
    capabilities: frozenset[str] = frozenset()
    time_limit: float = 10.0
    prefix: str = ""
    suffix: str = ""
    stop: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.suite}/{self.id}"

    @cached_property
    def digest(self) -> str:
        """64 hex digits over everything that can change a verdict or what a model is asked."""
        return digest.of(
            self.id,
            self.suite,
            self.prompt,
            self.solution,
            self.test,
            sorted(self.capabilities),
            self.time_limit,
            [self.prefix, self.suffix, list(self.stop)],
        )

    def program(self, completion: str) -> str:
        """The whole program that a completion stands for."""
        end = min((at for s in self.stop if (at := completion.find(s)) >= 0), default=None)
        return f"{self.prefix}{completion[:end]}{self.suffix}"
