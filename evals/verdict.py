"""What the grader says of a candidate.

A verdict is decided by the trusted side alone, from the exact set of tests that passed. What a
candidate prints, returns at exit or sends is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal[
    "passed",
    "failed",
    "compile_error",
    "timeout",
    "out_of_memory",
    "too_much_output",
    "refused",
    "infrastructure_error",
]
"""`failed`: at least one test did not pass. `refused`: the candidate cannot be run without giving
it something that no candidate may have, as a module of Elixir's to redefine. An
`infrastructure_error` is ours: it is retried, reported, and never counted against a model."""

Way = Literal["warm", "two_vms", ""]
"""Where the candidate ran: in the warm VM, in a VM of its own beside the tests', or nowhere."""


@dataclass(frozen=True)
class TestResult:
    """One ExUnit test: `module` and `name` as ExUnit names them (`Elixir.CounterTest`,
    `test counts up`), and the failure as ExUnit would print it."""

    __test__ = False  # pytest: this is no test class

    module: str
    name: str
    passed: bool
    message: str = ""


@dataclass(frozen=True)
class Diagnostic:
    """What the compiler said: `severity` is `error` or `warning`, `line` is in the candidate (0
    when the compiler gave none)."""

    severity: Literal["error", "warning"]
    message: str
    line: int = 0


@dataclass(frozen=True)
class Verdict:
    """The grade of one candidate.

    `seconds` is wall time in the sandbox: compiling the candidate and running its tests.
    `reductions` and `memory` (bytes, the most that was in use above what the VM holds anyway) are
    None where they cannot be told apart from the harness's own, as in the two VMs.
    """

    outcome: Outcome
    reason: str = ""
    tests: tuple[TestResult, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    way: Way = ""
    seconds: float = 0.0
    reductions: int | None = None
    memory: int | None = None
    formatted: bool | None = None
    """Whether `mix format` would leave the candidate as it is; None when it does not parse."""
    output: str = ""
    """What the candidate printed, cut to the first few kilobytes; for people, never for a grade."""
    timing: dict[str, float] = field(default_factory=dict, compare=False)
    """Seconds by step (`gate`, `compile`, `tests`, `clean`), for benchmarks."""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def counts(self) -> bool:
        """Whether the verdict says anything about the candidate."""
        return self.outcome != "infrastructure_error"
