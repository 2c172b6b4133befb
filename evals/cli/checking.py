"""Commands that tell whether things are in order: check, doctor."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evals.cli import app
from evals.cli.options import EngineOption, JsonOption, UnsafeOption, WorkersOption


@app.command(
    epilog="Examples:\n\n  evals check otp\n\n  evals check my_suite --mutants 10\n\n"
    "  evals check humaneval-elixir.jsonl"
)
def check(
    suite: Annotated[
        str, typer.Argument(metavar="SUITE", help="A suite's name, its folder, or a file.")
    ],
    mutants: Annotated[
        int, typer.Option("--mutants", min=0, max=10_000, help="At most so many a problem.")
    ] = 30,
    seed: Annotated[int, typer.Option("--seed", help="Which mutants are tried.")] = 0,
    workers: WorkersOption = 0,
    engine: EngineOption = None,
    unsafe_local: UnsafeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check a suite: its schema and formatting, that the reference passes and an empty stub does
    not, that the tests kill mutants of the reference. Exit code 1 when something is wrong."""
    from evals import check as checking
    from evals import loaders
    from evals import suite as suites
    from evals.cli.progress import Checking
    from evals.grader import Grader, Settings

    opened = suites.load(suite)
    foreign = suite not in suites.names() and loaders.recognised(Path(suite))

    settings = Settings(workers=workers, engine=engine, unsafe_local=unsafe_local, recheck=False)
    shown = sys.stderr.isatty() and not as_json
    with Grader(settings) as grader, Checking() if shown else nullcontext() as progress:
        report = checking.check(
            opened,
            grader,
            mutants_per_problem=mutants,
            seed=seed,
            loaded=foreign,
            progress=progress,
        )
    typer.echo(json.dumps(asdict(report)) if as_json else checking.render(report))
    if not report.passed:
        raise typer.Exit(1)


@app.command(epilog="Example:  evals doctor")
def doctor(as_json: JsonOption = False) -> None:
    """Tell what works on this machine and what to install, in words."""
    from evals import doctor as examining

    if as_json:
        findings = examining.examine()
        typer.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        typer.echo(examining.report())
