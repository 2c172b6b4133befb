"""Commands that tell what runs came to: report, compare."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evals.cli import app, options, telling
from evals.cli.options import DEFAULT_STORE, JsonOption, KOption, RunArgument, StoreOption
from factory.errors import RequestError


@app.command(
    epilog="Examples:\n\n  evals report otp-reference\n\n"
    "  evals report base-model tuned-model --out tuned.html"
)
def report(
    runs: Annotated[list[str], typer.Argument(metavar="RUN…", help="One run, or two to compare.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Default: report.html in the run."),
    ] = None,
    k: KOption = "1,5,10",
    weights: options.WeightsOption = None,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write one HTML page about a run, or about two side by side. It needs no network."""
    from evals import report as pages
    from evals.runs import folder, summary

    if len(runs) > 2:
        raise RequestError("a report is of one run, or of two to compare")
    paths = [folder.find(store, run) for run in runs]
    told = [summary.of(path, options.several_k(k), options.weights(weights)) for path in paths]
    target = out or paths[-1] / "report.html"
    pages.write(target, told)
    typer.echo(str(target))


@app.command(
    epilog="Examples:\n\n  evals compare base-model tuned-model\n\n  evals compare A B --json"
)
def compare(
    a: RunArgument,
    b: RunArgument,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Is run B better than run A? Paired over the problems that both graded."""
    from evals import statistics
    from evals.runs import folder, summary

    paths = [folder.find(store, run) for run in (a, b)]
    told = [summary.of(path, (1,)) for path in paths]
    summary.comparable(told[0], told[1])
    found = statistics.compare(told[0].tallies, told[1].tallies)
    if as_json:
        typer.echo(json.dumps({"a_run": paths[0].name, "b_run": paths[1].name, **asdict(found)}))
    else:
        typer.echo(telling.comparison(paths[0].name, paths[1].name, found))
