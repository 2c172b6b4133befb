"""What is left of a sandbox, its processes and groups: nothing, not even when this side is killed
in the midst of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evals.sandbox import Engine, Program, cgroups
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.container import Container
from evals.sandbox.image import Image
from evals.sandbox.owner import alive, myself
from tests.evals.sandbox.sandboxed import shell

HOLDER = """
import sys
from pathlib import Path
from evals.sandbox import Program
from evals.sandbox.image import at
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.container import Container
image = at(Path(sys.argv[1]))
engine = Bubblewrap(image) if sys.argv[2] == "bubblewrap" else Container(image, sys.argv[2])
script = 'trap "" TERM HUP; echo up; exec sleep ' + sys.argv[3]
children = [engine.start(Program(["sh", "-c", script])) for _ in range(2)]
for child in children:
    assert child.stdout.read(3) == b"up\\n"
print("up", flush=True)
{then}
"""
MARK = str(100_000 + os.getpid())
"""Seconds to sleep, by which this run's programs are known from those of others."""


def groups(owner: str) -> list[Path]:
    return [
        Path(path)
        for path, _, _ in os.walk(cgroups.MOUNTS)
        if Path(path).name.startswith(f"{cgroups.PREFIX}{owner}-")
    ]


def sleepers() -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == f"sleep\0{MARK}\0".encode():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether it comes to be within half a minute."""
    until = time.monotonic() + 30
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def holder(image: Image, engine: Engine, then: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has two sleepers in sandboxes, then does something."""
    code = HOLDER.replace("{then}", then)
    started = subprocess.Popen(
        [sys.executable, "-c", code, str(image.rootfs), engine.name, MARK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert started.stdout is not None
    try:
        assert started.stdout.readline() == b"up\n"
        assert eventually(lambda: len(sleepers()) == 2)
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.mark.xdist_group("sleepers")
def test_nothing_is_left_of_what_was_killed_or_ended(each_engine: Engine) -> None:
    before = set(groups(myself()))
    shell(each_engine, "exit 0")
    running = each_engine.start(Program(["sleep", MARK]))
    running.kill()
    assert eventually(lambda: sleepers() == [])
    left = {g for g in set(groups(myself())) - before if "podman" not in g.name}
    assert left == set()


@pytest.mark.xdist_group("sleepers")
@pytest.mark.parametrize("then", ["sys.exit(0)", "raise ValueError"])
def test_everything_dies_with_an_owner_that_ends(
    each_engine: Engine, image: Image, then: str
) -> None:
    with holder(image, each_engine, f"input(); {then}") as owner:
        _, _ = owner.communicate(b"\n", timeout=60)
        assert eventually(lambda: sleepers() == [])
        assert eventually(lambda: groups(f"{owner.pid}") == [])


@pytest.mark.xdist_group("sleepers")
def test_everything_dies_with_an_owner_that_is_killed(each_engine: Engine, image: Image) -> None:
    with holder(image, each_engine, "input()") as owner:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        assert eventually(lambda: sleepers() == [])

        def swept() -> bool:
            # The next start removes what could not be removed by who was killed.
            if each_engine.name == "bubblewrap":
                Bubblewrap(image)
            else:
                Container(image, "podman")
            return groups(f"{owner.pid}") == []

        assert eventually(swept)


@pytest.mark.xdist_group("sleepers")
def test_a_sandbox_that_is_killed_while_it_comes_up_is_gone(engine: Engine) -> None:
    """At each moment of its start: bubblewrap's own promise does not cover the first of them."""
    for pause in range(40):
        running = engine.start(Program(["sleep", MARK]))
        time.sleep(pause / 5000)
        running.kill()
    assert eventually(lambda: sleepers() == [])


@pytest.mark.xdist_group("sleepers")
def test_what_an_owner_left_running_is_ended_by_the_next(engine: Engine, image: Image) -> None:
    """A group whose owner has gone while a process of it goes on."""
    if not cgroups.hierarchies():
        pytest.skip("no control groups here")
    gone = f"4194305-1-{myself().rpartition('-')[2]}"
    sleeper = subprocess.Popen(["sleep", MARK])
    folder = cgroups.hierarchies()[0].folder / f"{cgroups.PREFIX}{gone}-0"
    folder.mkdir()
    try:
        (folder / "cgroup.procs").write_text(str(sleeper.pid))
        Bubblewrap(image)
        assert sleeper.wait(timeout=30) == -signal.SIGKILL
        cgroups.sweep()
        assert not folder.exists()
    finally:
        sleeper.kill()


@pytest.mark.xdist_group("sleepers")
def test_a_thread_may_end_before_what_it_started(engine: Engine) -> None:
    """The kernel's "die with your parent" means the thread."""
    import threading

    started = []
    thread = threading.Thread(target=lambda: started.append(engine.start(Program(["cat"]))))
    thread.start()
    thread.join()
    (running,) = started
    running.stdin.write(b"still here")
    assert running.stdout.read(10) == b"still here"
    running.kill()


def test_sweeping_leaves_what_has_an_owner(engine: Engine) -> None:
    running = engine.start(Program(["cat"]))
    before = groups(myself())
    assert before or not cgroups.hierarchies()
    cgroups.sweep()
    assert groups(myself()) == before
    running.kill()


def test_an_owner_is_told_from_a_later_process_of_its_number() -> None:
    pid, started, namespace = myself().split("-")
    assert alive(myself())
    assert not alive(f"{pid}-{int(started) + 1}-{namespace}")
    assert not alive(f"4194305-1-{namespace}")
    assert alive(f"4194305-1-{int(namespace) + 1}")
    assert alive("somebody-elses")
