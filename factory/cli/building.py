"""`factory build`, and `factory schema` for the editor."""

from __future__ import annotations

import json
import os
from importlib.metadata import entry_points
from typing import Annotated

import typer

from factory.cli import app
from factory.cli.options import DEFAULT_STORE, JsonOption, RegistryOption, StoreOption
from factory.cli.progress import chosen
from factory.executors import local
from factory.store import Store


@app.command(
    epilog="Examples:\n\n"
    "  factory build elixir-stdlib-v1\n\n"
    "  factory build elixir-local-v1 --set path=../my_app\n\n"
    "  factory build elixir-instruct-v3 --without github\n\n"
    "  factory build elixir-stdlib-v1 --workers 2 --set split.validation=0.05 --strict"
)
def build(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A dataset of the registry.")],
    registry: RegistryOption = None,
    store: StoreOption = DEFAULT_STORE,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=256, help="Releases worked on at once.")
    ] = os.cpu_count() or 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change any option; may be repeated."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="SOURCE", help="Build without this source; may be repeated."
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only what was fetched before.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop when any release cannot be read.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build a dataset into the store.

    Fetches source, makes rows, passes over the whole and writes a version. Run it again after an
    interruption and it goes on; with nothing changed it is done at once.
    """
    if workers > 1:
        local.start_server(own_transforms())
    from factory.build import build as run
    from factory.override import override, without
    from factory.registry import find, load, locate
    from factory.version import read

    dataset = without(find(load(locate(registry)), name), leave_out or [])
    dataset = override(dataset, settings or [])
    report = run(
        dataset,
        Store(store),
        workers=workers,
        offline=offline,
        strict=strict,
        progress=chosen(as_json),
    )
    version = read(report.folder)
    if as_json:
        told = {
            "name": name,
            "version": version.manifest["version"],
            "folder": str(report.folder),
            "fresh": report.fresh,
            "rows": version.manifest["counts"]["rows"],
            "failed": report.failed,
            "seconds": {k: round(v, 3) for k, v in sorted(report.seconds.items())},
            "wall_seconds": round(report.wall, 3),
            "source_bytes": report.source_bytes,
        }
        typer.echo(json.dumps(told))
        return
    made = "built" if report.fresh else "up to date:"
    typer.echo(
        f"{made} {version.name}: {version.manifest['counts']['rows']:,} rows "
        f"in {report.wall:.1f} s\n{report.folder}"
    )
    if report.failed:
        first = ", ".join(sorted(report.failed)[:5]) + (", …" if len(report.failed) > 5 else "")
        typer.echo(f"left out, because they could not be read: {first} (`factory show` says why)")
    typer.echo(f"look at it: factory show {name}   factory sample {name}")


def own_transforms() -> list[str]:
    """The modules of the transforms that come with the factory, for workers to have at hand: which
    of them a dataset uses is not known before it is read, and a stranger's import could do
    anything."""
    found = entry_points(group="factory.transforms")
    return sorted({point.module for point in found if point.module.startswith("transforms.")})


@app.command()
def schema() -> None:
    """Print the registry's JSON schema, for editors.

    `factory schema > docs/datasets_registry.schema.json` puts it where the registry's first line
    looks.
    """
    from factory.schema import schema_text

    typer.echo(schema_text(), nl=False)
