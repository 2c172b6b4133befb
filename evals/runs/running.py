"""A run: ask the model for what is not on disk, grade what is not graded, keep both as they come.

Asking is inspect_ai's (providers, concurrency, retries, cache, logs); here is what lets a run be
killed at any moment and go on: a solver that looks on disk before it asks, and a scorer that does
so before it grades. What came of it all is `evals.runs.summary`'s to say.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import inspect_ai
from inspect_ai import Epochs, Task
from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig, Model, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals import models, tasks
from evals.problem import Problem
from evals.questions import PROMPT, SYSTEM, question_digest
from evals.runs import folder, identity, records, summary
from evals.runs.grading import Grading, How
from evals.runs.identity import Identity, ModelSettings
from evals.runs.records import Candidate, Grade, Graded, Key
from evals.runs.summary import Summary
from evals.scores import DEFAULT, Weights
from evals.suite import Suite
from factory.errors import FactoryError, RequestError
from factory.store import Store

HOPELESS = 10
"""After so many failures and no answer, the model is not asked again."""


class Progress(Protocol):
    """Who is told how a run goes."""

    def start(self, total: int, done: int, passed: int) -> None: ...

    def asked(self) -> None: ...

    def graded(self, label: str, grade: Grade) -> None: ...

    def failed(self, label: str, reason: str) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True)
class Asked:
    """What `evals run` was asked. `suites` holds each with the name or path it was found by;
    `problems` selects by id or label, `limit` the first so many of each suite."""

    suites: Sequence[tuple[str, Suite]]
    model: models.Choice
    store: Path
    n: int = 1
    k: tuple[int, ...] = (1, 5, 10)
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    system: str = SYSTEM
    prompt: str = PROMPT
    problems: tuple[str, ...] = ()
    limit: int | None = None
    name: str | None = None
    rescore: bool = False
    connections: int | None = None
    retries: int | None = 8
    timeout: int | None = None
    cache: bool = False
    how: How = field(default_factory=How)


@dataclass
class Done:
    """A run that went to its end. `failures` tells the samples that came to nothing, with why."""

    path: Path
    selected: tuple[str, ...]
    failures: list[tuple[str, int, str]]
    asked: int = 0
    graded: int = 0


def settings(asked: Asked) -> ModelSettings:
    """The model's settings as a run keeps them, without what is secret."""
    return ModelSettings(
        model=asked.model.name,
        base_url=_public(asked.model.base_url),
        weights=asked.model.weights,
        args={k: v for k, v in asked.model.args.items() if "key" not in k and "token" not in k},
        temperature=asked.temperature,
        top_p=asked.top_p,
        max_tokens=asked.max_tokens,
        seed=asked.seed,
        system=asked.system,
        prompt=asked.prompt,
    )


def path(asked: Asked) -> Path:
    """The run's folder: the name that was given, or one that follows from what is asked."""
    name = asked.name or identity.default_name([s.name for _, s in asked.suites], settings(asked))
    if "/" in name or name.startswith("."):
        raise RequestError(f"--name {name}: a run's name is one word without slashes")
    return asked.store / "runs" / name


def run(asked: Asked, progress: Progress, grading: Grading | None = None) -> Done:
    """Bring a run to where it was asked to be.

    Raises `RequestError` when what is on disk is of another model, suite or grader (naming it),
    and `KeyboardInterrupt` when Ctrl-C ended it; what came until then is kept either way.
    """
    selected = selection(asked)
    if grading is None:
        with Grading(asked.how) as own:
            return _run(asked, selected, progress, own)
    return _run(asked, selected, progress, grading)


def counted(asked: Asked, done: Done, weights: Weights = DEFAULT) -> Summary:
    """The numbers of what was asked: the selected problems and their first n samples."""
    kept = folder.read(done.path)
    problems = [p for ps in selection(asked).values() for p in ps]
    return summary.summary(kept, summary.samples(kept, problems, asked.n), asked.k, weights)


def selection(asked: Asked) -> dict[str, list[Problem]]:
    """The problems to ask, by suite. Raises `SuiteError` for a problem that no suite has."""
    chosen: dict[str, list[Problem]] = {suite.name: [] for _, suite in asked.suites}
    if len(chosen) < len(asked.suites):
        raise RequestError("two suites of one name cannot be in one run")
    if not asked.problems:
        for _, suite in asked.suites:
            chosen[suite.name] = list(suite.problems[: asked.limit])
        return chosen
    for word in asked.problems:
        home = [
            s for _, s in asked.suites if word in {i for p in s.problems for i in (p.id, p.label)}
        ]
        suite = (home or [asked.suites[0][1]])[0]
        problem = suite.problem(word)
        if problem not in chosen[suite.name]:
            chosen[suite.name].append(problem)
    return chosen


def _run(
    asked: Asked, selected: dict[str, list[Problem]], progress: Progress, grading: Grading
) -> Done:
    model = settings(asked)
    now = Identity(
        suites=tuple(identity.suite_identity(suite, at, model) for at, suite in asked.suites),
        model=model,
        grader=grading.digest,
        image=grading.image,
        engine=grading.engine,
        k=asked.k,
    )
    where = path(asked)
    Store(asked.store).prepare()
    with folder.opened(where, now, asked.rescore) as kept:
        work = _Work(asked, kept, grading, progress)
        done = Done(where, tuple(p.label for ps in selected.values() for p in ps), work.failures)
        todo = {name: [p for p in problems if work.lacks(p)] for name, problems in selected.items()}
        total = asked.n * len(done.selected)
        there = [
            grade
            for problems in selected.values()
            for p in problems
            for sample in range(1, asked.n + 1)
            if (grade := work.grade_of(p, sample)) is not None
        ]
        progress.start(total, len(there), sum(grade.verdict.passed for grade in there))
        try:
            if any(todo.values()):
                work.through_inspect(todo)
        finally:
            progress.finish()
        done.asked, done.graded = work.asked_now, work.graded_now
    return done


class _Work:
    """One call of the command on one run."""

    def __init__(
        self, asked: Asked, kept: folder.Writing, grading: Grading, progress: Progress
    ) -> None:
        self.asked = asked
        self.kept = kept
        self.grading = grading
        self.progress = progress
        self.model = settings(asked)
        self.suites = {s.name: s for s in kept.identity.suites}
        self.failures: list[tuple[str, int, str]] = []
        self.asked_now = 0
        self.graded_now = 0

    def grade_of(self, problem: Problem, sample: int) -> Grade | None:
        candidate = self.kept.asked.get((problem.label, sample))
        if candidate is None:
            return None
        return self.kept.grade_of(problem, candidate)

    def lacks(self, problem: Problem) -> bool:
        for sample in range(1, self.asked.n + 1):
            grade = self.grade_of(problem, sample)
            if grade is None or not grade.verdict.counts:
                return True
        return False

    def through_inspect(self, todo: dict[str, list[Problem]]) -> None:
        everything_asked = all(
            (p.label, sample) in self.kept.asked
            for problems in todo.values()
            for p in problems
            for sample in range(1, self.asked.n + 1)
        )
        config = self._config()
        choice = self.asked.model
        if everything_asked:
            choice = models.Choice(f"stored/{choice.name}")
        model = models.opened(choice, config)
        logs = self._eval(todo, model)
        if not logs or any(log.status == "cancelled" for log in logs):
            raise KeyboardInterrupt  # inspect_ai ends quietly, with or without its log
        for log in logs:
            if log.status == "error" and log.error is not None and not self.failures:
                raise FactoryError(f"the run was ended by inspect_ai: {log.error.message}")

    def _eval(self, todo: dict[str, list[Problem]], model: Model) -> list[EvalLog]:
        sources = {suite.name: (source, suite) for source, suite in self.asked.suites}
        n, k = self.asked.n, [k for k in self.asked.k if k <= self.asked.n]
        made = [
            Task(
                dataset=tasks.dataset(
                    sources[name][1],
                    sources[name][0],
                    problems,
                    self.model.system,
                    self.model.prompt,
                ),
                solver=self._solver(),
                scorer=self._scorer(),
                name=name,
                metadata={"run": self.kept.path.name, "suite_digest": self.suites[name].digest},
            )
            for name, problems in todo.items()
            if problems
        ]
        return inspect_ai.eval(
            made,
            model=model,
            epochs=Epochs(n, ["mean", *(f"pass_at_{i}" for i in k)]),
            max_tasks=len(made),
            max_samples=self.asked.connections,
            fail_on_error=False,
            display="none",
            log_dir=str(self.kept.logs),
            log_level="error",
            log_realtime=False,
            log_header_only=True,
            ctl_server=False,
            score_display=False,
        )

    def _config(self) -> GenerateConfig:
        a = self.asked
        return GenerateConfig(
            temperature=a.temperature,
            top_p=a.top_p,
            max_tokens=a.max_tokens,
            seed=a.seed,
            max_connections=a.connections,
            max_retries=a.retries,
            timeout=a.timeout,
            cache=a.cache or None,
        )

    def _solver(self) -> Solver:
        @solver(name="ask_unless_stored")
        def make() -> Solver:
            async def solve(state: TaskState, generate: Generate) -> TaskState:
                return await self._solve(state, generate)

            return solve

        return make()

    async def _solve(self, state: TaskState, generate: Generate) -> TaskState:
        problem = tasks.problem_of(state)
        known = self.kept.asked.get((problem.label, state.epoch))
        if known is not None:
            state.output = ModelOutput.from_content(f"stored/{self.model.model}", known.answer)
            state.messages.append(state.output.message)
            return state
        if self.asked_now == 0 and len(self.failures) >= HOPELESS:
            raise FactoryError(f"not asked: the model failed {HOPELESS} times and never answered")
        options: dict[str, Any] = {}
        if self.asked.seed is not None:
            # One seed for all samples of a problem would bring the same answer n times.
            options["seed"] = self.asked.seed + state.epoch - 1
        began = time.monotonic()
        try:
            state = await generate(state, **options)
            if not state.output.choices:
                raise FactoryError("the answer holds no choice")
            self._keep_answer(problem, state, time.monotonic() - began)
        except Exception as error:
            self._failed(problem, state.epoch, _reason(error))
            raise
        return state

    def _failed(self, problem: Problem, sample: int, reason: str) -> None:
        self.failures.append((problem.label, sample, reason))
        self.progress.failed(problem.label, reason)

    def _keep_answer(self, problem: Problem, state: TaskState, seconds: float) -> None:
        output = state.output
        self.kept.keep_candidate(
            Candidate(
                suite=problem.suite,
                problem=problem.id,
                sample=state.epoch,
                answer=records.whole(output.completion),
                suite_digest=self.suites[problem.suite].digest,
                question=question_digest(problem, self.model.system, self.model.prompt),
                model=self.model.digest,
                stop=str(output.stop_reason),
                seconds=round(seconds, 3),
                input_tokens=output.usage.input_tokens if output.usage else 0,
                output_tokens=output.usage.output_tokens if output.usage else 0,
            )
        )
        self.asked_now += 1
        self.progress.asked()

    def _scorer(self) -> Scorer:
        @scorer(metrics=[accuracy(), stderr()], name="elixir")
        def make() -> Scorer:
            async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
                return await self._score(state)

            return score

        return make()

    async def _score(self, state: TaskState) -> Score:
        problem = tasks.problem_of(state)
        before = self.grade_of(problem, state.epoch)
        program = records.program(state.output.completion, problem)

        def keep(key: Key, grade: Grade) -> None:
            self.graded_now += 1
            self.kept.keep_grade(
                Graded(
                    problem.label,
                    key,
                    self.suites[problem.suite].digest,
                    self.kept.identity.grader,
                    self.kept.identity.image,
                    grade,
                )
            )

        try:
            grade = await self.grading.grade(problem, program, self.kept.graded, keep)
        except Exception as error:
            self._failed(problem, state.epoch, f"not graded: {_reason(error)}")
            raise
        if before is None:
            self.progress.graded(problem.label, grade)
        return tasks.shown(program, grade)


def _reason(error: BaseException) -> str:
    """What a provider said at last, not that it was asked several times."""
    if type(error).__name__ == "RetryError" and error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())[:500] or type(error).__name__


def _public(url: str | None) -> str | None:
    """A URL without the name and password that may stand in it."""
    if url is None or "@" not in url:
        return url
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else url
