"""Reading and editing Elixir's tree by hand: calls taken apart, pipelines flattened, edits made.

For code that rewrites a few lines and needs to know exactly what stands where. What this does not
do: it decides nothing about meaning, and it knows no names (no `Enum`, no `if`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from factory.syntax.edit import Edit
from factory.syntax.edit import replace as apply
from factory.syntax.parse import Node

_TIGHT = """
identifier alias integer float char atom quoted_atom string charlist list tuple map access_call
sigil boolean nil bitstring
"""
_PRIMARY = frozenset(_TIGHT.split())


def text(node: Node) -> str:
    """The source text of a node."""
    found = node.text
    return found.decode() if found else ""


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in source order, without recursion."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(here.children))


def named(node: Node) -> list[Node]:
    """The named children, comments left out."""
    return [child for child in node.named_children if child.type != "comment"]


def comments(node: Node) -> int:
    """How many comments stand inside the node."""
    return sum(found.type == "comment" for found in walk(node))


def operator(node: Node) -> str:
    """The operator of a unary or binary operator node, `not in` with its single space; else ""."""
    if node.type not in ("binary_operator", "unary_operator"):
        return ""
    found = node.child_by_field_name("operator")
    return " ".join(text(found).split()) if found else ""


def sides(node: Node) -> tuple[Node, Node] | None:
    """Left and right of a binary operator; None for anything else or a broken one."""
    if node.type != "binary_operator":
        return None
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    return (left, right) if left and right else None


def operand(node: Node) -> Node | None:
    """What a unary operator stands before, without the parentheses that `&(…)` may have."""
    if node.type != "unary_operator":
        return None
    found = named(node)
    return found[-1] if found else None


class Parts(NamedTuple):
    """A call taken apart. `module` is what stands before the dot ("" for a local call), `name`
    "" for a call of a value (`f.(x)`). `arguments` leaves out the do-block; `keywords` without
    brackets are one last argument. `target` is the node that names what is called."""

    node: Node
    target: Node
    module: str
    name: str
    arguments: tuple[Node, ...]
    parens: bool
    block: Node | None

    @property
    def label(self) -> str:
        """`Enum.map/2`, `length/1`, arity without the do-block."""
        name = f"{self.module}.{self.name}" if self.module else self.name
        return f"{name}/{len(self.arguments)}"

    @property
    def path(self) -> str:
        """`Enum.map`, `length`."""
        return text(self.target)


def call(node: Node | None) -> Parts | None:
    """The parts of a call node; None for anything else."""
    if node is None or node.type != "call":
        return None
    target = node.child_by_field_name("target")
    if target is None:
        return None
    arguments: tuple[Node, ...] = ()
    parens = False
    block = None
    for child in node.children:
        if child.type == "arguments":
            arguments = tuple(named(child))
            parens = bool(child.children) and child.children[0].type == "("
        elif child.type == "do_block":
            block = child
    if target.type == "identifier":
        return Parts(node, target, "", text(target), arguments, parens, block)
    if target.type != "dot":
        return None
    left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
    if left is None:
        return None
    name = text(right) if right is not None and right.type == "identifier" else ""
    return Parts(node, target, text(left), name, arguments, parens, block)


def pipeline(node: Node) -> list[Node]:
    """What goes in and every step of a chain of `|>`, in order; just the node if it is none."""
    steps: list[Node] = []
    while operator(node) == "|>":
        pair = sides(node)
        if pair is None:
            break
        steps.append(pair[1])
        node = pair[0]
    return [node, *reversed(steps)]


def primary(node: Node) -> bool:
    """Whether the node binds so tightly that it can stand beside any operator as it is."""
    if node.type == "call":
        parts = call(node)
        return parts is not None and parts.block is None and (parts.parens or not parts.arguments)
    if node.type == "unary_operator":
        inner = operand(node)
        return operator(node) == "@" and inner is not None and inner.type == "identifier"
    return node.type in _PRIMARY


def keyword_values(node: Node) -> dict[str, Node]:
    """`do: a, else: b` as a mapping from key to value node; {} for anything but keywords."""
    found: dict[str, Node] = {}
    if node.type != "keywords":
        return found
    for pair in named(node):
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None:
            found[text(key).strip().rstrip(":")] = value
    return found


__all__ = [
    "Edit",
    "Parts",
    "apply",
    "call",
    "comments",
    "keyword_values",
    "named",
    "operand",
    "operator",
    "pipeline",
    "primary",
    "sides",
    "text",
    "walk",
]
