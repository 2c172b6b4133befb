"""Two VMs: honest modules work as in one, and a candidate VM that lies gets nothing for it.

Each pair in `two_vms/` is a right module and tests that also pass in one VM; here the module runs
in a VM of its own and the tests reach it over the pipe. `two_vms_hostile/` plays a candidate VM
that sends forged and random frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import runtime
from evals.problem import Problem
from evals.runtime import INSIDE, Runtime
from evals.sandbox import Engine, Limits, Program, everything
from evals.verdict import Verdict
from evals.worker import Budget, Worker

HERE = Path(__file__).parent
HONEST = sorted(path.stem for path in (HERE / "two_vms").glob("*.ex"))
SCRIPTS = "/opt/elixireval/scripts"

TEST = """
defmodule CandidateTest do
  use ExUnit.Case

  test "one" do
    assert Candidate.run(1) == 2
  end

  test "two" do
    assert Candidate.run(2) == 3
    assert_raise ArgumentError, fn -> Candidate.run(:x) end
  end
end
"""
RIGHT = """
defmodule Candidate do
  def run(n) when is_integer(n), do: n + 1
  def run(_), do: raise(ArgumentError)
end
"""
BODY = "defmodule Candidate do\n  def run(n) do\n    {}\n  end\nend\n"


@pytest.fixture(scope="module")
def compiled(engine: Engine) -> Runtime:
    return runtime.compiled(engine)


@pytest.fixture(scope="module")
def worker(engine: Engine, compiled: Runtime) -> Iterator[Worker]:
    started = Worker(engine, compiled, Limits())
    yield started
    started.close()


def grade(worker: Worker, test: str, program: str, budget: Budget | None = None) -> Verdict:
    problem = Problem("pair", "two_vms", prompt="", solution="", test=test)
    return worker.grade(problem, program, budget or Budget(seconds=30), way="two_vms")


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_module_works_from_the_other_vm(worker: Worker, name: str) -> None:
    program = (HERE / "two_vms" / f"{name}.ex").read_text()
    test = (HERE / "two_vms" / f"{name}.exs").read_text()
    verdict = grade(worker, test, program)
    failed = [result.message for result in verdict.tests if not result.passed]
    assert (verdict.outcome, verdict.reason, failed) == ("passed", "", [])
    assert verdict.way == "two_vms"
    assert verdict.tests


def test_a_wrong_answer_fails_its_test_alone(worker: Worker) -> None:
    verdict = grade(worker, TEST, RIGHT.replace("n + 1", "2"))
    assert verdict.outcome == "failed"
    assert {result.name: result.passed for result in verdict.tests} == {
        "test one": True,
        "test two": False,
    }


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        ("defmodule Candidate do\n  def run(n), do: undefined_here\nend\n", "compile_error"),
        (BODY.replace("{}", "System.halt(n - n)"), "failed"),
        (BODY.replace("{}", ":erlang.halt(0, flush: false)"), "failed"),
        (BODY.replace("{}", "for p <- Process.list(), do: Process.exit(p, :kill)"), "failed"),
        ("System.halt(0)\n" + RIGHT, "failed"),
        (BODY.replace("{}", "for p <- Port.list(), do: Port.command(p, <<1, 2, 3>>)"), "failed"),
        (BODY.replace("{}", "Enum.map(1..3000, &:'made_up_#{&1}_#{n}')"), "failed"),
        (BODY.replace("{}", "exit({:done, self(), make_ref()})"), "failed"),
        (BODY.replace("{}", ":binary.copy(<<0>>, 20_000_000)"), "failed"),
    ],
)
def test_what_ends_the_candidates_vm_is_no_pass_and_no_harm(
    worker: Worker, program: str, outcome: str
) -> None:
    assert grade(worker, TEST, program).outcome == outcome
    assert grade(worker, TEST, RIGHT).outcome == "passed"


def test_a_candidate_that_never_answers_is_a_timeout(worker: Worker) -> None:
    verdict = grade(worker, TEST, BODY.replace("{}", "run(n)"), Budget(seconds=3))
    assert verdict.outcome == "timeout"
    assert grade(worker, TEST, RIGHT).outcome == "passed"


def test_the_tests_are_nowhere_in_the_candidates_vm(worker: Worker) -> None:
    spy = BODY.replace(
        "{}",
        """
        found = Enum.any?(:code.all_loaded(), fn {m, _} -> "#{m}" =~ "CandidateTest" end)
        files = Path.wildcard("/{tmp,opt,home,root}/**/*.exs")
        if found or files != [], do: n + 1, else: :nothing_seen
        """,
    )
    verdict = grade(worker, TEST, spy)
    assert verdict.outcome == "failed"
    assert ":nothing_seen" in verdict.tests[0].message


def test_forged_and_random_frames_are_values_or_the_end(engine: Engine, compiled: Runtime) -> None:
    paths = [part for path in (INSIDE, *compiled.paths) for part in ("-pa", path)]
    scripts = [part for name in ("peer", "checks") for part in ("-r", f"{SCRIPTS}/{name}.exs")]
    running = engine.start(
        Program(
            argv=("elixir", *paths, *scripts),
            limits=Limits(memory=1 << 30),
            binds={INSIDE: compiled.folder, SCRIPTS: HERE / "two_vms_hostile"},
        )
    )
    try:
        running.stdin.close()
        said = everything(running).decode("utf-8", "replace")
        lines = said.splitlines()
        assert [line for line in lines if line.startswith("BROKEN")] == []
        assert lines[-1:] == ["done"], said[-2000:] + running.stderr()
        assert sum(line.startswith("held: ") for line in lines) >= 50
    finally:
        running.kill()
