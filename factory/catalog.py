"""The catalog: one small DuckDB file over all versions in a store, made from their manifests.

It is an index and nothing more: delete it and it is made again. Tables: `versions`, `releases`,
`counts`, `drops`, `files`; the key is (`name`, `version`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pyarrow as pa

from factory.errors import FactoryError
from factory.store import Store, explained
from factory.version import Version, read, views

_TABLES = {
    "versions": "name VARCHAR, version VARCHAR, newest BOOLEAN, stage INTEGER, rows BIGINT, "
    "bytes BIGINT, finished VARCHAR, content_hash VARCHAR, description VARCHAR, folder VARCHAR",
    "releases": "name VARCHAR, version VARCHAR, source VARCHAR, release VARCHAR, "
    "release_version VARCHAR, checksum VARCHAR, family VARCHAR, released VARCHAR, "
    "documents BIGINT, bytes BIGINT, rows BIGINT, split VARCHAR",
    "counts": "name VARCHAR, version VARCHAR, task VARCHAR, split VARCHAR, rows BIGINT",
    "drops": "name VARCHAR, version VARCHAR, stage VARCHAR, reason VARCHAR, rows BIGINT",
    "files": "name VARCHAR, version VARCHAR, file VARCHAR, sha256 VARCHAR, bytes BIGINT",
}


def rebuild(store: Store, *, with_views: bool = False) -> Path:
    """Make `catalog.duckdb` anew, and with `with_views` every version's own `.duckdb` too.

    Returns its path. Raises `FactoryError` when the store cannot be written.
    """
    target = store.root / "catalog.duckdb"
    temporary = store.root / f".partial-{os.getpid()}-catalog.duckdb"
    with explained(target):
        temporary.unlink(missing_ok=True)
        try:
            with duckdb.connect(temporary) as connection:
                for table, columns in _TABLES.items():
                    connection.execute(f"CREATE TABLE {table} ({columns})")
                for name in store.names():
                    folders = store.versions(name)
                    for folder in folders:
                        version = read(folder)
                        _insert(connection, version, newest=folder == folders[-1])
                        if with_views:
                            views(folder, version.manifest)
            temporary.replace(target)
        except duckdb.IOException as error:
            raise FactoryError(f"cannot write {target}: {error}") from error
        finally:
            temporary.unlink(missing_ok=True)
    return target


def finished(version: Version) -> str:
    """When the version was finished (ISO, UTC), from the file beside the manifest."""
    try:
        told = json.loads((version.folder / "build.json").read_bytes())
        return str(told["finished"])
    except (OSError, ValueError, KeyError):
        return ""


def _insert(connection: duckdb.DuckDBPyConnection, version: Version, newest: bool) -> None:
    m = version.manifest
    key = (m["name"], m["version"])

    def fill(table: str, rows: list[tuple[object, ...]]) -> None:
        if rows:
            columns = [pa.array(column) for column in zip(*rows, strict=True)]
            # All at once: a statement a row took longer than the passes over the rows.
            given = pa.table(columns, [str(number) for number in range(len(columns))])
            connection.register("given", given)
            connection.execute(f"INSERT INTO {table} SELECT * FROM given")
            connection.unregister("given")

    size = sum(f["bytes"] for f in m["files"])
    told = (m["stage"], m["counts"]["rows"], size, finished(version), m["content_hash"])
    fill("versions", [(*key, newest, *told, m["description"], str(version.folder))])
    fill(
        "releases",
        [
            (
                *key,
                *(r[c] for c in ("source", "name", "version", "checksum", "family", "released")),
                *(r[c] for c in ("documents", "bytes", "rows", "split")),
            )
            for r in m["releases"]
        ],
    )
    fill("counts", [(*key, c["task"], c["split"], c["rows"]) for c in m["counts"]["by_task"]])
    fill("drops", [(*key, d["stage"], d["reason"], d["rows"]) for d in m["drops"]["rows"]])
    fill("files", [(*key, f["name"], f["sha256"], f["bytes"]) for f in m["files"]])
