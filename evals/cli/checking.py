"""Commands that tell whether things are in order: check, doctor."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from evals.cli import app
from evals.cli.options import JsonOption


@app.command(epilog="Example:  evals doctor")
def doctor(as_json: JsonOption = False) -> None:
    """Tell what works on this machine and what to install, in words."""
    from evals import doctor as examining

    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in examining.examine()]))
    else:
        typer.echo(examining.report())
