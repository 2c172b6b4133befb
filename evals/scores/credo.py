"""Credo over one program after another, warm, in a sandboxed VM of its own.

Credo comes as an escript: a file that the user names, or the image's. Where there is none nothing
is measured, and that is said. Credo answers "no issues" for what it cannot parse and obeys
`.credo.exs` files and comments that it finds; neither reaches a score (see
`ElixirEval.CredoWorker`). Here its VM is started, timed and replaced.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.closing import Closing
from evals.errors import SandboxError, SuiteError
from evals.runtime import Runtime, compiled
from evals.sandbox import Engine, Limits
from evals.wire import Link, wait

IN_IMAGE = "/opt/elixireval/bin/credo"
LARGEST_ESCRIPT = 64 << 20
LARGEST_SOURCE = 256 * 1024
LARGEST_ANSWER = 1 << 20
BOOT_SECONDS = 60.0
SECONDS = 10.0
SOURCES_A_VM = 1000
ATOMS_A_VM = 400_000
"""A VM holds a million names at most, and never forgets one."""
_CHANNEL_0 = b"R\0\0\0\0"


@dataclass(frozen=True)
class Issue:
    """What Credo found: `check` as `Refactor.Nesting`, `category` one of `consistency`, `design`,
    `readability`, `refactor` and `warning`."""

    check: str
    category: str
    message: str
    line: int


@dataclass(frozen=True)
class Report:
    """Credo's issues, or None with the `reason` why nothing was measured."""

    issues: tuple[Issue, ...] | None
    reason: str = ""


class Credo(Closing):
    """A warm Credo. Safe for several threads, which take turns. A context manager; `close` ends
    its VM.

    `escript` is a file of the user's, None the image's own. Raises `SuiteError` when the file
    cannot be read, `SandboxError` when it is no Credo.
    """

    def __init__(self, engine: Engine, escript: Path | None = None) -> None:
        self._engine = engine
        self._escript = None if escript is None else _bytes(escript)
        self._named = str(escript) if escript else IN_IMAGE
        self._runtime: Runtime | None = None
        self._link: Link | None = None
        self._number = 0
        self._lock = threading.Lock()
        self.version = ""
        with self._lock:
            self._start()

    def check(self, source: str) -> Report:
        """What Credo says of a program. Never raises for what `source` holds."""
        data = source.encode("utf-8", "replace")
        if len(data) > LARGEST_SOURCE:
            return Report(None, f"larger than {LARGEST_SOURCE:,} bytes")
        with self._lock:
            try:
                if self._link is None:
                    self._start()
                self._number += 1
                question = {
                    "op": "check",
                    "id": self._number,
                    "source": data.decode(),
                    "seconds": SECONDS,
                }
                answer = self._ask(b"J" + json.dumps(question).encode(), self._number, SECONDS + 5)
            except SandboxError as error:
                self._end()
                return Report(None, f"Credo broke: {error}")
            if self._number >= SOURCES_A_VM or int(answer.get("atoms", 0)) > ATOMS_A_VM:
                self._end()
            return _report(answer)

    def close(self) -> None:
        """End the VM; a later `check` starts another."""
        with self._lock:
            self._end()

    def _start(self) -> None:
        self._runtime = self._runtime or compiled(self._engine)
        program = self._runtime.program("CredoWorker", Limits(scratch=128 << 20))
        self._link = Link(self._engine.start(program), LARGEST_ANSWER)
        self._number = 0
        if self._escript is None:
            frame = b"J" + json.dumps({"op": "load", "path": IN_IMAGE}).encode()
        else:
            frame = _CHANNEL_0 + self._escript
        try:
            answer = self._ask(frame, 0, BOOT_SECONDS)
            if "error" in answer:
                raise SandboxError(f"{self._named}: {answer['error']}; give Credo's own escript")
        except SandboxError:
            self._end()
            raise
        self.version = str(answer.get("version", ""))

    def _ask(self, frame: bytes, number: int, seconds: float) -> dict[str, Any]:
        link = self._link
        assert link is not None
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

    def _end(self) -> None:
        if self._link is not None:
            self._link.running.kill()
            self._link = None


def in_image(rootfs: Path) -> bool:
    """Whether an image brings a Credo."""
    return (rootfs / IN_IMAGE[1:]).is_file()


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_ESCRIPT:
            raise SuiteError(f"{path}: is larger than {LARGEST_ESCRIPT:,} bytes: no Credo escript")
        return path.read_bytes()
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read: {error.strerror}") from None


def _report(answer: dict[str, Any]) -> Report:
    if "error" in answer:
        return Report(None, str(answer["error"]))
    issues = tuple(
        Issue(str(i["check"]), str(i["category"]), str(i["message"]), int(i["line"]))
        for i in answer.get("issues", ())
    )
    return Report(issues)
