"""docs/scores.md says what the code does: every rule with its weight, every formula's numbers."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from evals.scores import Weights, idiom, quality
from evals.scores.efficiency import WEIGHTS as EFFICIENCY
from evals.scores.idiom.rules import FAULTS, VIRTUES

DOCUMENT = (Path(__file__).parents[3] / "docs" / "scores.md").read_text()


def rows(heading: str) -> dict[str, float]:
    section = DOCUMENT.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    return {
        name: float(weight)
        for name, weight in re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", section, re.MULTILINE)
    }


def test_every_rule_stands_there_with_its_weight() -> None:
    assert rows("### Faults") == {name: fault.weight for name, fault in FAULTS.items()}
    assert rows("### Virtues") == {name: virtue.weight for name, virtue in VIRTUES.items()}


def test_the_parts_of_quality_stand_there_with_their_weights() -> None:
    assert rows("## Quality") == quality.WEIGHTS
    for category, weight in quality.CREDO.items():
        assert re.search(rf"{weight} \([^)]*{category}", DOCUMENT), category
    for confidence, weight in quality.SOBELOW.items():
        assert re.search(rf"{weight} \({confidence}", DOCUMENT), confidence
    assert f"an issue weighs {quality.OTHER}" in DOCUMENT


def test_dialyzer_s_kinds_stand_there_with_their_weights() -> None:
    section = DOCUMENT.split("**Dialyzer**", 1)[1].split("**Sobelow**", 1)[0]
    written = {
        kind: float(weight)
        for row, weight in re.findall(r"^\| (`.*) \| ([\d.]+) \|$", section, re.MULTILINE)
        for kind in re.findall(r"`(\w+)`", row)
    }
    assert written == quality.DIALYZER


def test_the_composite_s_weights_stand_there() -> None:
    section = DOCUMENT.split("## The composite\n", 1)[1].split("\n#", 1)[0]
    written = dict(re.findall(r"^\| (\w+)(?::[^|]*)? \| (\d+) \|", section, re.MULTILINE))
    assert {name: float(weight) for name, weight in written.items()} == asdict(Weights())


def test_the_formulas_have_the_code_s_numbers() -> None:
    assert f"({idiom.FLOOR} + {1 - idiom.FLOOR:.2f} * (1 - exp(-virtues)))" in DOCUMENT
    assert f"divided by {idiom.UNIT}, at least one half" in DOCUMENT
    assert idiom.LEAST == 0.5
    reductions, memory = EFFICIENCY["reductions"], EFFICIENCY["memory"]
    assert f"{reductions} min(1, R_ref / R) + {memory} min(1, M_ref / M)" in DOCUMENT
    assert f"exp(-{quality.WARNING} n / u)" in DOCUMENT
