"""Stage 1: whole files as text, each after the files that it uses.

A row is one file (or, for a long one, a part that ends where a module, function, test or section
does), under a comment that names its path. With `pack` set, rows hold as many neighbouring files
as fit; files of different licences or languages never share a row. The default packs nothing,
because a row per file is what duplicates, decontamination and lineage can speak of, and trainers
pack by tokens themselves.

What this does not do: cut inside a function, whatever its length; leave out broken or generated
files, which is a pass of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function, Outline, Span
from transforms.order import in_order

UNREAD = "not read: "
SHORT = "too short to learn from"
ASIDE = "a text about the project's people or terms"

_COMMENTS = {
    "elixir": ("# ", ""),
    "erlang": ("% ", ""),
    "heex": ("<!-- ", " -->"),
    "eex": ("<!-- ", " -->"),
    "markdown": ("<!-- ", " -->"),
}
_MARKS = {"elixir": b"#", "erlang": b"%"}
MEASURED = 8_000
"""A file is told to be short from this many bytes of it; the rest counts as it is."""

_ASIDE = re.compile(
    r"(?:^|/)(?:CODE_OF_CONDUCT|LICEN[CS]E|COPYING|NOTICE|SECURITY|AUTHORS|CONTRIBUTORS)[^/]*$",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]|-->")
_SECTION = re.compile(rb"^(?:(#{1,6})[ \t]|[ ]{0,3}(`{3,}|~{3,}))", re.MULTILINE)


class PretrainOptions(Options):
    headers: bool = Field(True, description="a comment with the path above each file")
    pack: int = Field(0, ge=0, description="bytes per row; 0 gives one row per file")
    limit: int = Field(
        48_000, ge=1_000, description="files of more bytes are split (with pack: by its bytes)"
    )
    shortest: int = Field(
        120, ge=1, description="fewest bytes of a file, lines of comments and blanks not counted"
    )


class Piece(NamedTuple):
    """A part of a file, and the text of its row (or its share of one)."""

    parsed: Parsed
    span: Span
    text: str


class Pretrain(Transform):
    """Whole files of a release, in the order of their uses."""

    name = "pretrain"
    version = 1
    languages: ClassVar[frozenset[str]] = frozenset(_COMMENTS)
    tasks = ("pretrain",)
    Options = PretrainOptions
    options: PretrainOptions

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
        pieces: list[Piece] = []
        for parsed in in_order(documents):
            if _ASIDE.search(parsed.document.path):
                yield self.left_out(parsed, ASIDE)
            elif parsed.outline.truncated:
                yield self.left_out(parsed, UNREAD + parsed.outline.truncated)
            elif _substance(parsed) < self.options.shortest:
                yield self.left_out(parsed, SHORT)
            else:
                pieces.extend(self._pieces(parsed))
        for row in self._packed(pieces):
            yield self._example(row)

    def _pieces(self, parsed: Parsed) -> Iterator[Piece]:
        spans = split(parsed, self.options.pack or self.options.limit)
        for position, span in enumerate(spans):
            text = parsed.text(span)
            if self.options.headers:
                part = f" (part {position + 1} of {len(spans)})" if len(spans) > 1 else ""
                before, after = _COMMENTS[parsed.document.language]
                path = _CONTROL.sub(" ", parsed.document.path)
                first = text.find("\n") + 1 if text.startswith("#!") else 0
                text = f"{text[:first]}{before}{path}{part}{after}\n{text[first:]}"
            yield Piece(parsed, span, text)

    def _packed(self, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
        """Rows of pieces: single ones, or as many in order as `pack` bytes hold, one open row for
        each licence and language."""
        if not self.options.pack:
            yield from ([piece] for piece in pieces)
            return
        opened: dict[tuple[str, str], list[Piece]] = {}
        filled: dict[tuple[str, str], int] = {}
        for piece in pieces:
            key = (piece.parsed.document.licence, piece.parsed.document.language)
            size = len(piece.text.encode()) + 1
            row = opened.get(key)
            if row is None or filled[key] + size > self.options.pack:
                if row is not None:
                    yield row
                opened[key] = row = []
                filled[key] = 0
            row.append(piece)
            filled[key] += size
        yield from opened.values()

    def _example(self, row: Sequence[Piece]) -> Example:
        first = row[0]
        related = dict.fromkeys(p.parsed.document.place for p in row[1:])
        related.pop(first.parsed.document.place, None)
        return Example(
            task="pretrain",
            format="text",
            language=first.parsed.document.language,
            licence=first.parsed.document.licence,
            provenance=first.parsed.provenance(
                first.span, self.name, self.version, first.parsed.document.path, tuple(related)
            ),
            text="\n".join(piece.text for piece in row),
        )


def _substance(parsed: Parsed) -> int:
    """Bytes of a file besides whole lines of comments, and blank space around lines: what is left
    of a file that is little more than its licence."""
    text = parsed.source
    mark = _MARKS.get(parsed.document.language)
    lines = (line.strip() for line in text[:MEASURED].split(b"\n"))
    return max(0, len(text) - MEASURED) + sum(
        len(line) + 1 for line in lines if line and not (mark and line.startswith(mark))
    )


def split(parsed: Parsed, limit: int) -> list[Span]:
    """The file as spans of at most `limit` bytes that together are the whole of it.

    Cuts lie at the start of a line where a module, function, test or Markdown section starts and
    no function or test is open; a span without such a place stays longer than `limit`.
    """
    source = parsed.source
    if len(source) <= limit:
        return [Span(0, len(source))]
    if parsed.document.language == "markdown":
        places = _sections(source)
    else:
        places = _borders(parsed.outline, source)
    spans: list[Span] = []
    start = last = 0
    for place in [*places, len(source)]:
        if place - start > limit and last > start:
            spans.append(Span(start, last))
            start = last
        last = place
    spans.append(Span(start, len(source)))
    return spans


def _borders(outline: Outline, source: bytes) -> list[int]:
    starts: set[int] = set()
    closed: list[Span] = []
    for module in outline.every_module():
        starts.add(module.span.start)
        for function in module.functions:
            starts.add(function.span.start)
            closed.extend(_whole(function))
        for test in module.tests:
            starts.add(test.span.start)
            closed.append(test.span)
    ends: list[int] = []
    begins: list[int] = []
    for span in sorted(closed):
        # A function inside another's span (in a quote, say) lies within what is closed already.
        if ends and span.start < ends[-1]:
            ends[-1] = max(ends[-1], span.end)
            continue
        begins.append(span.start)
        ends.append(span.end)
    places: set[int] = set()
    for start in starts:
        line = source.rfind(b"\n", 0, start) + 1
        if source[line:start].strip():
            continue
        at = bisect_right(begins, start) - 1
        if at < 0 or begins[at] == start or ends[at] <= line:
            places.add(line)
    return sorted(places)


def _whole(function: Function) -> list[Span]:
    """What of a function must stay in one piece: all of it, or each clause if they are apart."""
    return [function.span] if function.contiguous else [c.span for c in function.clauses]


def _sections(source: bytes) -> list[int]:
    """Where headings start, those inside fenced code left out."""
    places: list[int] = []
    fence = b""
    for found in _SECTION.finditer(source):
        mark = found.group(2)
        if mark is None:
            if not fence:
                places.append(found.start())
        elif not fence:
            fence = mark
        elif mark.startswith(fence):
            fence = b""
    return places
