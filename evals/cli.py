"""The `evals` command. So far it lists the suites that are installed; grading is not here yet."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from factory.cli.running import application, run
from factory.plugins import load, names

app = application(
    "evals",
    "ElixirEval: suites of problems for language models that write Elixir.\n\n"
    "This version lists suites; running and grading come with a later one.",
)


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
    """The entry point of `evals`."""
    run(app, "evals")
