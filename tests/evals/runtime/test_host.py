"""The host VM: it grades in a warm VM, tells outcomes apart, and is the same VM afterwards."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import runtime
from evals.runtime import INSIDE, Runtime
from evals.sandbox import Engine, Limits, Program
from tests.evals.runtime.host import programs
from tests.evals.runtime.host.asking import Host, host, passed
from tests.evals.runtime.host.programs import (
    BOMB,
    ENDINGS,
    FLOOD,
    GOOD,
    HOG,
    LINGERING,
    LOOP,
    TEST,
)
from tests.evals.sandbox.sandboxed import to_end

HERE = Path(__file__).parent / "host"


@pytest.fixture(scope="module")
def compiled(engine: Engine) -> Runtime:
    return runtime.compiled(engine)


@pytest.fixture(scope="module")
def vm(engine: Engine, compiled: Runtime) -> Iterator[Host]:
    """One VM for all the tests of this file: none may hurt another."""
    with host(engine, compiled) as started:
        yield started


def test_it_tells_what_it_is(vm: Host) -> None:
    assert vm.ready["op"] == "ready"
    assert vm.ready["elixir"].startswith("1.18.")
    assert vm.ready["otp"] == "27"


def test_a_right_candidate_passes_every_test(vm: Host) -> None:
    answer = vm.grade(TEST, GOOD)
    assert answer["outcome"] == "passed"
    assert answer["way"] == "warm"
    assert answer["tests"] == [
        {"module": "Elixir.CounterTest", "name": name, "passed": True, "message": ""}
        for name in ("test counts", "test the value is shown")
    ]
    assert answer.get("tainted") is None
    assert answer["reductions"] > 0
    assert answer["memory"] > 0
    assert set(answer["timing"]) == {"gate", "compile", "tests_compile", "tests", "clean"}


def test_what_a_modules_body_computes_is_there(vm: Host) -> None:
    body = """
      import Enum, only: [sum: 1]
      base = 2
      @doubles for(n <- 1..3, do: n * base)
      @sum sum(@doubles) + Enum.count(@doubles, fn n -> n > 2 end)
      @kind if(@sum > 10, do: :large, else: :small)
      def kind, do: {@kind, @sum, @doubles}
    """
    test = """
    defmodule BodyTest do
      use ExUnit.Case
      test "body", do: assert(Body.kind() == {:large, 14, [2, 4, 6]})
    end
    """
    answer = vm.grade(test, f"defmodule Body do\n{body}\nend\n")
    assert (answer["outcome"], answer["way"]) == ("passed", "warm"), answer


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('@x String.to_integer("no")', "not a textual representation of an integer"),
        ("[_] = Enum.to_list(1..2)", "no match of right hand side value: [1, 2]"),
        ("@x for n <- [0], do: div(1, n)", "bad argument in arithmetic expression"),
    ],
)
def test_an_error_in_a_modules_body_is_told_with_its_line(
    vm: Host, line: str, message: str
) -> None:
    source = f"defmodule Body do\n  @moduledoc false\n  {line}\n  def f, do: @x\nend\n"
    answer = vm.grade(TEST, source)
    assert (answer["outcome"], answer["way"]) == ("compile_error", "warm")
    error = next(d for d in answer["diagnostics"] if d["severity"] == "error")
    assert error["line"] == 3
    assert message in error["message"]


def test_a_wrong_candidate_fails_as_exunit_would_say_it(vm: Host) -> None:
    answer = vm.grade(TEST, GOOD.replace("{:reply, n + 1, n + 1}", "{:reply, n, n + 1}"))
    assert answer["outcome"] == "failed"
    assert answer["reason"] == "1 of 2 tests failed"
    assert passed(answer) == {"test counts": False, "test the value is shown": True}
    message = answer["tests"][0]["message"]
    assert "Assertion with == failed" in message
    assert "code:  assert Counter.next(pid) == 1" in message
    assert "left:  0" in message


def test_an_error_of_the_compiler_has_its_line(vm: Host) -> None:
    answer = vm.grade(TEST, GOOD.replace("{:reply, n + 1, n + 1}", "{:reply, m + 1, n + 1}"))
    assert answer["outcome"] == "compile_error"
    errors = [d for d in answer["diagnostics"] if d["severity"] == "error"]
    assert errors == [{"severity": "error", "message": 'undefined variable "m"', "line": 13}]


def test_what_does_not_parse_has_its_line(vm: Host) -> None:
    answer = vm.grade(TEST, GOOD.replace("{:reply, n + 1, n + 1}", "{:reply, n + 1, n + 1"))
    assert answer["outcome"] == "compile_error"
    assert [d["line"] for d in answer["diagnostics"]] == [13]


def test_warnings_of_what_compiles_are_kept(vm: Host) -> None:
    answer = vm.grade(TEST, GOOD.replace("def init(n), do: {:ok, n}", UNUSED))
    assert answer["outcome"] == "passed"
    assert [(d["severity"], d["line"]) for d in answer["diagnostics"]] == [("warning", 11)]
    assert 'variable "other" is unused' in answer["diagnostics"][0]["message"]


UNUSED = """def init(n) do
    other = n
    {:ok, n}
  end"""


def test_whether_it_is_formatted(vm: Host) -> None:
    assert vm.grade(TEST, GOOD.strip() + "\n")["formatted"] is True
    assert vm.grade(TEST, GOOD.replace("n + 1", "n+1"))["formatted"] is False
    assert vm.grade(TEST, "defmodule Counter do")["formatted"] is None


@pytest.mark.parametrize(
    ("candidate", "outcome", "limits"),
    [
        (LOOP, "timeout", {"seconds": 0.5}),
        (HOG, "out_of_memory", {}),
        (FLOOD, "too_much_output", {}),
        (BOMB, "out_of_memory", {}),
    ],
    ids=["loop", "hog", "flood", "bomb"],
)
def test_limits_are_told_apart_and_leave_nothing(
    vm: Host, candidate: str, outcome: str, limits: dict[str, float]
) -> None:
    answer = vm.grade(TEST, candidate, limits=limits)
    assert answer["outcome"] == outcome
    assert answer["way"] == "warm"
    assert answer.get("tainted") is None
    assert vm.grade(TEST, GOOD)["outcome"] == "passed"


@pytest.mark.parametrize("how", ENDINGS)
def test_a_test_that_does_not_return_has_failed(vm: Host, how: str) -> None:
    answer = vm.grade(TEST, ENDINGS[how])
    assert answer["outcome"] in {"failed", "needs_two_vms"}
    if answer["outcome"] == "failed":
        assert passed(answer) == {"test counts": False, "test the value is shown": True}
    assert answer.get("tainted") is None


def test_most_endings_are_judged_in_the_warm_vm(vm: Host) -> None:
    warm = [how for how, source in ENDINGS.items() if vm.grade(TEST, source)["outcome"] == "failed"]
    assert len(warm) >= len(ENDINGS) - 2


def test_lingering_processes_and_names_are_gone_for_the_next(vm: Host) -> None:
    before = vm.ask(op="state")
    for _ in range(3):
        assert vm.grade(TEST, LINGERING)["outcome"] == "passed"
    after = vm.ask(op="state")
    assert after["processes"] == before["processes"]
    assert after["tables"] == before["tables"]


def test_timers_that_are_left_are_gone_for_the_next(vm: Host) -> None:
    before = vm.ask(op="state")
    late = "(:timer.send_after(600_000, :late); GenServer.call(pid, :next))"
    for _ in range(3):
        answer = vm.grade(TEST, programs.counting(late))
        assert (answer["outcome"], answer["way"]) == ("passed", "warm")
        assert answer.get("tainted") is None
    after = vm.ask(op="state")
    assert (after["processes"], after["tables"]) == (before["processes"], before["tables"])


def test_output_is_kept_even_when_it_is_no_text(vm: Host) -> None:
    candidate = programs.counting(
        '(IO.puts("seen"); IO.binwrite(<<255, 254>>); GenServer.call(pid, :next))'
    )
    answer = vm.grade(TEST, candidate)
    assert answer["outcome"] == "passed"
    assert answer["output"].startswith("seen\n\N{REPLACEMENT CHARACTER}")


def test_exunits_features(vm: Host) -> None:
    test = (HERE / "features.exs").read_text()
    answer = vm.grade(test, "defmodule Subject do\n  def add(a, b), do: a + b\nend\n")
    assert passed(answer) == {
        "test contexts are merged": True,
        "test tags reach the test": True,
        "test a folder of its own": True,
        "test logs are kept off": True,
        "test output and logs are captured": True,
        "test messages": True,
        "test supervised children stop with the test": True,
        "test an on_exit that fails fails its test": False,
        "test a test's own timeout": False,
        "test errors": True,
    }
    assert answer["outcome"] == "failed"
    assert answer.get("tainted") is None
    late = [t["message"] for t in answer["tests"] if "on_exit" in t["name"]]
    assert "late" in late[0]


def test_a_failing_setup_all_fails_every_test_of_its_module(vm: Host) -> None:
    test = """
    defmodule BrokenTest do
      use ExUnit.Case
      setup_all do: (raise "never ready")
      test "a", do: :ok
      test "b", do: :ok
    end
    defmodule OtherTest do
      use ExUnit.Case
      test "c", do: assert(Subject.one() == 1)
    end
    """
    answer = vm.grade(test, "defmodule Subject do\n  def one, do: 1\nend\n")
    assert passed(answer) == {"test a": False, "test b": False, "test c": True}
    assert "never ready" in answer["tests"][0]["message"]


STRUCT_TEST = """
defmodule PointTest do
  use ExUnit.Case

  test "moves" do
    assert %Point{x: 2} = Point.right(%Point{x: 1})
  end

  test "starts at its default" do
    assert %Point{}.x == 0
  end
end
"""


def test_tests_that_need_a_struct_are_compiled_against_the_candidates_own(vm: Host) -> None:
    point = """
    defmodule Point do
      defstruct x: 0
      def right(point), do: %{point | x: point.x + 1}
    end
    """
    assert vm.grade(STRUCT_TEST, point)["outcome"] == "passed"
    other = vm.grade(STRUCT_TEST, point.replace("x: 0", "x: 5"))
    assert passed(other) == {"test moves": True, "test starts at its default": False}
    assert vm.grade(STRUCT_TEST, point)["outcome"] == "passed"
    without = vm.grade(STRUCT_TEST, point.replace("defstruct x: 0", "def zero, do: 0"))
    assert without["outcome"] == "failed"
    assert "cannot be compiled" in without["reason"]


def test_one_problems_tests_are_not_there_for_the_next_candidate(vm: Host) -> None:
    vm.grade(TEST, GOOD)
    calls = "defmodule Subject do\n  def one, do: length(CounterTest.__ex_unit__().tests)\nend\n"
    test = 'defmodule OneTest do\n  use ExUnit.Case\n  test "one", do: Subject.one()\nend\n'
    assert vm.grade(test, calls)["outcome"] != "passed"


def test_a_test_file_without_tests_is_our_mistake(vm: Host) -> None:
    answer = vm.grade("defmodule EmptyTest do\n  use ExUnit.Case\nend\n", GOOD)
    assert answer["outcome"] == "infrastructure_error"


def test_an_unknown_problem_is_asked_for(vm: Host) -> None:
    test = 'defmodule NewTest do\n  use ExUnit.Case\n  test "x", do: :ok\nend\n'
    assert vm.grade(test, GOOD, send_test=False)["outcome"] == "unknown_problem"
    assert vm.grade(test, GOOD, send_test=True)["outcome"] == "passed"


def test_reductions_and_memory_repeat(vm: Host) -> None:
    answers = [vm.grade(TEST, GOOD) for _ in range(21)][1:]
    reductions = [answer["reductions"] for answer in answers]
    assert max(reductions) <= 1.01 * min(reductions)
    assert len({answer["memory"] for answer in answers}) <= 2


def test_more_work_is_more_reductions(vm: Host) -> None:
    work = programs.counting("(Enum.sum(Enum.map(1..50_000, & &1)); GenServer.call(pid, :next))")
    assert vm.grade(TEST, work)["reductions"] > 10 * vm.grade(TEST, GOOD)["reductions"]


def test_a_verdict_does_not_depend_on_what_ran_before(vm: Host) -> None:
    candidates = {
        "good": GOOD,
        "flood": FLOOD,
        "lingering": LINGERING,
        "syntax": "defmodule Counter do",
        "wrong": GOOD.replace("{:reply, n, n}", "{:reply, 1, n}"),
        "other": "defmodule Other do\nend\n",
        **ENDINGS,
    }
    seen: dict[str, set[str]] = {name: set() for name in candidates}
    order = [*candidates, *candidates, *candidates]
    random.Random(0).shuffle(order)
    for name in order:
        answer = vm.grade(TEST, candidates[name])
        assert answer.get("tainted") is None
        seen[name].add(answer["outcome"] + str(sorted(passed(answer)) if "tests" in answer else ""))
    assert {name: len(outcomes) for name, outcomes in seen.items()} == dict.fromkeys(candidates, 1)


def test_500_candidates_leave_the_vm_as_it_was(engine: Engine, compiled: Runtime) -> None:
    kinds = [GOOD, LINGERING, ENDINGS["raise"], GOOD.replace("n + 1", "m + 1"), STRUCTURED]
    with host(engine, compiled) as vm:
        for source in kinds * 4:
            vm.grade(TEST, source)
        before = vm.ask(op="state")
        for number in range(500):
            answer = vm.grade(TEST, kinds[number % len(kinds)])
            assert answer.get("tainted") is None
            assert answer.get("retire") is None
        after = vm.ask(op="state")
    for what in ("processes", "ports", "tables", "modules"):
        assert after[what] == before[what]
    assert after["atoms"] <= before["atoms"] + 50
    assert after["memory"] <= before["memory"] + 4_000_000


STRUCTURED = GOOD.replace("@impl true\n  def init", "defstruct [:n]\n\n  @impl true\n  def init")


def test_it_ends_with_its_input(engine: Engine, compiled: Runtime) -> None:
    with host(engine, compiled) as vm:
        assert to_end(vm.running).status == 0


def test_no_one_can_forge_a_result_even_with_every_pid_in_reach(
    engine: Engine, compiled: Runtime
) -> None:
    paths = [part for path in (INSIDE, *compiled.paths) for part in ("-pa", path)]
    program = Program(
        argv=("elixir", *paths, "-e", (HERE / "forging.exs").read_text()),
        limits=Limits(),
        binds={INSIDE: compiled.folder},
    )
    end = to_end(engine.start(program))
    results = dict(line.rsplit(": ", 1) for line in end.output.splitlines())
    assert len(results) > 10, end.stderr
    assert results.pop("returning") == "true"
    assert set(results.values()) == {"false"}
