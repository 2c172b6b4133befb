"""What the tests of transforms share: source in, rows out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from factory.parsed import Parsed
from factory.plugins import Transform, load
from factory.records import Document, Example, LeftOut
from tests.transforms import golden

SEED = 1


def parsed(source: str, language: str = "elixir", path: str = "lib/a.ex") -> Parsed:
    """A document of ours, parsed."""
    return Parsed(Document("test", "ours", "1", "sha256:1", "ours", path, language, "MIT", source))


def run(
    name: str, source: str | Parsed, language: str = "elixir", seed: int = SEED, **options: Any
) -> tuple[dict[str, Example], dict[str, str]]:
    """Rows and reasons by subject, of one document."""
    given = source if isinstance(source, Parsed) else parsed(source, language)
    kind: type[Transform] = load("factory.transforms", name)
    rows: dict[str, Example] = {}
    left_out: dict[str, str] = {}
    for item in kind(kind.Options(**options), seed).document(given):
        if isinstance(item, Example):
            assert item.provenance.subject not in rows
            rows[item.provenance.subject] = item
        else:
            assert isinstance(item, LeftOut)
            left_out[item.subject] = item.reason
    return rows, left_out


def real(corpus: Path, package: str, *paths: str) -> Iterator[Parsed]:
    """Files of a real package, parsed."""
    root = golden.package(corpus, package)
    assert root is not None, f"{package} is not in the corpus"
    for document in golden.documents(package, root, paths):
        yield Parsed(document)
