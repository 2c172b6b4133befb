"""`github`: repositories at their default branch's commit, found by search or by name.

A release is a commit: `name` is `owner/name`, `version` the first twelve digits of the commit,
`checksum` all of them, `family` the repository (a fork's is what it was forked from). The stars,
contributors, CI and tests of its repository travel with it as `Signals`, stars rounded, so that a
star more makes no new dataset.

A token is needed, from `GITHUB_TOKEN`: GraphQL answers nobody without one. Offline, the
repositories of the last listing are taken.

Not covered: what is fetched and how it is read (`fetch`, `clone`, `patches`), issues and pull
requests, organisations' private repositories in searches (name them).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from factory.errors import RequestError, SourceError
from factory.plugins import Check, Source, SourceContext
from factory.records import Document, Failed, LeftOut, Release
from sources.github.api import TOKEN, Api, Budget
from sources.github.catalogue import Catalogue, Listed
from sources.github.details import BATCH, Detailed
from sources.github.fetch import Snapshot, Store, fetch
from sources.github.listing import Listing
from sources.github.options import GitHubOptions
from sources.github.repository import Details, Facts, signals
from sources.github.selection import lacks, searches, too_large, unwanted
from sources.reading import reading
from sources.web import Web, WebError
from sources.web.pace import steady_clock
from sources.web.patience import HURRIED, Patience

DIGITS = 12
"""Hexadecimal digits of a commit in a version; the checksum has them all."""


class GitHub(Source):
    """Releases from GitHub."""

    name: ClassVar[str] = "github"
    version: ClassVar[int] = 2
    Options = GitHubOptions
    sleep: ClassVar[Callable[[float], None]] = staticmethod(time.sleep)
    clock: ClassVar[Callable[[], float]] = staticmethod(steady_clock)

    def __init__(self, options: GitHubOptions, context: SourceContext) -> None:
        super().__init__(options, context)
        self._unfetched: dict[str, str] = {}

    def reading(self) -> dict[str, Any]:
        options: GitHubOptions = self.options
        return {"files": reading(options.files), "commits": options.commits}

    def releases(self) -> Iterable[Release | Failed]:
        """One release for each repository that the options select.

        Raises `RequestError` without a token, or offline when nothing was ever listed, and
        `SourceError` when GitHub cannot be asked.
        """
        catalogue = Catalogue(self.context.cache / "listings", self.options)
        if self.context.offline:
            listed = catalogue.read()
        else:
            listed = self._listed()
            catalogue.write(listed)
        releases = {
            release.label: release
            for release in (self._release(facts, details) for facts, details in listed.found)
        }
        return [*releases.values(), *(Failed(name, why) for name, why in listed.failed)]

    def fetch(self, releases: Sequence[Release]) -> None:
        self._unfetched = {}
        store = self._store()
        wanted = {release.label: self._snapshot(release) for release in releases}
        todo = [(label, each) for label, each in wanted.items() if not store.has(each)]
        if not todo:
            return
        if self.context.offline:
            for label, _ in todo:
                self._unfetched[label] = (
                    f"{label} was never fetched here: run the same command once without --offline"
                )
            return
        options: GitHubOptions = self.options
        where, token = options.endpoints, self._token()

        def one(item: tuple[str, Snapshot]) -> str:
            try:
                fetch(
                    item[1], store, web, api=where.rest, git=where.git, token=token,
                    limit=options.max_size_mb * 1_000_000,
                )  # fmt: skip
            except WebError:
                raise
            except SourceError as error:
                return str(error)
            return ""

        with self._web(attempts=6) as web:
            outcomes = web.each(one, todo, stage="github: fetching", unit="repositories")
        for (label, _), outcome in zip(todo, outcomes, strict=True):
            if outcome:
                self._unfetched[label] = str(outcome)

    def documents(self, release: Release) -> Iterator[Document | LeftOut]:
        if release.label in self._unfetched:
            raise SourceError(self._unfetched[release.label])
        yield from self._store().documents(release, self._snapshot(release), self.options.files)

    def check(self) -> Check:
        from sources.github.check import check, without_token

        options: GitHubOptions = self.options
        if not self.context.secret(TOKEN):
            with self._web(HURRIED.attempts, anonymous=True, hurried=True) as web:
                return without_token(options, web)
        with self._web(hurried=True) as web:
            return check(options, self.api(web, HURRIED))

    def api(self, web: Web, patience: Patience | None = None) -> Api:
        """GraphQL through a client of this source's."""
        patience = patience or Patience()
        say = self.context.say
        budget = Budget(type(self).sleep, type(self).clock, say, patience.wait)
        return Api(web, self.options.endpoints.graphql, budget, say, patience.attempts)

    def _listed(self) -> Listed:
        options: GitHubOptions = self.options
        with self._web() as web:
            api = self.api(web)
            listing = Listing(api, self.context.progress, type(self).clock)
            detailed = Detailed(api, web, self.context.cache / "details")
            failed: list[tuple[str, str]] = []
            chosen: dict[tuple[str, str], Facts] = {}
            for named in listing.lookup(options.repositories):
                if isinstance(named, Failed):
                    failed.append((named.name, named.reason))
                elif why := too_large(named, options):
                    size = f"{named.kilobytes / 1000:.0f} MB"
                    failed.append((_label(named), f"{why}: {size} (`max_size_mb` allows it)"))
                else:
                    chosen[named.id, named.commit] = named
            found = _known(list(chosen.values()), detailed.of(list(chosen.values())), failed)
            candidates, left_out = self._candidates(listing, {id_ for id_, _ in chosen})
            found += self._searched(detailed, candidates, failed, left_out)
        self._tell(len(found), left_out)
        return Listed(tuple(found), tuple(sorted(failed)))

    def _candidates(self, listing: Listing, chosen: set[str]) -> tuple[list[Facts], Counter[str]]:
        """What the searches give and the options let through, most stars first; and how many they
        do not, by reason."""
        options: GitHubOptions = self.options
        found: dict[str, Facts] = {}
        for words in searches(options):
            matches = listing.find(words, options.min_stars)
            found |= {facts.id: facts for facts in matches}
            self.context.say(f"github: {len(matches):,} repositories match {words}")
        judged = [(facts, unwanted(facts, options)) for facts in found.values()]
        candidates = [facts for facts, why in judged if not why and facts.id not in chosen]
        candidates.sort(key=lambda facts: (-facts.stars, facts.name.lower()))
        return candidates, Counter(why for _, why in judged if why)

    def _searched(
        self,
        detailed: Detailed,
        candidates: Sequence[Facts],
        failed: list[tuple[str, str]],
        left_out: Counter[str],
    ) -> list[tuple[Facts, Details]]:
        """The candidates that have what is required, as many as are wanted."""
        options: GitHubOptions = self.options
        most = options.max_repositories or len(candidates)
        found: list[tuple[Facts, Details]] = []
        start = 0
        while start < len(candidates) and len(found) < most:
            # As many as are still missing, in whole batches.
            step = -(-(most - len(found)) // BATCH) * BATCH
            some = candidates[start : start + step]
            start += step
            for facts, details in _known(some, detailed.of(some), failed):
                why = lacks(details, options)
                left_out[why] += bool(why)
                if not why and len(found) < most:
                    found.append((facts, details))
        return found

    def _tell(self, found: int, left_out: Counter[str]) -> None:
        reasons = ", ".join(f"{n:,} {why}" for why, n in sorted(left_out.items()) if why and n)
        self.context.say(
            f"github: repositories taken: {found:,}" + (f"; left out: {reasons}" * bool(reasons))
        )

    def _release(self, facts: Facts, details: Details) -> Release:
        kind = "sha1" if len(facts.commit) == 40 else "sha256"
        return Release(
            source=self.name,
            name=facts.name,
            version=facts.commit[:DIGITS],
            checksum=f"{kind}:{facts.commit}",
            family=facts.family,
            origin=self.options.endpoints.origin(facts.name, facts.commit),
            released=facts.day,
            size=facts.kilobytes * 1000,
            signals=signals(facts, details),
        )

    def _snapshot(self, release: Release) -> Snapshot:
        commit = release.checksum.partition(":")[2]
        return Snapshot(release.name, commit, size=release.size, commits=self.options.commits)

    def _store(self) -> Store:
        return Store(self.context.cache)

    def _token(self) -> str:
        token = self.context.secret(TOKEN)
        if not token:
            raise RequestError(
                f"the source github needs a token in the environment variable {TOKEN} (any "
                "personal access token will do, without scopes); build with --without github to "
                "go on without it"
            )
        return token

    def _web(self, attempts: int = 1, *, anonymous: bool = False, hurried: bool = False) -> Web:
        options: GitHubOptions = self.options
        secrets = {} if anonymous else {"authorization": f"Bearer {self._token()}"}
        return Web(
            self.context.cache / "web",
            "github",
            base=options.endpoints.rest,
            headers={"accept": "application/vnd.github+json"},
            secrets=secrets,
            concurrency=options.concurrency,
            offline=self.context.offline,
            progress=self.context.progress,
            attempts=attempts,
            hurried=hurried,
            sleep=type(self).sleep,
            clock=type(self).clock,
        )


def _known(
    repositories: Sequence[Facts],
    told: Sequence[Details | str],
    failed: list[tuple[str, str]],
) -> list[tuple[Facts, Details]]:
    """The repositories of which GitHub told; the others join those that failed."""
    known = []
    for facts, details in zip(repositories, told, strict=True):
        if isinstance(details, Details):
            known.append((facts, details))
        else:
            failed.append((_label(facts), details))
    return known


def _label(facts: Facts) -> str:
    return f"github:{facts.name}@{facts.ref or facts.commit[:DIGITS]}"
