"""A folder of the user's own, or a Git checkout, as the files of one release.

A clean checkout is its commit: files come from Git's objects, and nothing of the work tree is read.
A dirty one, and a folder without Git, is its content: the release's digest is that of the sorted
list of paths and digests of their bytes (of what is not read, the size), whatever their times and
owners. The digest names the folders that are left out too (not what is in them), so that equal
digests give equal records. What `.gitignore` names is no part of the release, whether it is there
or not (compiling does not make another one); the patterns are recorded in its stead.

A tree is dirty when something that would be read differs from the commit: a document, a licence, a
package's metadata, a `.gitignore`. A changed image does not make another release.

Not covered: submodules (give their checkouts as paths of their own), Git LFS content, links (never
followed).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from factory.errors import SourceError
from factory.records import LeftOut
from sources.git import LINK, SUBMODULE, Blob, Repository, blob_name
from sources.ignore import MAX_BYTES as LONGEST_GITIGNORE
from sources.ignore import Rules
from sources.members import LIMITS, Entry, name_fault, shown
from sources.reading import folder_reason, wanted

GITIGNORE = ".gitignore"
PATTERNS_LISTED = 30


@dataclass(frozen=True)
class Found:
    """The files of a release, what was left out on the way, the digest of each file that is read,
    and the digest of all of it."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    digests: dict[str, str]
    digest: str


class Folder:
    """Files read from disk, each checked against the digest that the release was named by."""

    def __init__(self, root: Path, found: Found) -> None:
        self._root = root
        self._digests = found.digests
        self.entries: Sequence[Entry] = found.entries

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises `SourceError` when they are not those that were listed."""
        try:
            with _opened(self._root / path) as file:
                data = file.read()
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != self._digests[path]:
            raise SourceError(
                f"{self._root.name}/{path} changed during the build; run the same command again"
            )
        return data


class Commit:
    """Files read from Git's objects."""

    def __init__(self, repository: Repository, blobs: Sequence[Blob]) -> None:
        self._repository = repository
        self._names = {b.path: b.name for b in blobs if b.mode not in (LINK, SUBMODULE)}
        self.entries: Sequence[Entry] = sorted(
            (
                Entry(b.path, b.size, "link" if b.mode == LINK else "file")
                for b in blobs
                if b.mode != SUBMODULE
            ),
            key=lambda entry: entry.path,
        )
        self._held: dict[str, bytes] = {}
        self._order = [e.path for e in self.entries if e.kind == "file" and wanted(e.path, e.size)]
        self._next = {path: i for i, path in enumerate(self._order)}

    def read(self, path: str) -> bytes:
        """The file's bytes; asking in the order of paths costs one Git command for many files."""
        if path not in self._held:
            start = self._next[path]
            ahead = self._order[start : start + 500]
            blobs = self._repository.blobs([self._names[p] for p in ahead])
            self._held = dict(zip(ahead, blobs, strict=True))
        return self._held[path]


def commit_files(repository: Repository, commit: str) -> tuple[Commit, list[LeftOut]]:
    """The files of a commit. Raises `SourceError` for a tree whose paths are not safe."""
    blobs = repository.tree(commit)
    left_out = []
    for blob in blobs:
        fault = name_fault(blob.path) or (".git" in blob.path.lower().split("/") and "it is .git")
        if fault:
            raise SourceError(f"{repository.root.name}: {shown(blob.path)}: {fault}")
        if blob.mode == SUBMODULE:
            left_out.append(
                LeftOut(blob.path, "a Git submodule: give its checkout as a path", "local")
            )
    return Commit(repository, blobs), left_out


def is_dirty(repository: Repository, commit: str) -> bool:
    """Whether the work tree differs from the commit in anything that would be read."""
    committed = {b.path: b for b in repository.tree(commit) if b.mode != SUBMODULE}
    staged = repository.index()
    for path in committed.keys() | staged.keys():
        blob = committed.get(path)
        if _counts(path, blob.size if blob else 0) and (
            blob is None or staged.get(path) != blob.name or not _same(repository.root / path, blob)
        ):
            return True
    return any(_counts(path, 0) for path in repository.untracked())


def _same(path: Path, blob: Blob) -> bool:
    """Whether what lies there is what was committed. Windows' line ends make no difference: Git
    may have checked the file out with them."""
    length = len(blob.name)
    try:
        if blob.mode == LINK:
            return blob_name(os.fsencode(path.readlink()), length) == blob.name
        with _opened(path) as file:
            data = file.read()
    except OSError:
        return False
    return blob.name in (
        blob_name(data, length),
        blob_name(data.replace(b"\r\n", b"\n"), length),
    )


def _counts(path: str, size: int) -> bool:
    return wanted(path, size) or path.rpartition("/")[2] == GITIGNORE


def walk(
    root: Path,
    repository: Repository | None = None,
    *,
    prune: bool = True,
) -> Found:
    """Every file below a folder that `.gitignore` does not ignore (or that Git tracks all the
    same). Links are noted, never followed. With `prune`, folders that are left out are not entered.

    Raises `SourceError` when there are more files than an archive might hold.
    """
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    digests: dict[str, str] = {}
    lines: list[str] = []
    for entry, reason, digest in _Walk(root, repository, prune).found():
        if reason:
            left_out.append(LeftOut(shown(entry.path), reason, "local"))
            lines.append(f"out\t{shown(entry.path)}\t{reason}")
            continue
        entries.append(entry)
        digests[entry.path] = digest
        if entry.path.rpartition("/")[2] == GITIGNORE and entry.kind == "file":
            left_out.append(LeftOut(entry.path, _patterns(root / entry.path), "local"))
        lines.append(f"{entry.kind}\t{entry.path}\t{digest}")
        if len(entries) > LIMITS.files:
            raise SourceError(f"{root.name} holds more than {LIMITS.files:,} files; give its parts")
    entries.sort(key=lambda entry: entry.path)
    left_out.sort(key=lambda each: each.path)
    whole = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    return Found(tuple(entries), tuple(left_out), digests, whole)


class _Walk:
    """One walk through a folder. Yields `(entry, why it is left out or "", digest)`; a folder's
    path ends in a slash."""

    def __init__(self, root: Path, repository: Repository | None, prune: bool) -> None:
        self._root = root
        self._prune = prune
        self._checkout = repository is not None
        tracked = repository.index() if repository else {}
        self._tracked = tracked.keys()
        self._tracked_folders = {p[:i] for p in tracked for i, c in enumerate(p) if c == "/"}
        excludes = _small(repository.folder / "info" / "exclude") if repository else None
        self._waiting = [("", Rules().within("", excludes))]
        self._ignored_folders: set[str] = set()

    def found(self) -> Iterator[tuple[Entry, str, str]]:
        while self._waiting:
            folder, rules = self._waiting.pop()
            try:
                with os.scandir(f"{self._root}/{folder}") as listing:
                    children = sorted(listing, key=lambda child: child.name)
            except OSError as error:
                yield Entry(folder + "/", 0), f"cannot be read: {error.strerror}", ""
                continue
            patterns = next((child.path for child in children if child.name == GITIGNORE), None)
            rules = rules.within(folder, _small(patterns) if patterns else None)
            for child in children:
                path = f"{folder}/{child.name}" if folder else child.name
                if child.is_dir(follow_symlinks=False):
                    reason = self._folder(path, child, rules)
                    if reason:
                        yield Entry(path + "/", 0), reason, ""
                elif child.name != ".git" and (
                    path in self._tracked or not self._is_ignored(path, rules, is_folder=False)
                ):
                    yield self._file(path, child)

    def _folder(self, path: str, child: os.DirEntry[str], rules: Rules) -> str:
        """Why a folder is not entered; "" once it waits to be, and for what is no part at all."""
        fault = name_fault(path)
        if child.name == ".git" or fault:
            return fault
        if self._is_ignored(path, rules, is_folder=True):
            if path not in self._tracked_folders:
                return ""
            self._ignored_folders.add(path)
        if self._checkout and (self._root / path / ".git").exists():
            return "a Git checkout of its own: give it as a path"
        reason = folder_reason(path) if self._prune else ""
        if not reason:
            self._waiting.append((path, rules))
        return reason

    def _is_ignored(self, path: str, rules: Rules, *, is_folder: bool) -> bool:
        above = path.rpartition("/")[0]
        return above in self._ignored_folders or rules.ignores(path, is_folder=is_folder)

    def _file(self, path: str, child: os.DirEntry[str]) -> tuple[Entry, str, str]:
        fault = name_fault(path)
        if fault:
            return Entry(path, 0), fault, ""
        if child.is_symlink():
            return Entry(path, 0, "link"), "", ""
        if not child.is_file(follow_symlinks=False):
            return Entry(path, 0), "a device, a socket or a FIFO", ""
        try:
            size = child.stat(follow_symlinks=False).st_size
            if not _counts(path, size):
                return Entry(path, size), "", f"{size} bytes"
            with _opened(child.path) as file:
                data = file.read()
        except OSError as error:
            return Entry(path, 0), f"cannot be read: {error.strerror}", ""
        return Entry(path, len(data)), "", hashlib.sha256(data).hexdigest()


def _patterns(gitignore: Path) -> str:
    """What a `.gitignore` leaves out, in words."""
    lines = (_small(gitignore) or b"").decode("utf-8", "replace").split("\n")
    patterns = [shown(line.strip()) for line in lines if line.strip() and line[0] != "#"]
    listed = ", ".join(patterns[:PATTERNS_LISTED])
    more = len(patterns) - PATTERNS_LISTED
    return f"what it names is no part of the release: {listed}" + (f", {more} more" * (more > 0))


def _small(path: Path | str) -> bytes | None:
    """The start of a file of patterns, or None when there is none to read."""
    try:
        with _opened(path) as file:
            return file.read(LONGEST_GITIGNORE)
    except OSError:
        return None


def _opened(path: Path | str) -> BinaryIO:
    """Opens a regular file, and nothing else: a link or a FIFO put in its place since it was
    listed raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file")
    return os.fdopen(handle, "rb")
