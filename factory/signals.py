"""What the global passes need to know of a release's rows, without their texts.

Two cached tables a release: *rows*, one line for every row of its partitions (in their order), and
*units*, one line for every piece of source that rows are about, with its MinHash signature.
Computed in the worker, where the documents are at hand; the global phase then reads a few hundred
bytes a row, whatever the texts weigh.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from factory import parquet
from factory.partition import FLUSH_BYTES, Partition
from factory.passes import decontaminate, difficulty, signatures
from factory.passes.tokens import tokenise
from factory.records import Quality
from factory.spec import Dedup
from factory.store import Store

ROW_SCHEMA = pa.schema(
    [
        ("transform", pa.string()),
        ("row", pa.int32()),
        ("id", pa.string()),
        ("task", pa.string()),
        ("format", pa.string()),
        ("language", pa.string()),
        ("licence", pa.string()),
        ("path", pa.string()),
        ("subject", pa.string()),
        ("start_line", pa.int32()),
        ("document", pa.string()),
        ("unit", pa.int32()),
        ("documentation", pa.float32()),
        ("syntax_errors", pa.int32()),
        ("request_size", pa.int32()),
        ("answer_size", pa.int32()),
        ("difficulty", pa.string()),
        ("chapter", pa.string()),
        ("introduces", pa.list_(pa.string())),
        ("uses", pa.list_(pa.string())),
        ("contaminated", pa.string()),
        ("left_out", pa.string()),
    ]
)
"""`row` is the row's index in its transform's partition; `unit` is a row of the release's units,
-1 for left-outs; sizes are in characters; `contaminated` names the evaluation problem a row gives
away ("" for none)."""

UNIT_SCHEMA = pa.schema(
    [
        ("unit", pa.int32()),
        ("path", pa.string()),
        ("start_byte", pa.int64()),
        ("end_byte", pa.int64()),
        *signatures.SIGNATURE_FIELDS,
    ]
)
"""A *unit* is the piece of source that rows are about: a place in a release, and its signature."""


@dataclass(frozen=True)
class SignalOptions:
    """The part of a dataset's spec that signals depend on."""

    dedup: Dedup
    index: decontaminate.Index


@dataclass(frozen=True, slots=True)
class _Doc:
    """A document's digest, whether it shares a run of tokens with an evaluation problem (so that
    beside another it could give one away), and whether it shares enough to do so by itself."""

    digest: str
    touches: bool
    holds: bool


def write_signals(
    store: Store,
    key: str,
    documents: Path,
    partitions: Sequence[Partition],
    options: SignalOptions,
    lap: Callable[[str], None],
) -> None:
    """Write both tables of a release whose documents and partitions are complete."""
    spans = _spans_by_path([partition.light for partition in partitions])
    docs: dict[str, _Doc] = {}
    units: dict[tuple[str, int, int], int] = {}
    gathered: list[pa.RecordBatch] = []
    size = 0
    with (
        store.caching("signals", f"{key}-units") as writing,
        parquet.cached(writing.path, UNIT_SCHEMA) as writer,
    ):
        for path, origin, digest, language, source in _sources(documents):
            if path not in spans:
                continue
            wanted = sorted(spans[path])
            tokens = tokenise(source, language)
            touches = options.index.touches(tokens)
            # A patch is two versions of a file, line by line: what a row shows of it stands nowhere
            # in it as one run of tokens, so the row itself is looked at.
            holds = language == "patch" or (touches and options.index.holds(source, tokens))
            docs[path] = docs[origin or path] = _Doc(digest, touches, holds)
            lap("tokenise")
            signed = signatures.signatures(tokens, wanted, options.dedup)
            gathered.append(_units(path, wanted, writing.rows, signed))
            size += gathered[-1].nbytes
            for span in wanted:
                units[path, *span] = writing.rows
                writing.rows += 1
            if size > FLUSH_BYTES:
                writer.write_table(pa.Table.from_batches(gathered))
                gathered, size = [], 0
            lap("unit signatures")
        writer.write_table(pa.Table.from_batches(gathered, UNIT_SCHEMA))
    with (
        store.caching("signals", f"{key}-rows") as writing,
        parquet.cached(writing.path, ROW_SCHEMA) as writer,
    ):
        for partition in partitions:
            signals = _row_signals(partition, docs, units, options)
            writer.write_table(signals)
            writing.rows += signals.num_rows
    lap("row signals")


def _units(
    path: str, spans: Sequence[tuple[int, int]], first: int, signed: signatures.Signatures
) -> pa.RecordBatch:
    place = [
        pa.array(range(first, first + len(spans)), pa.int32()),
        pa.repeat(pa.scalar(path), len(spans)),
        pa.array([start for start, _ in spans], pa.int64()),
        pa.array([end for _, end in spans], pa.int64()),
    ]
    return pa.RecordBatch.from_arrays([*place, *signed.columns()], schema=UNIT_SCHEMA)


def _spans_by_path(
    tables: Sequence[pa.Table],
) -> dict[str, set[tuple[int, int]]]:
    spans: dict[str, set[tuple[int, int]]] = {}
    for table in tables:
        place = table["provenance"].combine_chunks()
        for path, start, end, left_out in zip(
            place.field("path").to_pylist(),
            place.field("start_byte").to_pylist(),
            place.field("end_byte").to_pylist(),
            table["left_out"].to_pylist(),
            strict=True,
        ):
            if left_out is None:
                spans.setdefault(path, set()).add((start, end))
    return spans


def _sources(documents: Path) -> Iterator[tuple[str, str, str, str, bytes]]:
    """Path, origin, digest, language and UTF-8 text of every cached document, in a stream."""
    with pq.ParquetFile(documents) as file:
        columns = ["path", "origin", "digest", "language", "text", "left_out"]
        for batch in file.iter_batches(batch_size=64, columns=columns, use_threads=False):
            for row in batch.to_pylist():
                if row["left_out"] is None:
                    place, text = (row["path"], row["origin"]), row["text"].encode()
                    yield *place, row["digest"], row["language"], text


def _row_signals(
    partition: Partition,
    docs: dict[str, _Doc],
    units: dict[tuple[str, int, int], int],
    options: SignalOptions,
) -> pa.Table:
    table = partition.light
    place = table["provenance"].combine_chunks()
    quality = table["quality"].combine_chunks()
    curriculum = table["curriculum"].combine_chunks()
    paths = place.field("path").to_pylist()
    starts = place.field("start_byte").to_pylist()
    ends = place.field("end_byte").to_pylist()
    left_out = table["left_out"].to_pylist()
    request = table["request_size"].to_pylist()
    answer = table["answer_size"].to_pylist()
    structure = [
        quality.field(f).to_pylist() for f in ("nesting", "constructs", "processes", "macros")
    ]
    made: list[bool] = [reason is None for reason in left_out]
    related = place.field("related").to_pylist()
    suspects = [
        row
        for row, path in enumerate(paths)
        if made[row] and _suspect([docs[p] for p in (path, *related[row]) if p in docs])
    ]
    columns: dict[str, Any] = {
        "transform": [partition.transform] * len(paths),
        "row": range(len(paths)),
        "id": table["id"],
        "task": table["task"],
        "format": table["format"],
        "language": table["language"],
        "licence": table["licence"],
        "path": paths,
        "subject": place.field("subject"),
        "start_line": place.field("start_line"),
        "document": [docs[p].digest if p in docs else "" for p in paths],
        "unit": [
            units[path, start, end] if ok else -1
            for path, start, end, ok in zip(paths, starts, ends, made, strict=True)
        ],
        "documentation": quality.field("documentation"),
        "syntax_errors": quality.field("syntax_errors"),
        "request_size": request,
        "answer_size": answer,
        "difficulty": [
            difficulty.level(Quality(0.0, 0, *measured), asked, said) if ok else ""
            for *measured, asked, said, ok in zip(*structure, request, answer, made, strict=True)
        ],
        "chapter": place.field("chapter"),
        "introduces": curriculum.field("introduces"),
        "uses": curriculum.field("uses"),
        "contaminated": _contaminated(partition.path, suspects, len(paths), options.index),
        "left_out": left_out,
    }
    arrays = [
        column.combine_chunks() if isinstance(column, pa.ChunkedArray) else pa.array(column, f.type)
        for f in ROW_SCHEMA
        for column in (columns[f.name],)
    ]
    return pa.Table.from_arrays(arrays, schema=ROW_SCHEMA)


def _suspect(shown: Sequence[_Doc]) -> bool:
    """Whether a row made of these documents has to be looked at itself."""
    return any(doc.holds for doc in shown) or (len(shown) > 1 and any(d.touches for d in shown))


def _contaminated(
    partition: Path, suspects: Sequence[int], count: int, index: decontaminate.Index
) -> list[str]:
    """For every row, the evaluation problem it gives away; only suspects' texts are read."""
    found = [""] * count
    if not suspects:
        return found
    wholes: list[str] = []
    for text in _texts(partition, suspects):
        turns = [m["content"] for m in text["messages"] or ()]
        shown = [*turns, text["prompt"], text["completion"], text["text"]]
        wholes.append("\n".join(filter(None, shown)))
    for row, matches in zip(suspects, index.matches(wholes), strict=True):
        found[row] = decontaminate.told(matches)
    return found


def _texts(partition: Path, rows: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The texts of these rows of a partition (ascending), a row group at a time."""
    with pq.ParquetFile(partition) as file:
        columns = ["messages", "prompt", "completion", "text"]
        first = at = 0
        for group in range(file.num_row_groups):
            after = first + file.metadata.row_group(group).num_rows
            until = bisect.bisect_left(rows, after, at)
            if until > at:
                table = file.read_row_group(group, columns=columns, use_threads=False)
                yield from table.take(pa.array([r - first for r in rows[at:until]])).to_pylist()
            first, at = after, until
