"""Quality: what the compiler, the formatter and the linters say of a program.

Each part is from 0 to 1. Compiler warnings and Credo's issues are counted against the program's
lines of code (at least ten), so that length neither helps nor hurts:

    warnings = exp(-WARNING * n / (lines / 10))
    credo    = exp(-sum of CREDO[category] * n / (lines / 10))

`format` is 1 where `mix format` leaves the program as it is, else 0. A tool that is absent leaves
its part unmeasured, with a reason; quality is then the weighted mean of the others, and says so.
Dialyzer and Sobelow have their places and weights, but this version runs neither, whether or not
an image has them (Sobelow looks at Phoenix applications only): they are reported as not measured.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from evals.scores.credo import Report
from evals.scores.measure import Measure, weighted
from evals.verdict import Verdict

WARNING = 0.5
CREDO = {
    "warning": 0.8,
    "refactor": 0.5,
    "design": 0.3,
    "readability": 0.3,
    "consistency": 0.2,
}
"""What one issue of a category weighs in ten lines; categories of plugins weigh 0.3."""
WEIGHTS = {"warnings": 0.35, "format": 0.2, "credo": 0.3, "dialyzer": 0.1, "sobelow": 0.05}
LEAST_LINES = 10
_UNRUN = ("infrastructure_error", "refused")


@dataclass(frozen=True)
class Quality:
    """The score, its parts by name (`WEIGHTS`), and Credo's issues by category."""

    score: Measure
    parts: dict[str, Measure]
    issues: dict[str, int] = field(default_factory=dict)


def quality(program: str, verdict: Verdict, credo: Report | None = None) -> Quality:
    """The quality of a program that was graded; `credo` is None where there is no Credo."""
    report = credo or Report(None, "there is no Credo: give one with --credo FILE")
    counts = Counter(issue.category for issue in report.issues or ())
    units = max(LEAST_LINES, lines_of_code(program)) / LEAST_LINES
    parts = {
        "warnings": _warnings(verdict, units),
        "format": _format(verdict),
        "credo": _credo(report, counts, units),
        "dialyzer": Measure(None, "Dialyzer is not run by this version"),
        "sobelow": Measure(None, "Sobelow looks at Phoenix applications only"),
    }
    return Quality(weighted(parts, WEIGHTS), parts, dict(sorted(counts.items())))


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


def _credo(report: Report, counts: Counter[str], units: float) -> Measure:
    if report.issues is None:
        return Measure(None, report.reason)
    weight = math.fsum(CREDO.get(category, 0.3) * n for category, n in counts.items())
    return Measure(math.exp(-weight / units))
