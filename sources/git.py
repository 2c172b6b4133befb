"""Asking a Git repository that may be hostile, without running anything it says.

A repository's own configuration can name programs: `core.fsmonitor`, hooks, clean and smudge
filters, text conversion, external diffs, `gpg.program`, `core.sshCommand`, a partial clone's remote
helper. What keeps them from running here:

- only five plumbing commands are used (`rev-parse`, `rev-list`, `cat-file`, `ls-tree`, `ls-files`):
  none of them filters content, converts text, diffs, shows signatures, or writes the index (whose
  hook would run then);
- whether files differ from the commit is found by hashing their bytes here, not by `git status`,
  which would run clean filters;
- `core.fsmonitor` and `core.hooksPath` are overridden on the command line, the system's and user's
  configuration are not read, no transport is allowed (so a missing object of a partial clone is
  an error, not a fetch), no pager, no prompt, no replaced objects;
- the Git folder and the work tree are named explicitly, so `core.worktree` cannot point elsewhere,
  and a `.git` that is a link or a file is followed only if what it names points back (a linked work
  tree), so that a folder cannot pass off another repository of this machine as its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from factory.errors import SourceError

TIMEOUT = 600
"""Seconds after which a Git command is given up."""

SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.quotePath=false",
    "-c", "core.untrackedCache=false",
    "-c", "core.excludesFile=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "log.showSignature=false",
)  # fmt: skip

ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_ATTR_NOSYSTEM": "1",
}

LINK = "120000"
SUBMODULE = "160000"


@dataclass(frozen=True)
class Repository:
    """A work tree and its Git folder."""

    root: Path
    folder: Path

    def run(self, *arguments: str, feed: bytes | None = None) -> bytes:
        """The command's output. Raises `SourceError` with Git's own words when it fails."""
        git = shutil.which("git")
        if git is None:
            raise SourceError(
                f"{self.root.name} is a Git checkout and git is not installed: install git "
                "(apt-get install git), or give a copy without its .git folder"
            )
        command = [git, *SAFE, "-c", f"safe.directory={self.root}"]
        command += [f"--git-dir={self.folder}", f"--work-tree={self.root}", *arguments]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        try:
            done = subprocess.run(
                command,
                input=feed if feed is not None else b"",
                capture_output=True,
                cwd=self.root,
                env={**kept, **ENVIRONMENT},
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SourceError(f"{self.root.name}: git {arguments[0]} failed: {error}") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise SourceError(
                f"{self.root.name}: git {arguments[0]} failed: {said[-1] if said else 'no reason'}"
            )
        return done.stdout

    def head(self) -> str:
        """The commit that is checked out, or "" before the first one."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
        except SourceError:
            self.run("rev-parse", "--git-dir")  # a broken repository is an error of its own
            return ""

    def committed(self, commit: str) -> str:
        """The UTC day of the commit, as ISO 8601."""
        from sources.archive import iso_date

        for line in self.run("cat-file", "commit", commit).split(b"\n"):
            if line.startswith(b"committer "):
                seconds = line.rsplit(b" ", 2)[-2]
                return iso_date(int(seconds)) if seconds.isdigit() and len(seconds) < 12 else ""
            if not line:
                break
        return ""

    def tree(self, commit: str) -> list[Blob]:
        """Every file, link and submodule of a commit."""
        listing = self.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        return [_listed(record) for record in listing.split(b"\0") if record]

    def index(self) -> dict[str, str]:
        """Object name by path of what is staged. Paths in conflict have the name ""."""
        staged: dict[str, str] = {}
        for record in self.run("ls-files", "-s", "-z").split(b"\0"):
            if record:
                fields, path = record.split(b"\t", 1)
                _, name, stage = fields.decode().split(" ")
                staged[os.fsdecode(path)] = name if stage == "0" else ""
        return staged

    def untracked(self) -> list[str]:
        """Files that are neither tracked nor ignored."""
        listing = self.run("ls-files", "-z", "--others", "--exclude-standard")
        return [os.fsdecode(path) for path in listing.split(b"\0") if path]

    def newest(self, commit: str, count: int) -> list[str]:
        """The names of `count` commits at most, from `commit` back, newest first. A shallow
        history ends where it was cut off."""
        listing = self.run("rev-list", f"--max-count={count}", "--end-of-options", commit)
        return listing.decode().split()

    def objects(self, names: Sequence[str], most: int) -> Iterator[tuple[str, bytes] | None]:
        """Kind and content of each object, checked against its name; None for one that is not here
        or is larger than `most` bytes."""
        for start in range(0, len(names), 500):
            batch = names[start : start + 500]
            asked = "".join(f"{name}\n" for name in batch).encode()
            sizes = [
                line.split(b" ")
                for line in self.run("cat-file", "--batch-check", feed=asked).splitlines()
            ]
            known = [
                name
                for name, found in zip(batch, sizes, strict=True)
                if len(found) == 3 and int(found[2]) <= most
            ]
            answer = self.run("cat-file", "--batch", feed="".join(f"{n}\n" for n in known).encode())
            there: dict[str, tuple[str, bytes]] = {}
            at = 0
            for name in known:
                line_end = answer.index(b"\n", at)
                _, kind, size = answer[at:line_end].split(b" ")
                data = answer[line_end + 1 : line_end + 1 + int(size)]
                at = line_end + 2 + int(size)
                if object_name(kind, data, len(name)) != name:
                    raise SourceError(f"{self.root.name}: the object {name} is damaged (git fsck)")
                there[name] = kind.decode(), data
            yield from (there.get(name) for name in batch)

    def blobs(self, names: Sequence[str]) -> Iterator[bytes]:
        """The content of objects, as committed. Each is checked against its name."""
        for start in range(0, len(names), 500):
            batch = names[start : start + 500]
            answer = self.run("cat-file", "--batch", feed="".join(f"{n}\n" for n in batch).encode())
            at = 0
            for name in batch:
                line_end = answer.index(b"\n", at) if b"\n" in answer[at : at + 200] else -1
                fields = answer[at:line_end].split(b" ")
                if line_end < 0 or len(fields) != 3 or fields[1] != b"blob":
                    raise SourceError(
                        f"{self.root.name}: the object {name} is missing or no file; "
                        "fetch the whole repository (git fsck tells more)"
                    )
                data = answer[line_end + 1 : line_end + 1 + int(fields[2])]
                at = line_end + 2 + int(fields[2])
                if blob_name(data, len(name)) != name:
                    raise SourceError(f"{self.root.name}: the object {name} is damaged (git fsck)")
                yield data


@dataclass(frozen=True, slots=True)
class Blob:
    """An entry of a commit's tree; `size` is in bytes (0 for what is no file)."""

    path: str
    mode: str
    name: str
    size: int


def blob_name(data: bytes, length: int = 40) -> str:
    """Git's name for a file's bytes: SHA-1, or SHA-256 in repositories whose names are longer."""
    return object_name(b"blob", data, length)


def object_name(kind: bytes, data: bytes, length: int = 40) -> str:
    """Git's name for an object of this kind (`blob`, `tree`, `commit`, `tag`)."""
    digest = hashlib.sha1(usedforsecurity=False) if length == 40 else hashlib.sha256()
    digest.update(b"%b %d\0" % (kind, len(data)))
    digest.update(data)
    return digest.hexdigest()


def repository(root: Path) -> Repository | None:
    """The repository whose work tree this folder is, or None when it is a plain folder.

    `root` is absolute. A folder inside a work tree is a plain folder.
    """
    git = root / ".git"
    if git.is_symlink():
        return None
    if git.is_dir():
        return Repository(root, git) if (git / "HEAD").is_file() else None
    if not git.is_file():
        return None
    try:
        with git.open("rb") as file:
            named = os.fsdecode(file.read(4096)).removeprefix("gitdir:").strip()
        folder = (root / named).resolve()
        back = os.fsdecode((folder / "gitdir").read_bytes()[:4096]).strip()
    except (OSError, ValueError):
        return None
    return Repository(root, folder) if Path(back).resolve() == git.resolve() else None


def _listed(record: bytes) -> Blob:
    fields, path = record.split(b"\t", 1)
    mode, _, name, size = fields.decode().split()
    return Blob(os.fsdecode(path), mode, name, int(size) if size.isdigit() else 0)
