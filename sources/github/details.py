"""What lies at the commits that were found: asked for once a commit, several at a time, and kept.

An answer is kept on disk under the repository's id, with the commit and the time of the last push
it was given for; while both stay the same nothing is asked again. (GraphQL is asked by POST, so an
answer cannot be asked for on condition that it changed; that a search tells each repository's
commit for nothing is what makes a second run cheap.)

A question over which GitHub gives up is asked again for half the repositories, and for one alone
with fewer commits of its history; the next questions are smaller, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sources.archive import write_whole
from sources.github import queries
from sources.github.api import STEADY, Answer, Api, Problem, TooHeavyError
from sources.github.repository import Details, Facts, details, parts_have_tests
from sources.web import Web

BATCH = 20
"""Repositories in one question."""

SAMPLE = 100
LEAST_SAMPLE = 5
"""Commits of a repository's history that are looked at, and how few will do."""

FORM = 1
"""Raised when `Details` means something else, so that what is kept is asked for again."""


@dataclass(frozen=True)
class _Kept:
    form: int
    commit: str
    pushed: str
    details: Details


_KEPT = TypeAdapter(_Kept)


class Detailed:
    """Details of repositories: what is on disk, and what `api` tells. `folder` is for this alone;
    `web` gives the threads."""

    def __init__(self, api: Api, web: Web, folder: Path) -> None:
        self._api, self._web, self._folder = api, web, folder
        self._most = BATCH
        """Repositories to ask about at once: halved when GitHub gives up, and one more after each
        answer, so that neither a slow hour nor one huge repository is paid for long."""

    def of(self, repositories: Sequence[Facts]) -> list[Details | str]:
        """What each repository's commit holds, or why GitHub does not tell. In their order."""
        told: dict[Facts, Details | str] = {}
        for each in repositories:
            found = kept(self._folder, each)
            if found is not None:
                told[each] = found
        self._asking(
            told,
            [each for each in repositories if each not in told],
            lambda batch: self._ask(batch, SAMPLE),
            "github: what lies at each commit",
        )
        unsure = [each for each in repositories if _is_unsure(told[each])]
        self._asking(
            told,
            unsure,
            lambda batch: self._parts(batch, [told[each] for each in batch]),
            "github: tests in umbrellas",
        )
        return [told[each] for each in repositories]

    def _asking(
        self,
        told: dict[Facts, Details | str],
        todo: Sequence[Facts],
        ask: Callable[[Sequence[Facts]], list[Details | str]],
        stage: str,
    ) -> None:
        """Put what `ask` says of these repositories, batch by batch, into `told` and on disk."""

        def one(batch: Sequence[Facts]) -> list[Details | str]:
            answers = ask(batch)
            for each, answer in zip(batch, answers, strict=True):
                if isinstance(answer, Details):
                    _keep(self._folder, each, answer)
            return answers

        batches = [todo[start : start + BATCH] for start in range(0, len(todo), BATCH)]
        if not batches:
            return
        results = self._web.each(one, batches, stage=stage, unit=f"batches of {BATCH}")
        for batch, result in zip(batches, results, strict=True):
            if isinstance(result, Exception):
                raise result
            told.update(zip(batch, result, strict=True))

    def _ask(self, repositories: Sequence[Facts], sample: int) -> list[Details | str]:
        most = self._most
        if len(repositories) > most:
            pieces = [repositories[at : at + most] for at in range(0, len(repositories), most)]
            return [told for piece in pieces for told in self._ask(piece, sample)]
        variables: dict[str, Any] = {"sample": sample}
        for n, each in enumerate(repositories):
            variables |= {
                f"i{n}": each.id,
                f"c{n}": each.commit,
                f"t{n}": f"{each.commit}:",
                f"w{n}": f"{each.commit}:.github/workflows",
            }
        try:
            answer = self._api.ask(
                "details",
                queries.details(len(repositories)),
                variables,
                # A shorter sample is another result: not for one bad moment.
                tries=1 if len(repositories) > 1 else STEADY,
            )
        except TooHeavyError as error:
            if len(repositories) > 1:
                self._most = len(repositories) // 2
                return self._ask(repositories, sample)
            if sample > LEAST_SAMPLE:
                return self._ask(repositories, max(LEAST_SAMPLE, sample // 4))
            return [str(error)]
        self._most = min(BATCH, self._most + 1)
        return [self._told(answer, n, each, sample) for n, each in enumerate(repositories)]

    def _told(self, answer: Answer, n: int, repository: Facts, sample: int) -> Details | str:
        alias = f"r{n}"
        node = answer.data.get(alias)
        problem = _missing(answer, alias)
        told = details(node) if isinstance(node, dict) else None
        if told is not None and problem is None:
            return told
        if isinstance(node, dict) and sample > LEAST_SAMPLE and problem is not None:
            return self._ask([repository], max(LEAST_SAMPLE, sample // 4))[0]
        if problem is not None:
            return f"GitHub does not tell what lies at its commit: {problem.message}"
        return "GitHub does not have its commit any more; it was pushed over or deleted"

    def _parts(
        self, repositories: Sequence[Facts], told: Sequence[Details | str]
    ) -> list[Details | str]:
        """The same with whether there are tests in the folders of `apps/` or `lib/`."""
        variables: dict[str, str] = {}
        for n, each in enumerate(repositories):
            variables |= {
                f"i{n}": each.id,
                f"a{n}": f"{each.commit}:apps",
                f"l{n}": f"{each.commit}:lib",
            }
        try:
            tries = 1 if len(repositories) > 1 else STEADY
            text = queries.parts(len(repositories))
            answer = self._api.ask("parts", text, variables, tries=tries)
        except TooHeavyError as error:
            half = len(repositories) // 2
            if not half:
                return [str(error)]
            return self._parts(repositories[:half], told[:half]) + self._parts(
                repositories[half:], told[half:]
            )
        found: list[Details | str] = []
        for n, known in enumerate(told):
            node, problem = answer.data.get(f"r{n}"), _missing(answer, f"r{n}")
            if problem is not None:
                found.append(f"GitHub does not tell what lies at its commit: {problem.message}")
            elif isinstance(known, Details):
                tests = isinstance(node, dict) and parts_have_tests(node)
                found.append(replace(known, tests=tests))
            else:
                found.append(known)
        return found


def kept(folder: Path, repository: Facts) -> Details | None:
    """What is on disk of a repository at this commit and push."""
    try:
        found = _KEPT.validate_json(_place(folder, repository).read_bytes())
    except (OSError, ValidationError):
        return None
    same = (found.form, found.commit, found.pushed) == (FORM, repository.commit, repository.pushed)
    return found.details if same else None


def _keep(folder: Path, repository: Facts, told: Details) -> None:
    found = _Kept(FORM, repository.commit, repository.pushed, told)
    write_whole(_place(folder, repository), _KEPT.dump_json(found))


def _place(folder: Path, repository: Facts) -> Path:
    """One file for a repository's default branch, and one for each other revision of it."""
    digest = hashlib.sha256(f"{repository.id}\0{repository.ref}".encode()).hexdigest()[:32]
    return folder / digest[:2] / f"{digest}.json"


def _missing(answer: Answer, alias: str) -> Problem | None:
    """What GitHub failed to tell of a part. A path that is not there is no failure of its."""
    for problem in answer.problems:
        if problem.path[:1] == (alias,) and not (
            problem.kind == "NOT_FOUND" and len(problem.path) > 1
        ):
            return problem
    return None


def _is_unsure(told: Details | str) -> bool:
    return isinstance(told, Details) and told.tests is None
