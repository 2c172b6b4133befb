"""Building: how fast, where time goes, what a second worker and a rebuild cost, how much memory.

Every build is a run of the command, so that start-up counts and peak memory is that of this build
alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.corpus import WORK, documents, spread
from benchmarks.results import Figure, figures_table, table, write
from factory.records import Document
from factory.syntax.parse import PARSED, parse

RUNS = 3
"""Cold builds, of which the median is told: one machine's builds differ by a tenth."""
TRANSFORMS = (
    "document, doctest, explain, fim, idiom, implement, otp, pretrain, spec, test_driven, "
    "test_writing"
)


def registry(paths: list[Path], name: str) -> Path:
    path = WORK / f"{name}.yaml"
    listed = ", ".join(map(str, paths))
    path.write_text(
        "datasets:\n  bench-v1:\n    description: All transforms and passes over real source.\n"
        f"    sources:\n      local: {{paths: [{listed}], licence: Apache-2.0}}\n"
        f"    transforms: [{TRANSFORMS}]\n"
    )
    return path


def build(file: Path, store: Path, workers: int) -> dict[str, Any]:
    """Run the command, as its user does, and return what it and the system say of it: `wall` (s) is
    that of the whole process, `memory` (bytes) the peak of it."""
    given = ["--registry", str(file), "--store", str(store), "--workers", str(workers), "--json"]
    began = time.perf_counter()
    with subprocess.Popen(
        [Path(sys.executable).with_name("factory"), "build", "bench-v1", *given],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the build failed with exit code {process.returncode}")
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    wall = time.perf_counter() - began
    return {**told, "wall": wall, "memory": usage.ru_maxrss * 1024}


def bare_parse(found: list[Document]) -> float:
    """Bytes a second that tree-sitter alone parses of the same files."""
    sources = [(d.text.encode(), d.language) for d in found if d.language in PARSED]
    for source, language in sources[:20]:
        parse(source, language)
    began = time.perf_counter()
    for source, language in sources:
        parse(source, language)
    return sum(len(source) for source, _ in sources) / (time.perf_counter() - began)


def cold(found: list[Document]) -> list[Figure]:
    paths = spread(found, 24, WORK / "some")
    file = registry(paths, "some")
    store = WORK / "store-cold"
    runs: list[dict[str, Any]] = []
    for _ in range(RUNS):
        shutil.rmtree(store, ignore_errors=True)
        runs.append(build(file, store, 1))
    shutil.rmtree(store)
    one = sorted(runs, key=lambda told: told["wall"])[RUNS // 2]
    rate = one["source_bytes"] / one["wall"]
    parsed = bare_parse(found)
    spent = sorted(one["seconds"].items(), key=lambda item: -item[1])
    table(
        f"Cold build of {one['source_bytes'] / 1e6:.1f} MB, one worker: seconds by stage",
        ("stage", "seconds", "share"),
        [(stage, f"{s:.2f}", f"{s / one['wall']:.0%}") for stage, s in spent if s >= 0.01],
    )
    figures = [
        Figure("cold build, one worker", rate / 1e6, "MB/s", "1 MB/s asked for", rate / 1e6),
        Figure("tree-sitter's bare parse", parsed / 1e6, "MB/s", "the cold build", parsed / rate),
    ]
    figures_table("Speed of a cold build", figures)
    return figures


def shared(found: list[Document]) -> list[Figure]:
    """What a second worker brings: on the corpus, and on one four times as large, where starting
    and the passes over the whole weigh as they do for a dataset of hundreds of packages."""
    figures: list[Figure] = []
    for copies in (1, 4):
        file = registry(spread(found, 24, WORK / f"shared{copies}", copies), f"shared{copies}")
        store = WORK / "store-shared"
        wall: dict[int, float] = {}
        for workers in (1, 2):
            shutil.rmtree(store, ignore_errors=True)
            told = build(file, store, workers)
            wall[workers] = told["wall"]
        size = told["source_bytes"] / 1e6
        figures.append(
            Figure(
                f"cold build of {size:.0f} MB, two workers",
                size / wall[2],
                "MB/s",
                "one worker",
                wall[1] / wall[2],
            )
        )
        shutil.rmtree(store)
    figures_table("A second worker", figures)
    return figures


def again(found: list[Document]) -> list[Figure]:
    """Rebuilds over 250 releases: with nothing changed, and with one release changed."""
    paths = spread(found, 250, WORK / "many")
    file = registry(paths, "many")
    store = WORK / "store-many"
    shutil.rmtree(store, ignore_errors=True)
    first = build(file, store, 1)
    nothing = build(file, store, 1)
    changed = next(p for p in sorted(paths[7].rglob("*.ex*")))
    changed.write_text(changed.read_text() + "\n# one more line\n")
    one = build(file, store, 1)
    figures = [
        Figure("250 releases, cold", first["wall"], "s"),
        Figure(
            "250 releases, nothing changed",
            nothing["wall"],
            "s",
            "cold",
            nothing["wall"] / first["wall"],
        ),
        Figure("250 releases, one changed", one["wall"], "s", "cold", one["wall"] / first["wall"]),
    ]
    if nothing["fresh"] or not one["fresh"]:
        raise SystemExit("the rebuild did not do what it was to measure")
    figures_table("Rebuilds", figures)
    shutil.rmtree(store)
    return figures


def memory(found: list[Document]) -> list[Figure]:
    """Peak memory of the largest process, at one time the corpus and at eight."""
    small = [document for document in found if document.language == "elixir"][::3]
    figures: list[Figure] = []
    for copies in (1, 8):
        paths = spread(small, 6, WORK / f"times{copies}", copies)
        store = WORK / "store-memory"
        shutil.rmtree(store, ignore_errors=True)
        told = build(registry(paths, f"times{copies}"), store, 1)
        shutil.rmtree(store)
        base = figures[0].value if figures else None
        figures.append(
            Figure(
                f"peak memory, {told['source_bytes'] / 1e6:.0f} MB of source",
                told["memory"] / 1e6,
                "MB",
                "one eighth of it" if base else "",
                told["memory"] / 1e6 / base if base else None,
            )
        )
    figures_table("Memory", figures)
    return figures


def main() -> None:
    found = documents()
    for measure in (cold, shared, again, memory):
        write(measure(found))


if __name__ == "__main__":
    main()
