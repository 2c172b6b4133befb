"""Where in Elixir source something can be changed, and what stands there.

Documentation, types, names of modules, messages of exceptions and logs, comments and sigils are
passed over: no test ought to notice a change there. Nothing is decided here about what to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from factory.syntax.parse import Node
from factory.syntax.rewrite import call, operator, sides, text


class Change(NamedTuple):
    """Bytes `start` to `end` are to become `text`. `kind` is the family, as `comparison`."""

    kind: str
    start: int
    end: int
    text: str
    description: str


class Place(NamedTuple):
    """A node that may be changed.

    `pattern`: it is matched against, not evaluated. `message`: it is text for people. `size`: it
    stands right of `::` in a bitstring. `waiting`: a number here is a time.
    """

    node: Node
    pattern: bool = False
    message: bool = False
    size: bool = False
    waiting: bool = False


DEFINITIONS = frozenset({"def", "defp", "defmacro", "defmacrop", "defguard", "defguardp"})
_MODULES = frozenset({"defmodule", "defprotocol", "defimpl"})
_SILENT_CALLS = frozenset({"alias", "import", "require", "use", "defdelegate", "quote"})
_UNSEEN = """
doc moduledoc typedoc spec type typep opaque callback macrocallback behaviour impl
optional_callbacks enforce_keys derive dialyzer compile deprecated since vsn external_resource
"""
_SILENT_ATTRIBUTES = frozenset(_UNSEEN.split())
_SILENT_NODES = frozenset(
    {"comment", "sigil", "charlist", "quoted_atom", "quoted_keyword", "alias"}
)
_LATER = frozenset({"Process.send_after", ":erlang.send_after", ":erlang.start_timer"})
_TIME = re.compile(r"timeout|interval|delay|shutdown|_ms\b|\bms_|backoff|ttl|max_seconds")


def places(root: Node) -> Iterator[Place]:
    """Every node that may be changed, in source order, without recursion."""
    waiting = [Place(root)]
    while waiting:
        here = waiting.pop()
        node = here.node
        if node.type in _SILENT_NODES or _silent(node):
            continue
        yield here
        waiting.extend(reversed([*_below(here)]))


def word(node: Node | None) -> str:
    """What a call calls, as written (`case`, `Enum.map`); "" for anything else."""
    parts = call(node)
    return parts.path if parts else ""


def attribute(node: Node) -> str:
    """The name of `@name value`; "" for anything else, `@name` alone among it."""
    return word(node.child_by_field_name("operand")) if operator(node) == "@" else ""


def _silent(node: Node) -> bool:
    if node.type == "call":
        name = word(node)
        return name in _SILENT_CALLS or name.startswith("Logger.") or name in _LATER
    if node.type != "unary_operator":
        return False
    if operator(node) == "&":
        inner = node.child_by_field_name("operand")
        return inner is not None and (inner.type == "integer" or operator(inner) == "/")
    return attribute(node) in _SILENT_ATTRIBUTES


def _below(here: Place) -> Iterator[Place]:
    node = here.node
    kind = node.type
    if kind == "call":
        yield from _call(here)
        return
    if kind == "stab_clause":
        yield from _clause(here)
        return
    if kind == "binary_operator" and (pair := sides(node)):
        yield from _operation(here, *pair)
        return
    waiting = here.waiting
    if kind == "pair" and (key := node.child_by_field_name("key")) is not None:
        waiting = bool(_TIME.search(text(key)))
    elif attribute(node):
        waiting = bool(_TIME.search(attribute(node)))
    for child in node.children:
        if child.type not in ("keyword", "struct"):
            yield here._replace(node=child, waiting=waiting)


def _call(here: Place) -> Iterator[Place]:
    node = here.node
    name = word(node)
    message = here.message or name in ("raise", "reraise")
    for child in node.children:
        if child.type != "arguments":
            yield here._replace(node=child, message=message)
            continue
        if name in _MODULES:
            continue
        for at, argument in enumerate(child.children):
            first = 1 if child.children[0].type == "(" else 0
            if name in DEFINITIONS and at == first:
                yield from _head(here._replace(node=argument))
            else:
                yield here._replace(node=argument, message=message)


def _head(here: Place) -> Iterator[Place]:
    """The head of a definition: its arguments are patterns, its name is none of anything."""
    node = here.node
    if operator(node) == "when":
        yield here
    elif parts := call(node):
        for argument in parts.arguments:
            yield here._replace(node=argument, pattern=True)


def _clause(here: Place) -> Iterator[Place]:
    node = here.node
    block = node.parent
    timed = block is not None and block.type == "after_block"
    decides = block is not None and block.type == "do_block" and word(block.parent) == "cond"
    for child in node.children:
        if node.child_by_field_name("left") == child:
            yield here._replace(node=child, pattern=not (timed or decides), waiting=timed)
        else:
            yield here._replace(node=child, pattern=False)


def _operation(here: Place, left: Node, right: Node) -> Iterator[Place]:
    sign = operator(here.node)
    if sign == "when" and left.type != "arguments":
        yield from _head(here._replace(node=left))
        yield here._replace(node=right, pattern=False)
        return
    matched = here.pattern or sign in ("=", "<-")
    evaluated = sign in ("=", "<-", "when", "\\\\")
    yield here._replace(node=left, pattern=matched)
    yield here._replace(
        node=right,
        # In `%{} = x`, as a pattern, both sides are patterns.
        pattern=here.pattern and (not evaluated or sign == "="),
        size=here.size or sign == "::",
        waiting=here.waiting or (sign == "\\\\" and bool(_TIME.search(text(left)))),
    )
