"""Partitions: a release's rows of one transform, as a Parquet file written in a stream.

A partition holds examples and, beside them, what its transform left out (`id` is null then, and
`left_out` gives the reason), so that one cached file answers both "which rows?" and "why not
mine?". Rows keep the order in which the transform yielded them, and row groups are cut by the size
of the rows alone, so the same rows give the same bytes.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factory import parquet
from factory.records import (
    CURRICULUM_TYPE,
    EXECUTION_TYPE,
    MESSAGES_TYPE,
    PROVENANCE_TYPE,
    QUALITY_TYPE,
    SCHEMA_VERSION,
    Example,
    LeftOut,
    Message,
    Provenance,
    Quality,
    Release,
)

FLUSH_BYTES = 8_000_000
"""Text gathered before a row group is written: bounds memory, whatever the release's size."""

PARTITION_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("task", pa.string()),
        ("format", pa.string()),
        ("messages", MESSAGES_TYPE),
        ("prompt", pa.string()),
        ("completion", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("licence", pa.string()),
        ("provenance", PROVENANCE_TYPE),
        ("quality", QUALITY_TYPE),
        ("curriculum", CURRICULUM_TYPE),
        ("executed", EXECUTION_TYPE),
        ("left_out", pa.string()),
    ],
    metadata={"schema_version": str(SCHEMA_VERSION)},
)

I64 = npt.NDArray[np.int64]

_LIGHT = [
    *("id", "task", "format", "language", "licence", "provenance", "quality", "curriculum"),
    "left_out",
]

_SHARED = {
    "source": "source",
    "release": "name",
    "version": "version",
    "checksum": "checksum",
    "family": "family",
    "released": "released",
    "book": "book",
}
"""Provenance that all rows of a partition share: its field, and the release's."""


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """A partition as the global passes see it: `light` has no texts, but their sizes in
    characters (`request_size`, `answer_size`)."""

    transform: str
    path: Path
    light: pa.Table

    @classmethod
    def read(cls, transform: str, path: Path) -> Partition:
        """The partition in a file, read a row group at a time."""
        with pq.ParquetFile(path) as file:
            groups = range(file.num_row_groups)
            parts = [_light(file.read_row_group(group, use_threads=False)) for group in groups]
        return cls(transform, path, _together(parts))


class PartitionWriter:
    """Writes one partition; a context manager. `rows` counts examples and left-outs together."""

    def __init__(self, path: Path, release: Release, transform: str, version: int) -> None:
        self._release = release
        self._transform = transform
        self._version = version
        self._writer = parquet.cached(path, PARTITION_SCHEMA)
        self._rows: list[tuple[Example | LeftOut, Quality | None]] = []
        self._gathered = 0
        self._light: list[pa.Table] = []
        self.rows = 0

    def partition(self, path: Path) -> Partition:
        """What was written, which stands at `path` by now: as reading it back would give it."""
        return Partition(self._transform, path, _together(self._light))

    def add(self, row: Example | LeftOut, quality: Quality | None = None) -> None:
        """Take a row; `quality` replaces the example's own (the build measures structure)."""
        self._rows.append((row, quality))
        if isinstance(row, Example):
            self._gathered += (
                len(row.prompt)
                + len(row.completion)
                + len(row.text)
                + sum(len(m.content) for m in row.messages)
            )
        self._gathered += 300
        self.rows += 1
        if self._gathered >= FLUSH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        rows = self._encoded()
        self._writer.write_batch(rows)
        self._light.append(_light(pa.Table.from_batches([rows])))
        self._rows = []
        self._gathered = 0

    def _encoded(self) -> pa.RecordBatch:
        examples = [row if isinstance(row, Example) else None for row, _ in self._rows]
        left_out = [row if isinstance(row, LeftOut) else None for row, _ in self._rows]
        qualities = [
            None if example is None else quality or example.quality
            for example, (_, quality) in zip(examples, self._rows, strict=True)
        ]
        absent = pa.array([example is None for example in examples])
        made = {
            "id": [e and e.id for e in examples],
            "task": [row.task for row, _ in self._rows],
            "format": [e and e.format for e in examples],
            "messages": _messages(examples),
            "prompt": [
                e.prompt if e and e.format == "prompt_completion" else None for e in examples
            ],
            "completion": [
                e.completion if e and e.format == "prompt_completion" else None for e in examples
            ],
            "text": [e.text if e and e.format == "text" else None for e in examples],
            "language": [e and e.language for e in examples],
            "licence": [e and e.licence for e in examples],
            "provenance": self._provenance(
                [
                    e.provenance if e else self._place(r)
                    for e, r in zip(examples, left_out, strict=True)
                ]
            ),
            "quality": _struct(QUALITY_TYPE, qualities, absent),
            "curriculum": _struct(CURRICULUM_TYPE, [e and e.curriculum for e in examples], absent),
            "executed": _struct(EXECUTION_TYPE, [e and e.executed for e in examples], absent),
            "left_out": [r and r.reason for r in left_out],
        }
        arrays = [
            pa.array(column, f.type) if isinstance(column, list) else column
            for f in PARTITION_SCHEMA
            for column in (made[f.name],)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=PARTITION_SCHEMA)

    def _place(self, row: LeftOut | None) -> Provenance:
        """Where something was left out, in an example's terms."""
        assert row is not None
        r = self._release
        return Provenance(
            *(r.source, r.name, r.version, r.checksum, r.family, r.released, row.path),
            *(row.line, row.line, 0, 0, self._transform, self._version, row.subject),
        )

    def _provenance(self, places: list[Provenance]) -> pa.StructArray:
        """What all rows share is repeated by Arrow, the rest is taken from each."""
        own = [f for f in PROVENANCE_TYPE if f.name not in _SHARED]
        columns = dict(zip((f.name for f in own), _columns(own, places), strict=True))
        arrays = [
            columns[f.name]
            if f.name in columns
            else pa.repeat(pa.scalar(getattr(self._release, _SHARED[f.name]), f.type), len(places))
            for f in PROVENANCE_TYPE
        ]
        return pa.StructArray.from_arrays(arrays, fields=list(PROVENANCE_TYPE))

    def __enter__(self) -> PartitionWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()


def _struct(kind: pa.StructType, values: list[Any], absent: pa.BooleanArray) -> pa.StructArray:
    arrays = _columns(list(kind), values)
    return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=absent)


def _columns(fields: list[pa.Field], values: list[Any]) -> list[pa.Array]:
    """The attributes that `fields` name, a column each. A value that is None has none of them."""
    take = operator.attrgetter(*(f.name for f in fields))
    nothing = (None,) * len(fields)
    rows = [nothing if value is None else take(value) for value in values]
    columns = zip(*rows, strict=True)
    return [pa.array(column, f.type) for column, f in zip(columns, fields, strict=True)]


def _messages(examples: list[Example | None]) -> pa.ListArray:
    """Chats as lists of turns; null for what is no chat."""
    turns: list[Message] = []
    offsets: list[int | None] = []
    for example in examples:
        chat = example is not None and example.format == "messages"
        offsets.append(len(turns) if chat else None)
        if example is not None and chat:
            turns += example.messages
    columns = [
        pa.array([turn.role for turn in turns], pa.string()),
        pa.array([turn.content for turn in turns], pa.string()),
    ]
    values = pa.StructArray.from_arrays(columns, fields=list(MESSAGES_TYPE.value_type))
    ends = pa.array([*offsets, len(turns)], pa.int32())
    return pa.ListArray.from_arrays(ends, values, type=MESSAGES_TYPE)


def _together(parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(parts or [_light(PARTITION_SCHEMA.empty_table())])


def _light(table: pa.Table) -> pa.Table:
    """Rows without their texts, but with their sizes."""
    request, answer = _sizes(table)
    return (
        table.select(_LIGHT)
        .append_column("request_size", pa.array(request, pa.int32()))
        .append_column("answer_size", pa.array(answer, pa.int32()))
    )


def _sizes(table: pa.Table) -> tuple[I64, I64]:
    """Characters of request and answer of every row, whatever its format."""
    request = _lengths(table["prompt"])
    answer = _lengths(table["completion"]) + _lengths(table["text"])
    messages = table["messages"].combine_chunks()
    if isinstance(messages, pa.ChunkedArray):
        messages = pa.concat_arrays(messages.chunks)
    lengths = pc.utf8_length(messages.flatten().field("content")).to_numpy(zero_copy_only=False)
    total = np.concatenate([[0], np.cumsum(lengths.astype(np.int64))])
    counts = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(counts.astype(np.int64))
    starts = ends - counts
    has = counts > 0
    last = np.maximum(ends - 1, 0)
    chat_answer = np.where(has, total[ends] - total[last], 0)
    chat_request = np.where(has, total[last] - total[starts], 0)
    return request + chat_request, answer + chat_answer


def _lengths(column: pa.ChunkedArray) -> I64:
    counted: I64 = pc.fill_null(pc.utf8_length(column), 0).to_numpy().astype(np.int64)
    return counted
