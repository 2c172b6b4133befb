"""A function cut out of its module, and the places in it where code is plainly evaluated.

A rule may only touch a place that runs as it reads: not a pattern, not what `quote` or an unknown
macro gets as data. `Unit.places` lists those places; whatever is not surely such a place is not
listed. What this does not do: follow a name to where it is bound, beyond this one function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from factory.syntax import Node, parse
from factory.syntax.rewrite import (
    call,
    comments,
    keyword_values,
    named,
    operator,
    sides,
    text,
    walk,
)
from transforms.idiom.around import Around


def words(listed: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(listed.split())


CONTROL = words("if unless case cond with for try receive")

KERNEL = words(
    """
    abs apply binary_part binary_slice bit_size byte_size ceil div elem exit floor
    function_exported? hd inspect is_atom is_binary is_bitstring is_boolean is_exception is_float
    is_function is_integer is_list is_map is_map_key is_nil is_number is_pid is_port is_reference
    is_struct is_tuple length macro_exported? make_ref map_size match? max min node not put_elem
    raise rem reraise round self send spawn spawn_link spawn_monitor struct struct! tap then throw
    tl to_charlist to_string trunc tuple_size
    """
)
"""Kernel's functions, and those of its macros that evaluate their arguments once, in order (not
`put_in/2` and its like, which read a path)."""

_OPERATORS = words(
    """
    = <- |> + - * / ** ++ -- <> .. // == != === !== =~ < > <= >= && || and or in | => ! not
    """
) | {"not in"}

_PATTERN_FIRST = frozenset({"match?", "destructure"})
_RECORDED = frozenset({"call", "binary_operator", "unary_operator", "anonymous_function", "string"})
_BLOCKS = frozenset({"do_block", "else_block", "after_block", "body", "source"})
_STABS = frozenset({"rescue_block", "catch_block"})
_COMMENT = re.compile(rb"#(?!\{)")
_WRAPPERS = frozenset({"list", "tuple", "map", "map_content", "keywords", "access_call"})


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A node that is evaluated. `role`: `statement` (an item of a block or a body), `value` (the
    right side of a statement `name = …`), `first` and `step` of a pipeline, `operand` of an
    operator, `argument` otherwise. `inside` is the nearest place around it."""

    node: Node
    role: str
    inside: Place | None
    guard: bool = False
    interpolated: bool = False
    captured: bool = False


class Head(NamedTuple):
    """One clause of the unit's function."""

    kind: str
    name: str
    arguments: tuple[Node, ...]
    guard: Node | None
    body: tuple[Node, ...]
    short: bool


def read_head(node: Node) -> Head | None:
    """A clause taken apart; None for one without a body, with `rescue` and the like, or whose
    arguments have defaults."""
    parts = call(node)
    if parts is None or not parts.arguments:
        return None
    first, guard = parts.arguments[0], None
    if operator(first) == "when":
        pair = sides(first)
        if pair is None:
            return None
        first, guard = pair
    signature = call(first)
    if signature is None or signature.module or not signature.parens:
        return None
    if any(operator(argument) == "\\\\" for argument in signature.arguments):
        return None
    if parts.block is not None:
        then = named(parts.block)
        if not then or any(child.type.endswith("_block") for child in then):
            return None
        return Head(parts.path, signature.name, signature.arguments, guard, tuple(then), False)
    value = keyword_values(parts.arguments[-1])
    if list(value) != ["do"]:
        return None
    return Head(parts.path, signature.name, signature.arguments, guard, (value["do"],), True)


class Unit:
    """One function's clauses as text, parsed on their own."""

    def __init__(self, source: bytes, around: Around) -> None:
        self.source = source
        self.around = around
        self.root = parse(source, "elixir").root_node

    @property
    def broken(self) -> bool:
        return self.root.has_error

    @cached_property
    def places(self) -> list[Place]:
        """All places, outer before inner, in source order."""
        return list(_places(self.root, self.around))

    def calls(self) -> Iterator[Place]:
        """The places that are calls."""
        return (place for place in self.places if place.node.type == "call")

    @cached_property
    def definitions(self) -> list[Node]:
        """The clauses' nodes, in order."""
        return [node for node in named(self.root) if _defines(node)]

    @cached_property
    def heads(self) -> list[Head]:
        """All clauses taken apart, when there is nothing else in the unit; else []."""
        found = [head for node in self.definitions if (head := read_head(node))]
        if len(found) != len(named(self.root)) or len({(h.kind, h.name) for h in found}) != 1:
            return []
        return found

    @cached_property
    def comments(self) -> int:
        """How many comments there are."""
        return comments(self.root) if _COMMENT.search(self.source) else 0

    @cached_property
    def names(self) -> frozenset[str]:
        """Every identifier in the unit, whatever it means."""
        return frozenset(text(node) for node in walk(self.root) if node.type == "identifier")

    @cached_property
    def bindings(self) -> dict[str, list[Node]]:
        """Where each identifier stands in a pattern (clause heads count)."""
        found: dict[str, list[Node]] = {}
        for pattern in _patterns(self.root):
            for node in walk(pattern):
                if node.type == "identifier":
                    found.setdefault(text(node), []).append(node)
        return found

    def indent(self, byte: int) -> int:
        """How many spaces the line of this byte starts with."""
        start = self.source.rfind(b"\n", 0, byte) + 1
        line = self.source[start : start + 400]
        return len(line) - len(line.lstrip(b" "))

    def column(self, byte: int) -> int:
        """How many bytes stand before this byte on its line."""
        return byte - self.source.rfind(b"\n", 0, byte) - 1

    def starts_line(self, node: Node) -> bool:
        return self.column(node.start_byte) == self.indent(node.start_byte)

    def fresh(self, *wishes: str) -> str | None:
        """The first of `wishes` that is no identifier of the unit and no function around it."""
        taken = self.names | self.around.functions
        return next((wish for wish in wishes if wish not in taken), None)


def _defines(node: Node) -> bool:
    parts = call(node)
    return parts is not None and parts.path in ("def", "defp")


def _patterns(root: Node) -> Iterator[Node]:
    for node in walk(root):
        if node.type == "stab_clause":
            left = node.child_by_field_name("left")
            if left is not None:
                yield left
        elif operator(node) in ("=", "<-"):
            pair = sides(node)
            if pair:
                yield pair[0]
        elif _defines(node):
            parts = call(node)
            if parts and parts.arguments:
                yield parts.arguments[0]


_Child = tuple[Node, str, bool]
"""A node to look at next, its role, and whether it is a guard."""


def _places(root: Node, around: Around) -> Iterator[Place]:
    waiting: list[tuple[Node, str, Place | None, bool, bool, bool]] = [
        (node, "definition", None, False, False, False) for node in reversed(named(root))
    ]
    while waiting:
        node, role, inside, guard, interpolated, captured = waiting.pop()
        here = inside
        if node.type in _RECORDED and role != "definition":
            here = Place(node, role, inside, guard, interpolated, captured)
            yield here
        captured = captured or (node.type == "unary_operator" and operator(node) == "&")
        for child, child_role, child_guard in reversed(list(_inside(node, role, around))):
            within = interpolated or node.type == "interpolation"
            waiting.append((child, child_role, here, guard or child_guard, within, captured))


def _inside(node: Node, role: str, around: Around) -> Iterator[_Child]:
    kind = node.type
    if role == "definition":
        yield from _definition(node)
    elif kind == "call":
        yield from _call(node, around)
    elif kind == "binary_operator":
        yield from _binary(node, role)
    elif kind == "unary_operator":
        if operator(node) not in ("@", "^"):
            yield from ((child, "operand", False) for child in named(node))
    elif kind in ("anonymous_function", *_STABS):
        yield from ((child, "", False) for child in named(node))
    elif kind == "stab_clause":
        yield from _stab(node, expression=False)
    elif kind in _BLOCKS:
        yield from ((child, "statement", False) for child in named(node))
    elif kind in _WRAPPERS:
        yield from ((child, "argument", False) for child in named(node))
    elif kind == "pair":
        value = node.child_by_field_name("value")
        if value is not None:
            yield value, "argument", False
    elif kind in ("string", "charlist", "interpolation", "quoted_atom"):
        yield from ((child, "argument", False) for child in named(node))
    elif kind == "block":
        yield from ((child, "operand", False) for child in named(node))


def _definition(node: Node) -> Iterator[_Child]:
    parts = call(node)
    if parts is None or parts.path not in ("def", "defp") or not parts.arguments:
        return
    if operator(parts.arguments[0]) == "when":
        pair = sides(parts.arguments[0])
        if pair:
            yield pair[1], "operand", True
    body = keyword_values(parts.arguments[-1]).get("do")
    if body is not None:
        yield body, "statement", False
    if parts.block is not None:
        yield parts.block, "", False


def _call(node: Node, around: Around) -> Iterator[_Child]:
    parts = call(node)
    if parts is None:
        return
    cond = False
    arguments = parts.arguments
    if parts.target.type == "identifier":
        name = parts.name
        if name in CONTROL and around.kernel(name):
            cond = name == "cond"
        elif name not in around.functions and not (name in KERNEL and around.kernel(name)):
            return
        if name in _PATTERN_FIRST:
            arguments = arguments[1:]
        if name in CONTROL:
            for argument in arguments:
                for value in keyword_values(argument).values():
                    yield value, "statement", False
    else:
        left = parts.target.child_by_field_name("left")
        if parts.module in around.macros and parts.module != "Logger":
            return
        if left is not None and left.type not in ("alias", "atom"):
            yield left, "operand", False
    for argument in arguments:
        if not (parts.name in CONTROL and argument.type == "keywords"):
            yield argument, "argument", False
    if parts.block is None:
        return
    if not cond:
        yield parts.block, "", False
        return
    for child in named(parts.block):
        if child.type == "stab_clause":
            yield from _stab(child, expression=True)


def _stab(node: Node, *, expression: bool) -> Iterator[_Child]:
    left, body = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and expression:
        yield from ((child, "argument", False) for child in named(left))
    elif left is not None and operator(left) == "when":
        pair = sides(left)
        if pair:
            yield pair[1], "operand", True
    if body is not None:
        yield body, "", False


def _binary(node: Node, role: str) -> Iterator[_Child]:
    pair = sides(node)
    name = operator(node)
    if pair is None or name not in _OPERATORS:
        return
    left, right = pair
    if name == "=":
        yield right, "value" if role == "statement" else "argument", False
    elif name == "<-":
        if operator(left) == "when":
            guard = sides(left)
            if guard:
                yield guard[1], "operand", True
        yield right, "argument", False
    elif name == "|>":
        yield left, "first", False
        yield right, "step", False
    else:
        inner = "argument" if name in ("|", "=>") else "operand"
        yield left, inner, False
        yield right, inner, False
