"""Difficulty: more structure is never easier, and the levels are those of real code."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.passes.difficulty import LEVELS, level, points
from factory.records import Quality
from factory.syntax import read
from factory.syntax.metrics import measure

SMALL = st.integers(0, 12)
QUALITY = st.builds(Quality, nesting=SMALL, constructs=SMALL, processes=SMALL, macros=SMALL)


@pytest.mark.parametrize(
    ("quality", "answer", "expected"),
    [
        (Quality(), 60, "easy"),
        (Quality(nesting=1, constructs=2), 250, "medium"),
        (Quality(processes=2, constructs=1), 250, "medium"),
        (Quality(nesting=1, constructs=3, processes=3), 300, "hard"),
        (Quality(nesting=3, constructs=7, processes=2, macros=1), 1500, "expert"),
    ],
)
def test_a_row_has_the_level_of_its_structure(quality: Quality, answer: int, expected: str) -> None:
    assert level(quality, 900, answer) == expected


def test_a_long_context_makes_a_row_harder() -> None:
    quality = Quality(nesting=1, constructs=2)
    assert level(quality, 500, 150) == "easy"
    assert level(quality, 15_000, 150) == "medium"


@given(QUALITY, st.sampled_from(["nesting", "constructs", "processes", "macros"]), SMALL)
def test_more_of_anything_is_never_easier(quality: Quality, what: str, more: int) -> None:
    harder = replace(quality, **{what: getattr(quality, what) + more})
    assert points(harder, 100, 100) >= points(quality, 100, 100)
    assert LEVELS.index(level(quality, 9000, 900)) >= LEVELS.index(level(quality, 100, 100))


def test_functions_of_real_packages_spread_over_all_levels(corpus: Path) -> None:
    levels: Counter[str] = Counter()
    for path in sorted(corpus.rglob("lib/**/*.ex"))[::5]:
        source = path.read_bytes()
        outline, tree = read(source, "elixir")
        if tree is None:
            continue
        spans = [f.code for module in outline.every_module() for f in module.functions]
        for span in spans:
            found = measure(outline.structure, source, span)
            quality = Quality(
                nesting=found.nesting,
                constructs=found.constructs,
                processes=found.processes,
                macros=found.macros,
            )
            levels[level(quality, 800, span.end - span.start)] += 1
    total = sum(levels.values())
    assert 0.4 < levels["easy"] / total < 0.75
    assert 0.15 < levels["medium"] / total < 0.4
    assert 0.03 < levels["hard"] / total < 0.25
    assert 0.002 < levels["expert"] / total < 0.12
