"""What a Hex server holds, and what happens to it between two requests.

    world = World()
    world.hexpm.publish(build(Metadata("plug", "1.16.1"), files), downloads=900)
    world.hexpm.retire("plug", "1.16.0", "security", "CVE-2024-1")
    world.hexpm.remove("plug", "1.15.0")

Time stands still until `tick`: what a test publishes carries dates that do not depend on the clock.
Lies a registry may tell (a signature that does not fit, another repository's name, a tarball that
is not the one it lists) are set in `Repository.lies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from tests.sources.hex_server.keys import Key, key
from tests.sources.hex_server.tarball import Tarball

Reason = Literal["other", "invalid", "security", "deprecated", "renamed"]
REASONS: tuple[Reason, ...] = ("other", "invalid", "security", "deprecated", "renamed")
START = datetime(2024, 6, 20, 13, 57, 58, 725910, tzinfo=UTC)

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?")


@dataclass(frozen=True)
class Retirement:
    reason: Reason
    message: str = ""


@dataclass(frozen=True)
class Advisory:
    """A security advisory that affects some of a package's releases."""

    id: str
    summary: str
    versions: tuple[str, ...]
    severity: int = 3
    score: float = 7.5
    aliases: tuple[str, ...] = ()


@dataclass
class Release:
    """A published version; `tarball` is what its registry entry's checksums are of."""

    version: str
    tarball: Tarball
    inserted: datetime
    updated: datetime
    downloads: int = 0
    has_docs: bool = True
    retired: Retirement | None = None

    @property
    def is_stable(self) -> bool:
        return "-" not in self.version.partition("+")[0]


@dataclass
class Package:
    name: str
    inserted: datetime
    updated: datetime
    downloads: int = 0
    recent: int = 0
    releases: dict[str, Release] = field(default_factory=dict)
    advisories: list[Advisory] = field(default_factory=list)

    @property
    def ordered(self) -> list[Release]:
        """All releases, the oldest version first."""
        return sorted(self.releases.values(), key=lambda release: _precedence(release.version))

    @property
    def latest(self) -> Release:
        """The newest stable release, or the newest when none is stable."""
        ordered = self.ordered
        return next((r for r in reversed(ordered) if r.is_stable), ordered[-1])


@dataclass
class Lies:
    """What a repository tells falsely. Paths are as requested (`versions`, `packages/plug`,
    `tarballs/plug-1.0.0.tar`); `tarballs` counts how often a damaged one is served, -1 for ever."""

    signature: set[str] = field(default_factory=set)
    unsigned: set[str] = field(default_factory=set)
    repository: dict[str, str] = field(default_factory=dict)
    name: dict[str, str] = field(default_factory=dict)
    body: dict[str, bytes] = field(default_factory=dict)
    tarballs: dict[str, int] = field(default_factory=dict)


class Repository:
    """A named repository with its own key; `api_key` opens it where it is not public."""

    def __init__(self, world: World, name: str, seed: int, api_key: str = "") -> None:
        self.world = world
        self.name = name
        self.key: Key = key(seed)
        self.api_key = api_key
        self.packages: dict[str, Package] = {}
        self.lies = Lies()
        self.changed = world.now

    def publish(
        self,
        tarball: Tarball,
        *,
        downloads: int = 0,
        recent: int | None = None,
        has_docs: bool = True,
    ) -> Release:
        """Add a release (or publish it anew). `downloads` are the package's, of all time."""
        name, version = tarball.metadata.name, tarball.metadata.version
        if not _VERSION.fullmatch(version):
            raise ValueError(f"{version!r} is no version as semver.org has them")
        now = self.world.now
        package = self.packages.setdefault(name, Package(name, now, now))
        before = package.releases.get(version)
        inserted = before.inserted if before else now
        release = Release(version, tarball, inserted, now, downloads, has_docs)
        package.releases[version] = release
        package.updated = self.changed = now
        if downloads:
            package.downloads = downloads
            package.recent = downloads // 10 if recent is None else recent
        return release

    def retire(self, name: str, version: str, reason: Reason = "other", message: str = "") -> None:
        self._touch(name, version).retired = Retirement(reason, message)

    def unretire(self, name: str, version: str) -> None:
        self._touch(name, version).retired = None

    def remove(self, name: str, version: str) -> None:
        """Take a release away; the package goes with its last one."""
        self._touch(name, version)
        package = self.packages[name]
        del package.releases[version]
        if not package.releases:
            del self.packages[name]

    def advise(self, name: str, advisory: Advisory) -> None:
        self.packages[name].advisories.append(advisory)
        self.packages[name].updated = self.changed = self.world.now

    def change_key(self, seed: int) -> None:
        """Sign with another key from now on."""
        self.key = key(seed)

    def sorted(self) -> list[Package]:
        return [self.packages[name] for name in sorted(self.packages)]

    def _touch(self, name: str, version: str) -> Release:
        package = self.packages[name]
        package.updated = self.changed = self.world.now
        release = package.releases[version]
        release.updated = self.world.now
        return release


class World:
    """Hex.pm itself (`hexpm`), and its organisations' private repositories."""

    def __init__(self) -> None:
        self.now = START
        self.hexpm = Repository(self, "hexpm", seed=1)
        self.repositories = {"hexpm": self.hexpm}
        self.keys: dict[str, str] = {}
        """API key → the organisation it belongs to."""

    def organisation(self, name: str, api_key: str) -> Repository:
        self.repositories[name] = Repository(self, name, 2 + len(self.repositories), api_key)
        self.keys[api_key] = name
        return self.repositories[name]

    def tick(self, **by: float) -> None:
        """Let time pass: `tick(days=1)`."""
        self.now += timedelta(**by)

    def releases(self) -> Iterator[tuple[Package, Release]]:
        for repository in self.repositories.values():
            for package in repository.sorted():
                for release in package.ordered:
                    yield package, release


def _precedence(version: str) -> tuple[int, int, int, bool, list[tuple[int, int, str]], str]:
    """Precedence as semver.org has it (2.0.0, section 11); build metadata breaks ties."""
    found = _VERSION.fullmatch(version)
    assert found
    major, minor, patch, pre, build = found.groups("")
    parts = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre.split(".") if pre]
    return int(major), int(minor), int(patch), not pre, parts, build
