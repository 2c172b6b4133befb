"""Proof that a version is what its manifest says, and that its split is clean.

Each check says what it looked at and lists every problem it found; none is sampled. What is not
checked: that upstream's licence statement is true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from factory import digest
from factory.passes import licences, split
from factory.records import Example, Format, Message, Provenance, example_schema
from factory.spec import LicencePolicy
from factory.store import Store
from factory.version import Version, opened


@dataclass(frozen=True)
class Check:
    """`what` was checked, what was `found` in words, and every problem (none when it holds)."""

    what: str
    found: str
    problems: list[str]


def verify(version: Version, store: Store) -> list[Check]:
    """Run every check on a version. Raises `FactoryError` only when its manifest is unreadable."""
    checks = [_files(version)]
    if checks[0].problems:
        # What follows reads these files: damaged ones would only repeat the message in riddles.
        return checks
    with opened(version) as connection:
        checks.append(_rows(version))
        if version.formats():
            checks.append(_provenance(version, connection))
            checks.append(_licences(version, connection))
            checks.append(_split(version, connection, store))
    return checks


def _files(version: Version) -> Check:
    problems = []
    for file in version.manifest["files"]:
        path = version.folder / file["name"]
        try:
            if digest.of_file(path) != file["sha256"]:
                problems.append(f"{file['name']} is not the file that was written; build again")
        except OSError as error:
            problems.append(f"{file['name']} cannot be read: {error.strerror}")
    return Check("files", f"{len(version.manifest['files'])} digests", problems)


def _rows(version: Version) -> Check:
    """Ids are digests of content, unique, and their sequence gives the content hash."""
    problems: list[str] = []
    seen: set[str] = set()
    contents = []
    count = 0
    for file in version.manifest["files"]:
        fmt = file.get("format")
        if fmt is None:
            continue
        path = version.folder / file["name"]
        if pq.read_schema(path) != example_schema(fmt):
            problems.append(f"{file['name']}: columns differ from the {fmt} schema")
        content = hashlib.sha256()
        for row in _iterate(path, fmt):
            if row["id"] != _id(row, fmt):
                problems.append(f"{file['name']}: row {row['id']} is not the digest of its content")
            if row["id"] in seen:
                problems.append(f"{file['name']}: row {row['id']} stands twice")
            seen.add(row["id"])
            content.update(row["id"].encode() + b"\n")
            count += 1
        contents.append([fmt, file["split"], content.hexdigest()])
    if "sha256:" + digest.of(contents) != version.manifest["content_hash"]:
        problems.append("the content hash is not that of the rows")
    return Check("rows", f"{count:,} ids recomputed from content", problems)


def _iterate(path: Any, fmt: Format) -> Iterator[dict[str, Any]]:
    payload = [
        n for n in example_schema(fmt).names if n in ("messages", "prompt", "completion", "text")
    ]
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=512, columns=["id", "task", *payload]):
            yield from batch.to_pylist()


def _id(row: dict[str, Any], fmt: Format) -> str:
    nowhere = Provenance("", "", "", "", "", "", "", 0, 0, 0, 0, "", 0)
    return Example(
        task=row["task"],
        format=fmt,
        language="",
        licence="",
        provenance=nowhere,
        messages=tuple(Message(m["role"], m["content"]) for m in row.get("messages") or ()),
        prompt=row.get("prompt") or "",
        completion=row.get("completion") or "",
        text=row.get("text") or "",
    ).id


def _provenance(version: Version, connection: duckdb.DuckDBPyConnection) -> Check:
    """Every row names a release of the manifest, a path and lines."""
    known = {
        (r["source"], r["name"], r["version"], r["checksum"], r["family"])
        for r in version.manifest["releases"]
    }
    found = connection.execute(
        "SELECT provenance.source, provenance.release, provenance.version, provenance.checksum, "
        "provenance.family, count(*) FROM rows GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    problems = [
        f"{n} rows name {row[0]}:{row[1]}@{row[2]}, which the manifest does not list"
        for *row, n in found
        if tuple(row) not in known
    ]
    bad = connection.execute(
        "SELECT id FROM rows WHERE provenance.path = '' OR provenance.start_line < 1 "
        "OR provenance.end_line < provenance.start_line "
        "OR provenance.end_byte < provenance.start_byte OR licence = '' ORDER BY id"
    ).fetchall()
    problems += [f"row {row_id} does not say where it comes from" for (row_id,) in bad]
    return Check("provenance", f"{sum(n for *_, n in found):,} rows traced to a release", problems)


def _licences(version: Version, connection: duckdb.DuckDBPyConnection) -> Check:
    policy = LicencePolicy.model_validate(version.manifest["spec"]["licences"])
    found = connection.execute(
        "SELECT licence, count(*) FROM rows GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    problems = [
        f"{n} rows under {licence}: {refused}"
        for licence, n in found
        if (refused := licences.decide(licence, policy))
    ]
    return Check("licences", f"{len(found)} kinds under the policy", problems)


def _split(version: Version, connection: duckdb.DuckDBPyConnection, store: Store) -> Check:
    """No release, package family, file or group of near duplicates stands on both sides."""
    missing = _hold_documents(version, connection, store)
    connection.execute(
        """
        CREATE TABLE sides AS
        SELECT provenance.source || ':' || provenance.release || '@' || provenance.version AS label,
               provenance.path AS path, provenance.start_byte AS start_byte,
               provenance.end_byte AS end_byte, provenance.family AS family, split
        FROM rows
        """
    )
    connection.execute(
        """
        CREATE VIEW placed AS
        SELECT 'release' AS kind, label AS thing, split FROM sides
        UNION ALL SELECT 'package family', family, split FROM sides
        UNION ALL SELECT 'file', d.digest, split FROM sides JOIN held d USING (label, path)
        UNION ALL SELECT 'group of near duplicates', c.component::VARCHAR, split
        FROM sides s JOIN clusters c ON c.release = s.label AND c.path = s.path
            AND c.start_byte = s.start_byte AND c.end_byte = s.end_byte
        """
    )
    problems = [
        f"{v.kind} {v.thing} has {v.train} rows in train and {v.validation} in validation"
        for v in split.prove(connection, "placed")
    ]
    counted = connection.execute(
        "SELECT kind, count(DISTINCT thing) FROM placed GROUP BY kind ORDER BY kind"
    ).fetchall()
    found = ", ".join(f"{n:,} of kind {kind}" for kind, n in counted)
    return Check("train and validation apart", found, missing + problems)


def _hold_documents(
    version: Version, connection: duckdb.DuckDBPyConnection, store: Store
) -> list[str]:
    """A table `held` of every document's digest, from what the store keeps; says what it lacks."""
    labels: list[str] = []
    tables: list[pa.Table] = []
    missing: list[str] = []
    for release in version.manifest["releases"]:
        cached = store.root / "documents" / f"{release['cache']['documents']}.parquet"
        label = f"{release['source']}:{release['name']}@{release['version']}"
        try:
            table = pq.read_table(cached, columns=["path", "digest"])
        except (OSError, ValueError):
            missing.append(f"{label}: the store no longer holds its documents; build again")
            continue
        labels += [label] * table.num_rows
        tables.append(table)
    nothing = pa.table({"path": pa.array([], pa.string()), "digest": pa.array([], pa.string())})
    held = pa.concat_tables([*tables, nothing.cast(tables[0].schema) if tables else nothing])
    held = held.append_column("label", pa.array(labels, pa.string()))
    connection.register("all_documents", held)
    connection.execute("CREATE TABLE held AS SELECT * FROM all_documents WHERE digest <> ''")
    connection.unregister("all_documents")
    return missing
