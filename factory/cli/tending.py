"""Commands that tend the store: verify, export, catalog, gc."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from factory.cli import app
from factory.cli.looking import dump
from factory.cli.options import (
    DEFAULT_STORE,
    DatasetArgument,
    JsonOption,
    StoreOption,
)
from factory.store import Store


@app.command(epilog="Example:  factory verify elixir-stdlib-v1 && echo sound")
def verify(
    name: DatasetArgument, store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False
) -> int:
    """Prove that a version is sound.

    File digests, row ids, provenance, licences, and that no release, file or near duplicate
    stands on both sides of the split.
    """
    from dataclasses import asdict

    from factory.verify import verify as prove
    from factory.version import read

    opened = Store(store)
    checks = prove(read(opened.find(name)), opened)
    if as_json:
        dump([asdict(check) for check in checks])
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if not check.problems else 'FAIL'}  {check.what}: {check.found}")
            for problem in check.problems[:20]:
                typer.echo(f"      {problem}")
    return 1 if any(check.problems for check in checks) else 0


@app.command(epilog="Example:  factory export elixir-stdlib-v1 --format openai --out exported/")
def export(
    name: DatasetArgument,
    shape: Annotated[
        str, typer.Option("--format", help="sharegpt, alpaca, openai or trl.", metavar="FORMAT")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Default: NAME-FORMAT here.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Write a version as JSONL for other tools."""
    from factory.export import export as write
    from factory.version import read

    version = read(Store(store).find(name))
    folder = out or Path(f"{version.manifest['name']}-{shape}")
    for done in write(version, shape, folder):
        if as_json:
            dump({"path": str(done.path), "rows": done.rows, "skipped": done.skipped})
        elif done.rows:
            typer.echo(f"{done.path}: {done.rows:,} rows")
        if done.skipped and not as_json:
            typer.echo(f"{done.path.stem}: {done.skipped:,} rows have no {shape} shape", err=True)


@app.command()
def catalog(store: StoreOption = DEFAULT_STORE) -> None:
    """Make catalog.duckdb anew from the manifests.

    Every version's views too, which hold the store's path: run it after a store was moved.
    """
    from factory.catalog import rebuild

    opened = Store(store)
    with opened.locked(lambda line: typer.echo(line, err=True)):
        typer.echo(rebuild(opened, with_views=True))


@app.command(epilog="Examples:\n\n  factory gc --dry-run\n\n  factory gc --keep 2")
def gc(
    store: StoreOption = DEFAULT_STORE,
    keep: Annotated[
        int | None,
        typer.Option("--keep", min=1, help="Keep only this many newest versions of each dataset."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove cached files that no version needs.

    Downloads stay.
    """
    from factory.collect import collect, find

    opened = Store(store)
    if dry_run:
        garbage = find(opened, keep)
        for path in garbage.paths:
            typer.echo(path)
        typer.echo(f"{len(garbage.paths)} paths, {garbage.bytes / 1e6:.1f} MB would go", err=True)
        return
    garbage = collect(opened, keep, lambda line: typer.echo(line, err=True))
    typer.echo(f"removed {len(garbage.paths)} paths, {garbage.bytes / 1e6:.1f} MB")
