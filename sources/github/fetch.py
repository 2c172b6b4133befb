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

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from factory.records import Document, LeftOut, Release
from sources.members import Contents
from sources.reading import ReadingOptions
from sources.web import Web

LIMIT = 200_000_000
"""Bytes that one repository may cost, as a tarball or as a clone, unless the source says else."""


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


@dataclass(frozen=True, slots=True)
class Store:
    """Where snapshots are kept: `cache` is the source's own folder. It pickles."""

    cache: Path

    def has(self, snapshot: Snapshot) -> bool:
        """Whether the snapshot is here, whole."""
        raise NotImplementedError

    def documents(
        self, release: Release, snapshot: Snapshot, options: ReadingOptions, *, licence: str = ""
    ) -> Iterator[Document | LeftOut]:
        """The files' documents as `sources.reading` gives them, then (with `commits`) one document
        of language `patch` for each commit that is worth it, newest first.

        `licence` stands in for the root's licence files where the source knows better. Raises
        `SourceError` when the snapshot is not here or was damaged on this disk (then it is removed,
        so that the next run fetches it anew).
        """
        raise NotImplementedError

    def contents(self, commit: str) -> Contents:
        """A fetched tarball's files (`sources.reading.Files`; the caller closes it). Raises
        `SourceError` as `documents` does."""
        raise NotImplementedError


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
    raise NotImplementedError


def tarball(
    repository: str, commit: str, cache: Path, web: Web, *, api: str, limit: int = LIMIT
) -> Path:
    """The tarball of a commit under `cache`, fetched and checked unless it is there:
    `sources.archive.read_archive` reads it. Raises `SourceError` as `fetch` does."""
    raise NotImplementedError
