"""A dataset version: the folder that a build ends with, and its manifest.

data/FORMAT/SPLIT-00000-of-00001.parquet   the rows
clusters.parquet   near-duplicate clusters: which copies there were and which one stayed
drops.parquet      everything that was left out, with stage and reason
README.md          the Hub's dataset card
NAME.duckdb        views of all of the above (holds this folder's path: not published)
build.json         when it was built and how long it took: the one file that two builds of the
                   same inputs do not share, besides NAME.duckdb
manifest.json      spec, releases, tools, files with digests, counts; written last
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from factory import card, digest
from factory.errors import FactoryError
from factory.plan import Plan
from factory.records import FORMATS
from factory.shards import Written
from factory.spec import meaning
from factory.store import Store, explained, sync, write_bytes
from factory.work import Job

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Version:
    """A whole version as its manifest tells it."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.manifest['name']}@{self.manifest['version']}"

    def parquet(self, fmt: str, split: str) -> list[Path]:
        return [
            self.folder / f["name"]
            for f in self.manifest["files"]
            if f.get("format") == fmt and f.get("split") == split
        ]

    def formats(self) -> list[str]:
        present = {f.get("format") for f in self.manifest["files"]}
        return [fmt for fmt in FORMATS if fmt in present]


def read(folder: Path) -> Version:
    """Open a version. Raises `FactoryError` when its manifest is not there or not readable."""
    path = folder / MANIFEST
    try:
        return Version(folder, json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise FactoryError(f"{path} cannot be read ({error}); build the dataset again") from error


def existing(store: Store, name: str, plan_digest: str) -> Path | None:
    """The version that this very plan has already made, without failed releases."""
    for folder in store.versions(name):
        try:
            manifest = read(folder).manifest
        except FactoryError:
            continue
        if manifest.get("plan_digest") == plan_digest and not manifest.get("failed"):
            files = [(folder / f["name"], f["bytes"]) for f in manifest["files"]]
            if all(path.is_file() and path.stat().st_size == size for path, size in files):
                os.utime(folder / MANIFEST)
                return folder
    return None


@contextmanager
def draft(store: Store, name: str) -> Iterator[Path]:
    """A folder to write a version into; removed unless `finish` has moved it."""
    parent = store.dataset(name)
    folder = parent / f".partial-{os.getpid()}"
    with explained(folder):
        folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def beside(
    store: Store, connection: duckdb.DuckDBPyConnection, kept: Sequence[Job], folder: Path
) -> list[dict[str, Any]]:
    """Write what stands beside the rows (clusters, drops); return the files as a manifest lists
    them."""
    with explained(folder):
        return [_clusters(connection, folder), _drops(connection, kept, store, folder)]


def finish(
    store: Store,
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    kept: Sequence[Job],
    failed: dict[str, str],
    folder: Path,
    written: Sequence[Written],
    extra: Sequence[dict[str, Any]],
) -> Path:
    """Make the manifest and the card of what was written (`extra` is from `beside`) and move the
    folder to its place."""
    version = digest.of(plan.digest, sorted(failed))[:12]
    final = store.dataset(plan.dataset.name) / version
    with explained(final):
        manifest = _manifest(connection, plan, kept, failed, version, written, extra, store)
        readme = folder / "README.md"
        write_bytes(readme, card.render(manifest).encode())
        manifest["files"].append(_file(folder, readme.name))
        if final.exists():
            shutil.rmtree(final)
        folder.rename(final)
        views(final, manifest)
        finished = {"finished": datetime.now(UTC).isoformat(timespec="seconds")}
        write_bytes(final / "build.json", json.dumps(finished).encode())
        pretty = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        write_bytes(final / MANIFEST, pretty.encode() + b"\n")
    return final


def _file(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    sync(path)
    return {"name": name, "sha256": digest.of_file(path), "bytes": path.stat().st_size}


def _copy(connection: duckdb.DuckDBPyConnection, query: str, folder: Path, name: str) -> Any:
    """Write a query's rows as one Parquet file. The query has a total order, so the bytes do not
    depend on the number of threads."""
    target = str(folder / name).replace("'", "''")
    connection.execute(
        f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"
    )
    return _file(folder, name)


def _clusters(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    query = """
        SELECT c.cluster, c.component, c.size, c.similarity, c.unit = c.cluster AS best,
               r.label AS release, u.path, u.start_byte, u.end_byte, s.subject, s.start_line
        FROM clusters c
        JOIN units u USING (unit)
        JOIN releases r ON r.release = u.release_number
        JOIN (SELECT unit, min(subject) AS subject, min(start_line) AS start_line
              FROM rows WHERE left_out IS NULL GROUP BY unit) s USING (unit)
        ORDER BY c.cluster, c.unit
    """
    return _copy(connection, query, folder, "clusters.parquet")  # type: ignore[no-any-return]


def _drops(
    connection: duckdb.DuckDBPyConnection, kept: Sequence[Job], store: Store, folder: Path
) -> dict[str, Any]:
    labels = {_documents(store, job): job.release.label for job in kept}
    files = pa.table({"filename": sorted(labels), "label": [labels[f] for f in sorted(labels)]})
    connection.execute(
        """
        CREATE TABLE dropped_documents AS
        SELECT filename, path,
               CASE WHEN left_out IS NULL THEN 'generated' ELSE split_part(left_out, ': ', 1) END
                   AS stage,
               CASE WHEN left_out IS NULL THEN generated
                    ELSE substr(left_out, length(split_part(left_out, ': ', 1)) + 3) END AS reason
        FROM read_parquet(?, filename = true)
        WHERE left_out IS NOT NULL OR generated <> ''
        """,
        [sorted(labels)],
    )
    connection.register("labelled_files", files)
    connection.execute("CREATE TABLE document_labels AS SELECT * FROM labelled_files")
    connection.unregister("labelled_files")
    query = """
        SELECT * EXCLUDE (release_number, transform, row) FROM (
            SELECT l.label AS release, d.path, 0 AS line, '' AS subject, '' AS task, '' AS id,
                   d.stage, d.reason, '' AS detail, -1 AS release_number, '' AS transform, 0 AS row
            FROM dropped_documents d JOIN document_labels l USING (filename)
            UNION ALL
            SELECT label, path, start_line, subject, task, coalesce(id, ''), stage, reason, detail,
                   release, transform, row
            FROM rows WHERE stage <> ''
        )
        ORDER BY release, release_number, transform, row, path, stage, reason
    """
    return _copy(connection, query, folder, "drops.parquet")  # type: ignore[no-any-return]


def _counts(connection: duckdb.DuckDBPyConnection, *columns: str) -> list[dict[str, Any]]:
    names = ", ".join(columns)
    found = connection.execute(
        f"SELECT {names}, count(*) FROM rows WHERE stage = '' GROUP BY ALL ORDER BY {names}"
    ).fetchall()
    return [dict(zip((*columns, "rows"), row, strict=True)) for row in found]


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    kept: Sequence[Job],
    failed: dict[str, str],
    version: str,
    written: Sequence[Written],
    extra: Sequence[dict[str, Any]],
    store: Store,
) -> dict[str, Any]:
    drops = connection.execute(
        "SELECT stage, reason, count(*) FROM rows WHERE stage <> '' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    documents = connection.execute(
        "SELECT stage, reason, count(*) FROM dropped_documents GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    matches = connection.execute(
        "SELECT contaminated, count(*) FROM rows WHERE stage = 'decontaminate' "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    dataset = plan.dataset
    return {
        "name": dataset.name,
        "version": version,
        "description": dataset.description,
        "stage": dataset.stage,
        "plan_digest": plan.digest,
        "spec_digest": plan.spec_digest,
        "content_hash": "sha256:" + digest.of([[w.format, w.split, w.content] for w in written]),
        "spec": {
            key: value
            for key, value in meaning(dataset).items()
            if key not in ("name", "description", "shorthands")
        },
        "releases": _releases(connection, kept, store),
        "failed": dict(sorted(failed.items())),
        "tools": plan.tools,
        **({"concepts": plan.concepts} if plan.concepts else {}),
        "counts": {
            "rows": sum(w.rows for w in written),
            "by_task": _counts(connection, "task", "split"),
            "by_language": _counts(connection, "language"),
            "by_licence": _counts(connection, "licence"),
            "by_difficulty": _counts(connection, "difficulty"),
            "by_format": _counts(connection, "format", "split"),
        },
        "drops": {
            "rows": [{"stage": s, "reason": r, "rows": n} for s, r, n in drops],
            "documents": [{"stage": s, "reason": r, "documents": n} for s, r, n in documents],
        },
        "decontamination": [{"match": m, "rows": n} for m, n in matches],
        "files": [
            *(
                {
                    "name": w.name,
                    "sha256": w.sha256,
                    "bytes": w.bytes,
                    "rows": w.rows,
                    "format": w.format,
                    "split": w.split,
                }
                for w in written
            ),
            *extra,
        ],
    }


def _releases(
    connection: duckdb.DuckDBPyConnection, kept: Sequence[Job], store: Store
) -> list[dict[str, Any]]:
    files = [_documents(store, job) for job in kept]
    documents = {
        file: {"documents": count, "bytes": size, "redactions": redactions}
        for file, count, size, redactions in connection.execute(
            "SELECT filename, count(*) FILTER (left_out IS NULL), sum(size)::BIGINT, "
            "sum(redactions)::BIGINT FROM read_parquet(?, filename = true) GROUP BY filename",
            [sorted(set(files))],
        ).fetchall()
    }
    rows = {
        release: {"rows": count, "split": split}
        for release, count, split in connection.execute(
            "SELECT release, count(*), min(split) FROM rows WHERE stage = '' GROUP BY release"
        ).fetchall()
    }
    empty = {"documents": 0, "bytes": 0, "redactions": 0}
    return [
        {
            **_release(job),
            **documents.get(file, empty),
            **rows.get(number, {"rows": 0, "split": ""}),
        }
        for number, (job, file) in enumerate(zip(kept, files, strict=True))
    ]


def _documents(store: Store, job: Job) -> str:
    return str(store.root / "documents" / f"{job.documents}.parquet")


def _release(job: Job) -> dict[str, Any]:
    release = job.release
    return {
        "source": release.source,
        "name": release.name,
        "version": release.version,
        "checksum": release.checksum,
        "family": release.family,
        "origin": release.origin,
        "released": release.released,
        **({"book": release.book} if release.book else {}),
        "signals": {k: v for k, v in asdict(release.signals).items() if v not in (None, "")},
        "cache": {
            "documents": job.documents,
            "signals": job.signals,
            "partitions": {task.transform.name: task.key for task in job.tasks},
        },
    }


def views(folder: Path, manifest: dict[str, Any]) -> None:
    """Write `NAME.duckdb` beside the Parquet files, with `define_views`' views. DuckDB needs
    absolute paths in views; `factory catalog` writes them anew after a store was moved."""
    path = folder / f"{manifest['name']}.duckdb"
    temporary = folder / f".partial-{os.getpid()}.duckdb"
    temporary.unlink(missing_ok=True)
    with duckdb.connect(temporary) as connection:
        define_views(connection, Version(folder, manifest))
    temporary.replace(path)


def define_views(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Create one view a format (`messages`, `prompt_completion`, `text`) with a `split` column,
    `rows` (all formats together, payload columns null where a format lacks them), `clusters` and
    `drops`."""
    selects = []
    for fmt in version.formats():
        parts = [
            f"SELECT *, '{split}' AS split FROM read_parquet({_list(version.parquet(fmt, split))})"
            for split in ("train", "validation")
            if version.parquet(fmt, split)
        ]
        connection.execute(f'CREATE VIEW "{fmt}" AS {" UNION ALL ".join(parts)}')
        selects.append(f"SELECT *, '{fmt}' AS format FROM \"{fmt}\"")
    if selects:
        connection.execute(f"CREATE VIEW rows AS {' UNION ALL BY NAME '.join(selects)}")
    for name in ("clusters", "drops"):
        file = _list([version.folder / f"{name}.parquet"])
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({file})")


def _list(paths: Sequence[Path]) -> str:
    quoted = ("'" + str(path.resolve()).replace("'", "''") + "'" for path in paths)
    return f"[{', '.join(quoted)}]"


@contextmanager
def opened(version: Version) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with the version's views, for questions about it."""
    with duckdb.connect() as connection:
        define_views(connection, version)
        yield connection
