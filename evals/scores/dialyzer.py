"""Dialyzer over one program after another, warm (`evals.scores.warm`): what its types forbid.

Dialyzer is OTP's own; Dialyxir, which Mix projects call it with, is not needed. It looks up what a
program calls in the image's PLT, a table of what is known of the types of OTP and Elixir, which is
made with the image. Nothing that a program says silences it (see `ElixirEval.DialyzerWorker`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from evals.sandbox import Engine, Limits
from evals.scores.warm import Kind, Unmeasured, Warm

KIND = Kind(
    "Dialyzer",
    "DialyzerWorker",
    "/opt/elixireval/dialyzer.plt",
    Limits(memory=1 << 30, scratch=64 << 20),
)


@dataclass(frozen=True)
class Warning:  # noqa: A001 - Dialyzer's own word
    """What Dialyzer found: `kind` is its tag without `warn_`, as `failing_call`."""

    kind: str
    message: str
    line: int


@dataclass(frozen=True)
class Report:
    """Dialyzer's warnings, or None with the `reason` why nothing was measured."""

    warnings: tuple[Warning, ...] | None
    reason: str = ""


class Dialyzer(Warm):
    """A warm Dialyzer, the image's."""

    def __init__(self, engine: Engine, vms: int = 1) -> None:
        super().__init__(KIND, engine, None, vms)

    def check(self, source: str, capabilities: Collection[str] = ()) -> Report:
        """What Dialyzer says of a program for a problem with these capabilities. Never raises for
        what `source` holds."""
        try:
            answer = self.ask(source, {"capabilities": sorted(capabilities)})
        except Unmeasured as why:
            return Report(None, str(why))
        return Report(
            tuple(
                Warning(str(w["kind"]), str(w["message"]), int(w["line"]))
                for w in answer.get("warnings", ())
            )
        )
