"""The `factory` command: a thin layer over the library, one module for each group of commands.

Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 interrupted. Errors are one message on standard
error, never a traceback. Results go to standard output, progress to standard error.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import click
import typer

from factory import __version__
from factory.errors import FactoryError

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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"elixir-factory {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""


def main() -> None:
    """Run the command; turns our errors into messages and exit codes."""
    from factory.cli import building, looking, plugin_commands, tending  # noqa: F401

    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _end("interrupted", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except FactoryError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("interrupted; what was finished is kept, the same command goes on from there", 130)
    except BrokenPipeError:
        # `factory … | head` closed the pipe: not an error. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)


def _end(message: str, status: int) -> None:
    typer.echo(f"factory: {message}", err=True)
    sys.exit(status)
