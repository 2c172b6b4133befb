"""`evals score`: grade candidates that are already there."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evals.cli import app, options
from evals.cli.options import (
    CredoOption,
    DialyzerOption,
    EngineOption,
    JsonOption,
    KOption,
    SobelowOption,
    SuitesOption,
    UnsafeOption,
    WorkersOption,
)


@app.command(
    epilog="Examples:\n\n  evals score samples.jsonl --suite otp --out graded.jsonl\n\n"
    "  evals score samples.jsonl --suite multiple-elixir.jsonl --out graded.jsonl --k 1,10"
)
def score(
    candidates: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Lines of task_id and completion, or solution."),
    ],
    suites: SuitesOption,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The same lines, graded.")
    ],
    k: KOption = "1,5,10",
    workers: WorkersOption = 0,
    engine: EngineOption = None,
    unsafe_local: UnsafeOption = False,
    credo: CredoOption = None,
    sobelow: SobelowOption = None,
    dialyzer: DialyzerOption = True,
    as_json: JsonOption = False,
) -> None:
    """Grade a JSON Lines file of candidates: `completion` is what a model said (its code block is
    found), `solution` a whole program, `task_id` a problem as otp/token_bucket or token_bucket.

    A command that was killed goes on where it was. Exit code 2 when lines are no candidates: they
    are named, and all others are graded.
    """
    from evals.cli import progress, telling
    from evals.runs import scored_file
    from evals.runs.grading import Grading, How

    wanted = options.several_k(k)
    opened = [suite for _, suite in options.opened(suites)]
    with Grading(How(workers, engine, unsafe_local, credo, sobelow, dialyzer)) as grading:
        outcome = scored_file.score(candidates, opened, out, grading, progress.chosen(as_json))
    estimates = scored_file.estimates(outcome, wanted)
    if as_json:
        told = {
            "lines": outcome.lines,
            "graded_now": outcome.graded,
            "outcomes": outcome.counts,
            "pass_at_k": [asdict(found) for found in estimates],
            "wrong": outcome.wrong,
        }
        typer.echo(json.dumps(told))
    else:
        counts = ", ".join(f"{n} {name}" for name, n in sorted(outcome.counts.items()))
        typer.echo(f"{outcome.lines} lines, {outcome.graded} graded now: {counts}", err=True)
        for found in estimates:
            typer.echo(telling.estimate(found), err=True)
    for line in outcome.wrong:
        typer.echo(f"evals: {line}", err=True)
    if outcome.wrong:
        raise typer.Exit(2)
    if outcome.counts.get("infrastructure_error"):
        typer.echo("evals: the harness failed on some; the same command tries them again", err=True)
        raise typer.Exit(1)
