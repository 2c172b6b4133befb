"""Programs without any sandbox, on the machine itself: `--unsafe-local`, for who asks by name.

A candidate can read and delete what its user can, and reach the network. What is limited is what
`prlimit` limits, for each process alone. There is no image: the machine's own Elixir runs, which
must be 1.18 or newer on OTP 27 or newer.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from evals.errors import SandboxError
from evals.sandbox import Limits, Program
from evals.sandbox.running import Child, spawn


class Local:
    """The `Engine` that is none."""

    name = "unsafe-local"

    def __init__(self) -> None:
        """Raises `SandboxError` when the machine's Elixir is too old or absent."""
        try:
            self._versions = subprocess.run(
                ["elixir", "--version"], capture_output=True, text=True, timeout=60, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise SandboxError(f"--unsafe-local needs Elixir on this machine: {error}") from error
        found = re.search(r"Elixir (\d+)\.(\d+)\S*.*OTP (\d+)", self._versions)
        if not found or tuple(map(int, found.groups()[:2])) < (1, 18) or int(found[3]) < 27:
            what = found[0] if found else "something that does not say its version"
            raise SandboxError(
                f"--unsafe-local needs Elixir 1.18 on OTP 27 or newer; this machine has {what}"
            )

    def image_digest(self) -> str:
        return hashlib.sha256(b"local" + self._versions.encode()).hexdigest()

    def start(self, program: Program) -> Child:
        scratch = tempfile.mkdtemp(prefix="elixir-factory-unsafe-")
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": scratch,
            "LANG": "C.UTF-8",
            "ERL_CRASH_DUMP_SECONDS": "0",
            **{name: _here(value, program) for name, value in program.env.items()},
        }
        argv = [*_limited(program.limits), *(_here(part, program) for part in program.argv)]
        # The folder is entered by a shell: a program is started from the same place everywhere.
        entered = ["/bin/sh", "-c", 'cd "$HOME" && exec "$@"', "sh", *argv]
        try:
            process = spawn(entered, env=env)
        except SandboxError:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        # It leads a process group of its own, whose members may outlive it.
        return Child(process, ends=lambda: _clean(process.pid, Path(scratch)))


def _here(text: str, program: Program) -> str:
    """A path in a sandbox, as the host's: nothing can be shown elsewhere than where it is."""
    for there, here in sorted(program.binds.items(), reverse=True):
        text = text.replace(there, str(here.resolve()))
    return text


def _limited(limits: Limits) -> Iterator[str]:
    if shutil.which("prlimit"):
        yield from ("prlimit", f"--nofile={limits.open_files}", "--core=0")
        yield f"--cpu={max(1, round(limits.seconds))}"
        yield f"--data={limits.memory + (96 << 20)}"


def _clean(group: int, scratch: Path) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    shutil.rmtree(scratch, ignore_errors=True)
