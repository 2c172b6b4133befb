"""Programs in containers of podman or docker: some 0.15 s a start.

The same promises as `evals.sandbox.bubblewrap` keeps, kept by the engine: no network, a read-only
root, `/tmp` of bounded size, no capabilities, no new privileges, the engine's own system call
filter, namespaces and control groups; limits that engines do not know are set inside, before the
program. The first process of a container is a shell of the image that runs the program and reaps.

podman runs straight over the root file system, with storage and state in folders of our own, so
that the user's own containers and images are not touched; where it does not work as it is set up
(Debian's, in a container itself), it is tried with `runc` and plain control groups. docker needs
an image: `localhost/elixir-factory-sandbox`, imported from the root file system when it is absent.
docker itself could not be tried where this was written; podman, called as docker is, could.

An engine's containers outlive whoever asked for them. A shell waits at the end of a pipe that only
this process holds and removes them when it closes, `kill -9` included; each start also removes what
has no owner any more.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from evals.errors import SandboxError
from evals.sandbox import Limits, Program, cgroups
from evals.sandbox.bubblewrap import ENVIRONMENT, HIDDEN, SCRATCH, nobody, shown
from evals.sandbox.image import REFERENCE, Image, cached
from evals.sandbox.owner import alive, myself
from evals.sandbox.rlimits import rlimits
from evals.sandbox.running import Child, spawn

Command = Literal["podman", "docker"]
PLAIN = """[engine]
cgroup_manager="cgroupfs"
runtime="runc"
events_logger="none"
[containers]
default_ulimits=["nofile=1024:1024","nproc=4096:4096","msgqueue=0:0"]
"""
"""podman's settings where there is no systemd: `crun` refuses mixed control groups, and raising
limits is refused in a container."""
GREEDY = "head -c 100000000 /dev/zero | tail -c 100000000 | wc -c"
"""Holds 100 MB, then says how many bytes that were: 0 when it was ended for it."""
JANITOR = """cat >/dev/null
owned=$1; shift
left=$("$@" ps --all --quiet --filter name="$owned")
[ -z "$left" ] || { "$@" kill $left; "$@" rm --force $left; }
for pause in 0 1 2 4; do
    sleep $pause
    find /sys/fs/cgroup -depth -type d -path "*/$owned*" -exec rmdir {} +
done
"""
PATIENCE = 60.0
"""Seconds for the engine's own commands."""
_count = itertools.count()
_janitors: dict[tuple[int, str], subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Call:
    """How to call the engine here: its command with what goes before a subcommand, and the
    environment; and what to name in `run` for the image."""

    prefix: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    root: tuple[str, ...]

    def answer(self, *arguments: str) -> str | None:
        """What a subcommand prints; None when it fails."""
        try:
            answer = subprocess.run(
                [*self.prefix, *arguments],
                env=dict(self.env),
                cwd=_aside(),
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return None if answer.returncode else answer.stdout.decode("utf-8", "replace")


class Container:
    """The `Engine` over an image, by podman's or docker's command."""

    def __init__(self, image: Image, command: Command) -> None:
        if shutil.which(command) is None:
            raise SandboxError(f"{command} is missing; install it, or use bubblewrap")
        self.name: str = command
        self._image = image
        self._call = _working(command, image)
        self._sweep()

    def image_digest(self) -> str:
        return self._image.digest

    def start(self, program: Program) -> Child:
        _keep_janitor(self._call)
        name = f"{cgroups.PREFIX}{myself()}-{next(_count)}"
        argv = [*self._call.prefix, *_run(self.name, program, name), *self._call.root]
        argv += [*rlimits(program.limits, processes=False, staying=True), *program.argv]
        return Child(
            spawn(argv, env=dict(self._call.env), where=_aside()),
            ends=lambda: self._call.answer("rm", "--force", name),
            # Engines do not say it reliably (podman not at all with control groups of version 1);
            # but nothing else there kills the program, save the program.
            oom=lambda status: status == 128 + 9,
        )

    def _sweep(self) -> None:
        listed = self._call.answer(
            "ps", "--all", "--format", "{{.Names}}", "--filter", f"name={cgroups.PREFIX}"
        )
        for name in (listed or "").split():
            owner = name.removeprefix(cgroups.PREFIX).rpartition("-")[0]
            if name.startswith(cgroups.PREFIX) and not alive(owner):
                self._call.answer("rm", "--force", name)


def _run(command: str, program: Program, name: str) -> Iterator[str]:
    limits = program.limits
    yield from ("run", "--interactive", "--name", name, "--log-driver", "none")
    yield from ("--network", "none", "--read-only", "--hostname", "sandbox")
    yield from ("--cap-drop", "all", "--security-opt", "no-new-privileges", "--ipc", "none")
    yield from ("--memory", str(limits.memory), "--memory-swap", str(limits.memory))
    # The shell that runs the program is in the container too.
    yield from ("--pids-limit", str(limits.processes + 1), "--cpus", str(limits.cpus))
    yield from ("--tmpfs", f"{SCRATCH}:rw,size={limits.scratch},mode=1777,nosuid,nodev")
    user = nobody()
    yield from ("--workdir", SCRATCH, "--user", f"{user}:{user}", "--stop-timeout", "0")
    if command == "podman":
        yield from ("--read-only-tmpfs=false", "--no-hosts", "--unsetenv-all")
        yield from ("--security-opt", f"mask={':'.join(['/sys', '/dev/mqueue', *HIDDEN])}")
    for variable, value in {**ENVIRONMENT, **program.env}.items():
        yield from ("--env", f"{variable}={value}")
    for there, here in program.binds.items():
        yield from ("--volume", f"{shown(here)}:{there}:ro")


@cache
def _working(command: Command, image: Image) -> Call:
    """How to call the engine, found by running something with every limit set, which tries to use
    more memory than it may: some engines leave out a limit that they cannot set. Raises
    `SandboxError` with what it said when no way works."""
    said = "nothing"
    greedy = Program(["sh", "-c", GREEDY], Limits(memory=64 << 20))
    for call in _podman(image) if command == "podman" else _docker(image):
        name = f"{cgroups.PREFIX}{myself()}-{next(_count)}"
        argv = [*call.prefix, *_run(command, greedy, name), *call.root]
        try:
            tried = subprocess.run(
                [*argv, *greedy.argv],
                env=dict(call.env),
                cwd=_aside(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
            continue
        finally:
            call.answer("rm", "--force", name)
        if tried.stdout.strip() == b"0":
            return call
        said = " ".join(tried.stderr.decode("utf-8", "replace").split())[-600:]
        if tried.returncode == 0:
            said += " (memory is not limited)"
    raise SandboxError(f"{command} does not work here; it said: {said}")


def _podman(image: Image) -> Iterator[Call]:
    mine = cached().parent / "podman"
    state = _state_folder()
    try:
        mine.mkdir(parents=True, exist_ok=True)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SandboxError(f"podman has no place for its state: {error}") from error
    folders = {"--root": mine, "--runroot": state / "run", "--tmpdir": state / "tmp"}
    prefix = ("podman", *(str(part) for pair in folders.items() for part in pair))
    # Over the root file system, so that the places for binds need not be there.
    root = ("--rootfs", f"{image.rootfs}:O")
    yield Call(prefix, tuple(os.environ.items()), root)
    settings = state / "containers.conf"
    settings.write_text(PLAIN)
    env = {**os.environ, "CONTAINERS_CONF": str(settings)}
    yield Call(prefix, tuple(env.items()), (*_own_groups(), *root))


def _own_groups() -> Iterator[str]:
    """Groups that are swept with ours, instead of podman's that stay for good."""
    if os.geteuid() == 0:
        yield from ("--cgroup-parent", f"/{cgroups.PREFIX}{myself()}-podman")


def _state_folder() -> Path:
    """A folder that is empty after the machine has started, as podman wants it for its state."""
    if os.geteuid() == 0:
        return Path("/run/elixir-factory-podman")
    base = os.environ.get("XDG_RUNTIME_DIR")
    return Path(base or tempfile.gettempdir(), f"elixir-factory-podman-{os.geteuid()}")


def _aside() -> str:
    """Where the engine runs: podman's monitor leaves a file `oom` in its working directory."""
    state = _state_folder()
    return str(state) if state.is_dir() else "/"


def _docker(image: Image) -> Iterator[Call]:
    reference = f"{REFERENCE}:{image.digest[:16]}"
    call = Call(("docker",), tuple(os.environ.items()), (reference,))
    if call.answer("version") and call.answer("image", "inspect", reference) is None:
        with subprocess.Popen(
            ["tar", "-C", image.rootfs, "-c", "."],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what only root can read, no program can either
        ) as tar:
            subprocess.run(
                ["docker", "import", "-", reference],
                stdin=tar.stdout,
                capture_output=True,
                check=False,
            )
    yield call


def _keep_janitor(call: Call) -> None:
    """One for this process (a fork has none of its own) and command."""
    key = (os.getpid(), call.prefix[0])
    if key not in _janitors:
        _janitors[key] = subprocess.Popen(
            ["/bin/sh", "-c", JANITOR, "sh", f"{cgroups.PREFIX}{myself()}-", *call.prefix],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(call.env),
            cwd="/",
            start_new_session=True,
        )
