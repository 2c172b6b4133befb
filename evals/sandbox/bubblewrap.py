"""Programs in bubblewrap over a root file system: 7 ms a start, no daemon, no image to import.

What holds: own PID, mount, IPC, UTS, network and cgroup namespaces; the root file system read-only
without set-user-id bits or devices; nothing of the host but what a program's `binds` show; `/tmp`
of bounded size; no capabilities, none to be had (`no_new_privs`, a system call filter that refuses
namespaces, mounts, tracing and keys); a clean environment; limits by control groups where this
process may make them, else by `systemd-run`, else per process by rlimits (`limits_in_force` says
which). Everything dies with this process, `kill -9` included.

As root, the program runs as a user that exists nowhere else on the machine, a fresh number each
time, so that even what is counted by user is counted for it alone. Otherwise it runs in a user
namespace of its own as this user, seen from inside as nobody.

Not covered: holes in the kernel, which containers share.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from evals.errors import SandboxError
from evals.sandbox import Limits, Program, cgroups
from evals.sandbox.image import Image
from evals.sandbox.rlimits import rlimits
from evals.sandbox.running import Child, spawn

SCRATCH = "/tmp"  # noqa: S108 - the sandbox's own, not the machine's
# Joins the groups, then becomes bubblewrap: all that follows is born inside.
JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"'
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HIDDEN = ("/proc/keys", "/proc/key-users", "/proc/cmdline", "/proc/config.gz", "/proc/kallsyms")
_random = random.SystemRandom()


class Bubblewrap:
    """The `Engine` over an image that has a root file system."""

    name = "bubblewrap"

    def __init__(self, image: Image) -> None:
        if shutil.which("bwrap") is None:
            raise SandboxError("bwrap is missing; install it: apt-get install bubblewrap")
        self._image = image
        self._rootfs = image.rootfs
        cgroups.sweep()

    def image_digest(self) -> str:
        return self._image.digest

    def start(self, program: Program) -> Child:
        group = cgroups.make(program.limits)
        argv = ["bwrap", *self._mounts(program), *_isolation(), *_environment(program)]
        argv += ["--", *_inside(program.limits), *program.argv]
        if group is None:
            child = spawn(argv)
            return Child(child)
        child = spawn(["/bin/sh", "-c", JOIN, "sh", *group.entrances(), "--", *argv])
        return Child(child, ends=group.remove, oom=group.ran_out_of_memory)

    def _mounts(self, program: Program) -> Iterator[str]:
        yield from ("--ro-bind", str(self._rootfs), "/")
        yield from ("--proc", "/proc")
        yield from ("--dev", "/dev", "--remount-ro", "/dev")
        yield from ("--size", str(program.limits.scratch), "--perms", "1777", "--tmpfs", SCRATCH)
        for there in self._holders(program.binds):
            # A place to hang binds: the image's own folder is read-only and may not have them.
            yield from ("--tmpfs", there)
            for entry in sorted((self._rootfs / there.lstrip("/")).iterdir()):
                yield from ("--ro-bind", str(entry), f"{there}/{entry.name}")
        for there, here in sorted(program.binds.items()):
            for folder in reversed(PurePosixPath(there).parents):
                if not (self._rootfs / str(folder).lstrip("/")).exists():
                    yield from ("--perms", "0755", "--dir", str(folder))
            yield from ("--ro-bind", str(here), there)
        for there in self._holders(program.binds):
            yield from ("--remount-ro", there)

    def _holders(self, binds: object) -> list[str]:
        """The image's folders that lack a place for a bind: the nearest that exists."""
        found: set[str] = set()
        for there in map(str, binds):  # type: ignore[call-overload]
            at = PurePosixPath(there)
            while not (self._rootfs / str(at).lstrip("/")).exists():
                at = at.parent
            if str(at) != there:
                found.add(str(at))
        return sorted(found)


def _isolation() -> Iterator[str]:
    yield from ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net")
    yield from ("--unshare-cgroup-try", "--hostname", "sandbox", "--new-session")
    yield from ("--die-with-parent", "--chdir", SCRATCH, "--cap-drop", "ALL")
    if os.geteuid() == 0:
        # Only to become nobody, which `_inside` does first.
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            yield from ("--cap-add", capability)
    else:
        yield from ("--unshare-user", "--uid", "65534", "--gid", "65534")
    for file in HIDDEN:
        if Path(file).exists():
            yield from ("--ro-bind", "/dev/null", file)


def _environment(program: Program) -> Iterator[str]:
    yield "--clearenv"
    for name, value in {
        "PATH": PATHS,
        "HOME": SCRATCH,
        "LANG": "C.UTF-8",
        **program.env,
    }.items():
        yield from ("--setenv", name, value)


def _inside(limits: Limits) -> Iterator[str]:
    """Programs of the image that set what only holds from inside, then become the program."""
    if os.geteuid() == 0:
        user = str(_random.randrange(1 << 30, 1 << 31))
        yield from ("setpriv", "--reuid", user, "--regid", user, "--clear-groups")
        yield from ("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs")
    yield from rlimits(limits)
