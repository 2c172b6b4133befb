"""Grading: programs in, verdicts out, over one pool of workers that all callers share.

`grade` and `grade_async` are what verified transforms and reward functions call. A `Grader` owns
the workers; the module's functions use one that is made when first needed and lives as long as the
process.

Limits scale with the reference solution, so that a slow machine gives the same verdicts; a pool
grades it once, for each problem where a program needs more than any may use. What a busy machine
could have caused (a timeout, a VM that ran out of memory or died) is tried once more, alone, before
it counts.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from evals import runtime
from evals.closing import Closing
from evals.problem import Problem
from evals.sandbox import Limits, engines
from evals.verdict import Verdict
from evals.worker import Budget, Worker
from factory import digest

GRADER_VERSION = 2
"""Raised when a change may alter verdicts."""
REFERENCE_SECONDS = 60.0
CROSSING_SECONDS = 20.0
"""For the reference in two VMs, where candidates have come to need more time than it has in one."""
WITHOUT_REFERENCE = 10.0
ATTEMPTS = 3
"""How often a candidate is tried when the harness itself fails."""


@dataclass(frozen=True)
class Settings:
    """How candidates are run. `workers` 0 means one for each core."""

    workers: int = 0
    engine: str | None = None
    unsafe_local: bool = False
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    least_seconds: float = 2.0
    """However fast the reference is: a candidate may take this long."""
    recheck: bool = True
    """Whether a timeout or want of memory is tried once more, alone, before it counts. Only for
    mutants, where either outcome means the same, is it worth leaving out."""
    way: str = "auto"
    """`two_vms` sends every candidate the safe way (for tests and benchmarks)."""


class Grader(Closing):
    """A pool of warm VMs. A context manager; `close` ends what still runs.

    Raises `SandboxError` at once when this machine has no sandbox.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.engine = engines.pick(self.settings.engine, self.settings.unsafe_local)
        self.runtime = runtime.compiled(self.engine)
        self.workers = self.settings.workers or _cores()
        self._idle = _Idle(
            Worker(self.engine, self.runtime, self.settings.limits) for _ in range(self.workers)
        )
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="grader")
        self._references: dict[tuple[str, str], Future[Verdict | None]] = {}
        self._tests: dict[str, frozenset[tuple[str, str]]] = {}
        self._guard = threading.Lock()
        self._crowd = _Crowd()

    @property
    def digest(self) -> str:
        """64 hex digits over all that decides verdicts beside problem and candidate: the grader's
        version and code, the image, and the limits."""
        s = self.settings
        return digest.of(
            GRADER_VERSION,
            runtime.source_digest(),
            self.engine.image_digest(),
            repr(s.limits),
            repr(s.budget),
            [s.least_seconds, CROSSING_SECONDS, WITHOUT_REFERENCE, s.way, s.recheck],
        )

    def submit(self, problem: Problem, program: str, way: str = "") -> Future[Verdict]:
        """Grade one whole program when a worker is free; `way` as in `Settings`."""
        return self._threads.submit(self._grade, problem, program, way or self.settings.way)

    def grade(self, problem: Problem, programs: Sequence[str], way: str = "") -> list[Verdict]:
        """The verdicts on whole programs (see `Problem.program`), in their order; programs that
        are equal are graded once."""
        different = dict.fromkeys(programs)
        if len(different) == 1:  # not worth another thread's waking up
            return [self._grade(problem, programs[0], way or self.settings.way)] * len(programs)
        futures = {program: self.submit(problem, program, way) for program in different}
        return [futures[program].result() for program in programs]

    async def grade_async(self, problem: Problem, programs: Sequence[str]) -> list[Verdict]:
        """As `grade`, without blocking the event loop."""
        futures = {
            program: asyncio.wrap_future(self.submit(problem, program))
            for program in dict.fromkeys(programs)
        }
        await asyncio.gather(*futures.values())
        return [futures[program].result() for program in programs]

    def reference(self, problem: Problem, way: str = "") -> Verdict | None:
        """The verdict on the problem's own solution (None when it has none), graded once by this
        pool and `way` (by default that of the settings): what limits and efficiency are relative
        to."""
        if not problem.solution:
            return None
        way = way or self.settings.way
        key = problem.digest, way
        with self._guard:
            known = self._references.get(key)
            if known is None:
                mine: Future[Verdict | None] = Future()
                self._references[key] = mine
        if known is not None:
            return known.result()
        try:
            seconds = REFERENCE_SECONDS if way == self.settings.way else CROSSING_SECONDS
            budget = _lasting(self.settings.budget, seconds)
            verdict = self._attempts(problem, problem.solution, budget, way)
            mine.set_result(verdict)
        except BaseException as error:
            with self._guard:
                del self._references[key]
            mine.set_exception(error)
            raise
        return verdict

    def budget(self, problem: Problem) -> Budget:
        """What a candidate of this problem may use."""
        reference = self.reference(problem)
        if reference is None or not reference.passed:
            return replace(self.settings.budget, seconds=WITHOUT_REFERENCE)
        seconds = max(self.settings.least_seconds, problem.time_limit * reference.seconds)
        return replace(self.settings.budget, seconds=seconds)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._idle.close()
        for worker in self._idle.everyone:
            worker.close()

    def _grade(self, problem: Problem, program: str, way: str) -> Verdict:
        verdict = self._attempts(problem, program, self._first(problem), way, self.budget)
        if verdict.outcome == "timeout" and verdict.way == "two_vms" and self.settings.recheck:
            verdict = self._with_time_to_cross(problem, program, verdict)
        if not verdict.passed:
            return verdict
        wanted = self._expected(problem)
        got = {(test.module, test.name) for test in verdict.tests if test.passed}
        if wanted is None or got == wanted:
            return verdict
        return replace(
            verdict,
            outcome="infrastructure_error",
            reason=f"{len(wanted ^ got)} tests are not those of the problem",
        )

    def _first(self, problem: Problem) -> Budget:
        """What a program is given at first: what the reference's time allows, where that is known,
        otherwise what any program may use. Most need no more, and then it does not matter how long
        the reference takes."""
        with self._guard:
            known = self._references.get((problem.digest, self.settings.way))
        if not problem.solution or (known is not None and known.done()):
            return self.budget(problem)
        return replace(self.settings.budget, seconds=self.settings.least_seconds)

    def _expected(self, problem: Problem) -> Set[tuple[str, str]] | None:
        """Module and name of the tests that a candidate has to pass: those of the test file, or,
        where it is compiled with each candidate, those that the reference passed; None when there
        is nothing to compare with."""
        known = self._tests.get(problem.digest)
        if known is not None:
            return known
        reference = self.reference(problem)
        if reference is None or not reference.passed:
            return None
        return {(test.module, test.name) for test in reference.tests}

    def _with_time_to_cross(self, problem: Problem, program: str, verdict: Verdict) -> Verdict:
        """The verdict with time for what goes from one VM to the other, where that takes the
        reference itself most of the time that it has: large values, passed thousands of times."""
        budget = self.budget(problem)
        reference = self.reference(problem, "two_vms")
        if reference is None or not reference.passed or 2 * reference.seconds <= budget.seconds:
            return verdict
        longer = _lasting(budget, budget.seconds + 2 * reference.seconds)
        return self._attempts(problem, program, longer, "two_vms")

    def _attempts(
        self,
        problem: Problem,
        program: str,
        budget: Budget,
        way: str,
        longer: Callable[[Problem], Budget] | None = None,
    ) -> Verdict:
        """One verdict, with what must be tried again tried again. `longer` tells what a program may
        use that `budget` was not enough for."""
        with self._crowd.among_others():
            verdict = self._once(problem, program, budget, way)
        if verdict.outcome == "timeout" and longer is not None:
            first, budget = budget, longer(problem)
            if budget.seconds > first.seconds:
                with self._crowd.among_others():
                    verdict = self._once(problem, program, budget, way)
        for _ in range(ATTEMPTS - 1):
            if verdict.counts:
                break
            # A candidate that brings a warm VM down is tried where it can only hurt itself.
            with self._crowd.among_others():
                verdict = self._once(problem, program, budget, "two_vms", fresh=True)
        # A test that had failed before stays failed: another run would be another guess.
        in_doubt = verdict.outcome in {"timeout", "out_of_memory"}
        if self.settings.recheck and in_doubt and all(test.passed for test in verdict.tests):
            with self._crowd.alone():
                again = self._once(problem, program, budget, way, fresh=True)
            if again.counts:
                verdict = again
        return verdict

    def _once(
        self, problem: Problem, program: str, budget: Budget, way: str, fresh: bool = False
    ) -> Verdict:
        worker = self._idle.take(problem)
        try:
            if fresh:
                worker.close()
            verdict = worker.grade(problem, program, budget, way)
            if (expected := worker.expected.get(problem.digest)) is not None:
                self._tests.setdefault(problem.digest, expected)
            return verdict
        except BaseException:
            worker.close()
            raise
        finally:
            self._idle.give_back(worker)


class _Idle:
    """Workers that wait; one that has the problem's tests already is taken first."""

    def __init__(self, workers: Iterable[Worker]) -> None:
        self.everyone = tuple(workers)
        self._waiting = list(self.everyone)
        self._changed = threading.Condition()
        self._closed = False

    def close(self) -> None:
        """From now on there is none to take."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, problem: Problem) -> Worker:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                raise RuntimeError("the grader is closed")
            best = max(self._waiting, key=lambda worker: worker.knows(problem))
            self._waiting.remove(best)
            return best

    def give_back(self, worker: Worker) -> None:
        with self._changed:
            self._waiting.append(worker)
            self._changed.notify()


class _Crowd:
    """Lets many grade at a time, or one alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._waiting = 0

    @contextmanager
    def among_others(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._inside >= 0 and self._waiting == 0)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._inside == 0)
            self._waiting -= 1
            self._inside = -1
        try:
            yield
        finally:
            with self._changed:
                self._inside = 0
                self._changed.notify_all()


def _lasting(budget: Budget, seconds: float) -> Budget:
    """The budget for so many seconds, with the traffic of as many if that is more."""
    traffic = round(budget.traffic * max(1.0, seconds / Budget().seconds))
    return replace(budget, seconds=seconds, traffic=traffic)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


_shared: list[Grader] = []
_sharing = threading.Lock()


def shared() -> Grader:
    """The process's own grader with default settings, started when first needed."""
    with _sharing:
        if not _shared:
            _shared.append(Grader())
            atexit.register(_shared[0].close)
        return _shared[0]


def grade(problem: Problem, programs: Sequence[str]) -> list[Verdict]:
    """The verdicts on whole programs, in their order, by the process's own grader.

    Raises `SandboxError` when no candidate can be run on this machine.
    """
    return shared().grade(problem, programs)


async def grade_async(problem: Problem, programs: Sequence[str]) -> list[Verdict]:
    """As `grade`, without blocking the event loop."""
    return await shared().grade_async(problem, programs)
