"""The `factory` command: a thin layer over the library, one module for each group of commands.

Results go to standard output, progress and messages to standard error.
"""

from __future__ import annotations

from typing import Annotated

import typer

from factory.cli.running import run, version_option

app = typer.Typer(
    name="factory",
    help="Build traceable Elixir datasets from real source.\n\n"
    "Start with `factory build elixir-stdlib-v1`, then `factory show elixir-stdlib-v1`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=version_option, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options that stand before the command."""


def main() -> None:
    """The entry point of `factory`."""
    from factory.cli import building, looking, plugin_commands, tending  # noqa: F401

    run(app, "factory", "interrupted; what was finished is kept, the same command goes on there")
