"""The global passes, in their fixed order, over the signals of all releases.

Works in DuckDB with a memory limit (it spills to the store's disk beyond it) on a table of one
small line a row; no text is read here. Each pass marks the rows it drops with its stage, a reason
that can be counted, and a detail that can be read. What has been marked is not looked at again, so
the order below is the order of the counts:

filters · syntax · licences · (redaction happened when documents were read) · exact duplicates ·
near duplicates · decontamination · difficulty (marks, drops nothing) · mixture · split.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from factory.passes import duplicates, licences, mixture, split
from factory.records import Release
from factory.spec import Dataset


@dataclass(frozen=True)
class ReleaseSignals:
    """A release and its cached tables, in the order in which releases enter the dataset."""

    release: Release
    rows: Path
    units: Path


def select(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    releases: Sequence[ReleaseSignals],
    lap: Callable[[str], None],
) -> None:
    """Fill the tables that the version is written from.

    `rows`: every row of every release with `stage`, `reason`, `detail` ("" for a row that stays),
    `split` (`train`, `validation` or ""); and `releases`, `units` and `clusters`.
    """
    _load(connection, releases)
    lap("load signals")
    _left_out(connection)
    _filter(connection, dataset)
    _syntax(connection)
    _licences(connection, dataset)
    lap("filters, syntax, licences")
    if dataset.dedup.exact:
        _exact(connection)
    lap("exact duplicates")
    _near(connection, dataset)
    lap("near duplicates")
    _drop(
        connection,
        "decontaminate",
        "gives away an evaluation problem",
        "contaminated <> ''",
        "contaminated",
    )
    _mixture(connection, dataset)
    lap("decontamination, mixture")
    _split(connection, dataset)
    lap("split")


def _load(connection: duckdb.DuckDBPyConnection, releases: Sequence[ReleaseSignals]) -> None:
    recency = {r.release: rank for rank, r in enumerate(sorted(releases, key=_recency))}
    listed = pa.table(
        {
            "release": pa.array(range(len(releases)), pa.int32()),
            "label": [r.release.label for r in releases],
            "family": [r.release.family for r in releases],
            "recency": pa.array([recency[r.release] for r in releases], pa.int32()),
            "rows_file": [str(r.rows) for r in releases],
            "units_file": [str(r.units) for r in releases],
        }
    )
    connection.register("listed_releases", listed)
    connection.execute("CREATE TABLE releases AS SELECT * FROM listed_releases")
    connection.unregister("listed_releases")
    connection.execute(
        """
        CREATE TABLE rows AS
        SELECT r.release, r.label, r.family, r.recency, s.* EXCLUDE (filename),
               '' AS stage, '' AS reason, '' AS detail, '' AS split,
               NULL::UBIGINT AS content, NULL::BIGINT AS cluster, NULL::BIGINT AS component
        FROM read_parquet(?, filename = true) s
        JOIN releases r ON r.rows_file = s.filename
        ORDER BY r.release, s.transform, s.row
        """,
        [[str(r.rows) for r in releases]],
    )
    # Units are numbered best copy first: best documented, then newest, then by place, so that no
    # two compare equal.
    connection.execute(
        """
        CREATE TABLE units AS
        SELECT row_number() OVER (
                   ORDER BY d.documentation DESC, r.recency DESC, u.path, u.start_byte, u.end_byte
               ) AS unit,
               r.release, u.unit AS local, u.path, u.start_byte, u.end_byte,
               u.content, u.shingles, u.bands, u.sketch
        FROM read_parquet(?, filename = true) u
        JOIN releases r ON r.units_file = u.filename
        JOIN (
            SELECT release, unit, max(documentation) AS documentation FROM rows GROUP BY ALL
        ) d ON d.release = r.release AND d.unit = u.unit
        """,
        [[str(r.units) for r in releases]],
    )
    connection.execute(
        "UPDATE rows SET unit = u.unit, content = nullif(u.content, 0) FROM units u "
        "WHERE rows.release = u.release AND rows.unit = u.local"
    )
    connection.execute(
        "CREATE TABLE clusters "
        "(unit BIGINT, cluster BIGINT, component BIGINT, size BIGINT, similarity FLOAT)"
    )


def _recency(entry: ReleaseSignals) -> tuple[str, list[tuple[int, int | str]], str]:
    """Newest last: by upstream's date, then by version as people count, then by name."""
    r = entry.release
    return r.released, natural(r.version), r.label


def natural(version: str) -> list[tuple[int, int | str]]:
    """A sort key under which 1.10 comes after 1.9, and 1.0~rc1 before 1.0 (as Debian has it)."""
    parts: list[tuple[int, int | str]] = []
    word = ""
    for char in f"{version}\0":
        if word and (char.isdigit() != word[0].isdigit() or char in "~\0"):
            parts.append((2, int(word)) if word.isdecimal() and word.isascii() else (1, word))
            word = ""
        if char == "~":
            parts.append((-1, ""))
        elif char == "\0":
            parts.append((0, ""))
        else:
            word += char
    return parts


def _drop(
    connection: duckdb.DuckDBPyConnection,
    stage: str,
    reason: str,
    condition: str,
    detail: str = "''",
    parameters: Sequence[object] = (),
) -> None:
    """Mark the rows that still stand and meet an SQL condition."""
    connection.execute(
        f"UPDATE rows SET stage = $stage, reason = $reason, detail = {detail} "
        f"WHERE stage = '' AND ({condition})",
        {"stage": stage, "reason": reason, **{f"p{i}": p for i, p in enumerate(parameters)}},
    )


def _left_out(connection: duckdb.DuckDBPyConnection) -> None:
    """What transforms left out never were rows; they are kept for `factory drops`."""
    connection.execute(
        "UPDATE rows SET stage = transform, reason = left_out WHERE left_out IS NOT NULL"
    )


def _filter(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    f = dataset.filters
    if f.exclude_tasks:
        _drop(
            connection,
            "filters",
            "the task is excluded",
            "list_contains($p0, task)",
            parameters=[list(f.exclude_tasks)],
        )
    limits = [
        ("the request is too short", "format <> 'text' AND request_size < $p0", f.min_request),
        ("the request is too long", "request_size > $p0", f.max_request),
        ("the answer is too short", "answer_size < $p0", f.min_answer),
        ("the answer is too long", "format <> 'text' AND answer_size > $p0", f.max_answer),
        ("too little documentation", "documentation < $p0", f.min_documentation),
    ]
    for reason, condition, limit in limits:
        _drop(connection, "filters", reason, condition, parameters=[limit])


def _syntax(connection: duckdb.DuckDBPyConnection) -> None:
    _drop(connection, "syntax", "the source has a syntax error there", "syntax_errors > 0")


def _licences(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    found = connection.execute("SELECT DISTINCT licence FROM rows WHERE stage = ''").fetchall()
    for (licence,) in sorted(found):
        refused = licences.decide(licence, dataset.licences)
        if refused:
            _drop(connection, "licences", refused, "licence = $p0", parameters=[licence])


def _exact(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows of equal content, then rows of the same task about equal source elsewhere."""
    _keep_best(connection, "exact duplicates", "the same row stands elsewhere", "id", alone=True)
    _keep_best(
        connection,
        "exact duplicates",
        "a row of this task about the same source stands elsewhere",
        "content, task",
    )


def _near(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Clusters are found over all units; rows compete within a cluster and a task."""
    if not dataset.dedup.near:
        return
    found = duplicates.clusters(connection, "units", dataset.dedup)
    connection.register("found", found)
    connection.execute("INSERT INTO clusters SELECT * FROM found")
    connection.unregister("found")
    connection.execute(
        "UPDATE rows SET cluster = c.cluster, component = c.component FROM clusters c "
        "WHERE c.unit = rows.unit"
    )
    _keep_best(
        connection,
        "near duplicates",
        "a row of this task about nearly the same source stands elsewhere",
        "cluster, task",
    )


def _keep_best(
    connection: duckdb.DuckDBPyConnection,
    stage: str,
    reason: str,
    group: str,
    *,
    alone: bool = False,
) -> None:
    """In each group keep the rows of the best unit (units are numbered best first), or with
    `alone` a single row. Rows of one unit and task differ in what they ask, so they stand or fall
    together."""
    keys = [key.strip() for key in group.split(",")]
    same = "rows.unit = w.unit"
    if alone:
        same += " AND rows.transform = w.transform AND rows.row = w.row"
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    joined = " AND ".join(f"rows.{key} = w.{key}" for key in keys)
    connection.execute(
        f"""
        UPDATE rows SET stage = $stage, reason = $reason,
            detail = 'same as ' || w.label || ' ' || w.path || ':' || w.start_line
        FROM (
            SELECT {group}, unit, label, path, start_line, transform, row
            FROM rows WHERE stage = '' AND {known}
            QUALIFY row_number() OVER (PARTITION BY {group} ORDER BY unit, transform, row) = 1
        ) w
        WHERE rows.stage = '' AND {joined} AND NOT ({same})
        """,
        {"stage": stage, "reason": reason},
    )


def _mixture(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    m = dataset.mixture
    if not m.languages and not m.tasks and m.rows is None:
        return
    standing = connection.execute(
        "SELECT id, task, language FROM rows WHERE stage = '' ORDER BY id"
    ).to_arrow_table()
    dropped = mixture.surplus(standing, m, dataset.seed)
    connection.register("surplus", dropped)
    connection.execute(
        "UPDATE rows SET stage = 'mixture', reason = s.reason FROM surplus s "
        "WHERE rows.stage = '' AND rows.id = s.id"
    )
    connection.unregister("surplus")


def _split(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    standing = connection.execute(
        "SELECT family, document, component, count(*) AS rows FROM rows WHERE stage = '' "
        "GROUP BY ALL ORDER BY ALL"
    ).to_arrow_table()
    chosen = split.validation_families(standing, dataset.split, dataset.seed)
    connection.execute(
        "UPDATE rows SET split = CASE WHEN list_contains($chosen, family) THEN 'validation' "
        "ELSE 'train' END WHERE stage = ''",
        {"chosen": sorted(chosen)},
    )


__all__ = ["ReleaseSignals", "natural", "select"]
