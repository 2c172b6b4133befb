"""The suites that come with the harness: whole, solved by their references, and not by less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import suite
from evals.grader import Grader, Settings
from evals.problem import Problem
from evals.sandbox import Engine
from evals.unsolvable import stub, told

NAMES = ("core", "otp")
WRONG = Path(__file__).parent / "suites" / "wrong"
PROBLEMS = [problem for name in NAMES for problem in suite.load(name).problems]
MISTAKEN = sorted(WRONG.glob("*/*.ex"))


@pytest.fixture(scope="module")
def grader(engine: Engine) -> Iterator[Grader]:
    """One worker for all of them; `engine` skips where there is no sandbox."""
    with Grader(Settings(workers=1, engine=engine.name)) as grader:
        yield grader


def test_the_suites_are_found_by_name_and_hold_what_they_should() -> None:
    assert set(NAMES) <= set(suite.names())
    assert [len(suite.load(name).problems) for name in NAMES] == [20, 30]


def test_core_covers_the_language() -> None:
    tags = {tag for problem in suite.load("core").problems for tag in problem.tags}
    assert tags >= {
        *("strings", "unicode", "binaries", "bitstrings", "pattern_matching", "recursion"),
        *("maps", "mapset", "keywords", "structs", "protocols", "comprehensions", "with"),
        *("parsing", "dates", "behaviours", "access", "exceptions", "guards", "trees", "streams"),
    }


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.label)
def test_the_reference_passes_without_warnings_and_a_stub_fails(
    problem: Problem, grader: Grader
) -> None:
    reference, empty = grader.grade(problem, [problem.solution, stub(problem)])
    assert reference.passed, told(reference)
    assert len(reference.tests) >= 5
    assert reference.formatted
    assert [d.message for d in reference.diagnostics] == []
    assert empty.counts and not empty.passed


def test_every_suite_has_wrong_solutions() -> None:
    by_suite = {name: [p for p in MISTAKEN if p.parent.name == name] for name in NAMES}
    assert all(len(found) >= 8 for found in by_suite.values())


@pytest.mark.parametrize("path", MISTAKEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_plausible_but_wrong_solution_fails(path: Path, grader: Grader) -> None:
    problem = suite.load(path.parent.name).problem(path.stem)
    (verdict,) = grader.grade(problem, [path.read_text("utf-8")])
    assert verdict.outcome in {"failed", "timeout"}, told(verdict)
    if verdict.outcome == "failed":
        assert any(test.passed for test in verdict.tests)
