"""What long work tells while it goes; `factory.cli.progress` has the ways to show it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A stage begins, moves and ends; lines in between."""

    def say(self, line: str) -> None: ...

    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, size: int = 0) -> None: ...

    def finish(self) -> None: ...


class Quiet:
    """Progress for nobody."""

    def say(self, line: str) -> None: ...

    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, size: int = 0) -> None: ...

    def finish(self) -> None: ...
