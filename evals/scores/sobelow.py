"""Sobelow over one program after another, warm (`evals.scores.warm`): what is insecure in it.

Sobelow scans Phoenix projects, but most of what it looks for needs no Phoenix: evaluated text,
commands for the shell, atoms made of input, terms decoded from bytes, paths and SQL put together.
It comes as an escript: a file that the user names, or the image's. No file and no comment of a
candidate's configures it (see `ElixirEval.SobelowWorker`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evals.sandbox import Engine, Limits
from evals.scores.warm import Kind, Unmeasured, Warm

KIND = Kind("Sobelow", "SobelowWorker", "/opt/elixireval/bin/sobelow", Limits(scratch=128 << 20))


@dataclass(frozen=True)
class Finding:
    """What Sobelow found: `check` as `RCE.CodeModule`, `confidence` one of `high`, `medium` and
    `low`: how sure it is that input of strangers gets there."""

    check: str
    confidence: str
    message: str
    line: int


@dataclass(frozen=True)
class Report:
    """Sobelow's findings, or None with the `reason` why nothing was measured."""

    findings: tuple[Finding, ...] | None
    reason: str = ""


class Sobelow(Warm):
    """A warm Sobelow; `escript` is a file of the user's, None the image's own."""

    def __init__(self, engine: Engine, escript: Path | None = None, vms: int = 1) -> None:
        super().__init__(KIND, engine, escript, vms)

    def check(self, source: str) -> Report:
        """What Sobelow says of a program. Never raises for what `source` holds."""
        try:
            answer = self.ask(source)
        except Unmeasured as why:
            return Report(None, str(why))
        return Report(
            tuple(
                Finding(str(f["check"]), str(f["confidence"]), str(f["message"]), int(f["line"]))
                for f in answer.get("findings", ())
            )
        )
