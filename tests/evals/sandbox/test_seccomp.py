"""The system call filter, run by the kernel: in bubblewrap as root with every capability, so that
it is the filter that refuses and nothing else."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

from evals.sandbox import seccomp

MACHINE = os.uname().machine
pytestmark = pytest.mark.skipif(
    MACHINE not in seccomp.MACHINES or os.geteuid() != 0 or not shutil.which("bwrap"),
    reason="needs root, bubblewrap and an architecture that the filter knows",
)
CALLS = """
import ctypes, json, socket, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    ctypes.set_errno(0)
    return 0 if libc.syscall(*arguments) >= 0 else ctypes.get_errno()
def opened(*family):
    try:
        socket.socket(*family).close()
    except OSError as error:
        return error.errno
    return 0
bad = (-1,) * 5
answers = {name: call(number, *bad) for name, number in json.loads(sys.argv[1]).items()}
answers["sockets"] = [opened(f, socket.SOCK_DGRAM) for f in (1, 2, 10)] + [opened(16, 3, 0)]
answers["other sockets"] = [opened(40, 1), opened(38, 5), opened(17, 3), opened(31, 3)]
thread = threading.Thread(target=lambda: answers.update(thread="ran"))
thread.start()
thread.join()
answers["child"] = subprocess.run(["true"]).returncode
answers["namespaces"] = [call(int(sys.argv[2]), flag | 17, 0, 0, 0, 0) for flag in
    (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)]
print(json.dumps(answers))
"""


def answers(*arguments: str, filtered: bool) -> dict[str, object]:
    machine = seccomp.MACHINES[MACHINE]
    with tempfile.TemporaryFile() as file:
        file.write(seccomp.program() or b"")
        file.seek(0)
        use = ["--seccomp", str(file.fileno())] if filtered else []
        calls = [json.dumps(dict(machine.refused)), str(machine.clone)]
        python = [sys.executable, "-c", CALLS, *calls]
        ran = subprocess.run(
            ["bwrap", "--bind", "/", "/", "--dev", "/dev", *use, *arguments, "--", *python],
            pass_fds=[file.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def test_every_refused_call_is_refused_and_the_rest_works() -> None:
    got = answers("--unshare-pid", filtered=True)
    refused = seccomp.MACHINES[MACHINE].refused
    assert {name: got[name] for name in refused} == dict.fromkeys(refused, errno.EPERM)
    assert got["sockets"] == [0, 0, 0, 0]
    assert got["other sockets"] == [errno.EPERM] * 4
    assert got["namespaces"] == [errno.EPERM] * 7
    assert got["thread"] == "ran"
    assert got["child"] == 0


def test_calls_of_an_unknown_machine_have_no_filter() -> None:
    assert seccomp.program("pdp11") is None
    both = {name: seccomp.program(name) for name in seccomp.MACHINES}
    assert len(set(both.values())) == len(both)
    assert all(code and len(code) % 8 == 0 for code in both.values())
