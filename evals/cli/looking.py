"""Commands that look at suites and runs: list, show, view."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from evals import suite
from evals.cli import app
from evals.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from evals.problem import Problem
from factory.errors import FactoryError, RequestError


@app.command(name="list", epilog="Example:  evals list --json | jq '.[].name'")
def list_(as_json: JsonOption = False) -> None:
    """List the suites that are installed, with how many problems each has."""
    rows = []
    broken = []
    for name in suite.names():
        try:
            loaded = suite.load(name)
        except FactoryError as error:
            broken.append(f"{name}: {error}")
            continue
        rows.append(
            {
                "name": name,
                "problems": len(loaded.problems),
                "description": loaded.description,
                "digest": loaded.digest,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows))
    elif rows:
        for row in rows:
            typer.echo(f"{row['name']:<12} {row['problems']:>4} problems  {row['description']}")
    else:
        typer.echo("no suite is installed", err=True)
    if broken:
        raise FactoryError("\n".join(broken))


@app.command(
    epilog="Examples:\n\n  evals show otp/token_bucket\n\n  evals show otp/token_bucket --test\n\n"
    "  evals show my_suite/some_problem --solution"
)
def show(
    problem: Annotated[
        str, typer.Argument(metavar="SUITE/ID", help="A suite (or its folder) and a problem's id.")
    ],
    solution: Annotated[bool, typer.Option("--solution", help="The reference solution.")] = False,
    test: Annotated[bool, typer.Option("--test", help="The tests.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a problem: what is asked, its entry points and tags; its solution or tests if wanted."""
    found = _problem(problem)
    if as_json:
        shown = {
            "id": found.id,
            "suite": found.suite,
            "difficulty": found.difficulty,
            "tags": list(found.tags),
            "entry_points": list(found.entry_points),
            "capabilities": sorted(found.capabilities),
            "time_limit": found.time_limit,
            "digest": found.digest,
            "prompt": found.prompt,
        }
        if solution:
            shown["solution"] = found.solution
        if test:
            shown["test"] = found.test
        typer.echo(json.dumps(shown))
        return
    parts = []
    if solution:
        parts.append(found.solution.rstrip())
    if test:
        parts.append(found.test.rstrip())
    if not parts:
        told = [f"{found.label}  {found.difficulty}  {found.digest[:12]}"]
        for name, words in (
            ("entry points", found.entry_points),
            ("tags", found.tags),
            ("capabilities", sorted(found.capabilities)),
        ):
            if words:
                told.append(f"{name}: {', '.join(words)}")
        parts = ["\n".join(told), found.prompt.rstrip()]
    typer.echo("\n\n".join(parts))


def _problem(word: str) -> Problem:
    """`otp/token_bucket`, `path/to/suite/token_bucket`, or an id that one installed suite has."""
    home, slash, id_ = word.rstrip("/").rpartition("/")
    if slash:
        return suite.load(home).problem(id_)
    homes = [name for name in suite.names() if word in {p.id for p in suite.load(name).problems}]
    if len(homes) != 1:
        where = f"in {' and '.join(homes)}" if homes else "in no installed suite"
        raise RequestError(f"the problem {word!r} is {where}: write SUITE/ID, as otp/token_bucket")
    return suite.load(homes[0]).problem(word)


@app.command(epilog="Examples:\n\n  evals view\n\n  evals view otp-openai-gpt-4o --port 7576")
def view(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run. Default: all of the store's.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 7575,
) -> None:
    """Open inspect_ai's log viewer over a run's logs; it serves until Ctrl-C."""
    logs = _logs(store, run)
    from inspect_ai._view.view import view as serve

    typer.echo(f"http://{host}:{port}  (Ctrl-C ends it)", err=True)
    sys.stderr.flush()
    serve(log_dir=str(logs), host=host, port=port)


def _logs(store: Path, run: str | None) -> Path:
    from evals.runs import folder

    if run is None:
        if not folder.names(store):
            raise RequestError(f"there is no run in {store} yet: `evals run` makes one")
        return store / "runs"
    return folder.find(store, run) / "logs"
