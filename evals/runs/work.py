"""One call of `evals run` on one run: a solver that looks on disk before it asks, and a scorer that
does so before it grades.

Asking is inspect_ai's: providers, concurrency, retries, cache, logs. What it brings goes into the
run's folder as it comes, so that the call can be killed at any moment.
"""

from __future__ import annotations

import time
from typing import Any

import inspect_ai
from inspect_ai import Epochs, Task
from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig, Model, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals import models, tasks
from evals.problem import Problem
from evals.questions import question_digest
from evals.runs import folder, records
from evals.runs.asked import Asked, Progress, settings
from evals.runs.grading import Grading
from evals.runs.records import Candidate, Grade, Graded, Key
from factory.errors import FactoryError

HOPELESS = 10
"""After so many failures and no answer, the model is not asked again."""


class Work:
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
