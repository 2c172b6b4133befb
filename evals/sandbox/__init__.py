"""Where code that nobody trusts runs: the interface that engines fulfil.

A sandboxed program has no network, no capabilities, no new privileges, a read-only root, its own
PID, mount, IPC and UTS namespaces, and limits on all it could use up. It talks over its standard
input and output; standard error is kept, cut, for people. See `evals.sandbox.engines` for how one
is chosen, `evals.sandbox.image` for the root file system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol


@dataclass(frozen=True)
class Limits:
    """What one sandboxed program may use. Sizes are bytes, `seconds` is processor time."""

    memory: int = 512 << 20
    processes: int = 128
    """Operating-system threads and processes (the BEAM itself needs some 20)."""
    cpus: float = 1.0
    seconds: float = 3600.0
    file_size: int = 8 << 20
    open_files: int = 256
    scratch: int = 16 << 20
    """Size of `/tmp`, the only place that can be written to; it is memory and it is the
    program's own."""


@dataclass(frozen=True)
class Program:
    """What to run. `binds` shows host folders (or files) read-only inside: path there → path here,
    which everybody must be able to read (`chmod -R o+rX`). `env` is all the environment beside
    `PATH`, `HOME`, `LANG` and `ERL_CRASH_DUMP_SECONDS=0`."""

    argv: Sequence[str]
    limits: Limits = field(default_factory=Limits)
    binds: Mapping[str, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


class Running(Protocol):
    """A program that runs in a sandbox. `stdin` and `stdout` are unbuffered binary pipes."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    def kill(self) -> None:
        """End it and everything it started, at once; may be called at any time, more than once."""
        ...

    def ended(self) -> int | None:
        """The exit status when it has ended by itself or was killed, else None."""
        ...

    def out_of_memory(self) -> bool:
        """After its end: whether the memory limit was what ended it, as far as can be told."""
        ...

    def stderr(self) -> str:
        """The end of what it wrote to standard error (at most 16 kB)."""
        ...


def everything(running: Running) -> bytes:
    """All that a program writes to standard output until it closes it. For programs of ours: one
    that nobody trusts could write for ever."""
    return b"".join(iter(lambda: running.stdout.read(1 << 16), b""))


class Engine(Protocol):
    """A way to run programs in sandboxes over one image."""

    name: str

    def start(self, program: Program) -> Running:
        """Raises `SandboxError` when it cannot be started, saying what to do."""
        ...

    def image_digest(self) -> str:
        """What identifies the root file system, for verdicts to carry."""
        ...
