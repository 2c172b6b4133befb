"""From a model's answer to its grade: take the program out, grade it, measure it, once.

One `Grading` is shared by all samples of a process: it bounds what runs at a time by its grader's
workers. Programs that are equal share one grade, even while it is in the making.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from evals.closing import Closing
from evals.grader import Grader, Settings
from evals.problem import Problem
from evals.runs import records
from evals.runs.records import Grade, Key
from evals.sandbox import engines, image
from evals.scores import score
from evals.scores.tools import Tools
from evals.verdict import Verdict
from factory import digest

VERSION = 2
"""Raised when extracting programs (`evals.answers`) or measuring them (`evals.scores`) changes."""


@dataclass(frozen=True)
class How:
    """What candidates are graded with. `workers` 0 means one for each core."""

    workers: int = 0
    engine: str | None = None
    unsafe_local: bool = False
    credo: Path | None = None
    sobelow: Path | None = None
    dialyzer: bool = True


class Grading(Closing):
    """A grader with what is measured beside it; a context manager.

    `known` is where grades are looked up and kept, so that a run can put its own there.
    """

    def __init__(self, how: How, grader: Grader | None = None) -> None:
        self.how = how
        self._own = grader is None
        self.grader = grader or Grader(
            Settings(workers=how.workers, engine=how.engine, unsafe_local=how.unsafe_local)
        )
        self._making: dict[Key, asyncio.Future[Grade]] = {}
        over_image = self.grader.engine.name in engines.NAMES
        self._tools = Tools(
            self.grader.engine,
            image.find().rootfs if over_image else None,
            how.credo,
            how.sobelow,
            how.dialyzer,
            self.grader.workers,
        )

    @cached_property
    def digest(self) -> str:
        """64 hex digits over all that decides a grade beside problem and program."""
        files = [p and digest.of_file(p) for p in (self.how.credo, self.how.sobelow)]
        return digest.of(self.grader.digest, VERSION, files, self.how.dialyzer)

    @cached_property
    def image(self) -> str:
        return self.grader.engine.image_digest()

    @property
    def workers(self) -> int:
        return self.grader.workers

    @property
    def engine(self) -> str:
        return self.grader.engine.name

    async def grade(
        self,
        problem: Problem,
        program: str,
        known: MutableMapping[Key, Grade],
        keep: Callable[[Key, Grade], None] | None = None,
    ) -> Grade:
        """The grade of a whole program: from `known`, or made and given to `keep`.

        A known infrastructure error is tried again.
        """
        key = records.key(problem, program)
        found = known.get(key)
        if found is not None and found.verdict.counts:
            return found
        if key in self._making:
            return await asyncio.shield(self._making[key])
        future: asyncio.Future[Grade] = asyncio.get_running_loop().create_future()
        self._making[key] = future
        try:
            verdict = (await self.grader.grade_async(problem, [program]))[0]
            made = Grade(verdict, await asyncio.to_thread(self._scores, problem, program, verdict))
            known[key] = made
            if keep is not None:
                keep(key, made)
            future.set_result(made)
        except BaseException as error:
            if isinstance(error, Exception):
                future.set_exception(error)
                future.exception()  # nobody else may be waiting for it
            else:
                future.cancel()
            raise
        finally:
            del self._making[key]
        return made

    def _scores(self, problem: Problem, program: str, verdict: Verdict) -> dict[str, Any]:
        reference = self.grader.reference(problem)
        told = self._tools.look(program, problem.capabilities)
        return score(problem, program, verdict, reference, told).as_dict()

    def close(self) -> None:
        self._tools.close()
        if self._own:
            self.grader.close()
