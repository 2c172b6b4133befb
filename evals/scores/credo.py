"""Credo over one program after another, warm (`evals.scores.warm`).

Credo comes as an escript: a file that the user names, or the image's. It answers "no issues" for
what it cannot parse and obeys `.credo.exs` files and comments that it finds; neither reaches a
score (see `ElixirEval.CredoWorker`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evals.sandbox import Engine, Limits
from evals.scores.warm import Kind, Unmeasured, Warm

KIND = Kind("Credo", "CredoWorker", "/opt/elixireval/bin/credo", Limits(scratch=128 << 20))


@dataclass(frozen=True)
class Issue:
    """What Credo found: `check` as `Refactor.Nesting`, `category` one of `consistency`, `design`,
    `readability`, `refactor` and `warning`."""

    check: str
    category: str
    message: str
    line: int


@dataclass(frozen=True)
class Report:
    """Credo's issues, or None with the `reason` why nothing was measured."""

    issues: tuple[Issue, ...] | None
    reason: str = ""


class Credo(Warm):
    """A warm Credo; `escript` is a file of the user's, None the image's own."""

    def __init__(self, engine: Engine, escript: Path | None = None, vms: int = 1) -> None:
        super().__init__(KIND, engine, escript, vms)

    def check(self, source: str) -> Report:
        """What Credo says of a program. Never raises for what `source` holds."""
        try:
            answer = self.ask(source)
        except Unmeasured as why:
            return Report(None, str(why))
        return Report(
            tuple(
                Issue(str(i["check"]), str(i["category"]), str(i["message"]), int(i["line"]))
                for i in answer.get("issues", ())
            )
        )
