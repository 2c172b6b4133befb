"""From options to releases: asks the API and the registry, and chooses.

Requests are one for each hundred packages chosen by downloads, one for each package that is named
and was not among those, and one for each package that may have releases to take. All of them are
conditional the second time.

Without an API the packages' metadata is that of the tarballs, which are fetched for it at once:
they are needed anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from factory.errors import RequestError, SourceError
from factory.progress import Progress
from factory.records import Failed
from sources.hex.api import Api, Described
from sources.hex.options import HEXPM, HexOptions
from sources.hex.registry import Listed, Registry
from sources.hex.requirement import Requirement
from sources.hex.selection import chosen, is_licensed, is_recent, why_none
from sources.hex.shelf import Shelf, kept
from sources.web import Web, WebError
from sources.web.reply import StoppedError

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package to look at. `is_named` says that the user named it; only then it is a failure when
    it gives no release."""

    name: str
    requirement: Requirement | None
    is_named: bool
    described: Described | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release to take, and what is known of its package."""

    name: str
    listed: Listed
    described: Described


class Crawl:
    """One look at a repository."""

    def __init__(
        self,
        options: HexOptions,
        registry: Registry,
        api: Api | None,
        web: Web,
        shelf: Shelf,
        progress: Progress,
        hint: Callable[[SourceError], str] = lambda _error: "",
    ) -> None:
        """`hint` gives what to do about an error, to be said after it."""
        self._options = options
        self._registry = registry
        self._api = api
        self._web = web
        self._shelf = shelf
        self._progress = progress
        self._hint = hint
        self.failed: list[Failed] = []

    def candidates(self) -> list[Candidate]:
        """The releases that the options select, by name and version. What should have given one
        and did not is in `failed` afterwards.

        Raises `RequestError` when the options select nothing, `SourceError` when the list of
        packages cannot be had.
        """
        options = self._options
        licensed = [
            each
            for each in self.wanted()
            if self._api is None or is_licensed(each.described or Described(each.name), options)
        ]
        answers = self._each(self._registry.package, [w.name for w in licensed], "packages")
        found: list[Candidate] = []
        without: list[str] = []
        for each, answer in zip(licensed, answers, strict=True):
            if isinstance(answer, SourceError):
                self._fail(each.name, answer)
                continue
            releases = chosen(answer, each.requirement, options)
            if not releases:
                reason = why_none(each.name, answer, each.requirement) if each.is_named else None
                if reason:
                    self.failed.append(Failed(each.name, reason))
                else:
                    without.append(each.name)
            described = each.described or _known(each.name, answer)
            found += (Candidate(each.name, listed, described) for listed in releases)
        if without:
            shown = ", ".join(without[:5]) + (" and others" if len(without) > 5 else "")
            self._progress.say(
                f"hex: {len(without)} of {len(licensed)} packages have no release that the options "
                f"let in ({shown})"
            )
        return found if self._api else self._from_tarballs(found)

    def wanted(self) -> list[Wanted]:
        """The packages that the options select by name, rank or date; sorted by name."""
        options = self._options
        named = {name: _requirement(text) for name, text in options.packages.items()}
        if not (options.takes_unnamed or named):
            raise RequestError(
                "the source hex does not know which packages: give top, min_downloads or packages "
                "(say --set sources.hex.packages=jason)"
            )
        described = self._listed()
        names = {name for name, d in described.items() if is_recent(d, options)}
        if self._api is not None:
            missing = sorted(named.keys() - described.keys())
            answers = self._each(self._api.package, missing, "packages, by name")
            for name, answer in zip(missing, answers, strict=True):
                if isinstance(answer, SourceError):
                    self._fail(name, answer)
                    del named[name]
                elif answer is not None:
                    described[name] = answer
        return [
            Wanted(
                name,
                named.get(name),
                name in named,
                described.get(name) if self._api else None,
            )
            for name in sorted(names | named.keys())
        ]

    def _listed(self) -> dict[str, Described]:
        """The packages that are not chosen by name, as the API or the registry's index has them."""
        options = self._options
        found: dict[str, Described] = {}
        if not options.takes_unnamed:
            return found
        if self._api is not None:
            self._progress.start("hex: list of packages", options.rank or 0, "packages")
            came = self._progress.advance
            ranked = self._api.ranked(options.rank, options.min_downloads, came)
            self._progress.finish()
            found = {package.name: package for package in ranked}
        else:
            self._progress.say("hex: reading the index of packages")
            dates = self._registry.names() if options.updated_after else {}
            for package in self._registry.versions():
                retired = "retired" in options.exclude and package.retired >= {*package.versions}
                if not retired:
                    found[package.name] = Described(
                        package.name, updated=dates.get(package.name, "")
                    )
        return found

    def _from_tarballs(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates with what their own tarballs say, those of other licences left out."""

        def look(candidate: Candidate) -> Candidate:
            release = kept(candidate.name, candidate.listed)
            self._shelf.bring(self._web, release)
            says = self._shelf.metadata(release)
            return replace(
                candidate,
                described=replace(
                    candidate.described, licences=says.licences, links=says.links, app=says.app
                ),
            )

        found = []
        answers = self._each(look, candidates, "tarballs")
        for candidate, answer in zip(candidates, answers, strict=True):
            if isinstance(answer, SourceError):
                self._fail(f"{candidate.name} {candidate.listed.version}", answer)
            elif is_licensed(answer.described, self._options):
                found.append(answer)
        return found

    def _each(
        self, function: Callable[[T], R], items: Sequence[T], unit: str
    ) -> list[R | SourceError]:
        def one(item: T) -> R | SourceError:
            try:
                return function(item)
            except StoppedError:
                raise
            except SourceError as error:
                return error

        if not items:
            return []
        return list(self._web.each(one, items, stage="hex", unit=unit))

    def _fail(self, name: str, error: SourceError) -> None:
        reason = str(error)
        missing = (403, 404, 410) if self._options.repository == HEXPM else (404, 410)
        if isinstance(error, WebError) and error.status in missing:
            reason = f"the repository {self._options.repository} has no package {name}"
        self.failed.append(Failed(name, reason + self._hint(error)))


def _requirement(text: str) -> Requirement | None:
    return Requirement.parse(text) if text else None


def _known(name: str, releases: Sequence[Listed]) -> Described:
    """What the registry alone says of a package."""
    published = {str(r.version): r.published for r in releases}
    return Described(name, updated=max(published.values(), default=""), published=published)
