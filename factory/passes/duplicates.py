"""Duplicates: which units of source are copies of which, and whose rows stay.

A *unit* is the span of a document that a row is about: a function, a module, a file. Workers leave
a signature of each (`factory.passes.signatures`); here `clusters` finds copies among all units and
`dropped` decides, for each task, which copy's rows stay.

1. **Same tokens.** Units whose token sequences are equal (white space and comments aside) are
   copies. Units shorter than a shingle are compared in this way only.
2. **Candidates.** MinHash (Broder 1997) over shingles of code tokens, computed by rensa, cut into
   bands: units that share all values of one band are candidates (Leskovec, Rajaraman, Ullman,
   *Mining of Massive Datasets*, section 3.4). Bands are as selective as they can be while a pair
   at the threshold is missed less often than once in 10,000.
3. **Verification.** Beside the bands each unit keeps its `SKETCH` smallest shingle hashes. Units of
   up to that many shingles (all but the longest functions) keep all, so their Jaccard similarity
   is exact; for larger ones it is the bottom-k estimate (Cohen and Kaplan 2007), with a standard
   error below 0.02, and a pair counts from two errors below the threshold: better to drop a pair
   that is a little less alike than to keep one that is a little more.
4. **Clusters.** Verified pairs make components. A chain of small changes can lead far, so inside a
   component the best unit gathers what is like *it*, the best of the rest does the same, and so
   on: what is dropped is always nearly the same as what is kept instead.

Memory: bands and sketches stay in DuckDB, which spills; Python holds some 20 bytes a unit and a
batch of candidate pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from factory.passes.components import Components
from factory.passes.signatures import SKETCH, banding
from factory.passes.tokens import I64, U64
from factory.spec import Dedup

NEIGHBOURS = 8
"""In a bucket of units that share a band, each unit is compared with this many that follow it in
order of size, and with the bucket's first: all pairs of small buckets, and not the fifty million
of a bucket of 10,000 that are made from one template."""
ROUNDS = 64
"""How many units of one component may gather copies; what is left after that stays."""
_BANDS_A_ROUND = 5
_PAIRS = 1 << 12
_PAIRS_IN_CACHE = 1 << 8
"""Pairs measured in one go: as many as a core's cache holds the sketches of."""
_NOT_THE_SAME = 0.9999

CLUSTER_SCHEMA = pa.schema(
    [
        pa.field("unit", pa.int64(), nullable=False),
        pa.field("cluster", pa.int64(), nullable=False),
        pa.field("component", pa.int64(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("similarity", pa.float32(), nullable=False),
    ]
)
"""`cluster` is the unit that gathered it (the best), `size` counts the cluster's units,
`similarity` is that of the unit to `cluster`: 1 when their tokens are the same. `component` ties
clusters that a chain of near-duplicates connects, which is what a split must not cut."""

BEST_FIRST = (
    "documentation DESC, released DESC, version_order DESC, release, version, path, start_byte, "
    "end_byte, checksum"
)
"""The order of copies, best first, as SQL: best documented, then newest, then by name and place so
that no two compare equal. Units are numbered in this order, so a smaller number is a better copy.
`version_order` is `version_order(version)`."""


def version_order(version: str) -> str:
    """A text that sorts as versions do: numbers by value, `~` and pre-releases before the release
    (Debian policy 5.6.12 and semver's section 11, as far as plain text ordering can follow)."""
    parts: list[str] = []
    for digits, word in re.findall(r"(\d+)|([^\d]+)", version.split("+", 1)[0]):
        if digits:
            parts.append(f"2{len(digits.lstrip('0')):03}{digits.lstrip('0')}")
        elif word.startswith(("-", "~")):
            parts.append("0" + word)
        else:
            parts.append("3" + word if word.strip(".") else "")
    return "".join(parts) + "1"


def clusters(connection: duckdb.DuckDBPyConnection, units: str, dedup: Dedup) -> pa.Table:
    """Clusters of copies, as `CLUSTER_SCHEMA`, ordered by unit; units without a copy are absent.

    `units` names a table or view with `unit` (BIGINT, unique, numbered by `BEST_FIRST`) and the
    columns of `SIGNATURE_FIELDS`. Temporary tables named `dup_*` are made and removed.
    """
    if not (dedup.exact or dedup.near):
        return CLUSTER_SCHEMA.empty_table()
    run = connection.execute
    exact = "true" if dedup.exact else "shingles > 0"
    try:
        run(
            "CREATE OR REPLACE TEMP TABLE dup_same AS"
            " SELECT min(unit) AS a, unnest(list(unit)) AS b"
            f" FROM {units} WHERE content <> 0 AND {exact} GROUP BY content HAVING count(*) > 1"
        )
        run("DELETE FROM dup_same WHERE a = b")
        ids = _table(connection, f"SELECT unit FROM {units} ORDER BY unit")["unit"].to_numpy()
        joined = Components(len(ids))
        same = _table(connection, "SELECT a, b FROM dup_same")
        joined.join(_positions(ids, same["a"]), _positions(ids, same["b"]))
        if dedup.near:
            _join_near(connection, units, dedup.threshold, ids, joined)
        return _gather(connection, units, dedup, ids, joined)
    finally:
        for table in ("dup_same", "dup_bands", "dup_pairs", "dup_sketch"):
            run(f"DROP TABLE IF EXISTS temp.{table}")


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.sql(query).to_arrow_table()


def _positions(ids: I64, column: pa.ChunkedArray) -> I64:
    found: I64 = np.searchsorted(ids, column.to_numpy()).astype(np.int64)
    return found


def _join_near(
    connection: duckdb.DuckDBPyConnection,
    units: str,
    threshold: float,
    ids: I64,
    joined: Components,
) -> None:
    run = connection.execute
    bands, _ = banding(threshold)
    columns = ", ".join(f"bands[{b + 1}] AS b{b}" for b in range(bands))
    run(
        f"CREATE OR REPLACE TEMP TABLE dup_bands AS SELECT unit, shingles, {columns} FROM {units}"
        " WHERE shingles > 0 AND unit NOT IN (SELECT b FROM dup_same)"
    )
    mates = " UNION ".join(
        f"SELECT unnest(list(unit)) AS unit FROM dup_bands GROUP BY b{b} HAVING count(*) > 1"
        for b in range(bands)
    )
    run(
        f"CREATE OR REPLACE TEMP TABLE dup_sketch AS SELECT unit, shingles, sketch FROM {units}"
        f" WHERE unit IN ({mates})"
    )
    ahead = ", ".join(f"lead(unit, {k}) OVER same" for k in range(1, NEIGHBOURS + 1))
    for first in range(0, bands, _BANDS_A_ROUND):
        found = " UNION ".join(
            f"SELECT unit, unnest([first_value(unit) OVER same, {ahead}]) AS mate FROM dup_bands"
            f" WINDOW same AS (PARTITION BY b{b} ORDER BY shingles, unit)"
            for b in range(first, min(bands, first + _BANDS_A_ROUND))
        )
        run(
            "CREATE OR REPLACE TEMP TABLE dup_pairs AS SELECT DISTINCT"
            " least(unit, mate) AS a, greatest(unit, mate) AS b"
            f" FROM ({found}) WHERE mate IS NOT NULL AND unit <> mate"
        )
        _drop_joined(connection, ids, joined)
        for batch in _similarities(connection, threshold):
            alike = batch.similarity >= batch.needed
            a = np.searchsorted(ids, batch.a[alike]).astype(np.int64)
            b = np.searchsorted(ids, batch.b[alike]).astype(np.int64)
            joined.join(a, b)


def _drop_joined(connection: duckdb.DuckDBPyConnection, ids: I64, joined: Components) -> None:
    """Takes pairs out of `dup_pairs` that a former round has already put into one component."""
    pairs = _table(connection, "SELECT a, b FROM dup_pairs")
    apart = joined.roots(_positions(ids, pairs["a"])) != joined.roots(_positions(ids, pairs["b"]))
    fresh = pairs.filter(pa.array(apart))
    connection.register("dup_fresh", fresh)
    connection.execute("CREATE OR REPLACE TEMP TABLE dup_pairs AS SELECT a, b FROM dup_fresh")
    connection.unregister("dup_fresh")


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    a: I64
    b: I64
    similarity: Any
    needed: Any
    """The similarity from which the pair counts: the threshold, less where it is an estimate."""


def _similarities(connection: duckdb.DuckDBPyConnection, threshold: float) -> Iterator[_Measured]:
    """The Jaccard similarity of the pairs in `dup_pairs` whose sizes allow the threshold."""
    slack = 2 * (threshold * (1 - threshold) / SKETCH) ** 0.5
    result = connection.sql(
        "SELECT a, b, x.sketch AS left_sketch, y.sketch AS right_sketch,"
        " x.shingles > $most AS left_cut, y.shingles > $most AS right_cut"
        " FROM dup_pairs JOIN dup_sketch x ON x.unit = a JOIN dup_sketch y ON y.unit = b"
        " WHERE least(x.shingles, y.shingles) >= $least * greatest(x.shingles, y.shingles)",
        params={"most": SKETCH, "least": max(0.0, threshold - slack)},
    )
    for batch in result.to_arrow_reader(_PAIRS):
        left, right = batch["left_sketch"], batch["right_sketch"]
        left_cut = batch["left_cut"].to_numpy(zero_copy_only=False)
        right_cut = batch["right_cut"].to_numpy(zero_copy_only=False)
        parts = [
            slice(start, start + _PAIRS_IN_CACHE) for start in range(0, len(left), _PAIRS_IN_CACHE)
        ]
        yield _Measured(
            batch["a"].to_numpy(),
            batch["b"].to_numpy(),
            np.concatenate([_jaccard(left[p], right[p], left_cut[p], right_cut[p]) for p in parts]),
            np.where(left_cut | right_cut, threshold - slack, threshold),
        )


def _jaccard(left: pa.ListArray, right: pa.ListArray, left_cut: Any, right_cut: Any) -> Any:
    """Jaccard similarity of each pair of ascending sketches. Where one was cut at `SKETCH`, only
    hashes up to its last are known of both, and they are a fair sample of the union."""
    count = len(left)
    limit = np.full(count, 1 << 32, np.uint64)
    sides = []
    for column, was_cut in ((left, left_cut), (right, right_cut)):
        offsets = column.offsets.to_numpy().astype(np.int64)
        values = column.values.to_numpy()[offsets[0] : offsets[-1]].astype(np.uint64)
        lengths = np.diff(offsets)
        lasts = values[np.cumsum(lengths) - 1]
        limit = np.where(was_cut, np.minimum(limit, lasts), limit)
        sides.append((values, lengths))
    pairs = np.arange(count, dtype=np.uint64) << np.uint64(32)
    known = [
        (np.repeat(pairs, lengths) | values)[values <= np.repeat(limit, lengths)]
        for values, lengths in sides
    ]
    # Each side ascends, so a sort that makes use of what is in order has but to merge the two.
    both = np.sort(np.concatenate(known), kind="stable")
    shared = both[1:][both[1:] == both[:-1]]
    common = _counts(shared, count)
    total = sum(_counts(side, count) for side in known) - common
    return common / np.maximum(total, 1)


def _counts(keys: U64, count: int) -> I64:
    """How many of these ascending keys are each pair's: its number is their upper half."""
    ends = np.searchsorted(keys, np.arange(1, count + 1, dtype=np.uint64) << np.uint64(32))
    found: I64 = np.diff(ends, prepend=0).astype(np.int64)
    return found


def _gather(
    connection: duckdb.DuckDBPyConnection,
    units: str,
    dedup: Dedup,
    ids: I64,
    joined: Components,
) -> pa.Table:
    """Cuts components into clusters around their best units."""
    run = connection.execute
    roots = joined.all_roots()
    many = np.bincount(roots, minlength=len(ids))[roots] > 1
    member, component = ids[many], ids[roots[many]]
    cluster = np.full(len(member), -1, np.int64)
    similarity = np.ones(len(member), np.float32)

    # A unit with the same tokens as a better one goes where that one goes.
    same = _table(connection, "SELECT a, b FROM dup_same ORDER BY b")
    stands_for = np.arange(len(member))
    stands_for[_positions(member, same["b"])] = _positions(member, same["a"])
    waiting = np.flatnonzero(stands_for == np.arange(len(member)))
    if dedup.near and len(waiting):
        connection.register("dup_member", pa.table({"unit": member[waiting]}))
        run(
            f"CREATE OR REPLACE TEMP TABLE dup_sketch AS SELECT unit, shingles, sketch FROM {units}"
            " WHERE unit IN (SELECT unit FROM dup_member) AND shingles > 0"
        )
        connection.unregister("dup_member")
    for _ in range(ROUNDS):
        if not len(waiting):
            break
        # `waiting` ascends, so the first of each component is its best.
        _, first, group = np.unique(component[waiting], return_index=True, return_inverse=True)
        leader = waiting[first][group]
        cluster[waiting[first]] = member[waiting[first]]
        rest = np.flatnonzero(leader != waiting)
        if not len(rest):
            break
        connection.register(
            "dup_wanted", pa.table({"a": member[leader[rest]], "b": member[waiting[rest]]})
        )
        run("CREATE OR REPLACE TEMP TABLE dup_pairs AS SELECT a, b FROM dup_wanted")
        connection.unregister("dup_wanted")
        for batch in _similarities(connection, dedup.threshold):
            alike = batch.similarity >= batch.needed
            at = np.searchsorted(member, batch.b[alike])
            cluster[at] = batch.a[alike]
            # Sketches of large units can agree although the units differ somewhere.
            similarity[at] = np.minimum(batch.similarity[alike], _NOT_THE_SAME)
        waiting = waiting[cluster[waiting] < 0]
    cluster = np.where(cluster < 0, member, cluster)
    cluster, similarity = cluster[stands_for], similarity[stands_for]
    _, which, counts = np.unique(cluster, return_inverse=True, return_counts=True)
    columns = [member, cluster, component, counts[which], similarity]
    return pa.table([pa.array(c) for c in columns], schema=CLUSTER_SCHEMA)


def dropped(
    connection: duckdb.DuckDBPyConnection, rows: str, units: str, clusters: str
) -> duckdb.DuckDBPyRelation:
    """Rows to drop because a better copy's rows of the same task stay: (row, reason, exact),
    lazily; `exact` says that the two are equal but for white space and comments.

    `rows` has `row` (unique), `task` and `unit`; `units` has `unit` and `label`, words that tell a
    person where the unit is; `clusters` is the table of that name. Of each cluster and task the
    rows of the best unit that has any stay, all of them: rows of one unit are different
    questions about it, never copies of each other.
    """
    return connection.sql(
        f"""
        WITH kept AS (
            SELECT task, cluster, min(unit) AS unit
            FROM {rows} JOIN {clusters} USING (unit) GROUP BY task, cluster
        )
        SELECT r.row AS row, CASE WHEN c.similarity = 1 THEN
                'duplicate but for white space and comments of ' || u.label
            ELSE 'near-duplicate of ' || u.label || ' (' || round(100 * c.similarity)::INT
                || '% alike; ' || c.size || ' copies in all)' END AS reason,
            c.similarity = 1 AS exact
        FROM {rows} r JOIN {clusters} c USING (unit)
        JOIN kept k ON k.task = r.task AND k.cluster = c.cluster
        JOIN {units} u ON u.unit = k.unit
        WHERE r.unit <> k.unit
        """
    )


def repeated(
    connection: duckdb.DuckDBPyConnection, rows: str, units: str
) -> duckdb.DuckDBPyRelation:
    """Rows whose id, and so whose content, another row has: (row, reason), lazily. The row of the
    best unit stays, and within a unit the one with the smallest `row`.

    `rows` has `row` (unique), `id` and `unit`; `units` has `unit` and `label`.
    """
    return connection.sql(
        f"""
        SELECT row, 'same content as a row about ' || label AS reason FROM (
            SELECT row, first_value(unit) OVER same AS best, row_number() OVER same AS place
            FROM {rows} WINDOW same AS (PARTITION BY id ORDER BY unit, row)
        ) JOIN {units} u ON u.unit = best WHERE place > 1
        """
    )
