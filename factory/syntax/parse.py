"""The parsers, one per language and thread of control, and the limits under which they read.

Elixir comes from `tree-sitter-elixir`; Erlang, HEEx and EEx from the grammars compiled into
`tree-sitter-language-pack`'s wheel (below version 1; later ones download grammars when used).
Markdown has no tree here: nothing asks for one, and its grammar's scanner writes where it must not
when 256 quotes or lists are nested.
"""

from __future__ import annotations

import functools
import threading
from typing import Any, cast

import tree_sitter_elixir
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

STEPS = 250
BYTES_PER_STEP = 32
"""What a file may cost: so many steps (of a hundred operations each), and one more for so many
bytes read. Real source takes one for 150 bytes, the densest generated tables one for 40."""

_PACKED = {"erlang": "erlang", "heex": "heex", "eex": "embeddedtemplate"}

PARSED = frozenset({"elixir", *_PACKED})
"""The languages that have a tree."""


@functools.cache
def language(name: str) -> Language:
    """The grammar of `elixir`, `erlang`, `heex` or `eex`. Raises KeyError otherwise."""
    if name == "elixir":
        return Language(tree_sitter_elixir.language())
    from tree_sitter_language_pack import get_language

    return get_language(cast(Any, _PACKED[name]))


_own = threading.local()
"""Each thread's parsers: two threads in one parser end the process."""


def _parser(name: str) -> Parser:
    parsers: dict[str, Parser] = _own.__dict__
    if name not in parsers:
        parsers[name] = Parser(language(name))
    return parsers[name]


def parse(source: bytes, name: str) -> Tree:
    """The concrete syntax tree of UTF-8 `source`. Broken code gives a tree with error nodes."""
    return _parser(name).parse(source)


def parse_frugally(source: bytes, name: str) -> Tree | None:
    """The tree of `source` as `parse` gives it; None when that takes many times the steps that
    real source does.

    In a few kilobytes written for it (`f a - @f a - @…`, `, & , & …`) the grammars have so many
    ways to go on that the work grows with the square or the cube of the size. Steps are counted,
    not seconds, so that the same source is given up on every machine.
    """
    steps = 0

    def read(start: int, _: object) -> bytes:
        return source[start:]

    def costs_too_much(reached: int, _: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > STEPS + reached // BYTES_PER_STEP

    parser = _parser(name)
    try:
        return parser.parse(read, progress_callback=costs_too_much)
    except ValueError:
        parser.reset()
        return None


@functools.cache
def query(name: str, pattern: str) -> Query:
    """A compiled tree-sitter query, kept for the life of the process."""
    return Query(language(name), pattern)


def captures(name: str, pattern: str, node: Node) -> dict[str, list[Node]]:
    """All captures of `pattern` under `node`, by capture name."""
    return QueryCursor(query(name, pattern)).captures(node)


__all__ = [
    "PARSED",
    "Node",
    "Query",
    "QueryCursor",
    "Tree",
    "captures",
    "language",
    "parse",
    "parse_frugally",
    "query",
]
