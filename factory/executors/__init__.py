"""How many releases are worked on at once: one interface, so that a build does not know where its
jobs run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

J = TypeVar("J")
R = TypeVar("R")


class Executor(Protocol):
    """Runs jobs and hands back results as they finish, each with its job's index. With several
    workers `map` returns when the first jobs run, so that the caller can do something meanwhile.

    A job that raises ends the run: the exception comes out of the iterator and no further job is
    started. `close` stops what still runs; it may be called at any time, more than once.
    """

    workers: int

    def start(self) -> None:
        """Begin to make workers ready, if that takes time; returns at once."""
        ...

    def map(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[tuple[int, R]]: ...

    def close(self) -> None: ...
