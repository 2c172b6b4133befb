"""A tool that judges one program after another, warm, in a sandboxed VM of its own.

What Credo, Sobelow and Dialyzer have in common: their VM (`ElixirEval.Tool`) is started, timed and
replaced here. Where a tool is not, nothing is measured, and that is said.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.closing import Closing
from evals.errors import SandboxError, SuiteError
from evals.runtime import compiled
from evals.sandbox import Engine, Limits
from evals.wire import Link, wait

LARGEST_ESCRIPT = 64 << 20
LARGEST_SOURCE = 256 * 1024
LARGEST_ANSWER = 1 << 20
BOOT_SECONDS = 60.0
SOURCES_A_VM = 1000
ATOMS_A_VM = 400_000
"""A VM holds a million names at most, and never forgets one."""
_CHANNEL_0 = b"R\0\0\0\0"


@dataclass(frozen=True)
class Kind:
    """A tool: its name, the module of the runtime that drives it, its file in the image, what a VM
    of it may use, and the seconds that one program may take."""

    name: str
    worker: str
    in_image: str
    limits: Limits
    seconds: float = 10.0

    def inside(self, rootfs: Path) -> bool:
        """Whether an image brings the tool."""
        return (rootfs / self.in_image[1:]).is_file()


class Unmeasured(Exception):  # noqa: N818 - an answer, not a mistake
    """The tool said nothing of a program; the text says why."""


@dataclass
class _Vm:
    """A VM that has loaded the tool, and how many programs it was asked about."""

    link: Link
    asked: int = 0


class Warm(Closing):
    """A warm tool. Safe for several threads: at most `vms` programs are looked at together, and a
    VM is started when all that there are have work. A context manager; `close` ends the VMs, and
    the next question starts another.

    `file` is an escript of the user's, tried at once: raises `SuiteError` when it cannot be read,
    `SandboxError` when it is not the tool. None means what the image holds, whose VM starts with
    the first question.
    """

    def __init__(self, kind: Kind, engine: Engine, file: Path | None = None, vms: int = 1) -> None:
        self._kind = kind
        self._engine = engine
        self._file = None if file is None else _bytes(file, kind.name)
        self._named = str(file) if file else kind.in_image
        self._vms = vms
        self._turns = threading.BoundedSemaphore(vms)
        self._idle: deque[_Vm] = deque()
        if file is not None:
            self._idle.append(self._started())

    def ask(self, source: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the tool answers to a program. Raises `Unmeasured`, whatever `source` holds."""
        data = source.encode("utf-8", "replace")
        if len(data) > LARGEST_SOURCE:
            raise Unmeasured(f"larger than {LARGEST_SOURCE:,} bytes")
        question = {
            **(more or {}),
            "op": "check",
            "source": data.decode(),
            "seconds": self._kind.seconds,
        }
        with self._turns:
            try:
                answer = self._answered(question)
            except SandboxError as error:
                raise Unmeasured(f"{self._kind.name} broke: {error}") from None
        if "error" in answer:
            raise Unmeasured(str(answer["error"]))
        return answer

    def close(self) -> None:
        for _ in range(self._vms):
            self._turns.acquire()
        while self._idle:
            self._idle.pop().link.running.kill()
        self._turns.release(self._vms)

    def _answered(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            vm = self._idle.pop()
        except IndexError:
            vm = self._started()
        good = False
        try:
            vm.asked += 1
            frame = b"J" + json.dumps({**question, "id": vm.asked}).encode()
            answer = _exchanged(vm.link, frame, vm.asked, self._kind.seconds + 5)
            worn = vm.asked >= SOURCES_A_VM or int(answer.get("atoms", 0)) > ATOMS_A_VM
            good = not worn and not answer.get("spent")
        finally:
            if good:
                self._idle.append(vm)
            else:
                vm.link.running.kill()
        return answer

    def _started(self) -> _Vm:
        program = compiled(self._engine).program(self._kind.worker, self._kind.limits)
        link = Link(self._engine.start(program), LARGEST_ANSWER)
        if self._file is None:
            frame = b"J" + json.dumps({"op": "load", "path": self._kind.in_image}).encode()
        else:
            frame = _CHANNEL_0 + self._file
        try:
            answer = _exchanged(link, frame, 0, BOOT_SECONDS)
            if "error" in answer:
                own = f"; give {self._kind.name}'s own escript" if self._file is not None else ""
                raise SandboxError(f"{self._named}: {answer['error']}{own}")
        except BaseException:
            link.running.kill()
            raise
        return _Vm(link)


def _exchanged(link: Link, frame: bytes, number: int, seconds: float) -> dict[str, Any]:
    """The answer with that number to a frame. Raises `SandboxError` when none comes."""
    link.send(frame)
    deadline = time.monotonic() + seconds
    while True:
        for answer in link.frames():
            with contextlib.suppress(ValueError):
                told = json.loads(answer[1:])
                if isinstance(told, dict) and told.get("id") == number:
                    return told
        if not link.open:
            raise SandboxError(f"its VM ended: {link.running.stderr()[-500:]}".rstrip(": "))
        if not wait([link], deadline):
            raise SandboxError(f"no answer within {seconds:.0f} s")


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST_ESCRIPT:
            raise SuiteError(f"{path}: is larger than {LARGEST_ESCRIPT:,} bytes: no {name} escript")
        return path.read_bytes()
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read: {error.strerror}") from None
