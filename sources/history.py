"""The newest commits of a repository, and which files each of them changed.

What changed is found by comparing the trees of a commit and its parent here, level by level for
all commits at once, and not by `git diff` or `git log`: those read a configuration and attributes
that a stranger wrote, and their output depends on both. Each object is checked against its name.

Not covered: renames (a file that moved is one deleted and one added), merges (which of their
parents a change came from), what was changed in more than `MOST_FILES` files.
"""

from __future__ import annotations

import codecs
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factory.errors import SourceError
from sources.git import Repository
from sources.members import name_fault

MOST_FILES = 40
"""Files that a commit may touch before it is no longer looked at."""
LARGEST_TREE = 4_000_000
"""Bytes of one folder's listing, and of one commit's own text."""

FOLDER = "40000"
FILES = frozenset({"100644", "100755", "100664"})
NOTHING = ("", "")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit object. `author` and `committer` are `Name <mail>`, `committed` is in seconds since
    1970, `message` is "" when it is in no encoding that we know."""

    name: str
    tree: str
    parents: tuple[str, ...]
    author: str
    committer: str
    committed: int
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """A path whose content or mode changed: object names and modes, "" where there was, or is,
    nothing."""

    path: str
    before: str
    after: str
    mode_before: str
    mode_after: str


@dataclass(frozen=True, slots=True)
class Step:
    """A commit and what it changed against its only parent, by path; `unknown` says why that is
    not told ("" when it is)."""

    commit: Commit
    changes: tuple[Change, ...] = ()
    unknown: str = ""


def steps(repository: Repository, start: str, count: int) -> list[Step]:
    """The `count` newest commits from `start` back, newest first. Raises `SourceError`."""
    commits = list(_commits(repository, repository.newest(start, count)))
    parents = sorted({c.parents[0] for c in commits if len(c.parents) == 1})
    trees = {c.name: c.tree for c in _commits(repository, parents)}
    pairs = {c.name: (trees[c.parents[0]], c.tree) for c in commits if _is_told(c, trees)}
    changed = _compare(repository, pairs)
    return [_step(commit, trees, changed) for commit in commits]


def _is_told(commit: Commit, trees: dict[str, str]) -> bool:
    return len(commit.parents) == 1 and commit.parents[0] in trees


def _step(commit: Commit, trees: dict[str, str], changed: dict[str, list[Change] | str]) -> Step:
    if len(commit.parents) > 1:
        return Step(commit, unknown="a merge")
    if not commit.parents:
        return Step(commit, unknown="the first commit")
    if not _is_told(commit, trees):
        return Step(commit, unknown="the commit before it was not fetched")
    found = changed[commit.name]
    if isinstance(found, str):
        return Step(commit, unknown=found)
    return Step(commit, tuple(sorted(found, key=lambda change: change.path)))


def _commits(repository: Repository, names: Sequence[str]) -> Iterator[Commit]:
    """The commits of these names; those that are not here are passed over."""
    for name, found in zip(names, repository.objects(names, LARGEST_TREE), strict=True):
        if found is not None and found[0] == "commit":
            yield read_commit(name, found[1])


def read_commit(name: str, data: bytes) -> Commit:
    """A commit object's content. Raises `SourceError` when it is none."""
    head, _, body = data.partition(b"\n\n")
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key, []).append(value)
    if b"tree" not in fields:
        raise SourceError(f"the commit {name} is broken: it has no tree")
    author, committer = (fields.get(key, [b""])[0] for key in (b"author", b"committer"))
    seconds = committer.rpartition(b"> ")[2].split(b" ")[0]
    return Commit(
        name,
        fields[b"tree"][0].decode("ascii", "replace"),
        tuple(parent.decode("ascii", "replace") for parent in fields.get(b"parent", [])),
        _person(author),
        _person(committer),
        int(seconds) if seconds.isdigit() and len(seconds) < 12 else 0,
        _decoded(body, fields.get(b"encoding", [b"utf-8"])[0]),
    )


def _person(field: bytes) -> str:
    return (field.rpartition(b">")[0] + b">").decode("utf-8", "replace")


def _decoded(body: bytes, encoding: bytes) -> str:
    name = encoding.decode("ascii", "replace").lower()
    try:
        known = codecs.lookup(name).name in ("utf-8", "iso8859-1", "cp1252", "ascii")
        text = body.decode(name) if known else ""
    except (LookupError, UnicodeDecodeError, ValueError):
        return ""
    return "" if "\0" in text else text.replace("\r\n", "\n")


Pair = tuple[str, str, str, str]
"""A key, a folder (with its slash), and its tree before and after ("" where there is none)."""


def _compare(
    repository: Repository, pairs: dict[str, tuple[str, str]]
) -> dict[str, list[Change] | str]:
    """For each key, what differs between two trees: changes, or why they are not told."""
    result: dict[str, list[Change] | str] = {key: [] for key in pairs}
    waiting: list[Pair] = [(key, "", *trees) for key, trees in pairs.items()]
    while waiting:
        names = sorted({name for *_, before, after in waiting for name in (before, after) if name})
        found = zip(names, repository.objects(names, LARGEST_TREE), strict=True)
        trees = {name: _entries(each, len(name)) for name, each in found}
        below: list[Pair] = []
        for key, folder, before, after in waiting:
            told = result[key]
            if isinstance(told, str):
                continue
            try:
                files, folders = _differences(folder, trees.get(before, {}), trees.get(after, {}))
            except _Untold as reason:
                result[key] = str(reason)
                continue
            told += files
            below += [(key, *each) for each in folders]
        # A commit that adds whole folders is given up before all of them are read.
        for key, count in Counter(key for key, *_ in below).items():
            if count + len(result[key]) > MOST_FILES:
                result[key] = f"it touches more than {MOST_FILES} files"
        waiting = [each for each in below if not isinstance(result[each[0]], str)]
    return result


class _Untold(Exception):  # noqa: N818 (a verdict, not a failure)
    """What changed between two trees is not told; the message says why."""


Entries = dict[str, tuple[str, str]]


def _differences(
    folder: str, before: Entries | None, after: Entries | None
) -> tuple[list[Change], list[tuple[str, str, str]]]:
    """The files of one folder that differ, and the folders: path, tree before and after."""
    if before is None or after is None:
        raise _Untold("a folder's listing is missing, broken or too large")
    files: list[Change] = []
    folders: list[tuple[str, str, str]] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, NOTHING), after.get(name, NOTHING)
        if old == new:
            continue
        path = f"{folder}{name}"
        if name_fault(path) or name.lower() == ".git":
            raise _Untold("a path in it is not safe")
        if FOLDER in (old[0], new[0]):
            trees = [side[1] if side[0] == FOLDER else "" for side in (old, new)]
            folders.append((f"{path}/", trees[0], trees[1]))
            old, new = (NOTHING if side[0] == FOLDER else side for side in (old, new))
        if old != new:
            files.append(Change(path, old[1], new[1], old[0], new[0]))
    return files, folders


def _entries(found: tuple[str, bytes] | None, length: int) -> dict[str, tuple[str, str]] | None:
    """Mode and object name by name, from a tree object; None when it is no sound tree."""
    if found is None or found[0] != "tree":
        return None
    data, size = found[1], length // 2
    entries: Entries = {}
    at = 0
    while at < len(data):
        space, nul = data.find(b" ", at), data.find(b"\0", at)
        if not at < space < nul or nul + 1 + size > len(data):
            return None
        name = os.fsdecode(data[space + 1 : nul])
        if name in entries or "/" in name:
            return None
        entries[name] = (
            data[at:space].decode("ascii", "replace"),
            data[nul + 1 : nul + 1 + size].hex(),
        )
        at = nul + 1 + size
    return entries
