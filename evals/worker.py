"""One worker: a warm host VM, and the candidate VMs that it needs beside it.

Knows the protocol and what the death of a VM means; `evals.grader` decides what is graded when, and
what is done again. Not safe for use by two threads at once.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, get_args

from evals.errors import SandboxError
from evals.problem import Problem
from evals.runtime import Runtime
from evals.sandbox import Engine, Limits, Running
from evals.verdict import Diagnostic, Outcome, TestResult, Verdict, Way
from evals.wire import Link, wait

BOOT_SECONDS = 60.0
GRACE = 3.0
"""Seconds beyond the candidate's own limit until a VM that does not answer is killed."""
CANDIDATES_A_VM = 2000
LARGEST_SOURCE = 256 * 1024
FRAME_COST = 64
"""What a frame counts beyond its bytes: an empty one is work too."""
_CHANNEL = struct.Struct(">cI")
_OUTCOMES = frozenset(get_args(Outcome))


@dataclass(frozen=True)
class Budget:
    """What one candidate may use. `seconds` is wall time for its tests and its compilation
    together, `output` bytes printed, `frame` bytes of the largest single message between VMs."""

    seconds: float = 10.0
    output: int = 256 * 1024
    heap: int = 256 << 20
    frame: int = 8 << 20
    traffic: int = 64 << 20
    """Bytes that a candidate VM may send in all."""


class Worker:
    """A host VM that is started when first needed and replaced when it is no longer trusted."""

    def __init__(self, engine: Engine, runtime: Runtime, limits: Limits) -> None:
        self._engine = engine
        self._runtime = runtime
        self._limits = limits
        self._host: Link | None = None
        self._known: set[str] = set()
        self.expected: dict[str, frozenset[tuple[str, str]]] = {}
        """By problem (its digest): module and name of all its tests, as the VM told when it had
        compiled them and had seen none of the problem's candidates. Without those whose tests are
        compiled with each candidate."""
        self._number = 0
        self._graded = 0

    def knows(self, problem: Problem) -> bool:
        """Whether this worker's VM has the problem's tests compiled."""
        return problem.digest in self._known

    def grade(self, problem: Problem, program: str, budget: Budget, way: str = "auto") -> Verdict:
        """The verdict on one program. `way` may force "two_vms".

        Raises `SandboxError` when no VM can be started at all.
        """
        try:
            size = len(program.encode())
        except UnicodeEncodeError:
            return Verdict("compile_error", "the program holds half a character (a surrogate)")
        if size > LARGEST_SOURCE:
            return Verdict("refused", f"the program is longer than {LARGEST_SOURCE:,} bytes")
        if "\0" in program:
            return Verdict("compile_error", "the program holds a NUL character")
        answer = self._asked(problem, program, budget, way)
        if isinstance(answer, dict) and answer.get("outcome") == "needs_two_vms":
            answer = self._asked(problem, program, budget, "two_vms")
        if isinstance(answer, Verdict):
            return answer
        if answer.get("tainted"):
            # What the candidate left behind could have reached its verdict too: in a fresh VM,
            # with the tests out of its reach, it can be judged.
            self.close()
            if way != "two_vms" and answer.get("way") != "two_vms":
                return self.grade(problem, program, budget, "two_vms")
            if answer.get("outcome") != "passed":
                # Nobody spoils a VM to fail; another try would be another guess.
                return _verdict(answer)
            return Verdict(
                "infrastructure_error", f"the grader's VM was changed: {answer['tainted']}"
            )
        verdict = _verdict(answer)
        self._graded += 1
        if answer.get("retire") or self._graded >= CANDIDATES_A_VM:
            self.close()
        return verdict

    def close(self) -> None:
        """End the host VM; the next candidate starts another."""
        if self._host is not None:
            self._host.running.kill()
            self._host = None
        self._known.clear()
        self._graded = 0

    def _asked(
        self, problem: Problem, program: str, budget: Budget, way: str
    ) -> dict[str, Any] | Verdict:
        """The host's answer, or a verdict where there was none."""
        candidate: Link | None = None
        channel = self._number + 1
        try:
            host = self._ready()
            if way == "two_vms":
                candidate = self._candidate(budget)
            while True:
                self._number += 1
                host.send(b"J" + self._question(problem, program, budget, way, channel))
                answer = self._conversation(host, candidate, channel, budget)
                if isinstance(answer, dict) and answer.get("outcome") == "unknown_problem":
                    if problem.digest in self._known:
                        self._known.discard(problem.digest)
                        continue
                    return Verdict("infrastructure_error", "the host did not take the tests")
                if isinstance(answer, dict) and "expected" in answer:
                    names = frozenset((module, name) for module, name in answer["expected"])
                    self.expected.setdefault(problem.digest, names)
                return answer
        finally:
            if candidate is not None:
                candidate.running.kill()

    def _question(
        self, problem: Problem, program: str, budget: Budget, way: str, channel: int
    ) -> bytes:
        asked: dict[str, Any] = {"key": problem.digest}
        asked["capabilities"] = sorted(problem.capabilities)
        if problem.digest not in self._known:
            asked["test"] = problem.test
            self._known.add(problem.digest)
        message = {
            "op": "grade",
            "id": self._number,
            "problem": asked,
            "candidate": program,
            "way": way,
            "channel": channel,
            "limits": {
                "seconds": budget.seconds,
                "output": budget.output,
                "heap_words": budget.heap // 8,
                "frame": budget.frame,
            },
        }
        return json.dumps(message).encode()

    def _conversation(
        self, host: Link, candidate: Link | None, channel: int, budget: Budget
    ) -> dict[str, Any] | Verdict:
        """Relay between both VMs until the host answers question `self._number`."""
        # Compiling and testing may take so long each.
        deadline = time.monotonic() + 2 * budget.seconds + GRACE
        head = _CHANNEL.pack(b"R", channel)
        traffic = 0
        failed: list[Any] = []
        links = [host, candidate] if candidate else [host]
        while True:
            answer = _answer(host, self._number, failed, lambda f: _hand_on(f, head, candidate))
            if answer is not None:
                return {"tests": failed, **answer}
            if not host.open:
                return self._died(host, failed)
            if candidate is not None and candidate in links:
                for frame in candidate.frames():
                    traffic += FRAME_COST + len(frame)
                    host.send(head + frame)
                if not candidate.open or traffic > budget.traffic:
                    links = [host]
                    host.send(b"J" + self._closed(candidate, channel, traffic > budget.traffic))
            # A side that does not take what it is sent must not make us hold it.
            if candidate is not None and candidate.unsent > 2 * budget.traffic:
                candidate.open = False
            if not wait(links, deadline):
                self.close()
                return Verdict(
                    "timeout",
                    "the VM did not answer in time",
                    tests=_results(failed),
                    seconds=budget.seconds,
                )

    def _candidate(self, budget: Budget) -> Link:
        """A candidate VM that is up: it sends an empty frame before it knows any candidate."""
        running = self._engine.start(self._runtime.program("CandidateVm", self._limits))
        candidate = Link(running, budget.frame)
        deadline = time.monotonic() + BOOT_SECONDS
        while not candidate.frames():
            if not candidate.open or not wait([candidate], deadline):
                running.kill()
                raise SandboxError(_not_started(self._engine, running))
        return candidate

    def _closed(self, candidate: Link, channel: int, too_much: bool) -> bytes:
        candidate.running.kill()
        if too_much:
            reason = "too_much_traffic"
        elif candidate.running.out_of_memory():
            reason = "out_of_memory"
        else:
            reason = "ended"
        message = {
            "op": "channel_closed",
            "channel": channel,
            "reason": reason,
            "detail": candidate.running.stderr()[-2000:],
        }
        return json.dumps(message).encode()

    def _died(self, host: Link, failed: list[Any]) -> Verdict:
        host.running.kill()
        memory = host.running.out_of_memory()
        said = host.running.stderr()[-500:].strip()
        self.close()
        if memory:
            return Verdict("out_of_memory", "the VM passed its memory limit", _results(failed))
        if failed:
            # Not another chance: what failed has failed.
            return Verdict("failed", "a test failed, and then the VM ended", _results(failed))
        return Verdict(
            "infrastructure_error", f"the grader's VM ended: {said or 'it said nothing'}"
        )

    def _ready(self) -> Link:
        """The host VM, started when there is none."""
        if self._host is not None and self._host.open:
            return self._host
        self.close()
        running = self._engine.start(self._runtime.program("Host", self._limits))
        host = Link(running, 32 << 20)
        deadline = time.monotonic() + BOOT_SECONDS
        while True:
            for frame in host.frames():
                if frame[:1] == b"J" and json.loads(frame[1:]).get("op") == "ready":
                    self._host = host
                    return host
            if not host.open or not wait([host], deadline):
                running.kill()
                raise SandboxError(_not_started(self._engine, running))


def _not_started(engine: Engine, running: Running) -> str:
    return (
        f"a VM did not start in the {engine.name} sandbox: "
        f"{running.stderr()[-2000:].strip() or 'it said nothing'}; "
        "`evals doctor` tells what works on this machine"
    )


def _hand_on(frame: bytes, head: bytes, candidate: Link | None) -> None:
    if candidate is not None and candidate.open and frame.startswith(head):
        candidate.send(frame[len(head) :])


def _answer(
    host: Link, number: int, failed: list[Any], relay: Callable[[bytes], None]
) -> dict[str, Any] | None:
    """The host's answer to question `number` if it has come. What it sends a candidate VM goes to
    `relay`, the results of tests that have failed so far to `failed`."""
    for frame in host.frames():
        if frame[:1] == b"R":
            relay(frame)
        elif frame[:1] == b"J":
            message = json.loads(frame[1:])
            if message.get("op") == "failing" and message.get("of") == number:
                failed.append(message["test"])
            if message.get("id") == number:
                return dict(message)
    return None


def _verdict(answer: dict[str, Any]) -> Verdict:
    outcome: Any = answer.get("outcome")
    if outcome not in _OUTCOMES:
        return Verdict("infrastructure_error", f"the host answered {str(answer)[:300]}")
    way: Way = answer.get("way") or ""
    return Verdict(
        outcome=outcome,
        reason=str(answer.get("reason") or ""),
        tests=_results(answer.get("tests") or ()),
        diagnostics=tuple(
            Diagnostic(d["severity"], d["message"], d.get("line") or 0)
            for d in answer.get("diagnostics") or ()
        ),
        way=way,
        seconds=float(answer.get("seconds") or 0.0),
        reductions=answer.get("reductions"),
        memory=answer.get("memory"),
        formatted=answer.get("formatted"),
        output=str(answer.get("output") or ""),
        timing=dict(answer.get("timing") or {}),
    )


def _results(tests: Iterable[Any]) -> tuple[TestResult, ...]:
    return tuple(
        TestResult(t["module"], t["name"], bool(t["passed"]), t.get("message") or "") for t in tests
    )
