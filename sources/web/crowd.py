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


def check() -> None:
    """Raises `StoppedError` in a thread whose crowd was called off."""
    stop: threading.Event | None = getattr(_here, "stop", None)
    if stop is not None and stop.is_set():
        raise StoppedError("interrupted")


def each(
    function: Callable[[T], R],
    items: Sequence[T],
    *,
    threads: int,
    progress: Progress,
    stage: str,
    unit: str,
) -> list[R | WebError]:
    """What `function` gives for each item, or the `WebError` that it raised. Any other exception
    ends the work and is raised here. Progress is told from the calling thread alone."""
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

    progress.start(stage, len(items), unit)
    try:
        for number in range(min(threads, len(items))):
            threading.Thread(target=work, name=f"{stage} {number}", daemon=True).start()
        for _ in items:
            failure = done.get()
            if failure is not None:
                raise failure
            progress.advance(1)
    finally:
        stop.set()
        progress.finish()
    return [results[index] for index in range(len(items))]
