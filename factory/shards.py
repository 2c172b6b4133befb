"""Shards: the Parquet files of a version, cut so that several workers can write them at once.

A shard's rows, their order and so its bytes are decided before any is written; which worker writes
it, and when, changes nothing.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from factory import digest, parquet
from factory.partition import PARTITION_SCHEMA
from factory.passes import difficulty
from factory.records import (
    CURRICULUM_TYPE,
    FORMATS,
    SIGNALS_TYPE,
    Format,
    Signals,
    example_schema,
)
from factory.store import explained, sync

SHARD_CHARACTERS = 24_000_000
"""Text in one shard (before compression): some 5 MB on disk, and work for several workers."""

ROW_GROUP_CHARACTERS = 8_000_000
PIECE_COST = 200_000
"""To open a partition and take rows from it takes as long as to compress so much text."""
_ROWS_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Piece:
    """Rows taken from one partition, by index and in order, with the difficulty of each as an
    index into `difficulty.LEVELS` and its place in the curriculum (0 for none): nine bytes a row,
    so that a plan fits into memory. `signals` are the release's."""

    partition: Path
    rows: npt.NDArray[np.int32]
    levels: npt.NDArray[np.int8]
    steps: npt.NDArray[np.int32]
    signals: Signals


@dataclass(frozen=True)
class Shard:
    """One Parquet file to be written: `name` is its path inside the version, `cost` says how long
    it will take, compared with others."""

    folder: Path
    name: str
    format: Format
    split: str
    pieces: tuple[Piece, ...]
    cost: int


@dataclass(frozen=True)
class Written:
    """A file of a version as the manifest lists it. `content` digests the rows' ids in order."""

    name: str
    sha256: str
    bytes: int
    rows: int
    format: str
    split: str
    content: str


def plan(
    connection: duckdb.DuckDBPyConnection,
    partitions: dict[tuple[int, str], Path],
    signals: Sequence[Signals],
    folder: Path,
) -> list[Shard]:
    """Cut the rows that stay into shards: by format and split, then in the order of releases.

    `partitions` maps (release, transform) to the partition's file, `signals` has what is known of
    each release.
    """
    shards: list[Shard] = []
    for fmt in FORMATS:
        for split in ("train", "validation"):
            pieces = _pieces(connection, fmt, split, partitions, signals)
            groups = _grouped(pieces)
            for number, group in enumerate(groups):
                name = f"data/{fmt}/{split}-{number:05}-of-{len(groups):05}.parquet"
                parts = tuple(piece for piece, _ in group)
                cost = sum(characters + PIECE_COST for _, characters in group)
                shards.append(Shard(folder, name, fmt, split, parts, cost))
    return shards


def _pieces(
    connection: duckdb.DuckDBPyConnection,
    fmt: Format,
    split: str,
    partitions: dict[tuple[int, str], Path],
    signals: Sequence[Signals],
) -> list[tuple[Piece, int]]:
    """Pieces of at most a row group of text each, and their characters."""
    reader = connection.sql(
        "SELECT release, transform, row, difficulty, step, request_size + answer_size AS size "
        "FROM rows WHERE stage = '' AND format = ? AND split = ? ORDER BY release, transform, row",
        params=[fmt, split],
    ).to_arrow_reader(_ROWS_AT_ONCE)
    pieces: list[tuple[Piece, int]] = []
    place: tuple[int, str] | None = None
    rows = array("i")
    levels = array("b")
    steps = array("i")
    size = 0

    def cut() -> None:
        nonlocal rows, levels, steps, size
        if place is not None and rows:
            measured = (np.array(rows), np.array(levels), np.array(steps))
            pieces.append((Piece(partitions[place], *measured, signals[place[0]]), size))
        rows, levels, steps, size = array("i"), array("b"), array("i"), 0

    for batch in reader:
        for release, transform, row, level, step, characters in zip(
            *batch.to_pydict().values(), strict=True
        ):
            if place != (release, transform) or size >= ROW_GROUP_CHARACTERS:
                cut()
                place = (release, transform)
            rows.append(row)
            levels.append(difficulty.LEVELS.index(level))
            steps.append(step)
            size += characters + 200
    cut()
    return pieces


def _grouped(pieces: Sequence[tuple[Piece, int]]) -> list[list[tuple[Piece, int]]]:
    groups: list[list[tuple[Piece, int]]] = []
    size = SHARD_CHARACTERS
    for piece, characters in pieces:
        if size >= SHARD_CHARACTERS:
            groups.append([])
            size = 0
        groups[-1].append((piece, characters))
        size += characters
    return groups


def write(shard: Shard) -> Written:
    """Write one shard and say what it holds. Raises `FactoryError` when the disk refuses."""
    path = shard.folder / shard.name
    schema = example_schema(shard.format)
    content = hashlib.sha256()
    count = 0
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with parquet.published(path, schema) as writer:
            gathered: list[pa.Table] = []
            size = 0
            for piece in shard.pieces:
                table = _rows(piece, schema)
                for row_id in table["id"].to_pylist():
                    content.update(row_id.encode() + b"\n")
                count += table.num_rows
                gathered.append(table)
                size += table.nbytes
                if size >= ROW_GROUP_CHARACTERS:
                    writer.write_table(pa.concat_tables(gathered).combine_chunks())
                    gathered, size = [], 0
            if gathered:
                writer.write_table(pa.concat_tables(gathered).combine_chunks())
        sync(path)
        return Written(
            name=shard.name,
            sha256=digest.of_file(path),
            bytes=path.stat().st_size,
            rows=count,
            format=shard.format,
            split=shard.split,
            content=content.hexdigest(),
        )


def _rows(piece: Piece, schema: pa.Schema) -> pa.Table:
    """The piece's rows as published: only the columns of its format, with what passes and the
    world said of them filled in."""
    columns = [name for name in schema.names if name in PARTITION_SCHEMA.names]
    parts: list[pa.Table] = []
    with pq.ParquetFile(piece.partition, pre_buffer=False) as file:
        first = 0
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            inside = piece.rows[(piece.rows >= first) & (piece.rows < first + size)] - first
            if len(inside):
                parts.append(
                    file.read_row_group(group, columns=columns, use_threads=False).take(
                        pa.array(inside)
                    )
                )
            first += size
    table = pa.concat_tables(parts)
    levels = pa.array(difficulty.LEVELS).take(pa.array(piece.levels))
    said = pa.scalar(asdict(piece.signals), SIGNALS_TYPE)
    filled: dict[str, Any] = {
        "difficulty": levels,
        "signals": pa.repeat(said, table.num_rows),
        "curriculum": _with_steps(table["curriculum"].combine_chunks(), piece.steps),
    }
    arrays = [filled[name] if name in filled else table[name] for name in schema.names]
    return pa.Table.from_arrays(arrays, schema=schema)


def _with_steps(curriculum: pa.StructArray, steps: npt.NDArray[np.int32]) -> pa.StructArray:
    """The column with each row's place filled in; 0 stands for none."""
    places = pa.array(steps, pa.int32(), mask=steps == 0)
    arrays = [
        places if field.name == "step" else curriculum.field(field.name)
        for field in CURRICULUM_TYPE
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(CURRICULUM_TYPE))
