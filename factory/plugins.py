"""Plugins: what a source and a transform are, and how they are found.

Sources, transforms, trainers and suites are entry points (`factory.sources`, `factory.transforms`,
`factory.trainers`, `evals.suites`); ours are registered the same way as a stranger's. A plugin is a
small class with a `name`, a `version` (a number its author raises when its meaning changes) and
typed `Options`, a pydantic model in which unknown keys are errors.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from factory import choice
from factory.errors import FactoryError, RequestError
from factory.parsed import Parsed, chat
from factory.progress import Progress, Quiet
from factory.records import Curriculum, Document, Example, Failed, LeftOut, Quality, Release
from factory.syntax import Span

Group = Literal["factory.sources", "factory.transforms", "factory.trainers", "evals.suites"]


class Options(BaseModel):
    """The base of every plugin's options: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class SourceContext:
    """What a source may use of the house: `cache` is a folder of its own for downloads (created
    before the source is), `offline` forbids the network, `progress` shows long work (a worker
    process has nobody to show it to: it does not travel there)."""

    cache: Path
    offline: bool = False
    progress: Progress = field(default_factory=Quiet)

    def say(self, line: str) -> None:
        """Show a line."""
        self.progress.say(line)

    def secret(self, name: str) -> str:
        """The environment variable of that name, "" without it. Asked for in the main process
        when it is used; it is never kept in a file, a row or what travels to a worker."""
        return os.environ.get(name, "").strip()

    def __reduce__(self) -> tuple[type[SourceContext], tuple[Path, bool]]:
        return SourceContext, (self.cache, self.offline)


@dataclass(frozen=True)
class Finding:
    """One answer of `factory sources check`: `ok` is None for what is neither good nor bad."""

    what: str
    ok: bool | None
    detail: str


@dataclass(frozen=True)
class Check:
    """What a source says of itself before it is used: whether it can be reached, and about how
    many releases, requests, bytes and seconds a build would take from now (None: unknown)."""

    findings: tuple[Finding, ...] = ()
    releases: int | None = None
    requests: int | None = None
    bytes: int | None = None
    seconds: float | None = None


class Source:
    """A place that source comes from.

    `releases` lists what the options select, by small requests only; each is immutable and is
    named by its checksum. One that should be there and cannot be listed is a `Failed`.

    `fetch` is called once, in the main process, with the releases whose documents no cache has. It
    brings them here; what cannot be had is left to `documents`, which then says why.

    `documents` runs in worker processes, without the network. It yields the release's documents in
    an order that depends on the release alone, and a `LeftOut` for every file it passes over.
    Instances travel to workers after `fetch`, so they pickle.

    All three raise `SourceError`; a release that cannot be read fails alone.

    `reading` is what, beside the release itself, decides which documents come out and with what
    text: it is part of every partition's key. By default all options are.

    `check` is asked by `factory sources check` and makes a handful of requests at most.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    Options: ClassVar[type[Options]]

    def __init__(self, options: Any, context: SourceContext) -> None:
        self.options = options
        self.context = context

    def releases(self) -> Iterable[Release | Failed]:
        raise NotImplementedError(f"{type(self).__name__}.releases")

    def fetch(self, releases: Sequence[Release]) -> None:  # noqa: ARG002
        return None

    def check(self) -> Check:
        found = list(self.releases())
        good = [release for release in found if isinstance(release, Release)]
        failed = [failure for failure in found if isinstance(failure, Failed)]
        return Check(
            tuple(Finding(failure.name, False, failure.reason) for failure in failed),
            releases=len(good),
            bytes=sum(release.size for release in good),
        )

    def documents(self, release: Release) -> Iterator[Document | LeftOut]:
        raise NotImplementedError(f"{type(self).__name__}.documents")

    def reading(self) -> dict[str, Any]:
        options: BaseModel = self.options
        return options.model_dump(mode="json")


class Transform:
    """A kind of task made from documents.

    `document` is called once for each document whose language is in `languages`, with its tree at
    hand; `release` once after all of them, with every such document but without trees (for what
    needs two files, as a module and its tests). Both yield examples, and a `LeftOut` where a
    person would ask "why is my function not there?". Neither raises for odd input.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    languages: ClassVar[frozenset[str]]
    tasks: ClassVar[tuple[str, ...]]
    """The `task` values of the examples it yields, for mixtures and listings."""
    Options: ClassVar[type[Options]] = Options

    def __init__(self, options: Any, seed: int) -> None:
        self.options = options
        self.seed = seed

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:  # noqa: ARG002
        return iter(())

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:  # noqa: ARG002
        return iter(())

    def ask(
        self,
        parsed: Parsed,
        task: str,
        span: Span,
        subject: str,
        request: str,
        answer: str,
        *,
        documentation: float = 0.0,
        related: Sequence[Parsed] = (),
        language: str = "",
        curriculum: Curriculum | None = None,
    ) -> Example:
        """A chat example about `span` of `parsed`: one question and its answer. `span` is the unit
        that near-duplicate detection compares, so it should be the whole function, module or file
        that the row is about. Rows that also quote other files name them in `related`; the row's
        licence is then all of theirs. `language` is what the row is written in where that is not
        its document's (code in a book, a commit's files)."""
        licences = sorted({parsed.document.licence, *(r.document.licence for r in related)})
        return Example(
            task=task,
            format="messages",
            language=language or parsed.document.language,
            licence=licences[0]
            if len(licences) == 1
            else " AND ".join(f"({x})" if " " in x else x for x in licences),
            provenance=parsed.provenance(
                span, self.name, self.version, subject, [r.document.place for r in related]
            ),
            messages=chat(request, answer),
            quality=Quality(documentation=documentation),
            curriculum=curriculum or Curriculum(),
        )

    def concepts(self) -> Sequence[str]:
        """The names in its rows' `curriculum`, in the order in which people usually learn what
        they stand for; none for a transform that tells no concepts."""
        return ()

    def left_out(
        self, parsed: Parsed, reason: str, subject: str = "", span: Span | None = None
    ) -> LeftOut:
        line = parsed.line(span.start) if span else 0
        return LeftOut(parsed.document.path, reason, self.name, subject, line, self.name)

    def number(self, parsed: Parsed, *key: str | int) -> int:
        """A seeded number for a choice inside this document, the same in every build."""
        return choice.number(self.seed, self.name, parsed.document.path, *key)


@cache
def _found(group: Group) -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=group))}


def names(group: Group) -> list[str]:
    """The names of all plugins installed in this environment, sorted."""
    return sorted(_found(group))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when nothing comes near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return close[0] if close else None


def module(group: Group, name: str) -> str | None:
    """The name of the module that holds a plugin, without importing it; None when there is none."""
    point = _found(group).get(name)
    return point.module if point else None


def load(group: Group, name: str) -> Any:
    """The plugin's class (for `evals.suites`: whatever the entry point names).

    Raises `RequestError` naming the nearest known plugin when there is none of that name, and
    `FactoryError` naming the extra to install when it cannot be imported for want of a package.
    """
    point = _found(group).get(name)
    kind = group.split(".")[1].rstrip("s")
    if point is None:
        close = nearest(name, names(group))
        hint = f"did you mean {close}?" if close else f"known: {', '.join(names(group)) or 'none'}"
        raise RequestError(f"no {kind} plugin is named {name!r}; {hint}")
    try:
        return point.load()
    except ModuleNotFoundError as error:
        extras = ", ".join(point.extras) or "the extra that holds it"
        raise FactoryError(
            f"the {kind} plugin {name} needs the package {error.name}: "
            f"install it with `pip install 'elixir-factory[{extras}]'`"
        ) from error
