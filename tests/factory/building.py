"""What the build's tests share: a dataset over small projects, and a view of a version's bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from factory.build import Report, build
from factory.override import override
from factory.registry import find, load
from factory.spec import Dataset
from factory.store import Store

TASKS = {
    "document",
    "doctest",
    "explain",
    "fim",
    "idiom",
    "implement",
    "otp",
    "pretrain",
    "spec",
    "test_driven",
    "test_writing",
}
"""The tasks that our own transforms make."""

REGISTRY = """\
datasets:
  shop-v1:
    description: A shop and a greeter, for tests.
    sources:
      local: {paths: []}
    transforms:
      document:
      doctest:
      explain:
      fim: {per_file: 3}
      idiom:
      implement:
      otp:
      pretrain:
      spec:
      test_driven:
      test_writing:
    split: {validation: 0.2}
    seed: 11
"""


def registry(folder: Path) -> Path:
    path = folder / "registry.yaml"
    path.write_text(REGISTRY)
    return path


def dataset(folder: Path, paths: Sequence[Path], *settings: str) -> Dataset:
    """`shop-v1` over `paths`, with further `--set`s."""
    listed = ", ".join(map(str, paths))
    found = find(load(registry(folder)), "shop-v1")
    return override(found, [f"sources.local.paths=[{listed}]", *settings])


def made(folder: Path, paths: Sequence[Path], *settings: str, workers: int = 1) -> Report:
    """Build `shop-v1` into `folder/store`."""
    return build(dataset(folder, paths, *settings), Store(folder / "store"), workers=workers)


def published(version: Path) -> dict[str, str]:
    """Digests of what two builds of the same inputs must share: all but times and views, which
    hold the folder's path."""
    return {
        str(path.relative_to(version)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(version.rglob("*"))
        if path.is_file() and path.name != "build.json" and path.suffix != ".duckdb"
    }


def command(folder: Path, *words: str | Path) -> list[str]:
    """The `factory` command as a process of its own would run it."""
    return [sys.executable, "-c", "from factory.cli import main; main()", *map(str, words)]


def run(
    folder: Path, *words: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `factory WORDS` in `folder` to its end."""
    return subprocess.run(
        command(folder, *words),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **(env or {})},
    )
