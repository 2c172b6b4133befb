"""`hex`: releases of packages from Hex.pm, a mirror of it, or a private repository.

A release is a package's version. It is named by its tarball's checksum, which the signed registry
has, together with the commit that its tests come from, where they are taken from its repository.
Packages that link the same repository are one family for the split, with what the source `github`
reads of it; others are their own.

Everything is asked for conditionally, so that a look at an unchanged registry costs no bodies;
tarballs are fetched once. With `offline` the last answers and what was fetched are used.

Not covered: documentation tarballs, what a package depends on, and publishing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from factory.errors import RequestError, SourceError
from factory.plugins import Check, Source, SourceContext
from factory.records import Document, Failed, LeftOut, Release, Signals, about
from sources.github.api import TOKEN
from sources.github.place import GitHubPlace
from sources.hex import keys, licences
from sources.hex.api import Api
from sources.hex.check import check
from sources.hex.crawl import Candidate, Crawl
from sources.hex.options import HEXPM, PUBLIC_API, HexOptions
from sources.hex.registry import Registry
from sources.hex.shelf import Kept, Shelf, kept
from sources.licence_files import is_licence_file
from sources.licence_text import LONGEST
from sources.reading import Files, documents, licences_of, reading, wanted
from sources.repositories import Address, addresses
from sources.repository_mirror import Mirror
from sources.repository_tags import Package, Place, Tag, Unpaired, find
from sources.repository_tests import paired_tests
from sources.web import Web
from sources.web.reply import StoppedError, WebError

KEY = "HEX_API_KEY"
"""The environment variable with a key for private repositories, or for a higher rate limit."""

SHOWN = 5
"""Releases without tests that are named."""


class Hex(Source):
    """Releases from a Hex repository."""

    name: ClassVar[str] = "hex"
    version: ClassVar[int] = 2
    Options = HexOptions

    def __init__(self, options: HexOptions, context: SourceContext) -> None:
        super().__init__(options, context)
        self._shelf = Shelf(context.cache)
        self._refused: dict[str, str] = {}
        self._place: Place | None = self._where_tests_are()

    def reading(self) -> dict[str, Any]:
        options: HexOptions = self.options
        own = {"build_tools": sorted(options.build_tools), "tests": options.tests_from != "none"}
        return {**reading(options.files), **own}

    def releases(self) -> Iterable[Release | Failed]:
        """The releases that the options select, and a `Failed` for each package that was named and
        has none, or whose entry in the registry could not be had.

        Raises `RequestError` for options that select nothing, a key that cannot be read or a mirror
        that is not there, and `SourceError` when the list of packages cannot be had at all.
        """
        options: HexOptions = self.options
        if isinstance(self._place, Mirror) and not self._place.root.is_dir():
            raise RequestError(
                f"hex: there is no folder {options.mirror}, which `mirror` names for the tests of "
                "packages; give another, or tests_from: none"
            )
        with ExitStack() as stack:
            registry, api, web = self._clients(stack)
            crawl = Crawl(
                options, registry, api, web, self._shelf, self.context.progress, self._hint
            )
            try:
                candidates = crawl.candidates()
            except WebError as error:
                raise SourceError(f"{error}{self._hint(error)}") from error
        listed = [
            (candidate, kept(candidate.name, candidate.listed, tag))
            for candidate, tag in zip(candidates, self._tags(candidates), strict=True)
        ]
        for _, each in listed:
            self._shelf.note(each)
        return [*(self._release(c, each) for c, each in listed), *crawl.failed]

    def fetch(self, releases: Sequence[Release]) -> None:
        """Bring the tarballs here, and what the tests come from. A tarball that is refused is
        remembered, for `documents` to say why."""
        every = [(release.label, self._shelf.find(release)) for release in releases]
        missing = [(label, each) for label, each in every if not self._shelf.holds(each)]
        if missing and not self.context.offline:
            with self._web("repo") as web:

                def one(item: tuple[str, Kept]) -> SourceError | None:
                    try:
                        self._shelf.bring(web, item[1])
                    except StoppedError:
                        raise
                    except SourceError as error:
                        return error
                    return None

                answers = web.each(one, missing, stage="hex: fetching", unit="tarballs")
            for (label, _), error in zip(missing, answers, strict=True):
                self._refused.pop(label, None)
                if error is not None:
                    self._refused[label] = str(error)
        tags = [each.tag for _, each in every if each.tag is not None]
        if self._place is not None and tags:
            self._place.fetch(tags)

    def documents(self, release: Release) -> Iterator[Document | LeftOut]:
        if release.label in self._refused:
            raise SourceError(self._refused[release.label])
        options: HexOptions = self.options
        each = self._shelf.find(release)
        with self._shelf.read(each, wanted) as tarball:
            tools = tarball.metadata.build_tools
            if options.build_tools and not set(options.build_tools) & set(tools):
                built = ", ".join(tools) or "nothing that it names"
                yield LeftOut(
                    "*", f"built by {built}, not by {' or '.join(options.build_tools)}", self.name
                )
                return
            contents = tarball.contents
            stated = licences.root(tarball.metadata.licences, _licence_texts(contents))
            yield from self._own(release, contents, stated)
            if each.tag is not None and self._place is not None:
                yield from paired_tests(
                    release,
                    contents,
                    each.tag,
                    self._place,
                    options.files,
                    licence=stated.expression,
                )
            elif options.tests_from != "none":
                yield LeftOut("test/", "no tests: none were found in its repository", self.name)

    def check(self) -> Check:
        tokens = {name: self.context.secret(name) for name in (KEY, TOKEN)}
        with ExitStack() as stack:
            registry, api, _ = self._clients(stack, hurried=True)
            return check(self.options, registry, api, self._shelf, tokens, self._hint)

    def _own(
        self, release: Release, contents: Files, stated: licences.Stated
    ) -> Iterator[Document | LeftOut]:
        """The tarball's own documents, with what was assumed of the root's licence on those that
        have it."""
        found = licences_of(contents, stated.expression)
        root = found.folder("")
        options: HexOptions = self.options
        for item in documents(release, contents, options.files, licence=stated.expression):
            if stated.note and isinstance(item, Document):
                own = found.of(item.path, item.text, item.language)
                yield replace(item, licence_note=stated.note) if own == root else item
            else:
                yield item

    def _release(self, candidate: Candidate, each: Kept) -> Release:
        options: HexOptions = self.options
        described, listed = candidate.described, candidate.listed
        version = str(listed.version)
        repositories = addresses(described.links)
        downloads = described.downloads
        return Release(
            source=self.name,
            name=each.name,
            version=version,
            checksum=each.checksum,
            family=_family(repositories) or each.name,
            origin=f"https://hex.pm/packages/{each.name}/{version}"
            if options.repository == HEXPM
            else f"pkg:hex/{options.repository}/{each.name}@{version}",
            released=listed.published or described.published.get(version, ""),
            signals=Signals(
                downloads=None if downloads is None else about(downloads),
                updated=described.updated[:7],
            ),
        )

    def _hint(self, error: SourceError) -> str:
        """What to do about a private repository that does not open."""
        refused = isinstance(error, WebError) and error.status in (401, 403, 404)
        if self.options.repository == HEXPM or not refused:
            return ""
        elsewhere = ""
        if not self.options.at_root:
            elsewhere = "; if it lies at the root of its address, set at_root to true"
        if self.context.secret(KEY):
            key = f"; does the key in {KEY} open the repository {self.options.repository}?"
        else:
            key = f"; if {self.options.repository} is private, give its key in {KEY}"
        return key + elsewhere

    def _tags(self, candidates: Sequence[Candidate]) -> list[Tag | None]:
        """The tag of each release, None where there is none; says how many there are."""
        if self._place is None or not candidates:
            return [None] * len(candidates)
        packages = [
            Package(c.name, str(c.listed.version), c.described.links, c.described.app)
            for c in candidates
        ]
        try:
            answers = find(packages, self._place)
        except RequestError as error:
            self.context.say(f"hex: no tests are taken from repositories: {error}")
            return [None] * len(candidates)
        paired = sum(isinstance(answer, Tag) for answer in answers)
        self.context.say(f"hex: {paired} of {len(answers)} releases have tests in their repository")
        for line in _why_unpaired(answers):
            self.context.say(line)
        return [answer if isinstance(answer, Tag) else None for answer in answers]

    def _where_tests_are(self) -> Place | None:
        options: HexOptions = self.options
        if options.tests_from == "mirror":
            return Mirror(Path(options.mirror).expanduser().absolute())
        if options.tests_from == "github":
            return GitHubPlace(
                self.context,
                self.context.cache / "repositories",
                options.github_api_url,
                concurrency=options.concurrency,
            )
        return None

    def _clients(
        self, stack: ExitStack, *, hurried: bool = False
    ) -> tuple[Registry, Api | None, Web]:
        """What to ask, until the stack is left; the client is the repository's."""
        options: HexOptions = self.options
        web = stack.enter_context(self._web("repo", hurried=hurried))
        registry = Registry(web, keys.load(options.public_key), options.repository)
        if not options.api_url:
            return registry, None, web
        asked = stack.enter_context(self._web("api", hurried=hurried))
        api = Api(asked, options.repository, options.below(options.api_url))
        return registry, api, web

    def _web(self, which: str, *, hurried: bool = False) -> Web:
        """A client of the repository (`repo`) or of the HTTP API (`api`)."""
        options: HexOptions = self.options
        private = options.repository != HEXPM
        base, keyed = options.repo_url + options.below(options.repo_url), private
        if which == "api":
            base, keyed = options.api_url, private or options.api_url == PUBLIC_API
        key = self.context.secret(KEY) if keyed else ""
        if key and not _is_sealed(base):
            raise RequestError(
                f"hex: {base} is not https, and the key in {KEY} would travel there in the clear; "
                f"use https, or unset {KEY}"
            )
        return Web(
            self.context.cache / "web" / which,
            "hex",
            base=base,
            secrets={"authorization": key} if key else {},
            concurrency=options.concurrency,
            offline=self.context.offline,
            progress=self.context.progress,
            hurried=hurried,
        )


def _is_sealed(address: str) -> bool:
    """Whether nobody on the way can read along."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")


def _family(repositories: Sequence[Address]) -> str:
    """The repository that packages share, called as the source `github` calls it."""
    if not repositories:
        return ""
    first = repositories[0]
    return (first.path if first.host == "github.com" else str(first)).lower()


def _licence_texts(contents: Files) -> dict[str, str]:
    return {
        entry.path: contents.read(entry.path)[:LONGEST].decode("utf-8", "replace")
        for entry in contents.entries
        if entry.kind == "file" and is_licence_file(entry.path) and wanted(entry.path, entry.size)
    }


def _why_unpaired(answers: Sequence[Tag | Unpaired]) -> list[str]:
    """A few releases without tests, each with the reason, and how many more there are."""
    without = [answer for answer in answers if isinstance(answer, Unpaired)]
    lines = [f"hex: {u.package.name} {u.package.version}: {u.reason}" for u in without[:SHOWN]]
    rest = len(without) - SHOWN
    return [*lines, f"hex: and {rest} others without tests"] if rest > 0 else lines
