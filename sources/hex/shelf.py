"""What `hex` keeps on disk beside the web's answers: tarballs by their checksum, and for each
release that was listed what its documents need.

    tarballs/1f/1f0c….tar             sound tarballs, named by outer checksum
    incoming/1f0c….tar                one that is on its way, or waits to be looked at
    listed/plug/1.16.1-<digest>.json  a release's checksums and its repository's tag

A tarball gets its place only after it was read from end to end and both checksums fit; so whoever
finds it there may read it. Workers find a release by its record, which keeps what travels to them
small however many releases there are.

Not covered: removing what no dataset needs any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from factory.errors import ArchiveRefusedError, SourceError
from factory.records import Release
from sources.archive import write_whole
from sources.hex import tarball
from sources.hex.metadata import Metadata
from sources.hex.registry import Listed
from sources.hex.tarball import LARGEST, Tarball
from sources.members import Wanted
from sources.repositories import Address
from sources.repository_tags import Package, Tag
from sources.web import Web


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a listed release. Checksums are lower-case hex, `outer` may be ""."""

    name: str
    version: str
    outer: str
    inner: str
    tag: Tag | None = None

    @property
    def checksum(self) -> str:
        """What names the release's content: the tarball's, combined with the commit that its tests
        come from where there is one."""
        tarball = self.outer or self.inner
        if self.tag is None:
            return f"sha256:{tarball}"
        both = f"{tarball}  tarball\n{self.tag}  tests\n"
        return "sha256:" + hashlib.sha256(both.encode()).hexdigest()


def kept(name: str, listed: Listed, tag: Tag | None = None) -> Kept:
    return Kept(name, str(listed.version), listed.outer, listed.inner, tag)


class Shelf:
    """The folder, and the ways into and out of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, release: Kept) -> bool:
        return self._place(release).is_file()

    def typical_size(self) -> int:
        """The mean size in bytes of the tarballs that are here, 0 when there are none."""
        sizes = [path.stat().st_size for path in self._folder.glob("tarballs/*/*.tar")]
        return round(sum(sizes) / len(sizes)) if sizes else 0

    def bring(self, web: Web, release: Kept) -> None:
        """Fetch a tarball if it is not here, and put it on the shelf if it is sound.

        Raises `SourceError` naming the release. What came with another checksum than the registry
        has, or (where the registry has none of the whole file) is broken inside, was fetched twice
        before it is refused.
        """
        place = self._place(release)
        if place.is_file():
            return
        incoming = self._folder / "incoming" / place.name
        label = f"{release.name}-{release.version}.tar"
        for attempts_left in (1, 0):
            web.download(f"tarballs/{label}", incoming, sha256=release.outer or None, limit=LARGEST)
            try:
                tarball.check(incoming, release.name, release.version, release.inner)
                break
            except SourceError:
                incoming.unlink(missing_ok=True)
                if release.outer or not attempts_left:
                    raise
        place.parent.mkdir(parents=True, exist_ok=True)
        incoming.replace(place)

    def read(self, release: Kept, wanted: Wanted) -> Tarball:
        """Open a tarball of the shelf. Raises `SourceError`: it never came, or was damaged here,
        in which case it is removed."""
        place = self._place(release)
        if not place.is_file():
            raise SourceError(
                f"{release.name} {release.version} was never fetched here: run the same command "
                "once without --offline"
            )
        try:
            return tarball.read(place, release.name, release.version, release.inner, wanted)
        except ArchiveRefusedError:
            if release.outer and _sha256(place) == release.outer:
                raise
            place.unlink(missing_ok=True)
            raise SourceError(
                f"the tarball of {release.name} {release.version} was damaged on this disk and has "
                "been removed; run the same command again to fetch it anew"
            ) from None

    def metadata(self, release: Kept) -> Metadata:
        with self.read(release, lambda _path, _size: False) as opened:
            return opened.metadata

    def note(self, release: Kept) -> None:
        """Remember a listed release for `find`."""
        data = json.dumps(asdict(release), sort_keys=True, indent=1).encode()
        path = self._record(release.name, release.version, release.checksum)
        try:
            if path.read_bytes() == data:
                return
        except OSError:
            pass
        write_whole(path, data)

    def find(self, release: Release) -> Kept:
        """What was noted of a release. Raises `SourceError` when it was never listed here."""
        path = self._record(release.name, release.version, release.checksum)
        try:
            return _kept(json.loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            raise SourceError(
                f"{release.name} {release.version} is not among the releases that were listed here "
                "last; run the build again"
            ) from None

    def _place(self, release: Kept) -> Path:
        name = release.outer or f"inner-{release.inner}"
        return self._folder / "tarballs" / name[-2:] / f"{name}.tar"

    def _record(self, name: str, version: str, checksum: str) -> Path:
        return self._folder / "listed" / name / f"{version}-{checksum[-16:]}.json"


def _kept(data: Mapping[str, Any]) -> Kept:
    told = data["tag"]
    if told is None:
        return Kept(**data)
    tag = Tag(
        Package(**told["package"]), Address(**told["repository"]), told["name"], told["commit"]
    )
    return Kept(**{**data, "tag": tag})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
