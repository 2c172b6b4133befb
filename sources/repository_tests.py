"""The tests behind a release: a package's tarball leaves them out, its repository has them.

A release is paired with a tag of the repository that its package links, in two steps:

1. `sources.repository_tags.find`, when releases are listed (small questions for many packages at
   once): which tag is called after the release, and which commit it names. The commit is part of
   what the documents depend on, so it belongs into the release's checksum beside the tarball's own.
2. `paired_tests`, when documents are read (no network): the tag has to be that release. The
   source files of the tarball are compared, byte for byte, with those of the tag; below a share of
   0.9 that are equal nothing is taken and one `LeftOut` says why. A repository of many packages is
   searched for the folder whose `mix.exs` or `.app.src` names the application.

A file comes out under its path in the package (`test/cart_test.exs`), with `Document.origin` naming
repository, commit and path there, and with the licence that the *repository* states for it.

    place = Mirror(folder)                                  # or a `GitHubPlace`
    found = find([Package("plug", "1.16.1", links)], place)     # main process, listing
    place.fetch([tag for tag in found if isinstance(tag, Tag)])  # main process, before reading
    for item in paired_tests(release, contents, tag, place, options): ...  # worker process

Not covered: tests outside `test/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from factory.errors import ArchiveRefusedError
from factory.records import Document, LeftOut, Release
from sources.licence_files import UNKNOWN, Licences, is_licence_file, is_metadata_file
from sources.licence_text import LONGEST
from sources.members import Entry
from sources.reading import Files, ReadingOptions, documents, wanted
from sources.repository_tags import Package, Place, Tag, Unpaired

ENOUGH = 0.9
"""The share of a tarball's source files that the tag must hold unchanged."""

_SOURCE = re.compile(r"\.(?:exs?|[ehl]?eex|erl|hrl)$")
_APP = re.compile(r"^[ \t]*app:[ \t]*:\"?([a-z0-9_@]{1,99})\"?[ \t]*[,\]\n]", re.M)

PROJECTS = 200
"""Folders of a repository that are held to be packages: the nearest to its root."""


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
