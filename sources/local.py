"""`local`: the user's own code, as folders, Git checkouts, and tar or zip archives.

A Git checkout's release is its commit, or, when its tree is dirty, its own content; a folder's is
its content; an archive's is the digest of its bytes. With `commits`, the newest commits of a clean
checkout become documents beside its files. What a release is called never holds a path of
this machine, only the last name in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, field_validator

from factory.errors import RequestError, SourceError
from factory.plugins import Source, SourceContext
from factory.records import Document, LeftOut, Release
from factory.spec import MACHINE
from sources.archive import newest_date, read_archive
from sources.folder import Folder, Found, commit_files, is_dirty, walk
from sources.git import Repository, repository
from sources.licence_files import spdx
from sources.members import shown
from sources.patches import patches
from sources.reading import ReadingOptions, documents, reading, wanted

ARCHIVE_ENDING = re.compile(r"(?i)\.(?:t(?:ar)?\.?(?:gz|xz|bz2|zst)|tar|zip)$")
SHORT = 16
"""Hex digits of a digest in a version; the checksum has them all."""


class LocalOptions(ReadingOptions):
    """Where the code is, and what its owner says of it."""

    paths: tuple[str, ...] = Field(
        (),
        description="folders, Git checkouts, tar or zip archives; one alone needs no list",
        json_schema_extra=MACHINE,
    )
    licence: str = Field(
        "",
        description="the SPDX expression the code is under, in place of its root's licence files",
    )
    commits: int = Field(
        0,
        ge=0,
        le=100_000,
        description="how many of the newest commits of a Git checkout become documents too "
        "(of language patch, for the transform commit)",
    )
    family: str = Field(
        "", description="what the split keeps together; by default each path is a family"
    )

    @field_validator("paths", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("licence")
    @classmethod
    def _is_spdx(cls, value: str) -> str:
        expression = spdx(value) if value else ""
        if value and not expression:
            raise ValueError(
                f"{value!r} is no SPDX licence expression (say MIT, or LicenseRef-proprietary)"
            )
        return expression


@dataclass(frozen=True)
class Place:
    """Where a release's files lie: an archive, a commit of a repository, or a folder as found."""

    path: Path
    repository: Repository | None = None
    commit: str = ""
    found: Found | None = None


class Local(Source):
    """Releases from paths of this machine."""

    name: ClassVar[str] = "local"
    version: ClassVar[int] = 2
    Options = LocalOptions

    def __init__(self, options: LocalOptions, context: SourceContext) -> None:
        super().__init__(options, context)
        self._places: dict[str, Place] = {}

    def reading(self) -> dict[str, Any]:
        own = {"licence": self.options.licence, "commits": self.options.commits}
        return {**reading(self.options), **own}

    def releases(self) -> Iterable[Release]:
        """One release for each path. Raises `RequestError` for a path that is not there."""
        if not self.options.paths:
            raise RequestError(
                "the source local has no paths: name a folder, a Git checkout or an archive with "
                "--set sources.local.paths=PATH"
            )
        paths = [Path(path).expanduser().absolute() for path in self.options.paths]
        for given, path in zip(self.options.paths, paths, strict=True):
            if not path.exists():
                raise RequestError(f"the source local has no path {shown(given)}: there is no such")
        self._places = {}
        return [self._release(path.resolve()) for path in paths]

    def documents(self, release: Release) -> Iterator[Document | LeftOut]:
        if release.label not in self._places:
            list(self.releases())
        place = self._places.get(release.label)
        if place is None:
            raise SourceError(f"{release.label} changed since it was listed; run the build again")
        options: LocalOptions = self.options
        if place.found is not None:
            yield from place.found.left_out
            files = Folder(place.path, place.found)
            yield from documents(release, files, options, licence=options.licence)
        elif place.repository is not None:
            committed, left_out = commit_files(place.repository, place.commit)
            yield from left_out
            yield from documents(release, committed, options, licence=options.licence)
            if options.commits:
                yield from patches(
                    release,
                    place.repository,
                    place.commit,
                    options.commits,
                    options,
                    licence=options.licence,
                )
        else:
            with read_archive(place.path, wanted) as contents:
                yield from documents(release, contents, options, licence=options.licence)

    def _release(self, path: Path) -> Release:
        if path.is_dir():
            return self._folder(path)
        if not path.is_file():
            raise RequestError(f"{shown(path.name)} is neither a folder nor an archive")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        released = newest_date(path, digest, self.context.cache)
        name = ARCHIVE_ENDING.sub("", path.name)
        size = path.stat().st_size
        place = Place(path)
        return self._named(
            name, f"archive-{digest[:SHORT]}", f"sha256:{digest}", released, size, place
        )

    def _folder(self, path: Path) -> Release:
        tree = repository(path)
        commit = tree.head() if tree else ""
        if tree and commit and not is_dirty(tree, commit):
            kind = "sha1" if len(commit) == 40 else "sha256"
            place = Place(path, repository=tree, commit=commit)
            date = tree.committed(commit)
            size = sum(blob.size for blob in tree.tree(commit))
            return self._named(path.name, commit, f"{kind}:{commit}", date, size, place)
        found = walk(path, tree, prune=not self.options.keep)
        version = f"{'dirty' if tree else 'content'}-{found.digest[:SHORT]}"
        place = Place(path, found=found)
        size = sum(entry.size for entry in found.entries)
        return self._named(path.name, version, f"sha256:{found.digest}", "", size, place)

    def _named(
        self, name: str, version: str, checksum: str, released: str, size: int, place: Place
    ) -> Release:
        name = shown(name) or "root"
        release = Release(
            source="local",
            name=name,
            version=version,
            checksum=checksum,
            family=self.options.family or name,
            origin=shown(place.path.name) or name,
            released=released,
            size=size,
        )
        self._places[release.label] = place
        return release
