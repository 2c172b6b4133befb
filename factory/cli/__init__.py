"""The `factory` command: a thin layer over the library, one module for each group of commands.

Results go to standard output, progress and messages to standard error.
"""

from __future__ import annotations

from factory.cli.running import application, leave, run

app = application(
    "factory",
    "Build traceable Elixir datasets from real source.\n\n"
    "Start with `factory build elixir-stdlib-v1`, then `factory show elixir-stdlib-v1`.",
)


def main() -> None:
    """The entry point of `factory`."""
    from factory.cli import (  # noqa: F401
        building,
        looking,
        plugin_commands,
        source_commands,
        tending,
    )
    from factory.executors import lean  # noqa: F401

    interrupted = "interrupted; what was finished is kept, the same command goes on there"
    try:
        run(app, "factory", interrupted)
    except SystemExit as end:
        leave(end)
