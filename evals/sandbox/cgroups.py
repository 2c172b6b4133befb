"""Control groups: limits that hold for a program and all it starts, together.

Version 1 and version 2 of the kernel's interface, where this process may make groups of its own
(as root, or in a delegated subtree). A group lies below the group that this process is in, so
whatever limits that one still holds. It is named after its owner, so that what a killed owner left
can be told from what is in use.

Not covered: `systemd-run`, which gives a user's programs such groups over the session's bus (see
`evals.sandbox.bubblewrap`, which puts it before its command).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evals.errors import SandboxError
from evals.sandbox import Limits
from evals.sandbox.owner import alive, myself

MOUNTS = Path("/sys/fs/cgroup")
PREFIX = "elixir-factory-"
CONTROLLERS = ("memory", "pids", "cpu")
OVERHEAD = 2
"""Processes of bubblewrap itself, which are in the group too."""
_count = itertools.count()


@dataclass(frozen=True)
class Hierarchy:
    """Where groups can be made: a folder and the controllers that work in it."""

    folder: Path
    controllers: tuple[str, ...]
    version: int


@dataclass(frozen=True)
class Group:
    """One program's groups, one folder for each hierarchy."""

    folders: tuple[tuple[Hierarchy, Path], ...]

    def entrances(self) -> list[str]:
        """The files to which a process writes 0 in order to join."""
        return [str(folder / "cgroup.procs") for _, folder in self.folders]

    def ran_out_of_memory(self, _status: int = 0) -> bool:
        """Whether the kernel killed something in it for want of memory."""
        for hierarchy, folder in self.folders:
            if "memory" in hierarchy.controllers:
                name = "memory.oom_control" if hierarchy.version == 1 else "memory.events"
                try:
                    lines = (folder / name).read_text().splitlines()
                except OSError:
                    return False
                return any(line.startswith("oom_kill ") and line != "oom_kill 0" for line in lines)
        return False

    def remove(self, patience: float = 2.0) -> bool:
        """Ends what is still in it and removes the folders; False when it could not in time."""
        until = time.monotonic() + patience
        left = [folder for _, folder in self.folders]
        pause = 0.0005
        while left := [folder for folder in left if not _removed(folder)]:
            if time.monotonic() > until:
                return False
            _end(left[0])
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
        return True


def make(limits: Limits) -> Group:
    """Groups with the limits set, for one program. Raises `SandboxError` when none can be made."""
    made: list[tuple[Hierarchy, Path]] = []
    name = f"{PREFIX}{myself()}-{next(_count)}"
    try:
        for hierarchy in hierarchies():
            folder = hierarchy.folder / name
            folder.mkdir()
            made.append((hierarchy, folder))
            for file, value in _settings(hierarchy, limits):
                # Memory and swap together exist only where the kernel accounts for swap.
                with contextlib.suppress(*((OSError,) if "sw" in file else ())):
                    (folder / file).write_text(value)
    except OSError as error:
        Group(tuple(made)).remove(0)
        raise SandboxError(f"no control group can be made: {error}; see `evals doctor`") from error
    return Group(tuple(made))


def _settings(hierarchy: Hierarchy, limits: Limits) -> Iterator[tuple[str, str]]:
    period = 100_000  # microseconds
    quota = max(1000, int(limits.cpus * period))
    one = hierarchy.version == 1
    if "memory" in hierarchy.controllers:
        yield ("memory.limit_in_bytes" if one else "memory.max"), str(limits.memory)
        if one:
            yield "memory.memsw.limit_in_bytes", str(limits.memory)
        else:
            yield "memory.swap.max", "0"
            yield "memory.oom.group", "1"
    if "pids" in hierarchy.controllers:
        yield "pids.max", str(limits.processes + OVERHEAD)
    if "cpu" in hierarchy.controllers:
        if one:
            yield "cpu.cfs_period_us", str(period)
            yield "cpu.cfs_quota_us", str(quota)
        else:
            yield "cpu.max", f"{quota} {period}"


@cache
def hierarchies() -> tuple[Hierarchy, ...]:
    """Where this process can make groups, found out by making one. Empty where it cannot limit
    memory, since the other limits have substitutes."""
    found = [h for h in _candidates() if h.controllers and _usable(h)]
    if not any("memory" in h.controllers for h in found):
        return ()
    return tuple(found)


def _candidates() -> Iterator[Hierarchy]:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, names, path = line.split(":", 2)
        inside = path.lstrip("/")
        if not names:
            unified = MOUNTS if (MOUNTS / "cgroup.controllers").exists() else MOUNTS / "unified"
            folder = _inside(unified, inside)
            yield Hierarchy(folder, _delegated(folder), 2)
        elif wanted := tuple(c for c in CONTROLLERS if c in names.split(",")):
            yield Hierarchy(_inside(MOUNTS / names, inside), wanted, 1)


def _inside(mount: Path, path: str) -> Path:
    """Our own group. In a container its path may be the host's, while the mount begins at it."""
    return mount / path if (mount / path).is_dir() else mount


def _delegated(folder: Path) -> tuple[str, ...]:
    """The controllers that children of a version 2 group have, turned on if need be. The kernel
    refuses to turn one on in a group that holds processes, as ours does save at the root."""
    try:
        there = (folder / "cgroup.controllers").read_text().split()
        wanted = [c for c in CONTROLLERS if c in there]
        on = (folder / "cgroup.subtree_control").read_text().split()
        if missing := [c for c in wanted if c not in on]:
            (folder / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in missing))
    except OSError:
        return ()
    return tuple(wanted)


def _usable(hierarchy: Hierarchy) -> bool:
    folder = hierarchy.folder / f"{PREFIX}{myself()}-{next(_count)}"
    try:
        folder.mkdir()
        for file, value in _settings(hierarchy, Limits()):
            if "sw" not in file:
                (folder / file).write_text(value)
    except OSError:
        return False
    finally:
        _removed(folder)
    return True


def sweep(ours: bool = False) -> int:
    """Ends what is in groups whose owner has gone and removes their folders, wherever they lie,
    and `ours` too when asked; says how many."""
    removed = 0
    version_2 = (MOUNTS / "cgroup.controllers").exists()
    for mount in [MOUNTS] if version_2 else MOUNTS.iterdir():
        for path, _, _ in os.walk(mount, topdown=False):
            owner = _owner(Path(path).relative_to(mount))
            if owner and (not alive(owner) or (ours and owner == myself())):
                removed += _removed(Path(path)) or (_end(Path(path)) and _removed(Path(path)))
    return removed


def _owner(folder: Path) -> str | None:
    """Whose group a folder is or lies in."""
    named = next((part for part in folder.parts if part.startswith(PREFIX)), None)
    return named and named.removeprefix(PREFIX).rpartition("-")[0]


def _end(folder: Path) -> bool:
    """Kills what is in a group: what came to be while its parent was killed, and so was not told
    to die with it. Says whether anything was there."""
    try:
        members = (folder / "cgroup.procs").read_text().split()
    except OSError:
        return False
    for pid in members:
        with contextlib.suppress(OSError):
            os.kill(int(pid), signal.SIGKILL)
    return bool(members)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
