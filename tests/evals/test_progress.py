"""What a person sees while a suite is checked."""

from __future__ import annotations

import io

from rich.console import Console

from evals.check import ProblemCheck, Survivor
from evals.cli.progress import Checking


def test_a_check_tells_how_far_it_is_and_how_many_mutants_were_killed() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    survivor = Survivor("m", "a boundary", 3, "x > 1", "x >= 1")
    with Checking(console) as progress:
        progress(ProblemCheck("first", mutants=10), 1, 4)
        progress(ProblemCheck("second", mutants=10, survivors=(survivor,)), 2, 4)
        progress(ProblemCheck("third"), 3, 4)
    last = screen.getvalue().rpartition("problems")
    assert "3/4" in last[0]
    assert "95.0% of mutants killed" in last[2]
    assert "ETA" in last[2]
