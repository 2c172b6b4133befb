"""Grading: ours against a fresh `elixir file.exs` for each candidate, and against the bare limit.

The same candidates (the reference under many names, and its mutants) of every problem that ships,
on two cores, in the same sandbox:

- **fresh**: candidate and tests in one script, one `elixir` each, verdict by exit status, all of a
  problem's candidates one after another in one container;
- **ours**: the grader, warm VMs and two VMs as it decides, reference runs and limits included;
- **bare**: one VM that compiles each candidate and runs its tests, with no gate, no tracer, no
  clean-up and no protection: what the grader cannot beat.

Two problems are under way at a time in each, one a core.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.results import Figure, figures_table, table, write
from evals import suite
from evals.grader import Grader, Settings
from evals.problem import Problem
from evals.sandbox import Engine, Limits, Program, everything
from evals.verdict import Verdict
from factory.syntax import mutate

CANDIDATES = 20
CORES = 2
SECONDS = 20
"""What one fresh run may take."""
_FRESH = f"""
for file in /opt/elixireval/candidates/*.exs; do
  timeout {SECONDS} elixir "$file" >/dev/null 2>&1 </dev/null
  echo "$(basename "$file" .exs) $?"
done
"""
_BARE = """
ExUnit.start(autorun: false, formatters: [], seed: 0, max_cases: 1)
Code.put_compiler_option(:ignore_module_conflict, true)
[first | _] = files = Path.wildcard("/opt/elixireval/candidates/*.ex") |> Enum.sort()
quiet = fn fun ->
  {:ok, io} = StringIO.open("")
  own = Process.group_leader()
  Process.group_leader(self(), io)
  try do
    Code.with_diagnostics(fn -> try do fun.() rescue _ -> [] end end)
  after
    Process.group_leader(self(), own)
  end
end
quiet.(fn -> Code.compile_file(first) end)
{tests, _} = quiet.(fn -> Code.compile_file("/opt/elixireval/candidates/test.exs") end)
tests = for {module, _} <- tests, function_exported?(module, :__ex_unit__, 0), do: module
ExUnit.Server.modules_loaded(false)
for file <- files do
  source = File.read!(file)
  {time, _} = :timer.tc(fn ->
    quiet.(fn ->
      Code.compile_string(source)
      ExUnit.run(tests)
    end)
  end)
  IO.puts(time)
end
"""


@dataclass(frozen=True)
class Case:
    """A problem and its candidates: the reference under many names, and mutants of it."""

    problem: Problem
    programs: tuple[str, ...]

    def right(self) -> list[str]:
        return [program for program in self.programs if program.endswith(self.problem.solution)]


@dataclass(frozen=True)
class Timed:
    """Seconds for each candidate of one problem, and how it was judged."""

    seconds: float
    passed: tuple[bool, ...]
    verdicts: tuple[Verdict, ...] = ()


def cases(names: Sequence[str] = ("otp", "core")) -> list[Case]:
    """Every problem's candidates. Mutants that never end are left out: the time of both ways
    would be their limit."""
    return [_case(problem) for name in names for problem in suite.load(name).problems]


def _case(problem: Problem) -> Case:
    right = [f"# Attempt {n}\n{problem.solution}" for n in range(CANDIDATES)]
    changed = mutate.sample(mutate.mutants(problem.solution), CANDIDATES // 2, 1)
    wrong = [mutant.source for mutant in changed]
    return Case(problem, tuple(_alternating(right, wrong))[:CANDIDATES])


def _alternating(right: list[str], wrong: list[str]) -> Iterator[str]:
    for at, program in enumerate(right):
        yield program
        if at < len(wrong):
            yield wrong[at]


def _on_two_cores(measure: Callable[[Case], Timed], some: list[Case]) -> list[Timed]:
    with ThreadPoolExecutor(CORES) as threads:
        return list(threads.map(measure, some))


def fresh(engine: Engine, case: Case) -> Timed:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the sandbox is another user
        for at, program in enumerate(case.programs):
            script = f"ExUnit.start(seed: 0)\n{program}\n{case.problem.test}"
            Path(folder, f"c{at:03}.exs").write_text(script)
        began = time.perf_counter()
        lines = _told(engine, ("sh", "-c", _FRESH), folder)
        spent = time.perf_counter() - began
    statuses = dict(line.split() for line in lines)
    passed = tuple(statuses.get(f"c{at:03}") == "0" for at in range(len(case.programs)))
    return Timed(spent / len(case.programs), passed)


def bare(engine: Engine, case: Case) -> Timed:
    """Only the right candidates: nothing protects this VM from the others."""
    right = case.right()
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for at, program in enumerate(right):
            Path(folder, f"c{at:03}.ex").write_text(program)
        Path(folder, "test.exs").write_text(case.problem.test)
        lines = _told(engine, ("elixir", "-e", _BARE), folder)
    spent = [int(line) / 1e6 for line in lines if line.isdigit()]
    if len(spent) != len(right):
        raise SystemExit(f"{case.problem.label}: the bare run gave {lines[-3:]}")
    return Timed(statistics.mean(spent), ())


def _told(engine: Engine, argv: Sequence[str], folder: str) -> list[str]:
    running = engine.start(
        Program(
            argv, limits=Limits(memory=1 << 30), binds={"/opt/elixireval/candidates": Path(folder)}
        )
    )
    try:
        running.stdin.close()
        said = everything(running)
    finally:
        running.kill()
    return said.decode("utf-8", "replace").splitlines()


def ours(grader: Grader, case: Case) -> Timed:
    began = time.perf_counter()
    verdicts = [grader.grade(case.problem, [program])[0] for program in case.programs]
    spent = time.perf_counter() - began
    passed = tuple(verdict.passed for verdict in verdicts)
    return Timed(spent / len(case.programs), passed, tuple(verdicts))


def _warm(settings: Settings) -> Grader:
    """A grader whose workers are up: they are there before a run's first answer is."""
    grader = Grader(settings)
    simple = Problem("one", "bench", "", "", _SIMPLE_TEST)
    with ThreadPoolExecutor(CORES) as threads:
        list(threads.map(lambda n: grader.grade(simple, [_SIMPLE.format(n)]), range(8)))
    return grader


_SIMPLE = "# {}\ndefmodule One do\n  def one, do: 1\nend\n"
_SIMPLE_TEST = """
defmodule OneTest do
  use ExUnit.Case
  test("one", do: assert(One.one() == 1))
end
"""


def _finishing(engine: Engine, some: list[Case]) -> tuple[list[Case], list[Timed]]:
    """Fresh runs, with the candidates that did not end left out, and measured again without."""
    kept: list[Case] = []
    with Grader(Settings(workers=CORES, engine=engine.name, recheck=False)) as grader:
        for case in some:
            verdicts = grader.grade(case.problem, case.programs)
            ended = [
                p for p, v in zip(case.programs, verdicts, strict=True) if v.outcome != "timeout"
            ]
            kept.append(replace(case, programs=tuple(ended)))
    return kept, _on_two_cores(lambda case: fresh(engine, case), kept)


def main() -> None:
    with Grader(Settings(workers=CORES)) as probe:
        engine = probe.engine
    some, slow = _finishing(engine, cases())
    with _warm(Settings(workers=CORES, engine=engine.name)) as grader:
        first = [replace(case, programs=case.programs[:1]) for case in some]
        once = _on_two_cores(lambda case: ours(grader, case), first)
    with _warm(Settings(workers=CORES, engine=engine.name)) as grader:
        many = _on_two_cores(lambda case: ours(grader, case), some)
    limit = _on_two_cores(lambda case: bare(engine, case), some)
    _report(some, slow, once, many, limit)


def _report(
    some: list[Case], slow: list[Timed], once: list[Timed], many: list[Timed], limit: list[Timed]
) -> None:
    verdicts = [verdict for timed in many for verdict in timed.verdicts]
    apart = [
        (case.problem.label, at)
        for case, one, other in zip(some, slow, many, strict=True)
        for at, (a, b) in enumerate(zip(one.passed, other.passed, strict=True))
        if a != b
    ]
    rows = [("fresh", slow), ("ours, 1 a problem", once), (f"ours, {CANDIDATES} a problem", many)]
    rows.append(("bare", limit))
    base = statistics.median(t.seconds for t in slow)
    table(
        "Grading: milliseconds a candidate",
        ("way", "median", "mean", "median times faster"),
        [
            (
                name,
                f"{statistics.median(t.seconds for t in timed) * 1e3:.1f}",
                f"{statistics.mean(t.seconds for t in timed) * 1e3:.1f}",
                f"{_times(slow, timed):.1f}",
            )
            for name, timed in rows
        ],
    )
    testing = [v.timing.get("tests", 0.0) for v in verdicts]
    ways = sum(v.way == "two_vms" for v in verdicts) / len(verdicts)
    figures = [
        Figure("grading, fresh", base * 1e3, "ms a candidate"),
        Figure(
            "grading, ours at 1 a problem",
            statistics.median(t.seconds for t in once) * 1e3,
            "ms a candidate",
            "fresh (times faster, median over problems; 5 asked for)",
            _times(slow, once),
        ),
        Figure(
            f"grading, ours at {CANDIDATES} a problem",
            statistics.median(t.seconds for t in many) * 1e3,
            "ms a candidate",
            "fresh (times faster, median over problems; 25 asked for)",
            _times(slow, many),
        ),
        Figure(
            "grading, the bare limit",
            statistics.median(t.seconds for t in limit) * 1e3,
            "ms a candidate",
            "fresh (times faster, median over problems)",
            _times(slow, limit),
        ),
        Figure("grading, the tests' own time, median", statistics.median(testing) * 1e3, "ms"),
        Figure("grading, the tests' own time, mean", statistics.mean(testing) * 1e3, "ms"),
        Figure("grading, share of two VMs", ways * 100, "% of candidates"),
        Figure("grading, verdicts that differ", len(apart), f"of {len(verdicts)}"),
    ]
    figures_table("Grading", figures)
    if apart:
        print("verdicts differ:", json.dumps(apart))
    write(figures)


def _times(slow: list[Timed], fast: list[Timed]) -> float:
    """How many times faster, median over problems."""
    return statistics.median(a.seconds / b.seconds for a, b in zip(slow, fast, strict=True))
