"""The `evals` command. So far it lists the suites that are installed; grading is not here yet."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import click
import typer

from factory import __version__
from factory.errors import FactoryError
from factory.plugins import load, names

app = typer.Typer(
    name="evals",
    help="ElixirEval: suites of problems for language models that write Elixir.\n\n"
    "This version lists suites; running and grading come with a later one.",
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


@app.command(name="list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the suites that are installed (entry points of the group `evals.suites`)."""
    suites = [
        {"name": name, "path": str(load("evals.suites", name))} for name in names("evals.suites")
    ]
    if as_json:
        typer.echo(json.dumps(suites))
    elif suites:
        typer.echo("\n".join(f"{suite['name']}  {suite['path']}" for suite in suites))
    else:
        typer.echo("no suite is installed", err=True)


def main() -> None:
    """Run the command; errors are one message and an exit code, never a traceback."""
    try:
        app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except FactoryError as error:
        typer.echo(f"evals: {error}", err=True)
        sys.exit(error.exit_code)
