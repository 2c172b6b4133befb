"""Processes on this machine; with one worker, this very process.

Workers are forked from one small process that has imported what jobs need and holds no thread
(multiprocessing's fork server): imports are paid once, and while the parent plans. They ignore
Ctrl-C (the parent decides) and die with their parent, even when it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import TypeVar

from factory.errors import FactoryError

J = TypeVar("J")
R = TypeVar("R")


class Local:
    """An executor over `workers` processes. Jobs and results must pickle when there are several.

    `modules` are imported before the first worker exists; one that cannot be imported is left to
    the job that needs it.
    """

    def __init__(self, workers: int, modules: Sequence[str] = ()) -> None:
        self.workers = workers
        self._modules = modules
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Start the process that workers are forked from; it imports while the parent plans."""
        if self.workers > 1:
            start_server(self._modules)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self.start()
            self._pool = ProcessPoolExecutor(
                self.workers,
                mp_context=multiprocessing.get_context("forkserver"),
                initializer=_start_worker,
            )
        return self._pool

    def map(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        if self.workers == 1 or len(jobs) <= 1:
            return ((index, function(job)) for index, job in enumerate(jobs))
        pool = self._started()
        running: dict[Future[R], int] = {}
        waiting = iter(enumerate(jobs))

        def submit() -> None:
            # One job more than workers is in flight, so that none waits for the parent, and
            # an error leaves little to throw away.
            while len(running) <= self.workers and (upcoming := next(waiting, None)):
                with _holding_interrupts():  # it may start a process
                    running[pool.submit(function, upcoming[1])] = upcoming[0]

        def results() -> Iterator[tuple[int, R]]:
            try:
                while running:
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        with _death_explained():
                            result = future.result()
                        yield running.pop(future), result
                    with _death_explained():
                        submit()
            finally:
                for future in running:
                    future.cancel()

        with _death_explained():
            submit()
        return results()

    def close(self) -> None:
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values())
        # Before the pool lets go of what a process that is just starting looks for. Workers hold
        # nothing that would have to be put away: what they had begun to write is swept.
        for process in processes:
            process.kill()
        for process in processes:
            process.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None


def start_server(modules: Sequence[str] = ()) -> None:
    """Start the process that workers are forked from, if it does not run yet. It imports what all
    jobs need and `modules`. A command that is going to build calls this before it imports the rest
    itself: then both import at the same time."""
    multiprocessing.set_forkserver_preload(
        ["factory.executors.lean", "factory.executors.ready", *modules]
    )
    # The tracker unblocks the signal when it starts, so it must be there before.
    resource_tracker.ensure_running()
    with _holding_interrupts():
        forkserver.ensure_running()


@contextmanager
def _death_explained() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise FactoryError(
            "a worker process died, most likely for want of memory; what was finished is kept: "
            "run the same command again with fewer --workers"
        ) from error


@contextmanager
def _holding_interrupts() -> Iterator[None]:
    """Ctrl-C waits until the end of this block. Processes born in here never hear of it, since a
    signal that the thread which starts them blocks stays blocked in them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    # Blocking alone would not do: another thread may take the signal for us.
    handler = signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if held:
            signal.raise_signal(signal.SIGINT)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """End when the process that builds is gone, however it went. (A worker keeps the fork server
    alive, so to wait for the end of that would be to wait for ever.)"""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
