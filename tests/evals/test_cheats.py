"""No cheat passes, none hurts the next candidate, and honest solutions by odd means pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evals.grader import Grader, Settings
from evals.problem import Problem
from evals.sandbox import Engine
from evals.verdict import Verdict
from tests.evals.programs import (
    AGENTS,
    COUNTER,
    HELPED,
    HERE,
    IMPORTING,
    SIGNALS,
    STRUCTS,
    SUM,
    read,
)

VICTIMS = {
    "servers": COUNTER,
    "bodies": COUNTER,
    "folding": COUNTER,
    "lasting": COUNTER,
    "importing": IMPORTING,
    "structs": STRUCTS,
    "agents": AGENTS,
    "helpers": HELPED,
    "signals": SIGNALS,
}
"""By file of cheats; the others are for `SUM`."""
WRONG = {
    "sum": "defmodule Sum do\n  def sum(list), do: length(list)\nend\n",
    "counter": COUNTER.solution.replace("n + 1", "n + 2"),
    "importing": "defmodule Sum do\n  def sum(list), do: length(list)\nend\n",
    "structs": STRUCTS.solution.replace("Enum.sum", "length"),
    "helped": HELPED.solution.replace("List.foldl(list, 0, fun)", "length(list)"),
    "agents": AGENTS.solution.replace("[x | list]", "list ++ [x]"),
    "signals": SIGNALS.solution.replace("work.()", "work"),
}
CHEATS = [
    pytest.param(VICTIMS.get(file.stem, SUM), source, id=f"{file.stem}: {name}")
    for file in sorted((HERE / "cheats").glob("*.ex"))
    for name, source in read(file)
]
HONEST = [
    pytest.param(problem, source, id=f"{problem.id}: {name}")
    for problem in (SUM, COUNTER)
    for name, source in read(HERE / "honest" / f"{problem.id}.ex")
]


WAYS = [pytest.param(way, marks=pytest.mark.xdist_group(way)) for way in ("auto", "two_vms")]


@pytest.fixture(scope="module")
def grader(engine: Engine) -> Iterator[Grader]:
    """One worker, so that every candidate comes to the VM that the one before has left."""
    settings = Settings(workers=1, engine=engine.name, least_seconds=0.7)
    with Grader(settings) as grader:
        yield grader


def grade(grader: Grader, problem: Problem, source: str, way: str = "auto") -> Verdict:
    return grader.grade(problem, [source], way)[0]


def test_there_are_as_many_as_were_asked_for() -> None:
    assert len(CHEATS) >= 60


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("problem", "source"), CHEATS)
def test_a_cheat_gains_nothing(grader: Grader, problem: Problem, source: str, way: str) -> None:
    verdict = grade(grader, problem, source, way)
    assert verdict.counts, verdict
    assert not verdict.passed, verdict
    right = grade(grader, problem, problem.solution)
    assert right.passed, right
    wrong = grade(grader, problem, WRONG[problem.id])
    assert wrong.outcome == "failed", wrong


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("problem", "source"), HONEST)
def test_an_honest_solution_passes(grader: Grader, problem: Problem, source: str, way: str) -> None:
    verdict = grade(grader, problem, source, way)
    assert verdict.passed, verdict
