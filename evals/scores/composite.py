"""The composite: function, idiom, quality and efficiency as one number from 0 to 1.

    composite = 0                                             for a program that does not pass
    composite = weighted mean of function (1), idiom, quality, efficiency        for one that does

By default function weighs 40, idiom 30, quality 20 and efficiency 10. Style without function is
worth nothing: else an empty module in good style would be worth more than half. Parts that were not
measured leave their weight to the others in proportion, and the composite names them. An
infrastructure error gives no composite at all.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from evals.errors import SuiteError
from evals.problem import Problem
from evals.scores.chrf import chrf
from evals.scores.efficiency import efficiency
from evals.scores.idiom import Finding, Idiom, idiom
from evals.scores.measure import Measure, weighted
from evals.scores.purity import is_elixir
from evals.scores.quality import NOTHING, Quality, Reports, quality
from evals.verdict import Verdict


@dataclass(frozen=True)
class Weights:
    """What the parts weigh in the composite; they need not sum to anything."""

    function: float = 40.0
    idiom: float = 30.0
    quality: float = 20.0
    efficiency: float = 10.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not math.isfinite(value) or value < 0:
                raise SuiteError(f"the weight of {name} must be 0 or more, not {value}")
        if not sum(asdict(self).values()):
            raise SuiteError("at least one weight must be more than 0")

    @classmethod
    def parse(cls, text: str) -> Weights:
        """Weights as an option gives them: `function=50,idiom=50`; what it leaves out weighs 0.

        Raises `SuiteError` for a name or a number that is none.
        """
        names = list(asdict(cls()))
        given = dict.fromkeys(names, 0.0)
        for part in text.split(","):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if name not in given or not equals:
                raise SuiteError(f"weights: {part.strip()!r} is none of {', '.join(names)}=NUMBER")
            try:
                given[name] = float(value)
            except ValueError:
                raise SuiteError(f"weights: {name}: {value!r} is no number") from None
        return cls(**given)


DEFAULT = Weights()


@dataclass(frozen=True)
class Scores:
    """All that was measured of one program. Each part says why when it was not."""

    function: Measure
    idiom: Measure
    quality: Measure
    efficiency: Measure
    composite: Measure
    chrf: Measure
    elixir: bool
    """Whether the program is Elixir at all (`evals.scores.purity`)."""
    idiom_findings: tuple[Finding, ...]
    idiom_virtues: dict[str, float]
    quality_parts: dict[str, Measure]
    credo_issues: dict[str, int]
    """Credo's issues by category; empty too where Credo was not measured, as are the next two."""
    dialyzer_warnings: dict[str, int]
    """Dialyzer's warnings by kind."""
    sobelow_findings: dict[str, int]
    """Sobelow's findings by check."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: a part is its number or None, and `not_measured` maps names to reasons."""
        parts = {
            name: getattr(self, name)
            for name in ("function", "idiom", "quality", "efficiency", "composite", "chrf")
        }
        told = {**parts, **{f"quality.{name}": m for name, m in self.quality_parts.items()}}
        return {
            **{name: part.value for name, part in parts.items()},
            "elixir": self.elixir,
            "idiom_findings": [asdict(finding) for finding in self.idiom_findings],
            "idiom_virtues": self.idiom_virtues,
            "quality_parts": {name: m.value for name, m in self.quality_parts.items()},
            "credo_issues": self.credo_issues,
            "dialyzer_warnings": self.dialyzer_warnings,
            "sobelow_findings": self.sobelow_findings,
            "composite_note": self.composite.reason,
            "not_measured": {name: m.reason for name, m in told.items() if m.value is None},
        }


def score(
    problem: Problem,
    candidate: str,
    verdict: Verdict,
    reference_verdict: Verdict | None,
    told: Reports = NOTHING,
    weights: Weights = DEFAULT,
) -> Scores:
    """The scores of a whole program that got `verdict`. Never raises for what `candidate` holds.

    `reference_verdict` is the reference solution's from the same grader; `told` is what the tools
    said of the program, by default that there are none: their parts are then not measured.
    """
    function = (
        Measure(float(verdict.passed))
        if verdict.counts
        else Measure(None, f"infrastructure error: {verdict.reason or 'no reason given'}")
    )
    style: Idiom = idiom(candidate, problem.entry_points, problem.capabilities)
    made: Quality = quality(candidate, verdict, told)
    work = efficiency(verdict, reference_verdict)
    styled = Measure(style.score, style.reason)
    return Scores(
        function=function,
        idiom=styled,
        quality=made.score,
        efficiency=work,
        composite=combined(function, styled, made.score, work, weights),
        chrf=chrf(candidate, problem.solution),
        elixir=is_elixir(candidate),
        idiom_findings=style.findings,
        idiom_virtues=dict(style.virtues),
        quality_parts=made.parts,
        credo_issues=made.issues,
        dialyzer_warnings=made.warnings,
        sobelow_findings=made.findings,
    )


def combined(
    function: Measure,
    idiom: Measure,
    quality: Measure,
    efficiency: Measure,
    weights: Weights = DEFAULT,
) -> Measure:
    """The parts as one number, as the module says. `reason` names the parts that are missing."""
    if function.value is None:
        return Measure(None, function.reason)
    if not function.value:
        return Measure(0.0, "the program does not pass")
    parts = {"function": function, "idiom": idiom, "quality": quality, "efficiency": efficiency}
    return weighted(parts, asdict(weights))
