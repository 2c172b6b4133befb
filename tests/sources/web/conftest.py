"""A clock that only sleeping moves, progress that remembers, and clients of a loopback server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sources.web import Web

EPOCH = 1_800_000_000.0


class Time:
    """Sleeping is noted and moves the clock; nobody waits."""

    def __init__(self) -> None:
        self.now = EPOCH
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.slept.append(seconds)


class Told:
    """What a client told its user."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.events: list[tuple[Any, ...]] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def start(self, stage: str, total: int, unit: str) -> None:
        self.events.append(("start", stage, total, unit))

    def advance(self, amount: int, size: int = 0) -> None:
        self.events.append(("advance", amount, size))

    def finish(self) -> None:
        self.events.append(("finish",))


Client = Callable[..., Web]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def client(tmp_path: Path, time: Time, told: Told) -> Iterator[Client]:
    """A client named `hex` of a base address; more than one share the cache."""
    made: list[Web] = []

    def make(base: str, **options: Any) -> Web:
        ours: dict[str, Any] = {"sleep": time.sleep, "clock": time.clock, "progress": told}
        web = Web(tmp_path / "cache", "hex", base=base, **(ours | options))
        made.append(web)
        return web

    yield make
    for web in made:
        web.close()
