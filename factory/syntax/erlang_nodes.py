"""Reading single nodes of Erlang's tree: their text, atoms, arity, and trimmed spans."""

from __future__ import annotations

import re

from factory.syntax.outline import Span
from factory.syntax.parse import Node

_PLAIN_ATOM = re.compile(r"'([a-z][\w@]*)'", re.ASCII)
_BLANK = re.compile(rb"\s*")


def arity_of(arguments: Node | None) -> int:
    """How many arguments stand between the parentheses of `arguments`."""
    if arguments is None:
        return 0
    return sum(n.type != "comment" for n in arguments.named_children)


def span_of(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


def text_of(source: bytes, node: Node) -> str:
    return source[node.start_byte : node.end_byte].decode(errors="replace")


def atom_of(source: bytes, node: Node) -> str:
    return plain(text_of(source, node))


def plain(atom: str) -> str:
    """An atom as it is usually written: quotes go when it needs none."""
    if atom.startswith("'"):
        found = _PLAIN_ATOM.fullmatch(atom)
        return found[1] if found else atom
    return atom


def inside(source: bytes, node: Node) -> Span | None:
    """What stands between the outer parentheses of an attribute."""
    opening = source.find(b"(", node.start_byte, node.end_byte)
    closing = source.rfind(b")", node.start_byte, node.end_byte)
    return trimmed(source, opening + 1, closing) if 0 <= opening < closing else None


def trimmed(source: bytes, start: int, end: int) -> Span:
    """`start` to `end` without blank space at either side; nothing but blanks is empty at
    `start`."""
    while end > start and source[end - 1 : end].isspace():
        end -= 1
    found = _BLANK.match(source, start, end)
    return Span(found.end() if found else start, end)


def body_of(source: bytes, node: Node) -> Span:
    """A clause's expressions: what follows `->`."""
    start = node.start_byte + (2 if source.startswith(b"->", node.start_byte) else 0)
    return trimmed(source, start, node.end_byte)
