"""Cutting parts out of a source and putting others in, by byte spans.

`replace` and `without` do exactly what they are told, so a part that is taken out and put in again
at the same place gives the same bytes. `cut` also tidies up the lines that it leaves behind. None
of them looks at syntax: a span that is half a string is cut as half a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from factory.syntax.outline import Span

_BLANK_LINES = re.compile(rb"(?:[ \t]*\r?\n)*")
_OPENING = re.compile(rb"(?:\A|\b(?:do|else|rescue|catch|after)|->)\Z")
_CLOSING = re.compile(rb"[ \t]*(?:\Z|(?:end|else|rescue|catch|after)\b)")


class Edit(NamedTuple):
    """Bytes `start` to `end` of a source are to become `text`; none of them, to insert it."""

    start: int
    end: int
    text: str


def replace(source: bytes, edits: Iterable[Edit]) -> bytes:
    """`source` with all edits made at once.

    Raises ValueError when two edits overlap, insert at the same place, or reach outside the source.
    """
    parts: list[bytes] = []
    at = 0
    last: tuple[int, int] | None = None
    for start, end, text in sorted(edits):
        if (start, end) == last or not at <= start <= end <= len(source):
            raise ValueError(
                f"cannot edit bytes {start} to {end}: byte {start} belongs to the edit before, "
                f"or the edit lies outside the source ({len(source)} bytes)"
            )
        parts += (source[at:start], text.encode())
        at = end
        last = start, end
    parts.append(source[at:])
    return b"".join(parts)


def without(source: bytes, spans: Iterable[Span], filler: str = "") -> bytes:
    """`source` with `filler` in the place of each span. Raises ValueError as `replace` does."""
    return replace(source, (Edit(*span, filler) for span in spans))


def cut(source: bytes, spans: Iterable[Span]) -> bytes:
    """`source` without the spans, as a person would have left it.

    A span that is alone on its lines goes with those lines and the blank lines on one side: below
    it when there are blank lines or a block's first line above, above it when the block ends
    below. Of a span that shares its line, the blanks before it go too. Spans with
    nothing but blank space between them go as one. Raises ValueError as
    `replace` does.
    """
    wanted = sorted(spans)
    without(source, wanted)
    together: list[Span] = []
    for span in wanted:
        joins = together and not source[together[-1].end : span.start].strip()
        together.append(Span(together.pop().start, span.end) if joins else span)
    return without(source, [_with_its_lines(source, span) for span in together])


def _with_its_lines(source: bytes, span: Span) -> Span:
    if span.start == span.end:
        return span
    line = source.rfind(b"\n", 0, span.start) + 1
    newline = source.find(b"\n", span.end)
    below = len(source) if newline < 0 else newline + 1
    before = source[line : span.start]
    if before.strip() or source[span.end : below].strip():
        return Span(span.start - (len(before) - len(before.rstrip())), span.end)
    above = len(source[:line].rstrip())
    blanks = _BLANK_LINES.match(source, below)
    assert blanks is not None
    if _CLOSING.match(source, blanks.end()):
        opening = source.find(b"\n", above) + 1
        return Span(opening if above else 0, blanks.end())
    if source.count(b"\n", above, line) > 1 or _OPENING.search(source, max(0, above - 8), above):
        return Span(line, blanks.end())
    return Span(line, below)
