"""Real code after rewriting: Elixir reads it, formats it the same, and its own tests still pass."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from factory.parsed import Parsed
from factory.records import Document, Example
from tests.transforms.golden import package
from tests.transforms.idioms import ask_elixir
from transforms.fences import unfenced
from transforms.idiom import Idiom, IdiomOptions
from transforms.idiom.rule import applied
from transforms.idiom.transform import WAYS, Piece
from transforms.idiom.unit import Unit

pytestmark = pytest.mark.skipif(shutil.which("elixir") is None, reason="elixir is not installed")

SAME_TREE = {
    "nested_calls to pipeline",
    "pipeline to nested_calls",
    "single_pipe to plain_call",
    "one_line_body to block_body",
    "block_body to one_line_body",
}
"""Forms that differ in nothing but notation."""


def read(path: Path, root: Path) -> Parsed:
    return Parsed(
        Document(
            source="test",
            release=root.name,
            version="1",
            checksum="sha256:0",
            family=root.name,
            path=path.relative_to(root).as_posix(),
            language="elixir",
            licence="Apache-2.0",
            text=path.read_text(encoding="utf-8"),
        )
    )


def folder(corpus: Path, name: str) -> Path:
    found = package(corpus, name)
    assert found is not None
    return found


def test_elixir_reads_both_sides_and_formats_answers_as_they_are(
    corpus: Path, tmp_path: Path
) -> None:
    transform = Idiom(IdiomOptions.model_validate({"tries_per_kb": 1}), 5)
    rows: list[Example] = []
    for root in (folder(corpus, "elixir-ex-doc"), folder(corpus, "elixir-lang") / "lib" / "mix"):
        for path in sorted((root / "lib").rglob("*.ex")):
            made = transform.document(read(path, root))
            rows += [row for row in made if isinstance(row, Example)]
    pairs = [(unfenced(row.request)[0], unfenced(row.answer)[0]) for row in rows]
    verdicts = ask_elixir("idiom_syntax.exs", tmp_path, pairs)
    assert len(rows) == len(verdicts) > 300
    unread, unequal, stable = [], [], 0
    for number, row in enumerate(rows):
        kind = row.provenance.subject.rsplit("(", 1)[1].rstrip(")")
        if "parses" not in verdicts[number]:
            unread.append(row.provenance.subject)
        elif kind in SAME_TREE and "same" not in verdicts[number]:
            unequal.append(row.provenance.subject)
        stable += "stable" in verdicts[number]
    assert not unread
    assert not unequal
    assert stable >= 0.97 * len(rows)


def rewritten(document: Parsed, chance: random.Random, used: dict[str, int]) -> bytes:
    """The document with every function that any rule fits in another form."""
    edits = []
    for piece in Idiom(IdiomOptions.model_validate({"max_code": 20_000}), 1)._pieces(document):
        if not isinstance(piece, Piece):
            continue
        unit = Unit(document.dedented(piece.span).encode(), piece.around)
        ways = list(WAYS)
        chance.shuffle(ways)
        for _, way in ways if not unit.broken else ():
            other = applied(way, unit) if way.trigger.search(unit.source) else None
            if other is not None:
                used[f"{way.source} {way.target}"] += 1
                edits.append((piece.span, other.source.decode()))
                break
    source = document.source
    for span, text in sorted(edits, reverse=True):
        margin = b" " * (span.start - source.rfind(b"\n", 0, span.start) - 1)
        lines = [margin + line if line else line for line in text.encode().split(b"\n")]
        source = source[: span.start] + b"\n".join(lines)[len(margin) :] + source[span.end :]
    return source


@pytest.mark.parametrize("seed", [1, 2])
def test_a_package_rewritten_throughout_passes_its_own_tests(
    corpus: Path, tmp_path: Path, seed: int
) -> None:
    root = folder(corpus, "elixir-nimble-parsec")
    chance = random.Random(seed)
    used: dict[str, int] = defaultdict(int)
    (tmp_path / "ebin").mkdir()
    shutil.copy(root / "README.md", tmp_path)
    sources = []
    for path in sorted((root / "lib").rglob("*.ex")):
        if "mix" not in path.parts:
            copy = tmp_path / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(rewritten(read(path, root), chance, used))
            sources.append(str(copy))
    assert sum(used.values()) > 50
    assert len(used) > 12
    _run(["elixirc", "-o", "ebin", *sources], tmp_path)
    tests = str(root / "test" / "nimble_parsec_test.exs")
    said = _run(["elixir", "-pa", "ebin", "-e", "ExUnit.start()", "-r", tests], tmp_path)
    assert " 0 failures" in said


def _run(command: list[str], where: Path) -> str:
    done = subprocess.run(
        command, cwd=where, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout
