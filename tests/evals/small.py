"""Small suites on disk, and a stand-in for the grader where what is tested is not grading."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.problem import Problem
from evals.runs.grading import Grading, How
from evals.runs.records import Grade
from evals.verdict import TestResult, Verdict

SOLUTION = """\
defmodule {module} do
  @moduledoc "Arithmetic."

  @doc "Adds {number}."
  def add(x), do: x + {number}
end
"""
TEST = """\
defmodule {module}Test do
  use ExUnit.Case, async: true

  test "adds {number}" do
    assert {module}.add(1) == 1 + {number}
  end

  test "adds to a negative number" do
    assert {module}.add(-{number}) == 0
  end
end
"""


def suite(folder: Path, problems: int = 3, name: str = "small") -> Path:
    """A suite of problems `add_1`, `add_2`, … that are all alike."""
    folder.mkdir(parents=True)
    (folder / "suite.yaml").write_text(f"name: {name}\ndescription: Adding numbers.\n")
    for number in range(1, problems + 1):
        home = folder / f"add_{number}"
        home.mkdir()
        names = {"module": f"Add{number}", "number": number}
        (home / "prompt.md").write_text(
            f"Write a module `Add{number}` with `add/1`, which adds {number}.\n"
        )
        (home / "solution.ex").write_text(SOLUTION.format(**names))
        (home / "test.exs").write_text(TEST.format(**names))
        (home / "problem.yaml").write_text(
            f"id: add_{number}\nsuite: {name}\ndifficulty: easy\n"
            f"entry_points: [Add{number}.add/1]\n"
        )
    return folder


def right(number: int) -> str:
    return SOLUTION.format(module=f"Add{number}", number=number)


def wrong(number: int) -> str:
    return right(number).replace("x + ", "x - ")


def fenced(program: str) -> str:
    return f"Here it is:\n\n```elixir\n{program}```\n"


class StandIn:
    """Grades by looking: a program passes when it is the solution, and a comment `# outcome: …`
    in it decides otherwise. It counts what it graded."""

    class engine:  # noqa: N801
        name = "stand-in"

        @staticmethod
        def image_digest() -> str:
            return "sha256:" + "0" * 64

    workers = 2

    def __init__(self, digest: str = "a" * 64) -> None:
        self.digest = digest
        self.graded: list[tuple[str, str]] = []

    def verdict(self, problem: Problem, program: str) -> Verdict:
        _, marked, rest = program.partition("# outcome: ")
        if marked:
            return Verdict(rest.split()[0], reason="as it was marked")  # type: ignore[arg-type]
        passed = program.strip() == problem.solution.strip()
        test = TestResult("Elixir.AddTest", "test adds", passed, "" if passed else "left: 0")
        return Verdict("passed" if passed else "failed", tests=(test,), seconds=0.25, way="warm")

    async def grade_async(self, problem: Problem, programs: Sequence[str]) -> list[Verdict]:
        self.graded += [(problem.label, program) for program in programs]
        await asyncio.sleep(0)
        return [self.verdict(problem, program) for program in programs]

    def reference(self, problem: Problem) -> Verdict:
        return self.verdict(problem, problem.solution)

    def close(self) -> None:
        pass


def grading(stand_in: StandIn | None = None) -> Grading:
    return Grading(How(), stand_in or StandIn())  # type: ignore[arg-type]


class Silent:
    """Progress that nobody sees, and that a test may ask about."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def start(self, total: int, done: int, passed: int) -> None:
        self.events.append(("start", total, done, passed))

    def asked(self) -> None:
        self.events.append(("asked",))

    def graded(self, label: str, grade: Grade) -> None:
        self.events.append(("graded", label, grade.verdict.outcome))

    def failed(self, label: str, reason: str) -> None:
        self.events.append(("failed", label, reason))

    def finish(self) -> None:
        self.events.append(("finish",))
