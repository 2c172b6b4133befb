"""Partitions: what a writer remembers of the rows is what reading them back gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory import partition
from factory.partition import Partition, PartitionWriter
from factory.records import Curriculum, Example, LeftOut, Message, Provenance, Quality, Release

RELEASE = Release("local", "thing", "1.0", "sha256:0", "thing", "here", "2026-01-02")


def example(number: int) -> Example:
    place = Provenance(
        *("local", "thing", "1.0", "sha256:0", "thing", "2026-01-02"),
        *(f"lib/{number}.ex", 1, 2, 10, 20, "made", 1),
        related=("lib/other.ex",) * (number % 2),
    )
    said = Curriculum(("pipes",), ()) if number % 3 == 0 else Curriculum()
    shared = {"licence": "MIT", "provenance": place, "curriculum": said}
    if number % 4 == 0:
        return Example("fim", "text", "elixir", text=f"täxt {number}", **shared)
    if number % 4 == 1:
        return Example(
            "fim", "prompt_completion", "elixir", prompt="ä" * number, completion="b", **shared
        )
    turns = (
        Message("system", "be brief"),
        Message("user", "why?"),
        Message("assistant", "so 日本"),
    )
    return Example("explain", "messages", "elixir", messages=turns[number % 2 :], **shared)


@pytest.mark.parametrize("flush", [partition.FLUSH_BYTES, 1_500])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_what_was_written_is_known_without_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flush: int, count: int
) -> None:
    monkeypatch.setattr(partition, "FLUSH_BYTES", flush)
    path = tmp_path / "made.parquet"
    with PartitionWriter(path, RELEASE, "made", 1) as writer:
        for number in range(count):
            writer.add(example(number), Quality(0.5, nesting=number))
            if number % 5 == 0:
                writer.add(LeftOut(f"lib/{number}.ex", "too short", "made"))
    told, read = writer.partition(path), Partition.read("made", path)
    assert told.transform == read.transform == "made"
    assert told.light.to_pylist() == read.light.to_pylist()
    assert told.light.schema.equals(read.light.schema)
    sizes = {(r["id"], r["request_size"], r["answer_size"]) for r in told.light.to_pylist()}
    if count == 40:
        assert (example(5).id, 5, 1) in sizes
        assert (example(4).id, 0, 6) in sizes
        assert (example(2).id, 12, 5) in sizes
        assert (None, 0, 0) in sizes
