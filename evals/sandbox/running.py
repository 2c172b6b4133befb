"""A sandboxed program while it runs, on this side: its pipes, its end, what it wrote to stderr.

Programs are started from one thread that lives as long as this process: the kernel ties "die with
your parent" to the *thread* that started a program, so one started from a pool's thread would be
killed when the pool shrinks.
"""

from __future__ import annotations

import atexit
import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import IO

from evals.errors import SandboxError
from evals.sandbox.cgroups import sweep

KEPT = 16_000
"""Bytes of standard error that are kept."""
FLOOD = 16 << 20
"""Bytes after which nobody listens any more: reading would cost us time without end."""

Popen = subprocess.Popen[bytes]


class Child:
    """A `Running` over a process. Once, when it has ended, `oom` is asked with its exit status
    whether memory ended it, then `ends` removes what it leaves. `stop` is called with its PID
    before it is killed."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    def __init__(
        self,
        process: Popen,
        ends: Callable[[], object] = lambda: None,
        oom: Callable[[int], bool] = lambda _: False,
        stop: Callable[[int], object] = lambda _: None,
    ) -> None:
        assert process.stdin and process.stdout and process.stderr
        self.stdin, self.stdout = process.stdin, process.stdout
        self._process, self._ends, self._oom, self._stop = process, ends, oom, stop
        self._lock = threading.Lock()
        self._finished = False
        self._out_of_memory = False
        self._owner = os.getpid()
        _live.add(self)
        self._kept: deque[bytes] = deque()
        self._reader = threading.Thread(
            target=_keep, args=(process.stderr, self._kept), name="sandbox-stderr", daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        if self._process.poll() is None:
            self._stop(self._process.pid)
            self._process.kill()
            self._process.wait()
        self._finish()

    def ended(self) -> int | None:
        status = self._process.poll()
        if status is not None:
            self._finish()
        return status

    def out_of_memory(self) -> bool:
        # The BEAM's last words when it is refused memory; it then ends by itself.
        return bool(self.ended()) and (self._out_of_memory or "Cannot allocate" in self.stderr())

    def stderr(self) -> str:
        if self._process.poll() is not None:
            self._reader.join(1.0)
        return b"".join(self._kept.copy())[-KEPT:].decode("utf-8", "replace")

    def _finish(self) -> None:
        with self._lock:
            if self._finished:
                return
            self._finished = True
            self._out_of_memory = self._oom(self._process.returncode)
            self._ends()
            _live.discard(self)


_live: set[Child] = set()


@atexit.register
def _kill_all() -> None:
    for child in list(_live):
        if child._owner == os.getpid():  # a fork ends without what its parent started
            child.kill()
    sweep(ours=True)


def _keep(pipe: IO[bytes], kept: deque[bytes]) -> None:
    """Reads to the end, so that the program is never stopped by a full pipe, and forgets all but
    the last pieces."""
    size = total = 0
    with pipe:
        while total < FLOOD and (piece := pipe.read(65_536)):
            total += len(piece)
            size += len(piece)
            kept.append(piece)
            while size - len(kept[0]) >= KEPT:
                size -= len(kept.popleft())


def spawn(
    argv: Sequence[str],
    *,
    fds: Sequence[int] = (),
    env: dict[str, str] | None = None,
    where: str = "/",
) -> Popen:
    """Starts a program in the folder `where`, with three pipes and nothing else of ours but `fds`.
    Raises `SandboxError` when it cannot."""
    answer: Future[Popen] = Future()
    _spawner().put((answer, tuple(argv), tuple(fds), env, where))
    try:
        return answer.result()
    except OSError as error:
        raise SandboxError(f"{argv[0]} cannot be started: {error.strerror}") from error


Order = tuple[Future[Popen], tuple[str, ...], tuple[int, ...], dict[str, str] | None, str]
_orders: dict[int, queue.SimpleQueue[Order]] = {}
_guard = threading.Lock()


def _spawner() -> queue.SimpleQueue[Order]:
    with _guard:
        # By process: after a fork, the thread is only in the parent.
        orders = _orders.get(os.getpid())
        if orders is None:
            orders = _orders[os.getpid()] = queue.SimpleQueue()
            threading.Thread(
                target=_serve, args=(orders,), name="sandbox-spawner", daemon=True
            ).start()
        return orders


def _serve(orders: queue.SimpleQueue[Order]) -> None:
    while True:
        answer, argv, fds, env, where = orders.get()
        try:
            answer.set_result(
                subprocess.Popen(
                    argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    bufsize=0,
                    pass_fds=fds,
                    env=env,
                    cwd=where,
                    start_new_session=True,
                )
            )
        except BaseException as error:
            answer.set_exception(error)
