"""Partitions: a release's rows of one transform, as a Parquet file written in a stream.

A partition holds examples and, beside them, what its transform left out (`id` is null then, and
`left_out` gives the reason), so that one cached file answers both "which rows?" and "why not
mine?". Rows keep the order in which the transform yielded them, and row groups are cut by the size
of the rows alone, so the same rows give the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from factory import parquet
from factory.records import (
    EXECUTION_TYPE,
    MESSAGES_TYPE,
    PROVENANCE_TYPE,
    QUALITY_TYPE,
    SCHEMA_VERSION,
    Example,
    LeftOut,
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
        ("executed", EXECUTION_TYPE),
        ("left_out", pa.string()),
    ],
    metadata={"schema_version": str(SCHEMA_VERSION)},
)

_CONSTANT = ("source", "release", "version", "checksum", "family", "released")
_PER_ROW = (
    "path",
    "start_line",
    "end_line",
    "start_byte",
    "end_byte",
    "transform",
    "transform_version",
    "subject",
    "related",
)


class PartitionWriter:
    """Writes one partition; a context manager. `rows` counts examples and left-outs together."""

    def __init__(self, path: Path, release: Release, transform: str, version: int) -> None:
        self._release = release
        self._transform = transform
        self._version = version
        self._writer = parquet.writer(path, PARTITION_SCHEMA)
        self._rows: list[tuple[Example | LeftOut, Quality | None]] = []
        self._gathered = 0
        self.rows = 0

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
        self._writer.write_batch(self._encoded())
        self._rows = []
        self._gathered = 0

    def _encoded(self) -> pa.RecordBatch:
        columns: dict[str, list[Any]] = {name: [] for name in PARTITION_SCHEMA.names}
        place: dict[str, list[Any]] = {name: [] for name in _PER_ROW}
        for row, quality in self._rows:
            if isinstance(row, LeftOut):
                _encode_left_out(row, columns, place, self._transform, self._version)
            else:
                _encode_example(row, quality or row.quality, columns, place)
        count = len(self._rows)
        fields = {f.name: f.type for f in PROVENANCE_TYPE}
        arrays = [
            pa.repeat(pa.scalar(getattr(self._release, _release_field(name)), fields[name]), count)
            if name in _CONSTANT
            else pa.array(place[name], fields[name])
            for name in fields
        ]
        provenance = pa.StructArray.from_arrays(arrays, fields=list(PROVENANCE_TYPE))
        made = [
            provenance if f.name == "provenance" else pa.array(columns[f.name], f.type)
            for f in PARTITION_SCHEMA
        ]
        return pa.RecordBatch.from_arrays(made, schema=PARTITION_SCHEMA)

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


def _release_field(name: str) -> str:
    return "name" if name == "release" else name


def _encode_example(
    row: Example, quality: Quality, columns: dict[str, list[Any]], place: dict[str, list[Any]]
) -> None:
    columns["id"].append(row.id)
    columns["task"].append(row.task)
    columns["format"].append(row.format)
    chat = row.format == "messages"
    columns["messages"].append(
        [{"role": m.role, "content": m.content} for m in row.messages] if chat else None
    )
    pair = row.format == "prompt_completion"
    columns["prompt"].append(row.prompt if pair else None)
    columns["completion"].append(row.completion if pair else None)
    columns["text"].append(row.text if row.format == "text" else None)
    columns["language"].append(row.language)
    columns["licence"].append(row.licence)
    columns["quality"].append({name: getattr(quality, name) for name in Quality.__slots__})
    columns["executed"].append({"status": row.executed.status, "detail": row.executed.detail})
    columns["left_out"].append(None)
    for name in _PER_ROW:
        place[name].append(getattr(row.provenance, name))


def _encode_left_out(
    row: LeftOut,
    columns: dict[str, list[Any]],
    place: dict[str, list[Any]],
    transform: str,
    version: int,
) -> None:
    for column in columns.values():
        column.append(None)
    columns["task"][-1] = row.task
    columns["left_out"][-1] = row.reason
    values = {
        "path": row.path,
        "start_line": row.line,
        "end_line": row.line,
        "start_byte": 0,
        "end_byte": 0,
        "transform": transform,
        "transform_version": version,
        "subject": row.subject,
        "related": [],
    }
    for name in _PER_ROW:
        place[name].append(values[name])
