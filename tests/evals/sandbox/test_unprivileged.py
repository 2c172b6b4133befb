"""bubblewrap for a user who is not root and may make no control groups."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evals.sandbox import Engine, Limits, bubblewrap, cgroups
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.image import at
from tests.evals.sandbox.sandboxed import elixir, shell

USER = 48_765
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else"),
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bwrap is not installed"),
]


@pytest.fixture(scope="module")
def reachable(rootfs: Path) -> Iterator[Path]:
    """The root file system where every user can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="elixir-factory-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    copy = folder / "rootfs"
    if subprocess.run(["cp", "-al", rootfs, copy], capture_output=True, check=False).returncode:
        shutil.rmtree(copy, ignore_errors=True)
        subprocess.run(["cp", "-a", rootfs, copy], check=True)
    yield copy
    shutil.rmtree(folder)


def as_user(rootfs: Path, does: Callable[[Engine], object]) -> object:
    """What a function answers (as JSON) that gets an engine in a process of that user's."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)
            bubblewrap.governor.cache_clear()
            cgroups.hierarchies.cache_clear()
            answer = does(Bubblewrap(at(rootfs)))
            os.write(write, json.dumps(answer).encode())
        except BaseException as error:
            os.write(write, json.dumps(repr(error)).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return answer


def test_programs_are_as_isolated(reachable: Path) -> None:
    def look(engine: Engine) -> object:
        end = shell(
            engine,
            "id -u; grep -E '^(Cap(Eff|Bnd)|NoNewPrivs|Seccomp):' /proc/self/status;"
            "touch /x /dev/x /dev/shm/x /opt/x 2>/dev/null; ls /proc | grep -c '^[0-9]'; ls /tmp",
        )
        return end.output.split()

    assert as_user(reachable, look) == [
        *("65534", "CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1", "Seccomp:", "2"),
        "4",
    ]


def test_memory_and_processes_are_limited_all_the_same(reachable: Path) -> None:
    limits = Limits(memory=128 << 20, processes=32)

    def use_up(engine: Engine) -> object:
        greedy = elixir(engine, "Stream.iterate(1, & &1 + 1) |> Enum.to_list()", limits)
        bomb = shell(
            engine,
            "i=0; while [ $i -lt 500 ]; do sleep 100 & i=$((i+1)); echo $i; done",
            limits,
        )
        fine = elixir(engine, "IO.write(Enum.sum(1..100))", limits)
        return [greedy.out_of_memory, "Cannot fork" in bomb.stderr, fine.output]

    assert as_user(reachable, use_up) == [True, True, "5050"]


def test_it_is_known_which_limits_are_in_force(reachable: Path) -> None:
    def ask(_: Engine) -> object:
        return bubblewrap.governor()

    assert as_user(reachable, ask) == "rlimits"
