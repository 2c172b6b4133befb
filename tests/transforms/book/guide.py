"""Guides written for the tests: Markdown in, rows out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from factory.parsed import Parsed
from factory.plugins import Transform, load
from factory.records import Document, Example, LeftOut

PADDING = """\
It is one of the things that you meet in each program and that a reader of the code has to know, so
it is the first of those that we look at. There is no more to it than that, and you will find that
it is easy to get used to it, and that a program is the shorter for it, as the next one is to show.
"""
"""Sixty words and more of plain English, for documents too short to be told as teaching text."""


def guide(text: str, path: str = "guides/maps.md", **where: Any) -> Parsed:
    """A guide about Elixir itself, as Debian's `elixir-lang` has them."""
    return Parsed(
        Document(
            source=where.pop("source", "debian"),
            release=where.pop("release", "elixir-lang"),
            version="1",
            checksum="sha256:1",
            family="elixir",
            path=path,
            language="markdown",
            licence="Apache-2.0",
            text=text,
            **where,
        )
    )


def teaching(text: str) -> str:
    """The text with a chapter's title before it and enough prose after it."""
    return f"# Data\n\n{text}\n\n## About\n\n{PADDING}\n\n```elixir\nx = 1\n```\n"


def made(
    name: str, documents: Parsed | Sequence[Parsed], *, seed: int = 1, **options: Any
) -> tuple[list[Example], list[LeftOut]]:
    """What a transform makes of documents, as the build asks it."""
    kind: type[Transform] = load("factory.transforms", name)
    transform = kind(kind.Options(**options), seed)
    given = [documents] if isinstance(documents, Parsed) else list(documents)
    items = [*_each(transform, given), *transform.release(given)]
    rows = [item for item in items if isinstance(item, Example)]
    return rows, [item for item in items if isinstance(item, LeftOut)]


def _each(transform: Transform, given: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
    for parsed in given:
        yield from transform.document(parsed)


def only(name: str, text: str, **options: Any) -> Example:
    """The one row made of a piece of teaching text."""
    rows, left_out = made(name, guide(teaching(text)), **options)
    assert len(rows) == 1, [row.answer for row in rows] or [item.reason for item in left_out]
    return rows[0]


def reason(name: str, text: str, subject: str, **options: Any) -> str:
    """Why nothing was made of a section of a piece of teaching text."""
    rows, left_out = made(name, guide(teaching(text)), **options)
    assert [row.answer for row in rows] == []
    (found,) = {item.reason for item in left_out if item.subject == subject}
    return found
