"""Whether Elixir sources are formatted, by the formatter of the sandbox's Elixir.

For sources that are ours (`evals check`): many at a time, without a time limit of their own. What a
candidate looks like is told by its verdict.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from evals.errors import SandboxError
from evals.sandbox import Engine, Limits, Program, everything

_SCRIPT = """
sources = :stdio |> IO.stream(:line) |> Enum.map(&Base.decode64!(String.trim(&1)))
for {source, at} <- Enum.with_index(sources) do
  same =
    try do
      IO.iodata_to_binary([Code.format_string!(source, emit_warnings: false), ?\\n]) == source
    rescue
      _ -> false
    end
  unless same, do: IO.puts("unformatted #{at}")
end
IO.puts("done")
"""


def unformatted(engine: Engine, sources: Mapping[str, str]) -> frozenset[str]:
    """The keys of those sources that `mix format` would change, or that do not parse.

    Raises `SandboxError` when the formatter could not be run.
    """
    running = engine.start(Program(("elixir", "-e", _SCRIPT), Limits(seconds=300)))
    lines = b"".join(base64.b64encode(s.encode()) + b"\n" for s in sources.values())
    try:
        writer = threading.Thread(target=_feed, args=(running.stdin, lines), daemon=True)
        writer.start()
        said = everything(running).decode("utf-8", "replace")
        writer.join()
        told = running.stderr()
    finally:
        running.kill()
    answers = said.splitlines()
    if "done" not in answers:
        raise SandboxError(f"the formatter did not run: {said}{told}")
    keys = [*sources]
    return frozenset(keys[int(a.split()[1])] for a in answers if a.startswith("unformatted "))


def _feed(stdin: IO[bytes], lines: bytes) -> None:
    with suppress(OSError):  # it ended early: its output says why
        stdin.write(lines)
        stdin.close()
