"""Commands that look at what was built: list, show, sample, query, curriculum, diff, drops,
lineage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from factory.cli import app
from factory.cli.options import (
    DEFAULT_STORE,
    DatasetArgument,
    JsonOption,
    RegistryOption,
    StoreOption,
)
from factory.store import Store


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Columns in line, numbers to the right; plain text that a pipe can carry."""
    shown = [[f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *shown]) for i in range(len(head))]
    numeric = [bool(rows) and all(isinstance(r[i], int) for r in rows) for i in range(len(head))]
    lines = []
    for row in [list(head), *shown]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def dump(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


@app.command(name="list", epilog="Example:  factory list --json | jq '.[].name'")
def list_(
    store: StoreOption = DEFAULT_STORE, registry: RegistryOption = None, as_json: JsonOption = False
) -> None:
    """List datasets, and the versions that were built."""
    from factory.catalog import finished
    from factory.registry import load, locate
    from factory.version import read

    opened = Store(store)
    known = {name: d.description for name, d in load(locate(registry)).datasets.items()}
    rows = []
    for name in sorted({*known, *opened.names()}):
        versions = [read(folder) for folder in opened.versions(name)]
        rows += [
            {
                "name": name,
                "version": v.manifest["version"],
                "rows": v.manifest["counts"]["rows"],
                "finished": finished(v),
                "folder": str(v.folder),
            }
            for v in versions
        ] or [{"name": name, "version": "", "rows": 0, "finished": "", "folder": ""}]
    if as_json:
        dump([{**row, "description": known.get(row["name"], "")} for row in rows])
        return
    typer.echo(
        table(
            ("dataset", "version", "rows", "finished"),
            [(r["name"], r["version"] or "not built", r["rows"], r["finished"]) for r in rows],
        )
    )


@app.command(
    epilog="Examples:\n\n  factory show elixir-stdlib-v1\n\n  factory show NAME@4f2a --json"
)
def show(
    name: DatasetArgument, store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False
) -> None:
    """Show what is in a version.

    Rows by task, licences, sources, and what was left out.
    """
    from factory.version import read

    version = read(Store(store).find(name))
    m = version.manifest
    if as_json:
        dump(m)
        return
    tasks: dict[str, dict[str, int]] = {}
    for count in m["counts"]["by_task"]:
        tasks.setdefault(count["task"], {})[count["split"]] = count["rows"]
    parts = [
        f"{version.name}  stage {m['stage']}  {m['counts']['rows']:,} rows\n{version.folder}",
        m["description"].strip(),
        table(
            ("task", "train", "validation"),
            [(t, s.get("train", 0), s.get("validation", 0)) for t, s in sorted(tasks.items())],
        ),
        table(("licence", "rows"), [(c["licence"], c["rows"]) for c in m["counts"]["by_licence"]]),
        table(
            ("release", "version", "files", "rows", "split"),
            [
                (f"{r['source']}:{r['name']}", r["version"], r["documents"], r["rows"], r["split"])
                for r in m["releases"]
            ],
        ),
    ]
    if m["failed"]:
        parts.append(
            "could not be read:\n" + "\n".join(f"  {k}: {v}" for k, v in m["failed"].items())
        )
    if m["drops"]["rows"]:
        parts.append(
            table(
                ("left out by", "reason", "rows"),
                [(d["stage"], d["reason"], d["rows"]) for d in m["drops"]["rows"]],
            )
        )
    typer.echo("\n\n".join(parts))


@app.command(epilog="Example:  factory sample elixir-stdlib-v1 -n 5 --task implement --seed 7")
def sample(
    name: DatasetArgument,
    count: Annotated[int, typer.Option("-n", "--rows", min=1, help="How many rows.")] = 3,
    task: Annotated[str, typer.Option("--task", help="Only rows of this task.")] = "",
    language: Annotated[str, typer.Option("--language", help="Only rows in this language.")] = "",
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other rows.")] = 0,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Print rows to read, tasks taking turns."""
    from factory.samples import request_and_answer
    from factory.samples import sample as draw
    from factory.version import read

    rows = draw(read(Store(store).find(name)), count, seed=seed, task=task, language=language)
    if as_json:
        for row in rows:
            dump(row)
        return
    for row in rows:
        place = row["provenance"]
        typer.echo(
            f"── {row['task']} · {row['language']} · {row['difficulty']} · {row['licence']} · "
            f"{row['id'][:12]}\n   {place['release']} {place['version']}  {place['path']}:"
            f"{place['start_line']}-{place['end_line']}  {place['subject']}"
        )
        request, answer = request_and_answer(row)
        if request:
            typer.echo(f"\n[request]\n{request}")
        typer.echo(f"\n[answer]\n{answer}\n" if request else f"\n{_short(answer)}\n")


def _short(text: str, limit: int = 3_000) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit:,} more characters"


@app.command(
    epilog="Views: rows (all formats), messages, prompt_completion, text, clusters, drops.\n\n"
    'Example:  factory query elixir-stdlib-v1 "SELECT task, count(*) FROM rows GROUP BY 1"'
)
def query(
    name: DatasetArgument,
    sql: Annotated[str, typer.Argument(metavar="SQL")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Ask a version in SQL (DuckDB). Nothing in the store is changed by it."""
    import duckdb

    from factory.errors import RequestError
    from factory.version import opened, read

    with opened(read(Store(store).find(name))) as connection:
        try:
            connection.execute("SET enable_progress_bar = false")
            result = connection.execute(sql)
            head = [column[0] for column in result.description or []]
            rows = result.fetchall()
        except duckdb.Error as error:
            raise RequestError(f"the query failed: {error}") from error
    if as_json:
        for row in rows:
            dump(dict(zip(head, row, strict=True)))
    else:
        typer.echo(table(head, rows))


@app.command(epilog="Example:  factory curriculum elixir-books-v1")
def curriculum(
    name: DatasetArgument, store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False
) -> None:
    """Show the order in which a version's books and guides teach best.

    A chapter a paragraph: what is new in it, what it builds on, and what it asks for that no
    chapter before it introduced. Rows carry their place as `curriculum.step`.
    """
    from factory.learning_order import chapters
    from factory.passes.curriculum import rendered
    from factory.version import read

    version = read(Store(store).find(name))
    found, counts = chapters(version)
    if as_json:
        for place, chapter in enumerate(found, 1):
            dump(
                {
                    "place": place,
                    "release": chapter.release,
                    "path": chapter.path,
                    "book": chapter.sections[0].book,
                    "chapter": chapter.sections[0].chapter,
                    "introduces": sorted(chapter.introduces),
                    "needs": sorted(chapter.needs),
                    "rows": sum(counts[section] for section in chapter.sections),
                }
            )
    elif found:
        typer.echo(rendered(found, counts))
    else:
        typer.echo(f"no row of {version.name} teaches a concept: it has no books or guides")


@app.command(epilog="Example:  factory diff elixir-stdlib-v1@4f2a elixir-stdlib-v1")
def diff(
    before: DatasetArgument,
    after: DatasetArgument,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two versions.

    In the spec, the releases, and the rows of each task.
    """
    from dataclasses import asdict

    from factory.compare import compare
    from factory.version import read

    opened = Store(store)
    found = compare(read(opened.find(before)), read(opened.find(after)))
    if as_json:
        dump(asdict(found))
        return
    if found.empty:
        typer.echo("no difference")
        return
    lines = [f"spec  {key}: {old!r} → {new!r}" for key, old, new in found.spec]
    lines += [f"release removed  {r}" for r in found.releases_removed]
    lines += [f"release added    {r}" for r in found.releases_added]
    lines += [f"release changed  {n}: {a} → {b}" for n, a, b in found.releases_changed]
    typer.echo("\n".join([*lines, table(("task", "removed", "added", "same"), found.tasks)]))


@app.command(
    epilog="Examples:\n\n"
    "  factory drops elixir-stdlib-v1\n\n"
    "  factory drops elixir-stdlib-v1 --path enum.ex --subject Enum.map/2\n\n"
    "  factory drops elixir-stdlib-v1 --stage licences -n 5"
)
def drops(
    name: DatasetArgument,
    path: Annotated[str, typer.Option("--path", help="Part of a path.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="Part of a subject.")] = "",
    stage: Annotated[str, typer.Option("--stage", help="A pass, a transform or a source.")] = "",
    task: Annotated[str, typer.Option("--task", help="A task.")] = "",
    count: Annotated[int, typer.Option("-n", "--rows", min=1, help="At most this many.")] = 20,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Tell what was left out, and why.

    Without a filter it counts by reason; with one it lists each thing.
    """
    from factory.version import opened, read

    version = read(Store(store).find(name))
    wanted = {"path": path, "subject": subject, "stage": stage, "task": task}
    with opened(version) as connection:
        if not any(wanted.values()):
            rows = connection.execute(
                "SELECT stage, reason, count(*) AS count FROM drops GROUP BY ALL ORDER BY ALL"
            ).fetchall()
            head: tuple[str, ...] = ("stage", "reason", "count")
        else:
            rows = connection.execute(
                """
                SELECT stage, reason, detail, task, release, path, line, subject FROM drops
                WHERE contains(path, $path) AND contains(subject, $subject)
                  AND ($stage = '' OR stage = $stage) AND ($task = '' OR task = $task)
                ORDER BY release, path, line, task, stage LIMIT $count
                """,
                {**wanted, "count": count},
            ).fetchall()
            head = ("stage", "reason", "detail", "task", "release", "path", "line", "subject")
    if as_json:
        for row in rows:
            dump(dict(zip(head, row, strict=True)))
    elif rows:
        typer.echo(table(head, rows))
    else:
        typer.echo("nothing was left out there", err=True)


@app.command(epilog="Example:  factory lineage 1f0c22b7 --name elixir-stdlib-v1")
def lineage(
    row: Annotated[str, typer.Argument(metavar="ROW", help="A row's id, or its first 8 digits.")],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME[@VERSION]", help="Look in this version alone.")
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Trace a row to its source.

    To its release, file, lines and licence; and shows the source itself.
    """
    from factory.lineage import trace
    from factory.version import read

    opened = Store(store)
    found = trace(opened, row, read(opened.find(name)) if name else None)
    if as_json:
        dump(
            {
                "dataset": found.version.name,
                "row": found.row,
                "release": found.release,
                "source": found.source,
                "copies": found.copies,
            }
        )
        return
    r, place, release = found.row, found.row["provenance"], found.release
    facts = [
        ("row", r["id"]),
        ("dataset", f"{found.version.name}, {r['split']}"),
        (
            "task",
            f"{r['task']} (transform {place['transform']} version {place['transform_version']})",
        ),
        ("release", f"{release['source']}: {release['name']} {release['version']}"),
        ("checksum", release["checksum"]),
        ("origin", release["origin"]),
        ("licence", r["licence"]),
        ("file", f"{place['path']}, lines {place['start_line']} to {place['end_line']}"),
        *(("also quotes", p) for p in place["related"]),
        ("subject", place["subject"]),
        ("executed", " ".join(filter(None, r["executed"].values()))),
    ]
    typer.echo("\n".join(f"{key:<12} {value}" for key, value in facts))
    if len(found.copies) > 1:
        typer.echo("\nnear duplicates:")
        for copy in found.copies:
            mark = "kept" if copy["best"] else f"{copy['similarity']:.2f}"
            typer.echo(f"  {mark:<5} {copy['release']} {copy['path']}:{copy['start_line']}")
    if found.source is None:
        typer.echo(
            "\n(the store no longer holds this release's documents; build again to see them)"
        )
    else:
        typer.echo(f"\n{found.source}")
