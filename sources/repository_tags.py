"""Which tag of its repository a package's release is, as far as names tell.

Many packages are asked for at once, in two rounds at most: the names that tags usually have, then
rarer ones for what had none. Where the repositories are is a `Place`'s to know: a local mirror
(`sources.repository_mirror`) or GitHub (`sources.github.place`).

Not covered: whether the tag is that release indeed (`sources.repository_tests` compares files);
packages whose links name no repository (no guessing).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from factory.records import LeftOut
from sources.reading import Files
from sources.repositories import Address, addresses

_VERSION = re.compile(
    r"[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}(?:-[0-9A-Za-z.-]{1,60})?(?:\+[0-9A-Za-z.-]{0,60})?"
)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")

USUAL = ("{name}-v{version}", "{name}-{version}", "{name}/v{version}", "{name}/{version}",
         "{name}@{version}", "v{version}", "{version}", "release-{version}")  # fmt: skip
OTHERS = ("{name}@v{version}", "{name}_v{version}", "{name}_{version}", "V{version}",
          "release-v{version}", "release/{version}", "releases/{version}", "rel-{version}",
          "version-{version}")  # fmt: skip
"""What tags are called; `name` is the package's."""


@dataclass(frozen=True, slots=True)
class Package:
    """What a release's metadata says: its package's name, its version, the links (name → address),
    and the OTP application's name where it is another than the package's."""

    name: str
    version: str
    links: Mapping[str, str] = field(default_factory=dict, hash=False)
    app: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that is called after a release, and the commit that it named when it was looked up.
    Pickles; `str` of it identifies the content, for a checksum."""

    package: Package
    repository: Address
    name: str
    commit: str

    def __str__(self) -> str:
        return f"{self.repository}@{self.commit}"


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Why a release has no tag."""

    package: Package
    reason: str

    def left_out(self, stage: str) -> LeftOut:
        return LeftOut("test/", f"no tests from its repository: {self.reason}", stage)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of these tags does the repository have?"""

    repository: Address
    tags: tuple[str, ...]


class Place(Protocol):
    """Where repositories are at hand: a local mirror, or a forge's API. It pickles."""

    def commits(self, asked: Sequence[Asked]) -> Sequence[Mapping[str, str] | str]:
        """For each question the tags that exist, with the full name of the commit that each leads
        to, or why the repository is not at hand ("is not in the mirror"). Small requests only, in
        the main process; what is wrong with one repository does not raise."""
        ...

    def fetch(self, tags: Sequence[Tag]) -> None:
        """Bring the commits' files here. Called once, in the main process; what cannot be had
        makes `files` raise `SourceError` for that tag alone."""
        ...

    def files(self, tag: Tag) -> AbstractContextManager[Files]:
        """The commit's files, paths from the repository's root, with the bytes of those that
        `sources.reading.wanted` says yes to. No network. Raises `SourceError`."""
        ...


def tag_names(package: Package) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a tag of this release may be called: the usual names, then others, in both the most
    telling one first. None when name or version is not plain."""
    name, version = package.name, package.version.partition("+")[0]
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(package.version):
        return (), ()
    app = package.app if _NAME.fullmatch(package.app) else name
    core, dash, pre = version.partition("-")
    versions = [version]
    if dash:
        versions.append(f"{core}-{pre.replace('.', '')}")  # 1.0.0-rc.1, tagged 1.0.0-rc1
    elif core.count(".") == 2 and core.endswith(".0"):
        versions.append(core.removesuffix(".0"))  # 2.12.0, tagged 2.12
    usual = [form.format(name=name, version=version) for form in USUAL]
    others = [
        form.format(name=each, version=v)
        for v in versions
        for each in dict.fromkeys((name, name.replace("_", "-"), app))
        for form in (*USUAL, *OTHERS)
    ]
    return _plain_names(usual), _plain_names([each for each in others if each not in usual])


def _plain_names(names: Sequence[str]) -> tuple[str, ...]:
    plain = (each for each in names if ".." not in each and not each.endswith((".", ".lock")))
    return tuple(dict.fromkeys(plain))


def find(packages: Sequence[Package], place: Place) -> list[Tag | Unpaired]:
    """The tag of each release, or why there is none; in the order of the packages.

    The place is asked twice at most: for the usual names, and for others where it has the
    repository and none of these. Raises `SourceError` when it cannot answer at all.
    """
    sought = [_Sought(package) for package in packages]
    for names in (0, 1):
        asked = [(each, question) for each in sought for question in each.questions(names)]
        answers = place.commits([question for _, question in asked]) if asked else []
        for (each, question), commits in zip(asked, answers, strict=True):
            each.told(question, commits)
    return [each.outcome() for each in sought]


class _Sought:
    """A release while its tag is looked for."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._names = tag_names(package)
        self._linked = addresses(package.links)
        self._at_hand: list[Address] = []
        self._missing: list[str] = []
        self._tag: Tag | None = None

    def questions(self, names: int) -> list[Asked]:
        if self._tag or not self._names[names]:
            return []
        where = self._at_hand if names else self._linked
        return [Asked(repository, self._names[names]) for repository in where]

    def told(self, question: Asked, commits: Mapping[str, str] | str) -> None:
        if isinstance(commits, str):
            self._missing.append(f"{question.repository} {commits}")
            return
        if question.repository not in self._at_hand:
            self._at_hand.append(question.repository)
        there = [name for name in question.tags if name in commits]
        if there and self._tag is None:
            commit = commits[there[0]]
            self._tag = Tag(self._package, question.repository, there[0], commit)

    def outcome(self) -> Tag | Unpaired:
        if self._tag:
            return self._tag
        version = self._package.version
        if not self._names[0]:
            reason = f"no tag can be called after {version!r}"
        elif not self._linked:
            reason = "its metadata links none"
        elif not self._at_hand:
            reason = self._missing[0]
        else:
            reason = f"{self._at_hand[0]} has no tag called after {version}"
        return Unpaired(self._package, reason)
