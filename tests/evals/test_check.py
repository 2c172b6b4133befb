"""What `evals check` says of problems, on small ones that are wrong in one way each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import pytest

from evals.check import Report, check, render
from evals.formatting import unformatted
from evals.grader import Grader, Settings
from evals.problem import Problem
from evals.sandbox import Engine
from evals.suite import Suite
from evals.unsolvable import contradiction, stub
from evals.verdict import Outcome, Verdict

GOOD = Problem(
    id="grade",
    suite="small",
    prompt="Write `Grade.of/1`: `:pass` from 50 points on, else `:fail`.",
    solution="""\
defmodule Grade do
  @moduledoc "Grades."

  @doc "The grade of so many points."
  def of(points) when points >= 50, do: :pass
  def of(_points), do: :fail
end
""",
    test="""\
defmodule GradeTest do
  use ExUnit.Case, async: true

  test "passes from fifty points on" do
    assert Grade.of(50) == :pass
    assert Grade.of(49) == :fail
  end
end
""",
    entry_points=("Grade.of/1",),
)
WEAK = replace(GOOD, test=GOOD.test.replace("50", "90").replace("49", "10"))


@pytest.fixture(scope="module")
def grader(engine: Engine) -> Iterator[Grader]:
    with Grader(Settings(workers=1, engine=engine.name)) as grader:
        yield grader


def examined(grader: Grader, *problems: Problem, loaded: bool = False) -> Report:
    return check(Suite("small", "Small.", problems), grader, loaded=loaded)


def mistakes(grader: Grader, **changed: str | tuple[str, ...]) -> tuple[str, ...]:
    report = examined(grader, replace(GOOD, **changed))  # type: ignore[arg-type]
    assert report.passed == (not report.problems[0].mistakes)
    return report.problems[0].mistakes


def test_a_good_problem_has_no_mistakes_and_kills_every_mutant(grader: Grader) -> None:
    seen: list[tuple[str, int, int]] = []
    report = check(
        Suite("small", "Small.", (GOOD,)),
        grader,
        progress=lambda problem, done, all_: seen.append((problem.id, done, all_)),
    )
    (problem,) = report.problems
    assert (problem.mistakes, problem.unsolvable, problem.survivors) == ((), "", ())
    assert problem.killed == problem.mutants >= 6
    assert report.kill_rate == 1.0
    assert report.passed
    assert seen == [("grade", 1, 1)]


def test_weak_tests_are_shown_by_the_mutants_that_survive_them(grader: Grader) -> None:
    report = examined(grader, WEAK)
    assert not report.passed
    assert report.problems[0].mistakes == ()
    assert {(s.line, s.description) for s in report.problems[0].survivors} == {
        (5, "`>` for `>=`"),
        (5, "49 for 50"),
        (5, "51 for 50"),
    }
    (boundary,) = [s for s in report.problems[0].survivors if s.description == "`>` for `>=`"]
    assert boundary.was == "  def of(points) when points >= 50, do: :pass"
    assert boundary.now == "  def of(points) when points > 50, do: :pass"
    told = render(report)
    assert "survived: line 5, `>` for `>=`" in told
    assert "      + " + boundary.now in told
    assert "90% required" in told and "not fit to measure with" in told


def test_the_rate_is_the_suite_s(grader: Grader) -> None:
    many = [replace(GOOD, id=f"good_{n}") for n in range(5)]
    report = examined(grader, *many, WEAK)
    assert report.killed == report.mutants - 3
    assert report.kill_rate is not None and report.kill_rate > 0.9
    assert report.passed


def test_the_same_seed_tries_the_same_mutants(grader: Grader) -> None:
    suite = Suite("small", "Small.", (WEAK,))
    reports = [check(suite, grader, mutants_per_problem=5, seed=seed) for seed in (1, 1)]
    assert reports[0] == reports[1]
    assert reports[0].mutants <= 5
    found = {
        check(suite, grader, mutants_per_problem=5, seed=seed).problems[0].survivors
        for seed in range(4)
    }
    assert len(found) > 1


class Says:
    """A grader that passes the reference and says of each mutant what is next."""

    def __init__(self, real: Grader, outcomes: list[Outcome]) -> None:
        self.engine = real.engine
        self.outcomes = outcomes

    def grade(self, problem: Problem, programs: Sequence[str]) -> list[Verdict]:
        if list(programs) == [problem.solution]:
            return [Verdict("passed")]
        if list(programs) == [stub(problem)]:
            return [Verdict("failed")]
        return [Verdict(outcome) for outcome in self.outcomes[: len(programs)]]


def test_what_ends_badly_is_killed_and_what_cannot_run_does_not_count(grader: Grader) -> None:
    killed: list[Outcome] = ["failed", "timeout", "out_of_memory", "too_much_output"]
    uncounted: list[Outcome] = ["compile_error", "refused", "infrastructure_error"]
    says = Says(grader, [*killed, *uncounted, "passed"])
    report = check(Suite("small", "Small.", (GOOD,)), cast(Grader, says), mutants_per_problem=8)
    assert (report.mutants, report.killed) == (5, 4)
    assert report.kill_rate == 0.8


def test_a_reference_that_fails_or_warns(grader: Grader) -> None:
    (failed,) = mistakes(grader, solution=GOOD.solution.replace(":pass", ":passed"))
    assert failed.startswith("the reference is graded failed: test passes from fifty points on")
    assert "left: :passed" in failed
    (broken,) = mistakes(grader, solution=GOOD.solution.replace("_points), do", "points), to"))[-1:]
    assert broken.startswith("the reference is graded compile_error: ")
    (warned,) = mistakes(grader, solution=GOOD.solution.replace("_points", "points"))
    assert warned.startswith("the reference has a warning on line 6: variable")


def test_sources_that_are_not_formatted(grader: Grader) -> None:
    assert mistakes(
        grader,
        solution=GOOD.solution.replace("of(_points)", "of( _points )"),
        test=GOOD.test.replace("  test", "   test"),
    ) == ("solution.ex is not formatted", "test.exs is not formatted")


def test_entry_points_that_nobody_knows(grader: Grader) -> None:
    assert mistakes(grader, entry_points=("Grade.of/1", "Grade.at/2")) == (
        "the solution has no public Grade.at/2",
        "the prompt does not mention at, an entry point",
        "the test does not mention at, an entry point",
    )
    assert mistakes(grader, entry_points=()) == ("it names no entry points",)


def test_tests_that_a_program_passes_which_does_nothing(grader: Grader) -> None:
    lenient = GOOD.test.replace("assert Grade.of(50) == :pass", "assert is_atom(Grade)")
    lenient = lenient.replace("    assert Grade.of(49) == :fail\n", "    # of\n")
    found = mistakes(grader, test=lenient)
    assert found == ("a program that does nothing passes",)


def test_a_stub_has_the_entry_points_and_nothing_else() -> None:
    points = ("A.one/0", "A.two/2", "A.Inner", "B.ok?/1")
    assert stub(replace(GOOD, entry_points=points)) == (
        "defmodule A do\n"
        '  def one(), do: raise("not written")\n'
        '  def two(_1, _2), do: raise("not written")\n'
        "end\n"
        "defmodule A.Inner do\nend\n"
        "defmodule B do\n"
        '  def ok?(_1), do: raise("not written")\n'
        "end\n"
    )


def unsolvable(grader: Grader, **changed: str | tuple[str, ...]) -> str:
    problem = replace(GOOD, solution="", **changed)  # type: ignore[arg-type]
    report = examined(grader, problem, loaded=True)
    assert report.passed == (not report.problems[0].unsolvable)
    return report.problems[0].unsolvable


def test_an_item_of_another_benchmark_need_not_be_tidy(grader: Grader) -> None:
    untidy = replace(GOOD, solution=GOOD.solution.replace("of(_points)", "of( _points )"))
    report = examined(grader, untidy, loaded=True)
    assert report.passed
    assert report.problems[0].mistakes == ()
    assert report.mutants > 0
    assert unsolvable(grader) == ""


def test_an_item_whose_own_solution_fails_cannot_be_passed(grader: Grader) -> None:
    wrong = replace(GOOD, solution=GOOD.solution.replace("50", "60"))
    report = examined(grader, wrong, loaded=True)
    assert report.problems[0].unsolvable.startswith("its own solution is graded failed: ")
    assert "1 that no right answer can pass" in render(report)
    assert not report.passed


def test_tests_that_no_answer_compiles_with(grader: Grader) -> None:
    assert "mismatched delimiter" in unsolvable(grader, test=GOOD.test.replace("(49)", "(49"))
    assert "undefined function" in unsolvable(grader, test=GOOD.test.replace("Grade.of(", "of("))


def test_tests_that_call_what_is_not_asked_for(grader: Grader) -> None:
    assert (
        unsolvable(grader, test=GOOD.test.replace("Grade.of(50)", "Grade.of(50, 1)"))
        == "test passes from fifty points on calls Grade.of/2, which is not asked for"
    )


def test_tests_that_want_two_answers_to_one_question(grader: Grader) -> None:
    twice = GOOD.test.replace("Grade.of(49) == :fail", "Grade.of( 50 ) == :fail")
    assert unsolvable(grader, test=twice.replace("( 50 )", "(50)")) == (
        "Grade.of(50) is to be :pass and :fail"
    )


@pytest.mark.parametrize(
    "test",
    [
        "assert f(1) == 2\nassert f(2) == 3",
        "assert f(1) == 2\nassert f(1) == 2",
        "assert f(x) == 2\nassert f(x) == 3",
        "assert f(1) == a\nassert f(1) == b",
        "assert g(f(1)) == 2\nassert g(f(1)) == 3",
        "defmodule A do\nassert f(1) == 2\nend\ndefmodule B do\nassert f(1) == 3\nend",
        "assert f(1) == (((",
        "",
    ],
)
def test_what_is_no_contradiction(test: str) -> None:
    assert contradiction(test) == ""


def test_a_beginning_that_no_end_makes_a_program_of(grader: Grader) -> None:
    begun = 'defmodule Grade do\n  @doc """\n  Grades #{\n  """\n  def of(points) do\n'
    assert unsolvable(grader, prefix=begun).startswith("nothing that begins as its prompt does")
    whole = "defmodule Grade do\n  def of(points) do\n"
    assert unsolvable(grader, prefix=whole) == ""


def test_formatting_is_judged_by_key(engine: Engine) -> None:
    sources = {
        "good": "f(1)\n",
        "spaced": "f( 1 )\n",
        "no newline": "f(1)",
        "broken": "f(",
        "ü": '"ü"\n',
    }
    assert unformatted(engine, sources) == {"spaced", "no newline", "broken"}
    assert unformatted(engine, {}) == frozenset()
