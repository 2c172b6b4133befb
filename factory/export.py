"""A version in the shapes that other tools read, one JSON object a line.

- `openai`: chat fine-tuning's `{"messages": [...]}`;
- `sharegpt`: `{"conversations": [{"from", "value"}]}` (Axolotl, LLaMA-Factory);
- `alpaca`: `{"instruction", "input", "output"}` (Stanford Alpaca);
- `trl`: the row's own payload columns under TRL's names.

Rows that a shape cannot hold (plain text as a chat) are counted and said, never bent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from factory.errors import RequestError
from factory.store import explained
from factory.version import Version

Shape = Callable[[dict[str, Any]], dict[str, Any] | None]

_SHAREGPT_NAMES = {"system": "system", "user": "human", "assistant": "gpt"}


def _turns(row: dict[str, Any]) -> list[dict[str, str]] | None:
    """A row as chat turns; a prompt and its completion are one question and its answer."""
    if "messages" in row:
        return [{"role": m["role"], "content": m["content"]} for m in row["messages"]]
    if "prompt" in row:
        return [
            {"role": "user", "content": row["prompt"]},
            {"role": "assistant", "content": row["completion"]},
        ]
    return None


def _openai(row: dict[str, Any]) -> dict[str, Any] | None:
    turns = _turns(row)
    return None if turns is None else {"messages": turns}


def _sharegpt(row: dict[str, Any]) -> dict[str, Any] | None:
    turns = _turns(row)
    if turns is None:
        return None
    return {
        "id": row["id"],
        "conversations": [
            {"from": _SHAREGPT_NAMES[t["role"]], "value": t["content"]} for t in turns
        ],
    }


def _alpaca(row: dict[str, Any]) -> dict[str, Any] | None:
    turns = _turns(row)
    if turns is None or [t["role"] for t in turns] != ["user", "assistant"]:
        return None
    return {"instruction": turns[0]["content"], "input": "", "output": turns[1]["content"]}


def _trl(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("messages", "prompt", "completion", "text") if key in row}


SHAPES: dict[str, Shape] = {
    "alpaca": _alpaca,
    "openai": _openai,
    "sharegpt": _sharegpt,
    "trl": _trl,
}


@dataclass(frozen=True)
class Exported:
    """A file that was written: rows in it, and rows that its shape could not hold."""

    path: Path
    rows: int
    skipped: int


def export(version: Version, shape: str, folder: Path) -> list[Exported]:
    """Write `FORMAT-SPLIT.jsonl` files into `folder`, which is created; whole files or none.

    Raises `RequestError` for an unknown shape and `FactoryError` when the disk refuses.
    """
    if shape not in SHAPES:
        raise RequestError(f"no export format {shape!r}; known: {', '.join(sorted(SHAPES))}")
    written: list[Exported] = []
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for fmt in version.formats():
            for split in ("train", "validation"):
                files = version.parquet(fmt, split)
                if files:
                    path = folder / f"{fmt}-{split}.jsonl"
                    exported = _write(files, SHAPES[shape], path)
                    if exported.rows or not exported.skipped:
                        written.append(exported)
                    else:
                        path.unlink()
                        written.append(Exported(path, 0, exported.skipped))
    return written


def _write(files: list[Path], shape: Shape, path: Path) -> Exported:
    temporary = path.with_name(f".partial-{os.getpid()}-{path.name}")
    count = skipped = 0
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            for row in _rows(files):
                shaped = shape(row)
                if shaped is None:
                    skipped += 1
                    continue
                stream.write(json.dumps(shaped, ensure_ascii=False) + "\n")
                count += 1
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Exported(path, count, skipped)


def _rows(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        with pq.ParquetFile(file) as opened:
            names = [
                n
                for n in opened.schema_arrow.names
                if n in ("id", "messages", "prompt", "completion", "text")
            ]
            for batch in opened.iter_batches(batch_size=512, columns=names):
                yield from batch.to_pylist()
