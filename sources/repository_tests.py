"""The tests behind a release: a package's tarball leaves them out, its repository has them.

A release is paired with a tag of the repository that its package links, in two steps:

1. `find`, when releases are listed (one small question for many packages): which tag is called
   after the release, and which commit it names. The commit is part of what the documents depend
   on, so it belongs into the release's checksum beside the tarball's own.
2. `paired_tests`, when documents are read (no network): the tag has to be that release. The
   source files of the tarball are compared, byte for byte, with those of the tag; below a share of
   0.9 that are equal nothing is taken and one `LeftOut` says why. A repository of many packages is
   searched for the folder whose `mix.exs` or `.app.src` names the application.

A file comes out under its path in the package (`test/cart_test.exs`), with `Document.origin` naming
repository, commit and path there, and with the licence that the *repository* states for it.

    place = Mirror(folder)                                  # or GitHub's, see `Place`
    found = find([Package("plug", "1.16.1", links)], place)     # main process, listing
    place.fetch([tag for tag in found if isinstance(tag, Tag)])  # main process, before reading
    for item in paired_tests(release, contents, tag, place, options): ...  # worker process

Not covered: tests outside `test/`; packages whose links name no repository (no guessing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from factory.errors import ArchiveRefusedError, SourceError
from factory.records import Document, LeftOut, Release
from sources.folder import Commit
from sources.git import Repository
from sources.licence_files import UNKNOWN, Licences, is_licence_file, is_metadata_file
from sources.licence_text import LONGEST
from sources.members import Entry, name_fault, shown
from sources.reading import Files, ReadingOptions, documents, wanted
from sources.repositories import Address, addresses, mirrored

ENOUGH = 0.9
"""The share of a tarball's source files that the tag must hold unchanged."""

_SOURCE = re.compile(r"\.(?:exs?|[ehl]?eex|erl|hrl)$")
_VERSION = re.compile(
    r"[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}(?:-[0-9A-Za-z.-]{1,60})?(?:\+[0-9A-Za-z.-]{0,60})?"
)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_APP = re.compile(r"^[ \t]*app:[ \t]*:\"?([a-z0-9_@]{1,99})\"?[ \t]*[,\]\n]", re.M)

PROJECTS = 200
"""Folders of a repository that are held to be packages: the nearest to its root."""


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

    def commits(self, asked: Sequence[Asked]) -> Sequence[Mapping[str, str] | None]:
        """For each question the tags that exist, with the full name of the commit that each leads
        to; None where the repository is not at hand. Small requests only, in the main process."""
        ...

    def fetch(self, tags: Sequence[Tag]) -> None:
        """Bring the commits' files here. Called once, in the main process; what cannot be had
        makes `files` raise `SourceError` for that tag alone."""
        ...

    def files(self, tag: Tag) -> AbstractContextManager[Files]:
        """The commit's files, paths from the repository's root, with the bytes of those that
        `sources.reading.wanted` says yes to. No network. Raises `SourceError`."""
        ...


def tag_names(package: Package) -> tuple[str, ...]:
    """What a tag of this release may be called, the most telling name first; none when name or
    version is not plain."""
    name, version = package.name, package.version.partition("+")[0]
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(package.version):
        return ()
    app = package.app if _NAME.fullmatch(package.app) else name
    versions = [version]
    core, dash, pre = version.partition("-")
    if dash:
        versions.append(f"{core}-{pre.replace('.', '')}")  # 1.0.0-rc.1, tagged 1.0.0-rc1
    elif core.count(".") == 2 and core.endswith(".0"):
        versions.append(core.removesuffix(".0"))  # 2.12.0, tagged 2.12
    names = [
        form.format(name=each, version=v)
        for v in versions
        for each in dict.fromkeys((name, name.replace("_", "-"), app))
        for form in ("{name}-v{version}", "{name}-{version}", "{name}/v{version}",
                     "{name}/{version}", "{name}@{version}", "{name}@v{version}",
                     "{name}_v{version}", "{name}_{version}")
    ]  # fmt: skip
    names += [
        form.format(version=v)
        for v in versions
        for form in ("v{version}", "{version}", "V{version}", "release-{version}",
                     "release-v{version}", "release/{version}", "releases/{version}",
                     "rel-{version}", "version-{version}")
    ]  # fmt: skip
    plain = (each for each in names if ".." not in each and not each.endswith((".", ".lock")))
    return tuple(dict.fromkeys(plain))


def find(packages: Sequence[Package], place: Place) -> list[Tag | Unpaired]:
    """The tag of each release, or why there is none; in the order of the packages.

    Raises `SourceError` when the place cannot answer at all.
    """
    where = [addresses(package.links) for package in packages]
    names = [tag_names(package) for package in packages]
    asked = [
        Asked(repository, tags)
        for repositories, tags in zip(where, names, strict=True)
        for repository in repositories
        if tags
    ]
    answers = iter(place.commits(asked) if asked else [])
    found: list[Tag | Unpaired] = []
    for package, repositories, tags in zip(packages, where, names, strict=True):
        told = [(repository, next(answers)) for repository in repositories if tags]
        found.append(_chosen(package, tags, told))
    return found


def _chosen(
    package: Package,
    tags: Sequence[str],
    told: Sequence[tuple[Address, Mapping[str, str] | None]],
) -> Tag | Unpaired:
    if not tags:
        return Unpaired(package, f"no tag can be called after {package.version!r}")
    if not told:
        return Unpaired(package, "its metadata links none")
    for repository, commits in told:
        for name in tags:
            if commits and name in commits:
                return Tag(package, repository, name, commits[name])
    here = [str(repository) for repository, commits in told if commits is not None]
    if not here:
        return Unpaired(package, f"{told[0][0]} is not at hand")
    return Unpaired(package, f"{here[0]} has no tag called after {package.version}")


def paired_tests(
    release: Release,
    own: Files,
    tag: Tag,
    place: Place,
    options: ReadingOptions,
    *,
    licence: str = "",
) -> Iterator[Document | LeftOut]:
    """The files below `test/` that the repository has at the tag and the tarball (`own`) has not,
    or one `LeftOut` that says why the tag is not held to be the release.

    `licence` is the SPDX expression of the release's own metadata: it stands in where the
    repository says nothing at all. Raises `SourceError` when the commit's files are not here,
    which another try may mend; files that are refused for what they are make a `LeftOut`.
    """
    try:
        with place.files(tag) as files:
            proof = prove(own, files, tag.package)
            if proof.share < ENOUGH:
                yield Unpaired(tag.package, proof.told(tag)).left_out(release.source)
                return
            view = _Tests(files, proof.folder, {entry.path for entry in own.entries})
            if not view.entries:
                none = f"{tag.repository} at {tag.name} has no others below {proof.folder}test/"
                yield Unpaired(tag.package, none).left_out(release.source)
            licences = Licences(_evidence(files, proof.folder))
            for item in documents(release, view, options):
                yield _placed(item, tag, proof.folder, licences, licence)
    except ArchiveRefusedError as error:
        yield Unpaired(tag.package, str(error)).left_out(release.source)


@dataclass(frozen=True, slots=True)
class Proof:
    """How many of a tarball's source files a folder of the tag holds unchanged."""

    folder: str
    """The package's folder in the repository, with a slash at its end; "" for the root."""
    equal: int
    compared: int

    @property
    def share(self) -> float:
        return self.equal / self.compared if self.compared else 0.0

    def told(self, tag: Tag) -> str:
        if not self.compared:
            return "the release has no source files to compare with its tag"
        where = f" below {self.folder}" if self.folder else ""
        return (
            f"{tag.repository} at {tag.name}{where} is another state of the package: "
            f"{self.equal} of {self.compared} source files are equal"
        )


def prove(own: Files, files: Files, package: Package) -> Proof:
    """Compare a tarball's source files with those of a repository at a tag. Line ends as Windows
    writes them make no difference; a parser that was generated beside its grammar does not count,
    since it is packed and not committed."""
    grammars = {e.path[:-4] for e in own.entries if e.path.endswith((".yrl", ".xrl"))}
    sources = [
        e.path
        for e in own.entries
        if e.kind == "file"
        and _SOURCE.search(e.path)
        and wanted(e.path, e.size)
        and not (e.path.endswith(".erl") and e.path[:-4] in grammars)
    ]
    there = {e.path for e in files.entries if e.kind == "file" and wanted(e.path, e.size)}
    folder = _folder(files, there, sources, package)
    equal = sum(
        folder + path in there and _plain(files.read(folder + path)) == _plain(own.read(path))
        for path in sorted(sources)
    )
    return Proof(folder, equal, len(sources))


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _folder(files: Files, there: set[str], sources: Sequence[str], package: Package) -> str:
    """The package's folder: one whose project file names the application, else any project's;
    among several the one that holds most of the release's source paths, then the nearest."""
    app = package.app or package.name
    named, projects = set(), {""}
    for entry in files.entries:
        above, _, name = entry.path.rpartition("/")
        folder = above + "/" if above else ""
        if name in ("mix.exs", "rebar.config", "erlang.mk"):
            projects.add(folder)
        elif name in (f"{app}.app.src", f"{app}.app.src.script"):
            named.add(folder.removesuffix("src/") if f"/{folder}".endswith("/src/") else folder)
    nearest = sorted(projects, key=lambda folder: (folder.count("/"), folder))[:PROJECTS]
    if len(nearest) > 1:
        for folder in sorted(nearest):
            if f"{folder}mix.exs" in there and app in _APP.findall(
                files.read(f"{folder}mix.exs").decode("utf-8", "replace")
            ):
                named.add(folder)
    ranked = sorted(
        sorted(named)[:PROJECTS] or nearest,
        key=lambda folder: (-sum(folder + p in there for p in sources), folder.count("/"), folder),
    )
    return ranked[0]


class _Tests:
    """The test files of a package's folder, under their paths in the package."""

    def __init__(self, files: Files, folder: str, own: set[str]) -> None:
        self._files = files
        self._folder = folder
        start = f"{folder}test/"
        self.entries = [
            Entry(e.path[len(folder) :], e.size, e.kind)
            for e in files.entries
            if e.path.startswith(start) and e.path[len(folder) :] not in own
        ]

    def read(self, path: str) -> bytes:
        return self._files.read(self._folder + path)


def _evidence(files: Files, folder: str) -> dict[str, str]:
    """The licence and metadata files of the package's folder, of those above and of its tests."""
    return {
        e.path: files.read(e.path)[:LONGEST].decode("utf-8", "replace")
        for e in files.entries
        if e.kind == "file"
        and wanted(e.path, e.size)
        and (is_licence_file(e.path) or is_metadata_file(e.path))
        and (folder.startswith(_above(e.path)) or e.path.startswith(f"{folder}test/"))
    }


def _above(path: str) -> str:
    """The folder that a licence file speaks for (`LICENSES/MIT.txt` and `src/x.app.src`: the one
    above theirs)."""
    folder = path.rpartition("/")[0]
    last = folder.rpartition("/")[2]
    if last == "LICENSES" or (last == "src" and path.endswith(".app.src")):
        folder = folder.rpartition("/")[0]
    return folder + "/" if folder else ""


def _placed(
    item: Document | LeftOut, tag: Tag, folder: str, licences: Licences, stated: str
) -> Document | LeftOut:
    if isinstance(item, LeftOut):
        return replace(item, path="test/*") if item.path == "*" else item
    path = folder + item.path
    found = licences.of(path, item.text, item.language)
    silent = found == UNKNOWN
    return replace(
        item,
        licence=stated if silent and stated else found.expression,
        origin=tag.repository.origin(tag.commit, path),
        licence_note="the repository names no licence; the release's own was taken"
        if silent and stated
        else "",
    )


@dataclass(frozen=True)
class Mirror:
    """Repositories in a folder of this machine, laid out as `sources.repositories` says."""

    root: Path

    def commits(self, asked: Sequence[Asked]) -> list[Mapping[str, str] | None]:
        return [self._commits(each) for each in asked]

    def fetch(self, tags: Sequence[Tag]) -> None:
        """Nothing: all is here."""

    @contextmanager
    def files(self, tag: Tag) -> Iterator[Files]:
        repository = mirrored(self.root, tag.repository)
        if repository is None:
            raise SourceError(
                f"the mirror has no repository {tag.repository} any more; run the build again"
            )
        yield _committed(repository, tag)

    def _commits(self, asked: Asked) -> dict[str, str] | None:
        repository = mirrored(self.root, asked.repository)
        if repository is None:
            return None
        feed = "".join(f"refs/tags/{tag}^{{commit}}\n" for tag in asked.tags).encode()
        answers = repository.run("cat-file", "--batch-check", feed=feed).decode().splitlines()
        fields = [answer.split(" ") for answer in answers]
        return {
            tag: each[0]
            for tag, each in zip(asked.tags, fields, strict=True)
            if len(each) == 3 and each[1] == "commit"
        }


def _committed(repository: Repository, tag: Tag) -> Commit:
    blobs = repository.tree(tag.commit)
    for blob in blobs:
        fault = name_fault(blob.path)
        if fault:
            raise ArchiveRefusedError(
                f"{tag.repository} at {tag.name}: {shown(blob.path)}: {fault}; it is not read"
            )
    return Commit(repository, blobs)
