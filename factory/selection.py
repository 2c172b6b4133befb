"""The global passes, in their fixed order, over the signals of all releases.

Works in DuckDB with a memory limit (it spills to the store's disk beyond it) on a table of one
small line a row; no text is read here. Each pass marks the rows it drops with its stage, a reason
that can be counted, and a detail that can be read. What has been marked is not looked at again, so
the order below is the order of the counts:

filters · syntax · licences · (redaction happened when documents were read) · exact duplicates ·
near duplicates · decontamination · difficulty (marks, drops nothing) · mixture · split ·
curriculum (marks, drops nothing).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from factory.passes import curriculum, difficulty, duplicates, licences, mixture, split
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
    concepts: Sequence[str],
    lap: Callable[[str], None],
) -> None:
    """Fill the tables that the version is written from.

    `rows`: every row of every release with `stage`, `reason`, `detail` ("" for a row that stays)
    `split` (`train`, `validation` or "") and `step` (its place in the curriculum, 0 for none);
    `releases`; `units`, best copy first; `clusters`.
    """
    _load(connection, releases)
    lap("load signals")
    _left_out(connection)
    _filter(connection, dataset)
    _syntax(connection)
    _licences(connection, dataset)
    lap("filters, syntax, licences")
    _duplicates(connection, dataset)
    lap("duplicates")
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
    _curriculum(connection, concepts)
    lap("split, curriculum")


def _load(connection: duckdb.DuckDBPyConnection, releases: Sequence[ReleaseSignals]) -> None:
    listed = pa.table(
        {
            "release": pa.array(range(len(releases)), pa.int32()),
            "label": [r.release.label for r in releases],
            "name": [f"{r.release.source}:{r.release.name}" for r in releases],
            "version": [r.release.version for r in releases],
            "version_order": [duplicates.version_order(r.release.version) for r in releases],
            "released": [r.release.released for r in releases],
            "checksum": [r.release.checksum for r in releases],
            "family": [r.release.family for r in releases],
            "book": [r.release.book for r in releases],
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
        SELECT b.before + s.file_row_number + 1 AS number,
               r.release, r.label, r.family, s.* EXCLUDE (filename, file_row_number),
               '' AS stage, '' AS reason, '' AS detail, '' AS split, 0 AS step
        FROM read_parquet($files, filename = true, file_row_number = true) s
        JOIN releases r ON r.rows_file = s.filename
        JOIN (
            SELECT file_name, sum(num_rows) OVER (ORDER BY release) - num_rows AS before
            FROM parquet_file_metadata($files) JOIN releases ON rows_file = file_name
        ) b ON b.file_name = s.filename
        """,
        {"files": [str(r.rows) for r in releases]},
    )
    connection.execute(
        f"""
        CREATE TABLE units AS
        SELECT row_number() OVER (ORDER BY {duplicates.BEST_FIRST}) AS unit, *
        FROM (
            SELECT r.release AS release_number, r.name AS release, r.version, r.version_order,
                   r.released, r.checksum, d.documentation, u.unit AS local, u.path, u.start_byte,
                   u.end_byte, u.content, u.shingles, u.bands, u.sketch,
                   r.label || ' ' || u.path || ':' || d.start_line AS label
            FROM read_parquet(?, filename = true) u
            JOIN releases r ON r.units_file = u.filename
            JOIN (
                SELECT release, unit, max(documentation) AS documentation,
                       min(start_line) AS start_line
                FROM rows GROUP BY ALL
            ) d ON d.release = r.release AND d.unit = u.unit
        )
        """,
        [[str(r.units) for r in releases]],
    )
    connection.execute(
        "UPDATE rows SET unit = u.unit FROM units u "
        "WHERE rows.release = u.release_number AND rows.unit = u.local"
    )
    connection.execute(
        "CREATE VIEW standing AS "
        "SELECT number AS row, id, task, language, unit, family FROM rows WHERE stage = ''"
    )
    connection.execute(
        "CREATE TABLE clusters "
        "(unit BIGINT, cluster BIGINT, component BIGINT, size BIGINT, similarity FLOAT)"
    )


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


def _duplicates(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Rows of equal content, then rows of a task about source that is the same, or nearly so."""
    if dataset.dedup.exact:
        repeated = duplicates.repeated(connection, "standing", "units")
        _mark(connection, repeated, "'exact duplicates'", "the same row stands elsewhere")
    found = duplicates.clusters(connection, "units", dataset.dedup)
    connection.register("found", found)
    connection.execute("INSERT INTO clusters SELECT * FROM found")
    connection.unregister("found")
    dropped = duplicates.dropped(connection, "standing", "units", "clusters")
    _mark(
        connection,
        dropped,
        "CASE WHEN exact THEN 'exact duplicates' ELSE 'near duplicates' END",
        "a row of this task about the same source, or nearly the same, stands elsewhere",
    )


def _mark(
    connection: duckdb.DuckDBPyConnection,
    dropped: duckdb.DuckDBPyRelation,
    stage: str,
    reason: str,
) -> None:
    """Mark the rows of a relation (row, reason): its reason is the detail, `reason` is counted."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE marked AS {dropped.sql_query()}")
    connection.execute(
        f"UPDATE rows SET stage = {stage}, reason = $reason, detail = m.reason "
        "FROM marked m WHERE rows.number = m.row",
        {"reason": reason},
    )


def _mixture(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    m = dataset.mixture
    if m.languages or m.tasks or m.rows is not None:
        dropped = mixture.dropped(connection, "standing", m, dataset.seed)
        _mark(connection, dropped, "'mixture'", "more of its kind than the mixture has room for")


def _split(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    connection.execute(
        """
        CREATE VIEW links AS
        SELECT DISTINCT family, document AS thing FROM rows WHERE stage = '' AND document <> ''
        UNION
        SELECT DISTINCT family, 'near ' || c.component FROM rows JOIN clusters c USING (unit)
        WHERE stage = ''
        """
    )
    sides = split.assign(connection, "standing", "links", dataset.split, dataset.seed)
    connection.register("sides", sides)
    connection.execute(
        "UPDATE rows SET split = s.split FROM sides s "
        "WHERE rows.stage = '' AND rows.family = s.family"
    )
    connection.unregister("sides")


def _curriculum(connection: duckdb.DuckDBPyConnection, concepts: Sequence[str]) -> None:
    """Give every row that teaches something the place of its section in the learning order. The
    rows of a file that introduce and use the same concepts are a section's. `concepts` are in the
    order in which people usually learn them."""
    levels = ", ".join(f"'{level}'" for level in difficulty.LEVELS)
    connection.execute(
        f"""
        CREATE TEMP TABLE sections AS
        SELECT row_number() OVER (ORDER BY label, path, line, introduces, uses) AS section, *
        FROM (
            SELECT rows.release, label, path, min(start_line) AS line, introduces, uses,
                   quantile_disc(list_position([{levels}], difficulty) - 1, 0.5) AS level,
                   min(chapter) AS chapter
            FROM rows WHERE stage = '' AND len(introduces) + len(uses) > 0 GROUP BY ALL
        )
        """
    )
    found = connection.execute(
        "SELECT section, s.label, path, line, introduces, uses, level, book, chapter "
        "FROM sections s JOIN releases USING (release) ORDER BY section"
    ).fetchall()
    sections = {
        number: curriculum.Section(label, path, line, tuple(new), tuple(used), level, book, chapter)
        for number, label, path, line, new, used, level, book, chapter in found
    }
    places = curriculum.steps(sections.values(), concepts)
    steps = pa.table(
        {
            "section": pa.array(list(sections), pa.int64()),
            "step": pa.array([places[s] for s in sections.values()], pa.int32()),
        }
    )
    connection.register("steps", steps)
    connection.execute(
        """
        UPDATE rows SET step = s.step
        FROM (SELECT * FROM sections JOIN steps USING (section)) s
        WHERE rows.stage = '' AND rows.release = s.release AND rows.path = s.path
          AND rows.introduces = s.introduces AND rows.uses = s.uses
        """
    )
    connection.unregister("steps")


__all__ = ["ReleaseSignals", "select"]
