"""`debian`: upstream source as Debian's source packages carry it, by name and suite.

A release is a source package's version; it is identified by name, version and the SHA-256 digests
of its upstream archives, as the suite's signed index has them, so that it is known before anything
is fetched. Debian's own packaging and patches are no part of it.

The index is fetched once a build, and not at all when every package is pinned (`name=version`) and
was fetched before. With `offline` the last index and what was fetched are used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from filelock import FileLock
from pydantic import Field, field_validator

from factory.errors import RequestError, SourceError
from factory.plugins import Check, Finding, Options, Source, SourceContext
from factory.records import Document, LeftOut, Release
from sources.apt import PACKAGE, SUITE, VERSION, SourcePackage, Suite, Tarball, newest
from sources.apt_sources import ETC
from sources.archive import newest_date, read_archive, write_whole
from sources.members import Contents, Entry
from sources.option_text import matching, spelt_out
from sources.reading import ReadingOptions, documents, reading, wanted

COMPONENT = re.compile(r"\.orig-([A-Za-z0-9-]+)\.tar\.\w+$")


SuiteName = Annotated[str, matching(SUITE, "name of a Debian suite (say trixie)")]
PackageName = Annotated[str, matching(PACKAGE, "name of a Debian source package")]
Version = Annotated[str, matching(VERSION, "Debian version (say 1.18.3.dfsg-1)")]


class Package(Options):
    """A source package; without a version the suite's newest is meant."""

    name: PackageName
    suite: SuiteName | None = None
    version: Version | None = None


class DebianOptions(ReadingOptions):
    """Which source packages, from which suite."""

    packages: tuple[Package, ...] = Field(
        min_length=1,
        description="source packages: a name, `name=version`, or {name, suite, version}",
    )
    suite: SuiteName = Field("trixie", description="the suite of packages that name none")
    families: dict[str, str] = Field(
        default_factory=dict,
        description="what the split keeps together, by package; by default each is a family",
    )

    @field_validator(
        "packages", mode="before", json_schema_input_type=str | tuple[str | Package, ...]
    )
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        return spelt_out(value, _entry)


def _entry(item: str) -> dict[str, str]:
    name, equals, version = item.partition("=")
    return {"name": name.strip()} | ({"version": version.strip()} if equals else {})


class Debian(Source):
    """Releases from Debian's archive."""

    name: ClassVar[str] = "debian"
    version: ClassVar[int] = 2
    Options = DebianOptions
    etc: ClassVar[Path] = ETC
    """Where the machine's apt sources are."""

    def __init__(self, options: DebianOptions, context: SourceContext) -> None:
        super().__init__(options, context)
        self._found: dict[str, tuple[SourcePackage, str]] = {}
        self._failed: dict[str, str] = {}
        self._updated: set[str] = set()

    def reading(self) -> dict[str, Any]:
        return reading(self.options)

    def releases(self) -> Iterable[Release]:
        """One release for each package, fetched if it was not. One that cannot be fetched is
        listed all the same, and `documents` says why.

        Raises `RequestError` for a package or a version that the suite does not have, and
        `SourceError` when the suite's index cannot be had.
        """
        found = {}
        for entry in self.options.packages:
            package, suite = self._resolved(entry)
            release = self._release(package, suite)
            self._found[release.label] = (package, suite)
            found[release.label] = release
        return list(found.values())

    def check(self) -> Check:
        """Reads the suites' indices, which a build does too, and fetches no archive."""
        findings: list[Finding] = []
        missing: list[Tarball] = []
        for entry in self.options.packages:
            try:
                package, suite = self._resolved(entry)
            except (RequestError, SourceError) as error:
                findings.append(Finding(entry.name, False, str(error)))
                continue
            here = self._is_here(package)
            missing += [] if here else package.tarballs
            detail = f"{package.version} in {suite}" + (", fetched before" if here else "")
            findings.append(Finding(entry.name, True, detail))
        return Check(
            tuple(findings),
            releases=sum(finding.ok is True for finding in findings),
            requests=len(missing),
            bytes=sum(tarball.size for tarball in missing),
        )

    def documents(self, release: Release) -> Iterator[Document | LeftOut]:
        archives = self.archives(release.label)
        with ExitStack() as stack:
            parts = [(a.name, stack.enter_context(read_archive(a, wanted))) for a in archives]
            yield from documents(release, Joined(parts), self.options)

    def archives(self, label: str) -> list[Path]:
        """The upstream archives of a release, fetched if need be and checked against the index.

        Raises `SourceError` when they cannot be fetched or are damaged.
        """
        if label not in self._found:
            list(self.releases())
        if label not in self._found:
            raise SourceError(f"{label} is not among the source's packages any more")
        if label in self._failed:
            raise SourceError(self._failed[label])
        package, suite = self._found[label]
        self._fetch(package, suite)
        for tarball in package.tarballs:
            path = self._archive(tarball)
            if _sha256(path) != tarball.sha256:
                path.unlink()
                raise SourceError(
                    f"{tarball.file} was damaged on this disk and has been removed; "
                    "run the same command again to fetch it anew"
                )
        return [self._archive(tarball) for tarball in package.tarballs]

    def _resolved(self, entry: Package) -> tuple[SourcePackage, str]:
        suite = entry.suite or self.options.suite
        if entry.version:
            known = self._known(entry.name, entry.version)
            if known is not None and (self.context.offline or self._is_here(known)):
                return known, suite
        elif self.context.offline:
            last = self._last(entry.name, suite)
            if last is not None:
                return last, suite
        package = self._from_index(entry, suite)
        self._remember(package, suite)
        return package, suite

    def _from_index(self, entry: Package, suite: str) -> SourcePackage:
        index = self._suite(suite)
        if self.context.offline:
            version = f" {entry.version}" if entry.version else ""
            if not index.is_known:
                raise SourceError(
                    f"{entry.name}{version} from Debian {suite} was never fetched here: "
                    "run the same command once without --offline"
                )
        elif suite not in self._updated:
            self.context.say(f"debian: reading the index of {suite}")
            index.update()
            self._updated.add(suite)
        versions = index.packages(entry.name)
        if not versions:
            raise RequestError(
                f"Debian {suite} has no source package {entry.name!r} (names are those of source "
                f"packages, as on tracker.debian.org)"
            )
        if not entry.version:
            return newest(versions)
        for package in versions:
            if package.version == entry.version:
                return package
        there = ", ".join(sorted(p.version for p in versions))
        raise RequestError(
            f"Debian {suite} has no version {entry.version} of {entry.name}; it has {there}"
        )

    def _suite(self, name: str) -> Suite:
        return Suite(self.context.cache / "apt", name, self.etc)

    def _release(self, package: SourcePackage, suite: str) -> Release:
        digests = [f"{tarball.sha256}  {tarball.file}" for tarball in package.tarballs]
        checksum = package.tarballs[0].sha256
        if len(digests) > 1:
            checksum = hashlib.sha256("\n".join(digests).encode()).hexdigest()
        release = Release(
            source=self.name,
            name=package.name,
            version=package.version,
            checksum=f"sha256:{checksum}",
            family=self.options.families.get(package.name, package.name),
            origin=f"debian:{package.directory}",
            size=sum(tarball.size for tarball in package.tarballs),
        )
        try:
            released = self._released(package, suite)
        except SourceError as error:
            self._failed[release.label] = str(error)
            return release
        self._failed.pop(release.label, None)
        return replace(release, released=released)

    def _released(self, package: SourcePackage, suite: str) -> str:
        """The day of the newest file in the package's archives, which are fetched for it if their
        dates are not known yet."""
        cache = self.context.cache
        if not all((cache / "dates" / t.sha256).exists() for t in package.tarballs):
            self._fetch(package, suite)
        return max(newest_date(self._archive(t), t.sha256, cache) for t in package.tarballs)

    def _fetch(self, package: SourcePackage, suite: str) -> None:
        """Make sure that the package's archives are here. They are fetched under another name and
        checked before they take their own."""
        if self._is_here(package):
            return
        if self.context.offline:
            raise SourceError(
                f"{package.name} {package.version} was never fetched here: run the same command "
                "once without --offline"
            )
        partial = self.context.cache / "partial" / f"{package.name}_{package.version}"
        partial.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{partial}.lock"):
            if not self._is_here(package):
                self._download(package, suite, partial)

    def _download(self, package: SourcePackage, suite: str, partial: Path) -> None:
        size = sum(tarball.size for tarball in package.tarballs)
        self.context.say(f"debian: fetching {package.name} {package.version} ({size / 1e6:.1f} MB)")
        self._suite(suite).download(package, partial)
        for tarball in package.tarballs:
            fetched = partial / tarball.file
            if _sha256(fetched) != tarball.sha256:
                fetched.unlink()
                raise SourceError(
                    f"{tarball.file} came with another digest than Debian's index has; it was "
                    "removed: run the same command again"
                )
            place = self._archive(tarball)
            place.parent.mkdir(parents=True, exist_ok=True)
            fetched.replace(place)
        for rest in partial.iterdir():
            rest.unlink()
        partial.rmdir()

    def _archive(self, tarball: Tarball) -> Path:
        return self.context.cache / "archives" / tarball.sha256 / tarball.file

    def _is_here(self, package: SourcePackage) -> bool:
        return all(self._archive(tarball).is_file() for tarball in package.tarballs)

    def _remember(self, package: SourcePackage, suite: str) -> None:
        """Note what the index says, for builds without it: by version, and as the suite's last."""
        data = json.dumps(asdict(package), indent=1).encode()
        write_whole(self._record(package.name, package.version), data)
        write_whole(self._record(package.name, f"in {suite}"), data)

    def _record(self, name: str, which: str) -> Path:
        return self.context.cache / "packages" / name / f"{which}.json"

    def _known(self, name: str, version: str) -> SourcePackage | None:
        return _recorded(self._record(name, version))

    def _last(self, name: str, suite: str) -> SourcePackage | None:
        return _recorded(self._record(name, f"in {suite}"))


class Joined:
    """Several archives as one tree, as dpkg-source lays them out: the main one at the root, each
    other in its component's folder. The `debian/` folder of a native package is Debian's packaging
    and not in it."""

    def __init__(self, parts: Sequence[tuple[str, Contents]]) -> None:
        self._where: dict[str, tuple[Contents, str]] = {}
        entries: list[Entry] = []
        for file, contents in parts:
            component = COMPONENT.search(file)
            folder = component[1] + "/" if component else ""
            native = ".orig" not in file
            for entry in contents.entries:
                if native and entry.path.startswith("debian/"):
                    continue
                path = folder + entry.path
                self._where[path] = (contents, entry.path)
                entries.append(Entry(path, entry.size, entry.kind))
        self.entries: Sequence[Entry] = sorted(entries, key=lambda entry: entry.path)

    def read(self, path: str) -> bytes:
        contents, name = self._where[path]
        return contents.read(name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _recorded(path: Path) -> SourcePackage | None:
    try:
        raw = json.loads(path.read_text("utf-8"))
        tarballs = tuple(Tarball(**tarball) for tarball in raw.pop("tarballs"))
        return SourcePackage(**raw, tarballs=tarballs)
    except (OSError, ValueError, TypeError, KeyError):
        return None
