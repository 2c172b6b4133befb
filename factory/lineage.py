"""Where a row comes from: its release, its file, its lines, and what was made of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from factory.errors import RequestError
from factory.store import Store
from factory.version import Version, opened


@dataclass(frozen=True)
class Lineage:
    """A row, the release it belongs to as the manifest lists it, and the source it was made from
    (None when the store no longer has the documents)."""

    version: Version
    row: dict[str, Any]
    release: dict[str, Any]
    source: str | None
    copies: list[dict[str, Any]]
    """The near duplicates that gave way to this row's source, or that it belongs to."""


def trace(store: Store, row_id: str, version: Version | None = None) -> Lineage:
    """Find a row by its id (a prefix of 8 digits or more will do) in one version, or in the newest
    version of every dataset. Raises `RequestError` when there is none, or more than one."""
    from factory.version import read

    if len(row_id) < 8 or any(c not in "0123456789abcdef" for c in row_id):
        raise RequestError(f"{row_id!r} is no row id: give at least 8 of its hexadecimal digits")
    versions = [version] if version else [read(store.find(name)) for name in store.names()]
    for candidate in versions:
        with opened(candidate) as connection:
            found = (
                connection.sql(
                    "SELECT * FROM rows WHERE starts_with(id, ?) ORDER BY id LIMIT 3",
                    params=[row_id],
                )
                .to_arrow_table()
                .to_pylist()
            )
            if len({row["id"] for row in found}) > 1:
                raise RequestError(f"more than one row of {candidate.name} begins with {row_id}")
            if found:
                row = found[0]
                return Lineage(
                    candidate,
                    row,
                    release := _release(candidate, row),
                    _source(store, release, row["provenance"]),
                    _copies(connection, row, release),
                )
    looked = ", ".join(v.name for v in versions) or "an empty store"
    raise RequestError(
        f"no row {row_id} in {looked}; `factory drops NAME --path FILE` tells what was left out"
    )


def _release(version: Version, row: dict[str, Any]) -> dict[str, Any]:
    place = row["provenance"]
    key = (place["source"], place["release"], place["version"], place["checksum"])
    for release in version.manifest["releases"]:
        if (release["source"], release["name"], release["version"], release["checksum"]) == key:
            found: dict[str, Any] = release
            return found
    raise RequestError(
        f"row {row['id']} names a release that {version.name}'s manifest does not list; "
        f"`factory verify {version.name}` checks the whole version"
    )


def document_text(store: Store, release: dict[str, Any], path: str) -> str | None:
    """A document of a release as transforms saw it, from the store's cache."""
    cached = store.root / "documents" / f"{release['cache']['documents']}.parquet"
    return _text(cached, path)


def _text(cached: Path, path: str) -> str | None:
    try:
        table = pq.read_table(cached, columns=["path", "text"], filters=pc.field("path") == path)
    except (OSError, ValueError):
        return None
    texts = table["text"].to_pylist()
    return texts[0] if texts else None


def _source(store: Store, release: dict[str, Any], place: dict[str, Any]) -> str | None:
    text = document_text(store, release, place["path"])
    if text is None:
        return None
    return text.encode()[place["start_byte"] : place["end_byte"]].decode(errors="replace")


def _copies(connection: Any, row: dict[str, Any], release: dict[str, Any]) -> list[dict[str, Any]]:
    place = row["provenance"]
    label = f"{release['source']}:{release['name']}@{release['version']}"
    found: list[dict[str, Any]] = (
        connection.sql(
            """
            SELECT release, path, start_line, subject, similarity, best FROM clusters
            WHERE cluster IN (SELECT cluster FROM clusters
                              WHERE release = ? AND path = ? AND start_byte = ? AND end_byte = ?)
            ORDER BY best DESC, similarity DESC, release, path, start_line
            """,
            params=[label, place["path"], place["start_byte"], place["end_byte"]],
        )
        .to_arrow_table()
        .to_pylist()
    )
    return found
