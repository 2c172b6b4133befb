"""Which engine runs the programs: by name, or the best that works on this machine.

bubblewrap comes first where it can limit a program and all it starts together: then it isolates as
a container does (the same namespaces, control groups, no capabilities, a system call filter), and
starts in 7 ms and 5 ms of processor time where podman takes 150 and 100. A candidate that
needs a VM of its own pays that each time. Where it could only limit each process alone, a container
engine comes first. An engine is only taken after a program has really run in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from evals.errors import SandboxError
from evals.sandbox import Engine, Program
from evals.sandbox import bubblewrap as bwrap
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.container import Container
from evals.sandbox.image import Image, find
from evals.sandbox.local import Local

NAMES = ("bubblewrap", "podman", "docker")
UNSAFE = "unsafe-local"
PROBE = "the sandbox works"


def pick(name: str | None = None, unsafe_local: bool = False) -> Engine:
    """The engine of that name, or the best that works here; `unsafe_local` asks for none at all,
    and is the only way to get that.

    Raises `SandboxError` that says what each engine lacks when none works.
    """
    if unsafe_local:
        if name not in {None, UNSAFE}:
            raise SandboxError(
                f"--unsafe-local runs without a sandbox: it excludes --engine {name}"
            )
        return Local()
    if name is not None and name not in NAMES:
        hint = " (it must be typed: --unsafe-local)" if name == UNSAFE else ""
        raise SandboxError(f"no engine is named {name!r}{hint}; there are {', '.join(NAMES)}")
    image = find()
    if name is not None:
        return tried(name, image)
    problems = []
    for each in preferred():
        try:
            return tried(each, image)
        except SandboxError as error:
            problems.append(f"{each}: {error}")
    raise SandboxError(
        "no sandbox works on this machine (`evals doctor` tells more):\n" + "\n".join(problems)
    )


def preferred() -> Iterator[str]:
    """The engines' names, the best first."""
    together = bwrap.governor() != "rlimits"
    yield from NAMES if together else (*NAMES[1:], NAMES[0])


def tried(name: str, image: Image) -> Engine:
    """The engine of that name, after a program has run in it. Raises `SandboxError` otherwise."""
    make: dict[str, Callable[[], Engine]] = {
        "bubblewrap": lambda: Bubblewrap(image),
        "podman": lambda: Container(image, "podman"),
        "docker": lambda: Container(image, "docker"),
    }
    engine = make[name]()
    running = engine.start(Program(["echo", PROBE]))
    try:
        said = running.stdout.read(100) or b""
        if said.decode("utf-8", "replace").strip() != PROBE:
            running.kill()
            raise SandboxError(f"a program does not run in it: {running.stderr().strip()[:500]}")
    finally:
        running.kill()
    return engine
