"""The text behind an Elixir string literal: escapes undone, heredoc indentation taken away.

Only what a documentation string can be: `"…"`, `\"\"\"` heredocs, and the sigils `~s` and `~S` with
any delimiter. Charlists and strings with interpolation have no text here.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from factory.syntax.parse import Node

_SIMPLE = {
    b"0": b"\0",
    b"a": b"\a",
    b"b": b"\b",
    b"d": b"\x7f",
    b"e": b"\x1b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"s": b" ",
    b"t": b"\t",
    b"v": b"\v",
    b"\n": b"",
    b"\r\n": b"",
}
_CLOSING = {b"(": b")", b"[": b"]", b"{": b"}", b"<": b">"}
_ESCAPE = re.compile(
    rb"\\(?:x([0-9A-Fa-f]{1,2})|[xu]\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|(\r\n|.))", re.DOTALL
)


class Literal(NamedTuple):
    """Where a string literal's content lies in the file and how it is to be read.

    `indent` is what a heredoc takes off each line (in bytes); -1 when it is no heredoc. `raw` is
    true for `~S`, where only the closing delimiter can be escaped. `interpolated` says that the
    content holds `#{…}`."""

    start: int
    end: int
    indent: int
    raw: bool
    delimiter: bytes
    interpolated: bool


def literal(source: bytes, node: Node) -> Literal | None:
    """How to read a `string` or `sigil` node; None if it is neither, or a sigil not of text."""
    kind = node.type
    start, end = node.start_byte, node.end_byte
    raw = False
    if kind == "sigil":
        letter = source[start + 1 : start + 2]
        if letter not in (b"s", b"S"):
            return None
        raw = letter == b"S"
        start += 2
    elif kind != "string":
        return None
    opening = source[start : start + 3]
    if opening not in (b'"""', b"'''"):
        opening = opening[:1]
    closing = _CLOSING.get(opening, opening)
    start += len(opening)
    end -= len(closing)
    if end < start or source[end : end + len(closing)] != closing:
        return None
    interpolated = not raw and source.find(b"#{", start, end) >= 0 and _interpolated(node)
    indent = -1
    if len(closing) == 3:
        line = source.rfind(b"\n", start, end)
        if line < 0:
            return None
        indent = end - line - 1
        start = source.index(b"\n", start, end) + 1
        end = line + 1
    return Literal(start, end, indent, raw, closing, interpolated)


def _interpolated(node: Node) -> bool:
    return any(part.type == "interpolation" for part in node.children)


def text(source: bytes, found: Literal) -> str:
    """What the literal stands for; "" when it is interpolated."""
    if found.interpolated:
        return ""
    content = source[found.start : found.end]
    if found.indent > 0:
        content = _indentation(found.indent).sub(b"", content)
    return unescape(content, found).decode("utf-8", "replace")


def unescape(content: bytes, found: Literal) -> bytes:
    """Escapes undone as the literal's kind wants it; `content` is part of the literal."""
    if b"\\" not in content:
        return content
    if found.raw:
        return content.replace(b"\\" + found.delimiter, found.delimiter)
    return _ESCAPE.sub(_meaning, content)


@functools.cache
def _indentation(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"^[ \t]{1,%d}" % min(width, 1000), re.MULTILINE)


def _meaning(escape: re.Match[bytes]) -> bytes:
    byte, braced, four, other = escape.groups()
    if byte is not None:
        return bytes((int(byte, 16),))
    point = braced or four
    if point is not None:
        value = int(point, 16)
        if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
            return escape.group()
        return chr(value).encode()
    return _SIMPLE.get(other, other)
