"""A host VM in a sandbox, asked directly in its own protocol."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from evals.runtime import Runtime
from evals.sandbox import Engine, Limits

LENGTH = struct.Struct(">I")


class Host:
    """Sends questions and waits for the answers."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        self.running = engine.start(runtime.program("Host", Limits()))
        self._number = 0
        self._sent: set[str] = set()
        self.failing: list[dict[str, Any]] = []
        """Tests of the last question that failed, as they were told of while it was asked."""
        self.ready = self._receive()

    def grade(
        self,
        test: str,
        candidate: str,
        way: str = "auto",
        capabilities: tuple[str, ...] = ("process", "ets", "registry", "timer"),
        send_test: bool | None = None,
        limits: dict[str, float] | None = None,
    ) -> dict[str, Any]:
        """The answer to one candidate; the tests go with the first question about them."""
        key = hashlib.sha256(test.encode()).hexdigest()
        problem: dict[str, Any] = {"key": key, "capabilities": list(capabilities)}
        if send_test if send_test is not None else key not in self._sent:
            problem["test"] = test
            self._sent.add(key)
        allowed = {"seconds": 20.0, "output": 100_000, "heap_words": 8_000_000, "frame": 1 << 20}
        return self.ask(
            op="grade",
            problem=problem,
            candidate=candidate,
            way=way,
            channel=1,
            limits=allowed | (limits or {}),
        )

    def ask(self, **question: object) -> dict[str, Any]:
        self._number += 1
        frame = b"J" + json.dumps({"id": self._number, **question}).encode()
        self.running.stdin.write(LENGTH.pack(len(frame)) + frame)
        self.failing = []
        while (answer := self._receive()).get("op") == "failing":
            assert answer["of"] == self._number
            self.failing.append(answer["test"])
        assert answer["id"] == self._number
        return answer

    def _receive(self) -> dict[str, Any]:
        (size,) = LENGTH.unpack(self._exactly(LENGTH.size))
        frame = self._exactly(size)
        assert frame[:1] == b"J", frame[:200]
        answer: dict[str, Any] = json.loads(frame[1:])
        return answer

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            piece = self.running.stdout.read(size - len(got))
            assert piece, f"the host ended: {self.running.stderr()}"
            got += piece
        return got


@contextmanager
def host(engine: Engine, runtime: Runtime) -> Iterator[Host]:
    asked = Host(engine, runtime)
    try:
        yield asked
    finally:
        asked.running.kill()


def passed(answer: dict[str, Any]) -> dict[str, bool]:
    """Which tests passed, by name."""
    assert "tests" in answer, answer
    return {test["name"]: test["passed"] for test in answer["tests"]}
