"""`factory sources check`: what a source would do, before it does it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from factory.cli import app
from factory.cli.looking import dump
from factory.cli.options import DEFAULT_STORE, JsonOption, RegistryOption, StoreOption
from factory.cli.progress import chosen
from factory.store import Store

if TYPE_CHECKING:
    from factory.plugins import Check

sources = typer.Typer(
    help="Look at the places that source comes from.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(sources, name="sources")

_MARKS = {True: "ok", False: "no", None: "--"}


@sources.callback()
def _group() -> None:
    """Keep `check` a command of its own, although it is the only one."""


@sources.command(
    epilog="Examples:\n\n"
    "  factory sources check debian\n\n"
    "  factory sources check hex --dataset elixir-instruct-v3 --set sources.hex.top=50\n\n"
    "  factory sources check github --json"
)
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source of a dataset.")],
    dataset: Annotated[
        str,
        typer.Option(
            "--dataset",
            metavar="DATASET",
            help="Whose options to use. Default: the registry's first that has the source.",
        ),
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change any option; may be repeated."),
    ] = None,
    registry: RegistryOption = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Ask a source whether it can be reached, and what a build would fetch from it.

    Fetches next to nothing. Exit code 1 when something stands in the way of a build.
    """
    from factory.checking import check as run
    from factory.checking import dataset_with
    from factory.override import override
    from factory.registry import find, load, locate

    known = load(locate(registry))
    chosen_dataset = find(known, dataset) if dataset else dataset_with(known, name)
    given = override(chosen_dataset, settings or [])
    found = run(given, name, Store(store), chosen(as_json))
    if as_json:
        dump({"source": name, "dataset": given.name, **asdict(found)})
    else:
        typer.echo(f"{name}, as {given.name} uses it")
        typer.echo(_told(found))
    if any(finding.ok is False for finding in found.findings):
        raise typer.Exit(1)


def _told(found: Check) -> str:
    width = max((len(finding.what) for finding in found.findings), default=0)
    lines = [f"  {_MARKS[f.ok]}  {f.what:<{width}}  {f.detail}" for f in found.findings]
    would = [
        part
        for part in (
            f"{found.releases:,} releases" if found.releases is not None else "",
            f"some {found.requests:,} requests" if found.requests is not None else "",
            f"some {found.bytes / 1e6:,.1f} MB" if found.bytes else "",
            f"about {_time(found.seconds)}" if found.seconds is not None else "",
        )
        if part
    ]
    if would:
        lines.append(f"a build would take from it: {', '.join(would)}")
    return "\n".join(lines)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
