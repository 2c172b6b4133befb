"""A document together with its outline: what every transform is given, read exactly once."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, count

from factory.records import Document, Example, LeftOut, Message, Provenance
from factory.syntax import Node, Outline, Span, Tree, read


class Parsed:
    """A document, its bytes, its outline, and (only while the document is being worked on) its
    tree.

    `root` raises RuntimeError once the build has moved on: a release's trees together could take
    more memory than a laptop has, and the outline holds all that is needed across documents.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source = document.text.encode()
        self.outline: Outline
        self._tree: Tree | None
        self.outline, self._tree = read(self.source, document.language)

    @property
    def root(self) -> Node:
        if self._tree is None:
            raise RuntimeError(f"the tree of {self.document.path} is gone: use it in document()")
        return self._tree.root_node

    @property
    def has_tree(self) -> bool:
        return self._tree is not None

    def forget_tree(self) -> None:
        self._tree = None

    @cached_property
    def _line_starts(self) -> list[int]:
        lengths = map(len, self.source.split(b"\n"))
        return [0, *map(operator.add, accumulate(lengths), count(1))][:-1]

    def line(self, byte: int) -> int:
        """The 1-based line that holds this byte."""
        return bisect.bisect_right(self._line_starts, byte)

    def text(self, span: Span) -> str:
        return span.cut(self.source)

    def dedented(self, span: Span) -> str:
        """The text of `span` with the indentation of its first line taken off every line that
        has at least as much (string content with less stays as it is)."""
        start = self.source.rfind(b"\n", 0, span.start) + 1
        margin = self.source[start : span.start]
        text = self.text(span)
        if not margin or margin.strip(b" \t"):
            return text
        return text.replace("\n" + margin.decode(), "\n")

    def provenance(
        self,
        span: Span,
        transform: str,
        version: int,
        subject: str = "",
        related: Sequence[str] = (),
    ) -> Provenance:
        d = self.document
        return Provenance(
            source=d.source,
            release=d.release,
            version=d.version,
            checksum=d.checksum,
            family=d.family,
            released=d.released,
            path=d.path,
            start_line=self.line(span.start),
            end_line=self.line(max(span.start, span.end - 1)),
            start_byte=span.start,
            end_byte=span.end,
            transform=transform,
            transform_version=version,
            subject=subject,
            related=tuple(related),
            origin=d.origin,
            licence_note=d.licence_note,
            book=d.book,
            chapter=d.chapter,
            pages=_pages(d.pages, span),
        )


def _pages(pages: Sequence[tuple[int, int]], span: Span) -> str:
    """The pages that a span stands on: `12`, `12-14`, or "" for what has no pages."""
    starts = [byte for byte, _ in pages]
    first = max(0, bisect.bisect_right(starts, span.start) - 1)
    last = max(first, bisect.bisect_right(starts, max(span.start, span.end - 1)) - 1)
    if not pages:
        return ""
    low, high = pages[first][1], pages[last][1]
    return f"{low}" if low == high else f"{low}-{high}"


def chat(request: str, answer: str) -> tuple[Message, ...]:
    """One question, one answer."""
    return (Message("user", request), Message("assistant", answer))


__all__ = ["Example", "LeftOut", "Parsed", "chat"]
