"""Proof that a version is what its manifest says, and that its split is clean.

Each check says what it looked at and lists every problem it found; none is sampled. What is not
checked: that upstream's licence statement is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow.parquet as pq

from factory import digest
from factory.passes import licences
from factory.records import Example, Format, Message, example_schema
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
            checks += _split(version, connection, store)
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
    import hashlib

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
    from factory.records import Provenance

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


def _split(
    version: Version, connection: duckdb.DuckDBPyConnection, store: Store
) -> Iterator[Check]:
    """No release, no package family, no file and no near duplicate stands on both sides."""
    sides = connection.execute(
        "SELECT split, count(*) FROM rows GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for what, key in (
        ("release", "provenance.source || ':' || provenance.release || '@' || provenance.version"),
        ("package family", "provenance.family"),
    ):
        both = connection.execute(
            f"SELECT {key} AS k FROM rows GROUP BY k HAVING count(DISTINCT split) > 1 ORDER BY k"
        ).fetchall()
        yield Check(
            f"split by {what}",
            ", ".join(f"{n:,} rows {side}" for side, n in sides),
            [f"{what} {name} is on both sides" for (name,) in both],
        )
    yield _shared_files(version, connection, store)
    near = connection.execute(
        """
        SELECT c.component, min(c.path || ':' || c.start_line) FROM clusters c
        JOIN (SELECT DISTINCT provenance.source || ':' || provenance.release || '@'
                     || provenance.version AS release, provenance.path AS path,
                     provenance.start_byte AS a, provenance.end_byte AS b, split FROM rows) r
          ON r.release = c.release AND r.path = c.path AND r.a = c.start_byte AND r.b = c.end_byte
        GROUP BY 1 HAVING count(DISTINCT split) > 1 ORDER BY 1
        """
    ).fetchall()
    row = connection.execute("SELECT count(DISTINCT component) FROM clusters").fetchone()
    yield Check(
        "split by near duplicates",
        f"{row[0] if row else 0:,} groups of near duplicates",
        [f"near duplicates of {place} are on both sides" for _, place in near],
    )


def _shared_files(version: Version, connection: duckdb.DuckDBPyConnection, store: Store) -> Check:
    """Files of equal content in two packages, from the documents that the store still holds."""
    rows: list[tuple[str, str, str]] = []
    missing = []
    for release in version.manifest["releases"]:
        cached = store.root / "documents" / f"{release['cache']['documents']}.parquet"
        label = f"{release['source']}:{release['name']}@{release['version']}"
        try:
            table = pq.read_table(cached, columns=["path", "digest"])
        except (OSError, ValueError):
            missing.append(f"{label}: the store no longer holds its documents; build again")
            continue
        rows += zip(
            [label] * table.num_rows,
            table["path"].to_pylist(),
            table["digest"].to_pylist(),
            strict=True,
        )
    import pyarrow as pa

    held = pa.table(
        {name: [row[i] for row in rows] for i, name in enumerate(("label", "path", "digest"))},
        schema=pa.schema([("label", pa.string()), ("path", pa.string()), ("digest", pa.string())]),
    )
    connection.register("held", held)
    both = connection.execute(
        """
        SELECT h.digest, min(h.label || ' ' || h.path) FROM held h
        JOIN (SELECT DISTINCT provenance.source || ':' || provenance.release || '@'
                     || provenance.version AS label, provenance.path AS path, split FROM rows) r
          USING (label, path)
        WHERE h.digest <> ''
        GROUP BY 1 HAVING count(DISTINCT split) > 1 ORDER BY 2
        """
    ).fetchall()
    connection.unregister("held")
    return Check(
        "split by shared files",
        f"{len({row[2] for row in rows}):,} different files",
        missing + [f"the file {place} is on both sides" for _, place in both],
    )
