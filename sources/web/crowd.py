"""Many at once: a function over items by a bounded number of threads, results in items' order.

The threads are daemons, so that Ctrl-C ends the program at once and not when the slowest server
has answered; they take no new item then, and the clients they use start no new request.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from factory.progress import Progress
from sources.web.reply import StoppedError, WebError

T = TypeVar("T")
R = TypeVar("R")

_here = threading.local()


class Stop:
    """Whether a client's work was called off: by its end, or by that of the crowd that asks."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.event = threading.Event()

    def check(self) -> None:
        """Raises `StoppedError` when it was."""
        crowd: threading.Event | None = getattr(_here, "stop", None)
        if self.event.is_set() or (crowd is not None and crowd.is_set()):
            raise StoppedError(f"{self._name}: interrupted, or asked after it was closed")


def each(
    function: Callable[[T], R],
    items: Sequence[T],
    *,
    threads: int,
    progress: Progress,
    stage: str,
    unit: str,
    size: Callable[[], int] = lambda: 0,
) -> list[R | WebError]:
    """What `function` gives for each item, or the `WebError` that it raised. Any other exception
    ends the work and is raised here. Progress is told from the calling thread alone; `size` says
    how many bytes came so far."""
    results: dict[int, R | WebError] = {}
    todo = iter(enumerate(items))
    taking = threading.Lock()
    done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        _here.stop = stop
        while not stop.is_set():
            with taking:
                taken = next(todo, None)
            if taken is None:
                return
            index, item = taken
            try:
                results[index] = function(item)
            except StoppedError as error:
                done.put(error)
                return
            except WebError as error:
                results[index] = error
            except BaseException as error:
                done.put(error)
                return
            done.put(None)

    before = size()
    progress.start(stage, len(items), unit)
    try:
        for number in range(min(threads, len(items))):
            threading.Thread(target=work, name=f"{stage} {number}", daemon=True).start()
        for _ in items:
            failure = done.get()
            if failure is not None:
                raise failure
            now = size()
            progress.advance(1, now - before)
            before = now
    finally:
        stop.set()
        progress.finish()
    return [results[index] for index in range(len(items))]
