"""Real source to measure on: Debian's packages, fetched by our own source and kept in `work/`."""

from __future__ import annotations

import shutil
from pathlib import Path

from factory.plugins import SourceContext
from factory.records import Document
from sources.debian import Debian

WORK = Path(__file__).with_name("work")

PACKAGES = (
    "elixir-lang",
    "elixir-ex-doc",
    "elixir-earmark-parser",
    "elixir-makeup",
    "elixir-makeup-elixir",
    "elixir-nimble-parsec",
    "erlang-cowlib",
    "erlang-poolboy",
    "erlang-jose",
    "erlang-luerl",
    {"name": "elixir-lang", "suite": "bookworm"},
)


def documents() -> list[Document]:
    """Every document of the corpus, in a fixed order."""
    cache = WORK / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    source = Debian(
        Debian.Options.model_validate({"suite": "trixie", "packages": list(PACKAGES)}),
        SourceContext(cache),
    )
    releases = sorted(source.releases(), key=lambda r: (r.name, r.version))
    found = (document for release in releases for document in source.documents(release))
    return [document for document in found if isinstance(document, Document)]


def spread(found: list[Document], folders: int, into: Path, copies: int = 1) -> list[Path]:
    """The documents dealt out to `folders` folders a copy, each a release with a licence, at the
    paths that they have in their packages. Every copy after the first has its modules renamed, so
    that copies are no duplicates by name alone."""
    shutil.rmtree(into, ignore_errors=True)
    made: list[Path] = []
    for copy in range(copies):
        for number in range(folders):
            folder = into / f"release{copy}x{number:03}"
            folder.mkdir(parents=True)
            made.append(folder)
            for at, document in enumerate(found[number::folders]):
                path = folder / document.path
                if path.exists():  # another package's
                    path = folder / f"{at:04}" / document.path
                path.parent.mkdir(parents=True, exist_ok=True)
                text = document.text
                if copy:
                    text = text.replace("defmodule ", f"defmodule Copy{copy}.")
                path.write_text(text, encoding="utf-8")
    return made
