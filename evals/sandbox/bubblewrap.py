"""Programs in bubblewrap over a root file system: some 7 ms a start, no daemon, nothing to import.

What holds: own PID, mount, IPC, UTS, network and cgroup namespaces; the root file system read-only
without set-user-id bits or devices; nothing of the host but what a program's `binds` show; `/tmp`
of bounded size; no capabilities, none to be had (`no_new_privs`), and a system call filter
(`evals.sandbox.seccomp`); a clean environment. Everything dies with this process, `kill -9`
included.

Limits hold for the program and all it starts, by control groups where this process may make them,
else by `systemd-run`; where neither works, for each process alone, which `evals doctor` tells.

As root, the program runs as a user that exists nowhere else on the machine, a fresh number each
time, so that even what is counted by user is counted for it alone. Otherwise it runs in a user
namespace of its own as this user, seen from inside as nobody.

Not covered: holes in the kernel, which containers share; reading how much the machine has
(`/proc/cpuinfo`, `/proc/meminfo`).
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal

from evals.errors import SandboxError
from evals.sandbox import Limits, Program, cgroups, seccomp
from evals.sandbox.image import Image
from evals.sandbox.rlimits import rlimits
from evals.sandbox.running import Child, spawn

Governor = Literal["cgroups", "systemd", "rlimits"]
SCRATCH = "/tmp"  # noqa: S108 - the sandbox's own, not the machine's
# Joins the groups, then becomes bubblewrap: all that follows is born inside.
JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"'
HIDDEN = tuple(
    f"/proc/{name}"
    for name in ("keys", "key-users", "cmdline", "config.gz", "kallsyms", "modules", "diskstats")
)
"""Files that tell of the host and that no program needs."""
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "ERL_CRASH_DUMP_SECONDS": "0",  # nobody reads the dump, and writing it takes seconds
}
_random = random.SystemRandom()


class Bubblewrap:
    """The `Engine` over an image."""

    name = "bubblewrap"

    def __init__(self, image: Image) -> None:
        if shutil.which("bwrap") is None:
            raise SandboxError("bwrap is missing; install it: apt-get install bubblewrap")
        self._image = image
        self.governor = governor()
        self._filter = _in_memory(seccomp.program())
        cgroups.sweep()

    def image_digest(self) -> str:
        return self._image.digest

    def start(self, program: Program) -> Child:
        limits = program.limits
        argv = ["bwrap", *self._mounts(program), *_isolation(), *_environment(program)]
        # A fresh file description: bubblewrap reads it from where the last one stopped.
        filter_fd = None if self._filter is None else os.open(self._filter, os.O_RDONLY)
        try:
            if filter_fd is not None:
                argv += ["--seccomp", str(filter_fd)]
            argv += ["--", *_nobody(), *rlimits(limits, memory=self.governor == "rlimits")]
            argv += program.argv
            fds = () if filter_fd is None else (filter_fd,)
            if self.governor == "systemd":
                process = spawn([*_scope(limits), *argv], fds=fds)
                return Child(process, oom=_killed, stop=_kill_inside)
            if self.governor == "rlimits":
                return Child(spawn(argv, fds=fds), stop=_kill_inside)
            group = cgroups.make(limits)
            try:
                joined = ["/bin/sh", "-c", JOIN, "sh", *group.entrances(), "--", *argv]
                process = spawn(joined, fds=fds)
                return Child(process, group.remove, group.ran_out_of_memory, _kill_inside)
            except SandboxError:
                group.remove()
                raise
        finally:
            if filter_fd is not None:
                os.close(filter_fd)

    def _mounts(self, program: Program) -> Iterator[str]:
        yield from ("--ro-bind", str(self._image.rootfs), "/")
        yield from ("--proc", "/proc")
        yield from ("--dev", "/dev", "--remount-ro", "/dev")
        yield from ("--size", str(program.limits.scratch), "--perms", "1777", "--tmpfs", SCRATCH)
        holders = self._holders(program.binds)
        for there in holders:
            yield from ("--perms", "0755", "--tmpfs", there)
            for entry in sorted(self._image.rootfs.joinpath(there.lstrip("/")).iterdir()):
                yield from ("--ro-bind", str(entry), f"{there}/{entry.name}")
        for there, here in sorted(program.binds.items()):
            for folder in reversed(PurePosixPath(there).parents):
                if not self._has(folder):
                    yield from ("--perms", "0755", "--dir", str(folder))
            yield from ("--ro-bind", str(shown(here)), there)
        for there in holders:
            yield from ("--remount-ro", there)

    def _holders(self, binds: Iterable[str]) -> list[str]:
        """The image's folders that lack a place for a bind and, being read-only, cannot be given
        one: each is shown anew, in memory, with what it holds."""
        found: set[str] = set()
        for there in binds:
            folder = PurePosixPath(there)
            while not self._has(folder):
                folder = folder.parent
            if str(folder) != there:
                found.add(str(folder))
        return sorted(found)

    def _has(self, path: PurePosixPath) -> bool:
        return self._image.rootfs.joinpath(str(path).lstrip("/")).exists()


def shown(here: Path) -> Path:
    """A host path as it can be shown inside. Raises `SandboxError` when nobody could read it
    there: as root, the program runs as somebody who owns nothing."""
    try:
        mode = here.stat().st_mode
    except OSError as error:
        raise SandboxError(f"{here}: cannot be shown in a sandbox: {error.strerror}") from error
    if os.geteuid() == 0 and not mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH):
        raise SandboxError(f"{here}: a sandbox could not read it; do: chmod -R o+rX {here}")
    return here.resolve()


@cache
def governor() -> Governor:
    """What makes limits hold here."""
    if cgroups.hierarchies():
        return "cgroups"
    probe = Limits(memory=64 << 20)
    script = 'cat "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"'
    try:
        answer = subprocess.run(
            [*_scope(probe), "sh", "-c", script], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "rlimits"
    return "systemd" if answer.stdout.strip() == str(probe.memory).encode() else "rlimits"


def _scope(limits: Limits) -> Iterator[str]:
    """A command that asks systemd for a control group and becomes the one that follows."""
    yield from ("systemd-run", "--scope", "--quiet", "--collect")
    if os.geteuid() != 0:
        yield "--user"
    for setting in (
        f"MemoryMax={limits.memory}",
        "MemorySwapMax=0",
        f"TasksMax={limits.processes + cgroups.OVERHEAD}",
        f"CPUQuota={round(limits.cpus * 100)}%",
    ):
        yield from ("-p", setting)
    yield "--"


def _killed(status: int) -> bool:
    """systemd removes the group, and what it counted, at once: the kernel's kill must do. Killed
    by us, bubblewrap itself would be, with another status."""
    return status == 128 + 9


def _kill_inside(pid: int) -> None:
    """Kills the sandbox's first process, and with it all others. bubblewrap's death does that too,
    but not when it comes before that process has asked for it. Stopped, it starts no other."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGSTOP)
        until = time.monotonic() + 1.0
        while _state(pid) not in "TZ" and time.monotonic() < until:
            time.sleep(0)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]


def _isolation() -> Iterator[str]:
    yield from ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net")
    yield from ("--unshare-cgroup-try", "--hostname", "sandbox", "--new-session")
    yield from ("--die-with-parent", "--chdir", SCRATCH, "--cap-drop", "ALL")
    if os.geteuid() == 0:
        # Only to become nobody, which is the first thing done inside.
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            yield from ("--cap-add", capability)
    else:
        yield from ("--unshare-user", "--uid", "65534", "--gid", "65534")
    for file in HIDDEN:
        if Path(file).exists():
            yield from ("--ro-bind", "/dev/null", file)


def _environment(program: Program) -> Iterator[str]:
    yield "--clearenv"
    for name, value in {**ENVIRONMENT, **program.env}.items():
        yield from ("--setenv", name, value)


def nobody() -> str:
    """A user's number. As root, one that nothing else on the machine has; otherwise the user
    namespace decides who that is outside."""
    return str(_random.randrange(1 << 30, 1 << 31)) if os.geteuid() == 0 else "65534"


def _nobody() -> Iterator[str]:
    if os.geteuid() == 0:
        user = nobody()
        yield from ("setpriv", "--reuid", user, "--regid", user, "--clear-groups")
        yield from ("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs")


def _in_memory(content: bytes | None) -> Path | None:
    """A file that holds it, as a path that lasts as long as this process."""
    if content is None:
        return None
    fd = os.memfd_create("filter")
    os.write(fd, content)
    return Path(f"/proc/self/fd/{fd}")
