"""Quality: what the compiler, the formatter and the linters say of a program.

Each part is from 0 to 1. Compiler warnings and what the tools find are counted against the lines
of code of the program (at least ten), so that length neither helps nor hurts:

    warnings = exp(-WARNING * n / (lines / 10))
    credo    = exp(-sum of CREDO[category] * n / (lines / 10))
    dialyzer = exp(-sum of DIALYZER[kind] * n / (lines / 10))
    sobelow  = exp(-sum of SOBELOW[confidence] * n / (lines / 10))

`format` is 1 where `mix format` leaves the program as it is, else 0. A tool that is absent leaves
its part unmeasured, with a reason; quality is then the weighted mean of the others, and says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from evals.scores.credo import Report as CredoReport
from evals.scores.dialyzer import Report as DialyzerReport
from evals.scores.measure import Measure, weighted
from evals.scores.sobelow import Report as SobelowReport
from evals.verdict import Verdict

WARNING = 0.5
CREDO = {
    "warning": 0.8,
    "refactor": 0.5,
    "design": 0.3,
    "readability": 0.3,
    "consistency": 0.2,
}
"""What one issue of a category weighs in ten lines."""
DIALYZER = {
    "failing_call": 0.8,
    "fun_app": 0.8,
    "callgraph": 0.8,
    "matching": 0.8,
    "bin_construction": 0.8,
    "map_construction": 0.8,
    "contract_types": 0.5,
    "contract_range": 0.5,
    "contract_syntax": 0.5,
    "behaviour": 0.5,
    "undefined_callbacks": 0.5,
    "opaque": 0.3,
    "non_proper_list": 0.3,
    "return_no_exit": 0.1,
    "not_called": 0.1,
}
"""What one warning of a kind weighs in ten lines: what fails when it runs, what a specification
says wrongly, what is bad manners, and what only follows from another warning."""
SOBELOW = {"high": 0.8, "medium": 0.5, "low": 0.2}
"""What one finding weighs in ten lines, by how sure Sobelow is."""
OTHER = 0.3
"""What is of no category or kind that stands here weighs, as that of a plugin."""
WEIGHTS = {"warnings": 0.35, "format": 0.2, "credo": 0.3, "dialyzer": 0.1, "sobelow": 0.05}
LEAST_LINES = 10
_UNRUN = ("infrastructure_error", "refused")


@dataclass(frozen=True)
class Reports:
    """What the tools said of one program."""

    credo: CredoReport
    dialyzer: DialyzerReport
    sobelow: SobelowReport


NOTHING = Reports(
    CredoReport(None, "there is no Credo: give one with --credo FILE"),
    DialyzerReport(None, "there is no Dialyzer in the image"),
    SobelowReport(None, "there is no Sobelow: give one with --sobelow FILE"),
)
"""Where each is absent."""
NO_DIALYZER = DialyzerReport(None, "it was told not to: --no-dialyzer")


@dataclass(frozen=True)
class Quality:
    """The score, its parts by name (`WEIGHTS`), and what was found: Credo's issues by category,
    Dialyzer's warnings by kind, Sobelow's findings by check."""

    score: Measure
    parts: dict[str, Measure]
    issues: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)


def quality(program: str, verdict: Verdict, told: Reports = NOTHING) -> Quality:
    """The quality of a program that was graded, with what the tools told of it."""
    issues = Counter(issue.category for issue in told.credo.issues or ())
    warnings = Counter(warning.kind for warning in told.dialyzer.warnings or ())
    sure = Counter(finding.confidence for finding in told.sobelow.findings or ())
    units = max(LEAST_LINES, lines_of_code(program)) / LEAST_LINES
    parts = {
        "warnings": _warnings(verdict, units),
        "format": _format(verdict),
        "credo": _weighed(told.credo.issues, told.credo.reason, issues, CREDO, units),
        "dialyzer": _weighed(
            told.dialyzer.warnings, told.dialyzer.reason, warnings, DIALYZER, units
        ),
        "sobelow": _weighed(told.sobelow.findings, told.sobelow.reason, sure, SOBELOW, units),
    }
    return Quality(
        weighted(parts, WEIGHTS),
        parts,
        dict(sorted(issues.items())),
        dict(sorted(warnings.items())),
        dict(sorted(Counter(finding.check for finding in told.sobelow.findings or ()).items())),
    )


def lines_of_code(program: str) -> int:
    """Lines that hold more than a comment."""
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") for line in program.splitlines()
    )


def _warnings(verdict: Verdict, units: float) -> Measure:
    if verdict.outcome == "compile_error":
        return Measure(None, "the program does not compile")
    if verdict.outcome in _UNRUN or not verdict.way:
        return Measure(None, "the program was not compiled")
    warnings = sum(diagnostic.severity == "warning" for diagnostic in verdict.diagnostics)
    return Measure(math.exp(-WARNING * warnings / units))


def _format(verdict: Verdict) -> Measure:
    if verdict.formatted is None:
        return Measure(None, "the program does not parse or was not looked at")
    return Measure(float(verdict.formatted))


def _weighed(
    found: tuple[object, ...] | None,
    reason: str,
    counts: Counter[str],
    weights: Mapping[str, float],
    units: float,
) -> Measure:
    """What a tool found as a part; None found means that it was not measured."""
    if found is None:
        return Measure(None, reason)
    weight = math.fsum(weights.get(name, OTHER) * n for name, n in counts.items())
    return Measure(math.exp(-weight / units))
