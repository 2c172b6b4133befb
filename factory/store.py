"""The store: a folder that holds everything that was fetched, made and published.

    downloads/SOURCE/      what a source fetched, kept by the source itself
    documents/KEY.parquet  a release's documents as transforms saw them
    partitions/TRANSFORM/KEY.parquet   a release's rows of one transform
    signals/KEY.…          what the global passes need to know of a release's rows
    datasets/NAME/VERSION/ whole versions; the manifest, written last, makes a version exist
    catalog.duckdb         built from the manifests at any time

Nothing half-written is ever visible: files are written under a temporary name in the same folder,
synced, renamed. A cached file (everything but datasets) has a sidecar `.json` with its SHA-256; it
exists for a build only if both are there and agree, so a torn or bit-rotten file is rebuilt.

Not covered: file systems without atomic rename or `flock` (some network mounts).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from factory import digest
from factory.errors import FactoryError, RequestError

DEFAULT = Path(".factory")

_TEMPORARY = ".partial-"

SCRATCH = ".scratch-"
"""How a build's scratch folders in the store's root begin."""


@dataclass(frozen=True)
class Cached:
    """A cached file as its sidecar describes it."""

    path: Path
    sha256: str
    rows: int

    def intact(self) -> bool:
        """Whether the file's bytes are those that were written."""
        try:
            return digest.of_file(self.path) == self.sha256
        except OSError:
            return False


@dataclass
class Writing:
    """A cached file on its way: where to write it, and how many rows it has."""

    path: Path
    rows: int = 0


class Store:
    """Paths and safe writing below one root. Raises `FactoryError` where the root cannot be used,
    naming the path and what to do."""

    def __init__(self, root: Path) -> None:
        # Absolute, for workers, apt and DuckDB do not all share our working directory.
        self.root = root.absolute()

    def prepare(self) -> None:
        """Create the folder and a `.gitignore` in it, so that no build ends up in a commit."""
        with explained(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                write_bytes(ignore, b"*\n")

    @contextlib.contextmanager
    def locked(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the store for one build; a second one waits and says so."""
        self.prepare()
        lock = FileLock(self.root / "lock")
        with explained(self.root):
            try:
                lock.acquire(timeout=0.05)
            except Timeout:
                say(f"another build is using {self.root}; waiting for it to finish")
                lock.acquire()
        try:
            self.sweep()
            yield
        finally:
            lock.release()

    def sweep(self) -> None:
        """Remove what an interrupted build left half-written. Call only while locked."""
        leftovers = [*self.root.glob(f"{_TEMPORARY}*"), *self.root.glob(f"{SCRATCH}*")]
        for folder in ("documents", "partitions", "signals", "datasets"):
            leftovers += (self.root / folder).rglob(f"{_TEMPORARY}*")
        versions = (p for p in (self.root / "datasets").glob("*/*") if p.is_dir())
        leftovers += (p for p in versions if not (p / "manifest.json").exists())
        for leftover in leftovers:
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)

    def downloads(self, source: str) -> Path:
        path = self.root / "downloads" / source
        with explained(path):
            path.mkdir(parents=True, exist_ok=True)
        return path

    def cached(self, folder: str, key: str, suffix: str = ".parquet") -> Cached | None:
        """The cached file of this key, if it was written whole. Does not read its content."""
        path = self.root / folder / f"{key}{suffix}"
        try:
            said = json.loads(path.with_name(path.name + ".json").read_bytes())
            found = Cached(path, said["sha256"], said["rows"])
            size: int = said["bytes"]
            whole = path.stat().st_size == size
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if whole else None

    @contextlib.contextmanager
    def caching(self, folder: str, key: str, suffix: str = ".parquet") -> Iterator[Writing]:
        """Write a cached file: the caller fills `Writing.path` and sets `Writing.rows`.

        On success the file is renamed, then its sidecar is written; on any exception nothing is
        left behind. Neither is synced, for a cached file is used only after its digest has been
        compared with the sidecar's: one that a power failure tore is made again. Some thirty
        waits a release for the disk cost two workers a quarter of their time, and what must
        survive, a version, is synced before its manifest is written.
        """
        target = self.root / folder / f"{key}{suffix}"
        with explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            writing = Writing(target.with_name(f"{_TEMPORARY}{os.getpid()}-{target.name}"))
            try:
                yield writing
                sidecar = {
                    "sha256": digest.of_file(writing.path),
                    "bytes": writing.path.stat().st_size,
                    "rows": writing.rows,
                }
                writing.path.replace(target)
            except BaseException:
                writing.path.unlink(missing_ok=True)
                raise
            told = json.dumps(sidecar).encode()
            write_bytes(target.with_name(target.name + ".json"), told, synced=False)

    def forget(self, cached: Cached) -> None:
        """Drop a cached file that turned out to be damaged."""
        cached.path.with_name(cached.path.name + ".json").unlink(missing_ok=True)
        cached.path.unlink(missing_ok=True)

    def dataset(self, name: str) -> Path:
        return self.root / "datasets" / name

    def versions(self, name: str) -> list[Path]:
        """The whole versions of a dataset, oldest first."""
        found = self.dataset(name).glob("*/manifest.json")
        whole = [m.parent for m in found if not m.parent.name.startswith(".")]
        return sorted(whole, key=lambda p: (_built(p), p.name))

    def names(self) -> list[str]:
        """The datasets that have at least one whole version, sorted."""
        folder = self.root / "datasets"
        return sorted({m.parent.parent.name for m in folder.glob("*/*/manifest.json")})

    def find(self, reference: str) -> Path:
        """The folder of `NAME` (its newest version) or `NAME@VERSION` (a prefix will do).

        Raises `RequestError` naming what there is when there is no such version.
        """
        from factory.plugins import nearest

        name, _, wanted = reference.partition("@")
        versions = self.versions(name)
        if not versions:
            known = self.names()
            close = nearest(name, known)
            hint = (
                f"did you mean {close}?"
                if close
                else f"the store {self.root} holds {', '.join(known) or 'no dataset yet'}; "
                f"`factory build {name}` makes it"
            )
            raise RequestError(f"no dataset {name!r} has been built; {hint}")
        if not wanted:
            return versions[-1]
        matching = [v for v in versions if v.name.startswith(wanted)]
        if len(matching) != 1:
            listed = ", ".join(v.name for v in versions)
            which = "no version" if not matching else "more than one version"
            raise RequestError(f"{which} of {name} begins with {wanted!r}; there are: {listed}")
        return matching[0]


def _built(version: Path) -> float:
    """When the version was finished: its manifest's modification time, for ordering only."""
    try:
        return (version / "manifest.json").stat().st_mtime
    except OSError:
        return 0.0


def sync(path: Path) -> None:
    """Have the operating system put a file's bytes on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, content: bytes, *, synced: bool = True) -> None:
    """Write a small file so that it is there whole or not at all: after a power failure too when
    it is `synced`. Raises OSError."""
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}-{path.name}")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            if synced:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FactoryError(
                f"the disk is full while writing {path.name} below {path.parent}; free some space "
                "(`factory gc` removes what no dataset needs) and run the same command again"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise FactoryError(
                f"cannot write to {error.filename or path}: {error.strerror}; "
                "choose another folder with --store DIR"
            ) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST):
            raise FactoryError(
                f"{error.filename or path} is not a folder; choose another with --store DIR"
            ) from error
        raise FactoryError(
            f"cannot use {error.filename or path}: {error.strerror or error}; "
            "choose another folder with --store DIR"
        ) from error
