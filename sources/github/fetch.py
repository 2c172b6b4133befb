"""A repository at one commit: fetched in the main process, read in any.

Two ways, chosen by what is wanted. A **tarball** by commit (`GET /repos/OWNER/NAME/tarball/SHA`,
which redirects to where the archive lies) when the files are enough; a **shallow bare clone**
(`sources.github.clone`) when the newest commits are wanted as documents too. Both are kept under
the cache by commit and never change, so a second build asks nothing.

A tarball is believed when it unpacks to its end (gzip's own checksum included), holds nothing that
`sources.archive` refuses, and names the commit that was asked for, where `git archive` writes it
(the comment of its global pax header). One that is damaged is thrown away and fetched once more.

    snapshot = Snapshot("owner/name", "6f1c…", size=5_000_000)
    store = Store(context.cache)
    if not store.has(snapshot):                      # main process: Source.fetch
        fetch(snapshot, store, web, api="https://api.github.com", git="https://github.com",
              token=token)
    store.documents(release, snapshot, options)      # any process: Source.documents

Not covered: which repository and which commit (`sources.github.source`); Git LFS content (a pointer
is left out) and submodules (left out); what the repository's own `.gitattributes` keeps out of
archives (`export-ignore`, often tests) is in a clone and not in a tarball.
"""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from factory.errors import ArchiveRefusedError, SourceError
from factory.records import Document, LeftOut, Release
from sources.archive import read_archive
from sources.folder import commit_files
from sources.git import Repository
from sources.github.clone import clone
from sources.members import LIMITS, Contents
from sources.patches import patches
from sources.reading import ReadingOptions, documents, wanted
from sources.web import Web

LIMIT = 200_000_000
"""Bytes that one repository may cost, as a tarball or as a clone, unless the source says else."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BLOCK = 512
_COMMENT = re.compile(rb"\d{2} comment=([0-9a-f]{40}(?:[0-9a-f]{24})?)\n")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit of a repository, and what is wanted of it.

    `repository` is `owner/name`, `commit` its whole hexadecimal name (40 or 64 digits). `size` is
    what GitHub says the repository takes up in bytes (`diskUsage` is in kilobytes; 0 when unknown):
    a clone of one that is larger than the limit is not begun. `commits` is how many of the newest
    commits become documents beside the files; 0 means that a tarball is enough.
    """

    repository: str
    commit: str
    size: int = 0
    commits: int = 0

    def __post_init__(self) -> None:
        _check_names(self.repository, self.commit)

    @property
    def label(self) -> str:
        return f"{self.repository} at {self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class Store:
    """Where snapshots are kept: `cache` is the source's own folder. It pickles."""

    cache: Path

    def has(self, snapshot: Snapshot) -> bool:
        """Whether the snapshot is here, whole."""
        if snapshot.commits:
            return self.clone(snapshot).is_dir()
        return self.tarball(snapshot.commit).is_file()

    def tarball(self, commit: str) -> Path:
        return self.cache / "tarballs" / f"{commit}.tar.gz"

    def clone(self, snapshot: Snapshot) -> Path:
        return self.cache / "clones" / f"{snapshot.commit}-{snapshot.commits}"

    def documents(
        self, release: Release, snapshot: Snapshot, options: ReadingOptions, *, licence: str = ""
    ) -> Iterator[Document | LeftOut]:
        """The files' documents as `sources.reading` gives them, then (with `commits`) one document
        of language `patch` for each commit that is worth it, newest first.

        `licence` stands in for the root's licence files where the source knows better. Raises
        `SourceError` when the snapshot is not here or was damaged on this disk (then it is removed,
        so that the next run fetches it anew).
        """
        if not snapshot.commits:
            with self.contents(snapshot.commit) as contents:
                yield from documents(release, contents, options, licence=licence)
            return
        folder = self.clone(snapshot)
        if not folder.is_dir():
            raise SourceError(f"{snapshot.label} was not fetched: run the same command again")
        repository = Repository(folder, folder)
        try:
            files, left_out = commit_files(repository, snapshot.commit)
            for item in left_out:
                yield replace(item, reason="a Git submodule: not fetched", stage=release.source)
            yield from documents(release, files, options, licence=licence)
            yield from patches(
                release, repository, snapshot.commit, snapshot.commits, options, licence=licence
            )
        except SourceError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise _damaged(snapshot.label, error) from error

    def contents(self, commit: str) -> Contents:
        """A fetched tarball's files (`sources.reading.Files`; the caller closes it). Raises
        `SourceError` as `documents` does."""
        path = self.tarball(commit)
        if not path.is_file():
            raise SourceError(f"{commit} was not fetched: run the same command again")
        try:
            return read_archive(path, wanted)
        except ArchiveRefusedError as error:
            path.unlink(missing_ok=True)
            raise _damaged(commit, error) from error


def fetch(
    snapshot: Snapshot,
    store: Store,
    web: Web,
    *,
    api: str,
    git: str,
    token: str = "",
    limit: int = LIMIT,
) -> None:
    """Bring a snapshot into the store: nothing to do when it is there.

    `api` is the REST API's address (`https://api.github.com`, or `https://HOST/api/v3`), `git` that
    of the repositories (`https://github.com`); `token` is used for a clone and reaches git through
    its environment alone (a tarball is fetched by `web`, which has its own). Safe to call from
    several threads and processes at once. Raises `SourceError` naming the repository, the commit
    and what to do: too large, not there, damaged twice.
    """
    if not snapshot.commits:
        tarball(snapshot.repository, snapshot.commit, store.cache, web, api=api, limit=limit)
        return
    folder = store.clone(snapshot)
    if folder.is_dir():
        return
    if snapshot.size > limit:
        raise SourceError(
            f"{snapshot.repository} takes up {snapshot.size:,} bytes on its host, more than the "
            f"{limit:,} that one repository may cost: raise max_size_mb, or set commits to 0"
        )
    repository = clone(
        f"{git.rstrip('/')}/{snapshot.repository}.git",
        snapshot.commit,
        folder,
        depth=snapshot.commits + 1,
        limit=limit,
        token=token,
    )
    try:
        commit_files(repository, snapshot.commit)
    except SourceError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SourceError(f"{snapshot.label} is refused: {error}") from error


def tarball(
    repository: str, commit: str, cache: Path, web: Web, *, api: str, limit: int = LIMIT
) -> Path:
    """The tarball of a commit under `cache`, fetched and checked unless it is there:
    `sources.archive.read_archive` reads it. Raises `SourceError` as `fetch` does."""
    _check_names(repository, commit)
    path = Store(cache).tarball(commit)
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    url = f"{api.rstrip('/')}/repos/{repository}/tarball/{commit}"
    with FileLock(f"{partial}.lock"):
        for last in (False, True):
            if path.is_file():
                break
            partial.unlink(missing_ok=True)
            try:
                web.download(url, partial, limit=limit)
                _check(partial, commit, limit)
            except ArchiveRefusedError as error:
                partial.unlink(missing_ok=True)
                if last:
                    raise SourceError(
                        f"{repository} at {commit[:12]} is refused, fetched twice: {error}"
                    ) from error
            except SourceError as error:
                raise SourceError(f"{repository} at {commit[:12]}: {error}") from error
            else:
                partial.replace(path)
    return path


def _check(path: Path, commit: str, limit: int) -> None:
    """Raises `ArchiveRefusedError` unless the tarball is whole, safe, and that of the commit."""
    limits = replace(LIMITS, packed=min(limit, LIMITS.packed))
    read_archive(path, lambda _path, _size: False, limits).close()
    named = archived_commit(path)
    if named != commit:
        raise ArchiveRefusedError(
            f"{path.name}: it is the archive of {named or 'no commit'}; the archive is not read"
        )


def archived_commit(path: Path) -> str:
    """The commit that a gzipped tarball made by `git archive` names, "" when it names none: what
    `git get-tar-commit-id` prints (the comment of a global pax header that comes first)."""
    with path.open("rb") as file:
        packed = file.read(1 << 16)
    try:
        start = zlib.decompressobj(31).decompress(packed, 2 * _BLOCK)
    except zlib.error:
        return ""
    if start[156:157] != b"g":
        return ""
    found = _COMMENT.match(start, _BLOCK)
    return found[1].decode() if found else ""


def _check_names(repository: str, commit: str) -> None:
    if not _REPOSITORY.fullmatch(repository) or repository.endswith(("/.", "/..")):
        raise SourceError(f"{repository!r} is not the name of a repository (owner/name)")
    if not _COMMIT.fullmatch(commit):
        raise SourceError(f"{repository}: {commit!r} is not the whole name of a commit")


def _damaged(what: str, error: SourceError) -> SourceError:
    return SourceError(
        f"{what} was damaged on this disk and has been removed; run the same command again to "
        f"fetch it anew ({error})"
    )
