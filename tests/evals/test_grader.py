"""The pool: what is graded when, what is tried again, and what each way to fail is called."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import evals
from evals import worker
from evals.errors import SandboxError
from evals.grader import Grader, Settings
from evals.problem import Problem
from evals.sandbox import Engine, Program, Running
from evals.verdict import Verdict
from tests.evals.programs import COUNTER, SUM

pytestmark = pytest.mark.xdist_group("grader")

WRONG = "defmodule Sum do\n  def sum(list), do: length(list)\nend\n"


@pytest.fixture(scope="module")
def grader(engine: Engine) -> Iterator[Grader]:
    with Grader(Settings(workers=2, engine=engine.name, least_seconds=2.0)) as grader:
        yield grader


def one(grader: Grader, source: str, problem: Problem = SUM, way: str = "") -> Verdict:
    return grader.grade(problem, [source], way)[0]


BODIES = {
    "passed": "Enum.sum(list)",
    "failed": "length(list)",
    "compile_error": "add(list)",
    "timeout": "sum(list)",
    "out_of_memory": "Enum.reduce(1..60, [0 | list], fn _, all -> all ++ all end)",
    "too_much_output": 'for(_ <- 1..9999, do: IO.puts(String.duplicate("x", 999))) ++ list',
}


@pytest.mark.parametrize("way", ["auto", "two_vms"])
@pytest.mark.parametrize("outcome", BODIES)
def test_outcomes_are_told_apart(grader: Grader, outcome: str, way: str) -> None:
    # Filling the memory takes longer on a busy machine than a sum is given.
    problem = SUM if outcome == "timeout" else replace(SUM, time_limit=60_000.0)
    program = f"defmodule Sum do\n  def sum(list), do: {BODIES[outcome]}\nend\n"
    verdict = one(grader, program, problem, way)
    assert verdict.outcome == outcome, verdict


def test_which_tests_failed_is_told_as_exunit_tells_it(grader: Grader) -> None:
    verdict = one(grader, WRONG)
    failed = {test.name: test.message for test in verdict.tests if not test.passed}
    assert set(failed) == {"test adds", "test takes negative numbers"}
    assert "assert Sum.sum([1, 2, 3]) == 6" in failed["test adds"]
    assert "left:  3" in failed["test adds"]


def test_compile_errors_have_lines(grader: Grader) -> None:
    verdict = one(grader, "defmodule Sum do\n\n  def sum(list), do: add(list)\nend\n")
    assert [(d.severity, d.line) for d in verdict.diagnostics] == [("error", 3)]
    assert "undefined function add/1" in verdict.reason


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("", "failed"),
        ("this is no program (", "compile_error"),
        ("defmodule Sum do\0end", "compile_error"),
        ("# " + "x" * worker.LARGEST_SOURCE, "refused"),
        ("defmodule Sum do\n  def sum(l), do: Enum.sum(l)\nend\n# \ud800", "compile_error"),
        ("defmodule Sum do\r\n  def sum(l), do: Enum.sum(l)\r\nend\r\n", "passed"),
    ],
    ids=["empty", "no program", "NUL", "too long", "half a character", "from Windows"],
)
def test_odd_sources(grader: Grader, source: str, outcome: str) -> None:
    verdict = one(grader, source)
    assert verdict.outcome == outcome, verdict


def test_verdicts_come_in_order_and_equal_programs_are_graded_once(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    grade = worker.Worker.grade

    def counting(self: worker.Worker, problem: Problem, program: str, *rest: Any) -> Verdict:
        asked.append(program)
        return grade(self, problem, program, *rest)

    grader.reference(SUM)
    monkeypatch.setattr(worker.Worker, "grade", counting)
    programs = [SUM.solution, WRONG, SUM.solution, WRONG, SUM.solution]
    outcomes = [verdict.outcome for verdict in grader.grade(SUM, programs)]
    assert outcomes == ["passed", "failed", "passed", "failed", "passed"]
    assert sorted(asked) == sorted([SUM.solution, WRONG])


def test_a_closed_grader_starts_nothing(engine: Engine) -> None:
    with Grader(Settings(workers=1, engine=engine.name)) as closed:
        pass
    for programs in ([WRONG], [WRONG, SUM.solution]):
        with pytest.raises(RuntimeError):
            closed.grade(SUM, programs)
    assert all(worker._host is None for worker in closed._idle.everyone)


def test_asynchronously(grader: Grader) -> None:
    async def both() -> list[list[Verdict]]:
        return await asyncio.gather(
            grader.grade_async(SUM, [SUM.solution, WRONG]),
            grader.grade_async(COUNTER, [COUNTER.solution]),
        )

    first, second = asyncio.run(both())
    assert [verdict.outcome for verdict in first] == ["passed", "failed"]
    assert second[0].passed


def test_the_package_offers_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with Grader(Settings(workers=1, engine=engine.name)) as own:
        monkeypatch.setattr("evals.grader._shared", [own])
        assert [v.outcome for v in evals.grade(SUM, [SUM.solution, WRONG])] == ["passed", "failed"]
        (verdict,) = asyncio.run(evals.grade_async(SUM, [WRONG]))
        assert verdict.outcome == "failed"


def test_limits_scale_with_the_reference(grader: Grader) -> None:
    slow = replace(
        SUM,
        id="slow",
        solution=SUM.solution.replace("Enum.sum(list)", "(Process.sleep(300); Enum.sum(list))"),
        time_limit=9.0,
        capabilities=frozenset({"timer"}),
    )
    reference = grader.reference(slow)
    assert reference is not None
    assert reference.passed
    assert grader.budget(slow).seconds == pytest.approx(9.0 * reference.seconds)
    assert grader.budget(slow).seconds > grader.budget(SUM).seconds == 2.0
    assert grader.budget(replace(SUM, solution="")).seconds == 10.0


def asked(grader: Grader, problem: Problem, program: str) -> tuple[Verdict, list[str]]:
    """The verdict on a program, and all programs that workers were given for it."""
    programs: list[str] = []
    real = worker.Worker.grade

    def counting(self: worker.Worker, problem: Problem, program: str, *rest: Any) -> Verdict:
        programs.append(program)
        return real(self, problem, program, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker.Worker, "grade", counting)
        return one(grader, program, problem), programs


def test_the_reference_is_not_graded_where_nothing_depends_on_it(grader: Grader) -> None:
    fresh = replace(SUM, id="fresh")
    for program in (f"# 1\n{SUM.solution}", WRONG, f"# 2\n{SUM.solution}"):
        verdict, programs = asked(grader, fresh, program)
        assert verdict.passed == (program is not WRONG)
        assert programs == [program]


def test_a_program_that_needs_long_is_given_what_the_reference_allows(engine: Engine) -> None:
    sleeping = SUM.solution.replace("Enum.sum(list)", "(Process.sleep(200); Enum.sum(list))")
    slow = replace(
        SUM, id="slow", solution=sleeping, time_limit=20.0, capabilities=frozenset({"timer"})
    )
    settings = Settings(workers=1, engine=engine.name, least_seconds=0.1, recheck=False)
    with Grader(settings) as grader:
        program = f"# the same\n{sleeping}"
        verdict, programs = asked(grader, slow, program)
        assert verdict.passed, verdict
        assert programs == [program, sleeping, program]
        verdict, programs = asked(grader, slow, f"# again\n{sleeping}")
        assert verdict.passed
        assert len(programs) == 1


def test_tests_that_are_compiled_with_a_candidate_are_compared_with_the_references(
    grader: Grader,
) -> None:
    struct = "defmodule Pair do\n  defstruct [:a, :b]\n  def a(pair), do: pair.a\nend\n"
    tests = """
    defmodule PairTest do
      use ExUnit.Case
      test "a", do: assert Pair.a(%Pair{a: 1}) == 1
    end
    """
    pair = Problem("pair", "small", "", struct, tests)
    program = f"# mine\n{struct}"
    verdict, programs = asked(grader, pair, program)
    assert verdict.passed, verdict
    assert programs == [program, struct]


def test_a_vm_that_dies_is_replaced_and_the_candidate_graded_again(engine: Engine) -> None:
    started: list[Running] = []

    class Watched:
        name = engine.name

        def image_digest(self) -> str:
            return engine.image_digest()

        def start(self, program: Program) -> Running:
            started.append(engine.start(program))
            return started[-1]

    slow = replace(
        SUM, solution=SUM.solution.replace("Enum.sum(list)", "(Process.sleep(200); Enum.sum(list))")
    )
    with Grader(Settings(workers=1, engine=engine.name)) as grader:
        grader.engine = Watched()
        for waiting in grader._idle.everyone:
            waiting._engine = grader.engine
        assert one(grader, SUM.solution).passed
        answer: list[Verdict] = []
        thread = threading.Thread(target=lambda: answer.append(one(grader, slow.solution)))
        thread.start()
        time.sleep(0.3)
        started[0].kill()
        thread.join()
        assert answer[0].passed, answer
        assert len(started) >= 2


def test_what_the_harness_cannot_do_is_not_counted_against_the_candidate(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def broken(self: worker.Worker, problem: Problem, program: str, *rest: Any) -> Verdict:
        tried.append(program)
        return Verdict("infrastructure_error", "the grader's VM ended")

    grader.reference(SUM)
    monkeypatch.setattr(worker.Worker, "grade", broken)
    verdict = one(grader, WRONG)
    assert not verdict.counts
    assert len(tried) == 3


def test_a_timeout_is_tried_again_alone(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is tried again nobody else is graded, and the second verdict is the one."""
    grader.reference(SUM)
    inside: list[str] = []
    together: list[set[str]] = []
    real = worker.Worker.grade
    attempts: list[str] = []

    def watched(self: worker.Worker, problem: Problem, program: str, *rest: Any) -> Verdict:
        inside.append(program)
        try:
            if program.startswith("# slow"):
                attempts.append(program)
                together.append(set(inside))
                time.sleep(0.1)
                together.append(set(inside))
                if len(attempts) == 1:
                    return Verdict("timeout", "tests took too long")
            return real(self, problem, program, *rest)
        finally:
            inside.remove(program)

    monkeypatch.setattr(worker.Worker, "grade", watched)
    others = [f"# {n}\n{SUM.solution}" for n in range(30)]
    verdicts = grader.grade(SUM, ["# slow\n" + SUM.solution, *others])
    assert all(verdict.passed for verdict in verdicts)
    assert len(attempts) == 2
    assert together[2:] == [{attempts[0]}, {attempts[0]}]


def test_what_large_values_take_to_cross_is_not_counted_against_the_candidate(
    engine: Engine,
) -> None:
    """Two VMs exchange thousands of keys hundreds of times; in one they stay where they are."""
    crossing = replace(
        SUM,
        id="crossing",
        solution="defmodule Bag do\n  def put(bag, x), do: Map.put(bag, x, x)\nend\n",
        test="""
        defmodule BagTest do
          use ExUnit.Case, async: true
          test "holds thousands" do
            bag = Map.new(1..3_000, &{&1, &1})
            bag = Enum.reduce(1..300, bag, &Bag.put(&2, -&1))
            assert map_size(bag) == 3_300
          end
        end
        """,
        entry_points=("Bag.put/2",),
    )
    macro = "defmodule M do\n  defmacro same(x), do: x\nend\n"
    body = "Map.put(bag, M.same(x), x)"
    unusual = f"{macro}defmodule Bag do\n  require M\n  def put(bag, x), do: {body}\nend\n"
    with Grader(Settings(workers=1, engine=engine.name, least_seconds=0.1)) as own:
        right, wrong, endless = own.grade(
            crossing,
            [
                unusual,
                unusual.replace("M.same(x), x", "M.same(1), x"),
                unusual.replace(body, "put(bag, M.same(x))"),
            ],
        )
    assert (right.outcome, right.way) == ("passed", "two_vms"), right
    assert wrong.outcome == "failed", wrong
    assert endless.outcome == "timeout", endless
    assert right.seconds > own.settings.least_seconds


def test_tests_that_are_not_the_references_are_no_pass(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    grader.reference(SUM)
    real = worker.Worker.grade

    def fewer(self: worker.Worker, problem: Problem, program: str, *rest: Any) -> Verdict:
        verdict = real(self, problem, program, *rest)
        return replace(verdict, tests=verdict.tests[:-1])

    monkeypatch.setattr(worker.Worker, "grade", fewer)
    assert not one(grader, SUM.solution).passed


def test_a_machine_without_a_sandbox_is_told_so(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        name = "broken"

        def image_digest(self) -> str:
            return engine.image_digest()

        def start(self, program: Program) -> Running:
            return engine.start(replace(program, argv=("sh", "-c", "echo no >&2; exit 3")))

    with Grader(Settings(workers=1, engine=engine.name)) as grader:
        for waiting in grader._idle.everyone:
            waiting._engine = Broken()
        with pytest.raises(SandboxError, match="did not start in the broken sandbox"):
            one(grader, SUM.solution)
