"""Commits of a checkout, built into a dataset: twice the same, and no problem given away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from factory.build import build
from factory.override import override
from factory.registry import find, load
from factory.store import Store
from tests.factory.building import published
from tests.sources.github.git_server import history
from tests.transforms.commit_history import COMMITS

REGISTRY = """\
datasets:
  commits-v1:
    description: Commits of a shop, for tests.
    sources:
      local: {paths: [], commits: 50, licence: MIT}
    transforms:
      commit:
    seed: 3
"""

SOLUTION = """\
  def longest(words) do
    words
    |> List.flatten()
    |> Enum.frequencies()
    |> Map.keys()
    |> Enum.sort()
    |> Enum.max_by(&String.length/1, fn -> "" end)
  end
"""
BEFORE = "defmodule Words do\n  def longest(_words), do: nil\n\n  def none(words), do: words\nend\n"
AFTER = f"defmodule Words do\n{SOLUTION}\n  def none(words), do: words\nend\n"


def built(folder: Path, root: Path, *settings: str, workers: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "registry.yaml"
    path.write_text(REGISTRY)
    dataset = override(find(load(path), "commits-v1"), [f"sources.local.paths=[{root}]", *settings])
    report = build(dataset, Store(folder / "store"), workers=workers)
    return report.folder


def rows(version: Path) -> list[dict[str, Any]]:
    return [
        row
        for file in sorted(version.glob("data/messages/*.parquet"))
        for row in pq.read_table(file).to_pylist()
    ]


def test_rows_of_commits_twice_with_the_same_bytes(tmp_path: Path) -> None:
    names = history(tmp_path / "shop", *COMMITS)
    version = built(tmp_path / "1", tmp_path / "shop")
    found = rows(version)
    assert {row["task"] for row in found} == {"commit"}
    assert {(row["provenance"]["subject"], row["language"]) for row in found} == {
        ("Shop.Cart.total/1", "elixir"),
        ("Shop.Cart.empty?/1", "elixir"),
        ("Shop.Cart.add/2", "elixir"),
        ("shop_queue:pop/1", "erlang"),
    }
    assert {row["provenance"]["origin"] for row in found} <= {f"shop@{name}" for name in names}
    again = built(tmp_path / "2", tmp_path / "shop", workers=2)
    assert published(again) == published(version)


def test_a_commit_that_gives_a_problem_away_is_dropped(tmp_path: Path) -> None:
    message = "Find the longest word in place of nil, by the length of all words in the list"
    history(tmp_path / "n", ("Begin", {"lib/words.ex": BEFORE}), (message, {"lib/words.ex": AFTER}))
    problem = {"task_id": "words/1", "solution": f"defmodule Mine do\n{SOLUTION}end\n"}
    (tmp_path / "problems.jsonl").write_text(json.dumps(problem) + "\n")
    assert len(rows(built(tmp_path / "1", tmp_path / "n"))) == 1
    files = f"decontaminate.files=[{tmp_path / 'problems.jsonl'}]"
    assert rows(built(tmp_path / "2", tmp_path / "n", files)) == []


def test_the_structure_of_the_code_decides_how_hard_a_commit_is(tmp_path: Path) -> None:
    history(tmp_path / "shop", *COMMITS)
    found = {
        row["provenance"]["subject"]: row["quality"]
        for row in rows(built(tmp_path / "1", tmp_path / "shop"))
    }
    assert found["Shop.Cart.add/2"]["nesting"] == 1
    assert found["Shop.Cart.add/2"]["documentation"] == pytest.approx(2 / 3)
    assert found["Shop.Cart.empty?/1"]["nesting"] == 0
