"""Every suite as an Inspect task: `inspect eval evals/otp --model …` works as any of its own.

The dataset is the suite's questions, the answer is what the model says, the scorer `elixir` grades
it. All samples of a process share one pool of workers. Runs that last (`evals run`) are made of the
same parts in `evals.runs`.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import (
    CORRECT,
    INCORRECT,
    Score,
    Scorer,
    Target,
    accuracy,
    scorer,
    stderr,
)
from inspect_ai.solver import TaskState, generate
from inspect_ai.util import registry_info

from evals import models, suite
from evals.errors import SuiteError
from evals.problem import Problem
from evals.questions import PROMPT, SYSTEM, question
from evals.runs import records
from evals.runs.grading import Grading, How
from evals.runs.records import Grade, Key
from evals.verdict import Verdict

SHOWN = 20_000
"""Characters of an explanation in a log."""


def dataset(
    loaded: suite.Suite,
    source: str,
    problems: Sequence[Problem] | None = None,
    system: str = SYSTEM,
    prompt: str = PROMPT,
) -> MemoryDataset:
    """The questions of a suite (or of some of its problems), with the solution as the target."""
    samples = []
    for problem in loaded.problems if problems is None else problems:
        messages: list[ChatMessage] = [
            ChatMessageUser(
                content=question(problem, prompt),
                metadata={models.PROBLEM_KEY: models.remember(problem)},
            )
        ]
        if system:
            messages.insert(0, ChatMessageSystem(content=system))
        samples.append(
            Sample(
                id=problem.id,
                input=messages,
                target=problem.solution,
                metadata={
                    "suite": loaded.name,
                    "source": source,
                    "problem": problem.id,
                    "digest": problem.digest,
                    "difficulty": problem.difficulty,
                    "tags": list(problem.tags),
                },
            )
        )
    return MemoryDataset(samples, name=loaded.name)


def problem_of(state: TaskState) -> Problem:
    """The problem that a sample of ours asks."""
    remembered = models.remembered(str(state.metadata["digest"]))
    if remembered is not None:
        return remembered
    # A log that is scored later, by a process that asked nothing.
    for problem in suite.load(str(state.metadata["source"])).problems:
        models.remember(problem)
    remembered = models.remembered(str(state.metadata["digest"]))
    if remembered is None:
        raise SuiteError(
            f"the problem {state.metadata['problem']} of {state.metadata['source']} "
            "is no longer what was asked"
        )
    return remembered


_gradings: dict[How, tuple[Grading, dict[Key, Grade]]] = {}


def _shared(how: How) -> tuple[Grading, dict[Key, Grade]]:
    """The process's grading of that kind, with what it graded; ended with the process."""
    if how not in _gradings:
        grading = Grading(how)
        atexit.register(grading.close)
        _gradings[how] = grading, {}
    return _gradings[how]


@scorer(metrics=[accuracy(), stderr()], name="elixir")
def elixir(
    engine: str | None = None,
    workers: int = 0,
    unsafe_local: bool = False,
    credo: str | None = None,
    sobelow: str | None = None,
    dialyzer: bool = True,
) -> Scorer:
    """Grades an answer in the sandbox. A harness that failed leaves the sample unscored.

    Args:
        engine: `podman`, `docker` or `bubblewrap`; by default what works here.
        workers: How many candidates run at a time; 0 means one for each core.
        unsafe_local: Run candidates without any sandbox.
        credo: Credo as an escript.
        sobelow: Sobelow as an escript.
        dialyzer: Whether the image's Dialyzer has a part in the quality score.
    """
    how = How(
        workers,
        engine,
        unsafe_local,
        Path(credo) if credo else None,
        Path(sobelow) if sobelow else None,
        dialyzer,
    )

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
        grading, known = _shared(how)
        problem = problem_of(state)
        program = records.program(state.output.completion, problem)
        return shown(program, await grading.grade(problem, program, known))

    return score


def shown(program: str, grade: Grade) -> Score:
    """A grade as inspect_ai logs it: correct or not, or unscored where the harness failed."""
    verdict = grade.verdict
    metadata = {
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "tests": [
            {"module": t.module, "name": t.name, "passed": t.passed, "message": t.message[:2000]}
            for t in verdict.tests
        ],
        "seconds": verdict.seconds,
        "way": verdict.way,
        "scores": grade.scores,
    }
    explanation = explained(verdict)[:SHOWN]
    if not verdict.counts:
        return Score.unscored(
            reason="scoring_failed", answer=program, explanation=explanation, metadata=metadata
        )
    return Score(
        value=CORRECT if verdict.passed else INCORRECT,
        answer=program,
        explanation=explanation,
        metadata=metadata,
    )


def explained(verdict: Verdict) -> str:
    """A verdict in words: the outcome, why, and every failing test's message."""
    parts = [verdict.outcome + (f": {verdict.reason}" if verdict.reason else "")]
    parts += [f"line {d.line}: {d.message}" for d in verdict.diagnostics if d.severity == "error"]
    parts += [f"{t.module} {t.name}\n{t.message}" for t in verdict.tests if not t.passed]
    return "\n\n".join(parts)


def register() -> list[Callable[..., Task]]:
    """Make a task of every installed suite, named `evals/SUITE`."""
    return [_registered(name) for name in suite.names()]


def _registered(name: str) -> Callable[..., Task]:
    def make(
        system: str = SYSTEM,
        prompt: str = PROMPT,
        engine: str | None = None,
        workers: int = 0,
        unsafe_local: bool = False,
        credo: str | None = None,
        sobelow: str | None = None,
        dialyzer: bool = True,
    ) -> Task:
        return Task(
            dataset=dataset(suite.load(name), name, None, system, prompt),
            solver=generate(),
            scorer=elixir(engine, workers, unsafe_local, credo, sobelow, dialyzer),
            name=name,
            version=1,
        )

    make.__name__ = name
    full = f"evals/{name}"
    made: Any = task(name=name)(make)
    if registry_info(made).name != full:
        # inspect_ai puts the package before the name when the distribution is named like it.
        made = task(name=full)(make)
    registered: Callable[..., Task] = made
    return registered
