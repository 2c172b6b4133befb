"""Which engine runs the programs: by name, or the best that works on this machine."""

from __future__ import annotations

from evals.errors import SandboxError
from evals.sandbox import Engine
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.image import find


def pick(name: str | None = None, unsafe_local: bool = False) -> Engine:
    """The engine of that name, or the best that works here. Raises `SandboxError` saying what to
    install when none does; nothing is ever run unsandboxed unless `unsafe_local` asks for it."""
    if name not in {None, "bubblewrap"}:
        raise SandboxError(f"no engine is named {name!r}")
    return Bubblewrap(find())
