"""Whether a suite's problems are fit to measure with: `evals check`.

Of each problem: it is complete and formatted, its reference solution passes without warnings, a
program that does nothing fails, and its tests tell the reference from mutants of it
(`factory.syntax.mutate`). Mutants that do not compile, or that cannot be run, do not count; those
that never end are killed. Survivors are listed with the line that differs: a person must say
whether the mutant means the same or a test is missing.

Problems of other benchmarks (`loaded`) are theirs: of them it is only told which ones no right
answer can pass (`evals.unsolvable`), and how many mutants their tests kill.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from evals.formatting import unformatted
from evals.grader import Grader
from evals.problem import Problem
from evals.suite import Suite
from evals.unsolvable import stub, told, why
from evals.verdict import Verdict
from factory.syntax import read
from factory.syntax.mutate import Mutant, mutants, sample

REQUIRED = 0.9
"""The share of a suite's mutants that its tests must kill."""
_UNCOUNTED = frozenset({"compile_error", "refused", "infrastructure_error"})


@dataclass(frozen=True)
class Survivor:
    """A mutant of the reference that every test passed. `was` and `now` are the lines that differ,
    `line` the first of them in the solution."""

    name: str
    description: str
    line: int
    was: str
    now: str


@dataclass(frozen=True)
class ProblemCheck:
    """What was found out about one problem. `mutants` counts those that compiled and ran; of
    `unsolvable` it is said why no right answer can pass ("" when nothing says so)."""

    id: str
    mistakes: tuple[str, ...] = ()
    unsolvable: str = ""
    way: str = ""
    mutants: int = 0
    survivors: tuple[Survivor, ...] = ()

    @property
    def killed(self) -> int:
        return self.mutants - len(self.survivors)


@dataclass(frozen=True)
class Report:
    """What was found out about a suite."""

    suite: str
    loaded: bool
    problems: tuple[ProblemCheck, ...] = field(default=())

    @property
    def mutants(self) -> int:
        return sum(problem.mutants for problem in self.problems)

    @property
    def killed(self) -> int:
        return sum(problem.killed for problem in self.problems)

    @property
    def kill_rate(self) -> float | None:
        """The share of mutants that were killed; None when there was none."""
        return self.killed / self.mutants if self.mutants else None

    @property
    def passed(self) -> bool:
        """Whether the suite is fit: no mistake, and enough mutants killed. A suite of another
        benchmark is fit when every item can be solved."""
        if any(problem.mistakes or problem.unsolvable for problem in self.problems):
            return False
        return self.loaded or self.kill_rate is None or self.kill_rate >= REQUIRED


def check(
    suite: Suite,
    grader: Grader,
    *,
    mutants_per_problem: int = 30,
    seed: int = 0,
    loaded: bool = False,
    progress: Callable[[ProblemCheck, int, int], None] | None = None,
) -> Report:
    """Examine every problem of a suite. `loaded`: it is another benchmark's.

    `progress` is called after each problem with what was found, how many problems are done and how
    many there are. The same `seed` tries the same mutants. Raises `SandboxError` as grading does.
    """
    unlike: frozenset[str] = frozenset()
    if not loaded:
        sources = {f"{p.id}/solution.ex": p.solution for p in suite.problems}
        sources |= {f"{p.id}/test.exs": p.test for p in suite.problems}
        unlike = unformatted(grader.engine, sources)
    found: list[ProblemCheck] = []
    for problem in suite.problems:
        checked = _problem(problem, grader, mutants_per_problem, seed, loaded, unlike)
        found.append(checked)
        if progress:
            progress(checked, len(found), len(suite.problems))
    return Report(suite.name, loaded, tuple(found))


def _problem(
    problem: Problem, grader: Grader, most: int, seed: int, loaded: bool, unlike: frozenset[str]
) -> ProblemCheck:
    reference = grader.grade(problem, [problem.solution])[0] if problem.solution else None
    mistakes = [] if loaded else [*_incomplete(problem), *_untidy(problem, unlike)]
    unsolvable = why(problem, reference, grader) if loaded else ""
    if not loaded and reference is not None:
        mistakes += _about(reference)
    nothing = stub(problem)
    if nothing and grader.grade(problem, [nothing])[0].passed:
        mistakes.append("a program that does nothing passes")
    if reference is None or not reference.passed:
        return ProblemCheck(problem.id, tuple(mistakes), unsolvable)
    chosen = sample(mutants(problem.solution), most, seed)
    verdicts = grader.grade(problem, [mutant.source for mutant in chosen])
    ran = [(m, v) for m, v in zip(chosen, verdicts, strict=True) if v.outcome not in _UNCOUNTED]
    survivors = tuple(_survivor(problem, mutant) for mutant, v in ran if v.passed)
    return ProblemCheck(problem.id, tuple(mistakes), unsolvable, reference.way, len(ran), survivors)


def _incomplete(problem: Problem) -> Iterator[str]:
    """Entry points that prompt, solution or tests do not know."""
    for name in ("prompt", "solution", "test"):
        if not getattr(problem, name).strip():
            yield f"there is no {name}"
    if not problem.entry_points:
        yield "it names no entry points"
    defined = _defined(problem.solution)
    for point in problem.entry_points:
        if point not in defined:
            yield f"the solution has no public {point}"
        name = point.partition("/")[0].rpartition(".")[2]
        word = re.compile(rf"(?<![\w]){re.escape(name)}(?![\w?!])")
        for where in ("prompt", "test"):
            if not word.search(getattr(problem, where)):
                yield f"the {where} does not mention {name}, an entry point"


def _defined(solution: str) -> set[str]:
    """Every module of a program, and every public function with each of its arities."""
    found: set[str] = set()
    for module in read(solution.encode(), "elixir")[0].every_module():
        found.add(module.name)
        for function in module.functions:
            if function.kind in ("def", "defmacro", "defguard", "defdelegate"):
                for arity in range(function.min_arity, function.arity + 1):
                    found.add(f"{module.name}.{function.name}/{arity}")
    return found


def _untidy(problem: Problem, unlike: frozenset[str]) -> Iterator[str]:
    for file in ("solution.ex", "test.exs"):
        if f"{problem.id}/{file}" in unlike:
            yield f"{file} is not formatted"


def _about(reference: Verdict) -> Iterator[str]:
    if not reference.passed:
        yield f"the reference is graded {reference.outcome}: {told(reference)}"
    for diagnostic in reference.diagnostics:
        if diagnostic.severity == "warning":
            message = " ".join(diagnostic.message.split())
            yield f"the reference has a warning on line {diagnostic.line}: {message}"


def _survivor(problem: Problem, mutant: Mutant) -> Survivor:
    was, now = problem.solution.splitlines(), mutant.source.splitlines()
    start = mutant.line - 1
    same = 0
    while same < min(len(was), len(now)) - start and was[-1 - same] == now[-1 - same]:
        same += 1
    last, last_now = max(len(was) - same, start + 1), max(len(now) - same, start + 1)
    return Survivor(
        mutant.name,
        mutant.description,
        mutant.line,
        "\n".join(was[start:last]),
        "\n".join(now[start:last_now]),
    )


def render(report: Report) -> str:
    """The report as text: mistakes and survivors by problem, then the suite as a whole."""
    lines: list[str] = []
    for problem in report.problems:
        rate = f"{problem.killed}/{problem.mutants} mutants killed" if problem.mutants else ""
        state = "cannot be solved" if problem.unsolvable else "wrong" if problem.mistakes else "ok"
        lines.append("  ".join(filter(None, (f"{problem.id:24}", state, problem.way, rate))))
        if problem.unsolvable:
            lines.append(f"    {problem.unsolvable}")
        lines += [f"    {mistake}" for mistake in problem.mistakes]
        for survivor in problem.survivors:
            lines.append(f"    survived: line {survivor.line}, {survivor.description}")
            lines += [f"      - {line}" for line in survivor.was.splitlines()]
            lines += [f"      + {line}" for line in survivor.now.splitlines()]
    lines += ["", _summary(report)]
    return "\n".join(lines)


def _summary(report: Report) -> str:
    said = [f"{report.suite}: {len(report.problems)} problems"]
    wrong = sum(bool(problem.mistakes) for problem in report.problems)
    unsolvable = sum(bool(problem.unsolvable) for problem in report.problems)
    if wrong:
        said.append(f"{wrong} with mistakes")
    if unsolvable:
        said.append(f"{unsolvable} that no right answer can pass")
    rate = report.kill_rate
    if rate is None:
        said.append("no mutants were tried")
    else:
        needed = "" if report.loaded else f" ({REQUIRED:.0%} required)"
        said.append(f"{report.killed} of {report.mutants} mutants killed, {rate:.1%}{needed}")
    said.append("fit to measure with" if report.passed else "not fit to measure with")
    return ", ".join(said)
