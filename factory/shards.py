"""Shards: the Parquet files of a version, cut so that several workers can write them at once.

A shard's rows, their order and so its bytes are decided before any is written; which worker writes
it, and when, changes nothing.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from factory import digest, parquet
from factory.partition import PARTITION_SCHEMA
from factory.passes import difficulty
from factory.records import FORMATS, Format, example_schema
from factory.store import explained, sync

SHARD_CHARACTERS = 24_000_000
"""Text in one shard (before compression): some 5 MB on disk, and work for several workers."""

ROW_GROUP_CHARACTERS = 8_000_000
_ROWS_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Piece:
    """Rows taken from one partition, by index and in order, with the difficulty of each as an
    index into `difficulty.LEVELS`: five bytes a row, so that a plan fits into memory."""

    partition: Path
    rows: npt.NDArray[np.int32]
    levels: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Shard:
    """One Parquet file to be written: `name` is its path inside the version."""

    folder: Path
    name: str
    format: Format
    split: str
    pieces: tuple[Piece, ...]


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
    folder: Path,
) -> list[Shard]:
    """Cut the rows that stay into shards: by format and split, then in the order of releases.

    `partitions` maps (release, transform) to the partition's file.
    """
    shards: list[Shard] = []
    for fmt in FORMATS:
        for split in ("train", "validation"):
            pieces = _pieces(connection, fmt, split, partitions)
            groups = _grouped(pieces)
            for number, group in enumerate(groups):
                name = f"data/{fmt}/{split}-{number:05}-of-{len(groups):05}.parquet"
                shards.append(Shard(folder, name, fmt, split, tuple(group)))
    return shards


def _pieces(
    connection: duckdb.DuckDBPyConnection,
    fmt: Format,
    split: str,
    partitions: dict[tuple[int, str], Path],
) -> list[tuple[Piece, int]]:
    """Pieces of at most a row group of text each, and their characters."""
    reader = connection.sql(
        "SELECT release, transform, row, difficulty, request_size + answer_size AS size FROM rows "
        "WHERE stage = '' AND format = ? AND split = ? ORDER BY release, transform, row",
        params=[fmt, split],
    ).to_arrow_reader(_ROWS_AT_ONCE)
    pieces: list[tuple[Piece, int]] = []
    place: tuple[int, str] | None = None
    rows = array("i")
    levels = array("b")
    size = 0

    def cut() -> None:
        nonlocal rows, levels, size
        if place is not None and rows:
            piece = Piece(partitions[place], np.array(rows), np.array(levels))
            pieces.append((piece, size))
        rows, levels, size = array("i"), array("b"), 0

    for batch in reader:
        for release, transform, row, level, characters in zip(
            *batch.to_pydict().values(), strict=True
        ):
            if place != (release, transform) or size >= ROW_GROUP_CHARACTERS:
                cut()
                place = (release, transform)
            rows.append(row)
            levels.append(difficulty.LEVELS.index(level))
            size += characters + 200
    cut()
    return pieces


def _grouped(pieces: Sequence[tuple[Piece, int]]) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    size = SHARD_CHARACTERS
    for piece, characters in pieces:
        if size >= SHARD_CHARACTERS:
            groups.append([])
            size = 0
        groups[-1].append(piece)
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
        with parquet.writer(path, schema, parquet.PUBLISHED_LEVEL) as writer:
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
    """The piece's rows as published: only the columns of its format, with difficulty filled in."""
    columns = [name for name in schema.names if name in PARTITION_SCHEMA.names]
    parts: list[pa.Table] = []
    with pq.ParquetFile(piece.partition) as file:
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
    arrays = [levels if name == "difficulty" else table[name] for name in schema.names]
    return pa.Table.from_arrays(arrays, schema=schema)
