"""Running something in a sandbox to its end, for tests."""

from __future__ import annotations

import time
from dataclasses import dataclass

from evals.sandbox import Engine, Limits, Program, Running


@dataclass(frozen=True)
class End:
    """What became of a program."""

    status: int
    output: str
    stderr: str
    out_of_memory: bool


def run(engine: Engine, *argv: str, limits: Limits | None = None, **options: object) -> End:
    """The end of a program that gets no input."""
    program = Program(list(argv), limits or Limits(), **options)  # type: ignore[arg-type]
    return to_end(engine.start(program))


def shell(engine: Engine, script: str, limits: Limits | None = None, **options: object) -> End:
    return run(engine, "sh", "-c", script, limits=limits, **options)


def elixir(engine: Engine, code: str, limits: Limits | None = None, **options: object) -> End:
    return run(engine, "elixir", "-e", code, limits=limits, **options)


def to_end(running: Running) -> End:
    """Reads all that a program prints and waits for its end, at most a minute."""
    running.stdin.close()
    output = b""
    while (piece := running.stdout.read(65_536)) and len(output) < 50_000_000:
        output += piece
    until = time.monotonic() + 60
    while running.ended() is None and time.monotonic() < until:
        time.sleep(0.005)
    status = running.ended()
    try:
        assert status is not None, "the program closed its output and goes on"
        text = output.decode("utf-8", "replace")
        return End(status, text, running.stderr(), running.out_of_memory())
    finally:
        running.kill()
