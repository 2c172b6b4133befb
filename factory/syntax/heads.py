"""Heads of Elixir definitions: the name, arguments and guard of a `def`, `@spec` or `@type`.

A head can be a call, a bare name, an operator with its operands, or `unquote(:name)(…)`. A head
whose name is only known when a macro runs (`unquote(name)(…)`) has none here.
"""

from __future__ import annotations

from typing import NamedTuple

from factory.syntax.outline import Clause, Span
from factory.syntax.parse import Node

_MAX_WRAPPING = 8
_SPACE = b" \t\r\n"


class Head(NamedTuple):
    """`name(arguments)`; `defaults` counts the arguments that have one."""

    name: str
    span: Span
    arguments: tuple[Span, ...]
    defaults: int

    @property
    def arity(self) -> int:
        return len(self.arguments)


def span_of(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


def operator(node: Node) -> str:
    """The operator of a `binary_operator` or `unary_operator` node; "" for any other node."""
    if node.type not in ("binary_operator", "unary_operator"):
        return ""
    return next((child.type for child in node.children if not child.is_named), "")


def operands(node: Node) -> list[Node]:
    """Named children without comments: the operands, arguments, elements or statements."""
    return [child for child in node.named_children if child.type != "comment"]


def split_guard(node: Node) -> tuple[Node, Node | None]:
    """The two sides of `head when guard`; the whole node and None when there is no `when`."""
    if node.type == "binary_operator" and operator(node) == "when":
        sides = operands(node)
        if len(sides) == 2:
            return sides[0], sides[1]
    return node, None


def read_head(source: bytes, node: Node) -> Head | None:
    """The head that `node` is, without a guard; None when its name is not to be known."""
    for _ in range(_MAX_WRAPPING):
        inner = operands(node) if node.type == "block" else []
        if len(inner) != 1:
            break
        node = inner[0]
    kind = node.type
    if kind == "call":
        return _call_head(source, node)
    if kind in ("identifier", "operator_identifier"):
        name = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        return Head(name, span_of(node), (), 0)
    if kind == "unary_operator":
        return _head(operator(node), node, operands(node))
    if kind == "binary_operator":
        name, sides = operator(node), operands(node)
        if name == "//" and sides and operator(sides[0]) == "..":
            return _head("..//", node, [*operands(sides[0]), *sides[1:]])
        return _head(name, node, sides)
    return None


def _call_head(source: bytes, node: Node) -> Head | None:
    parts = node.children
    target = parts[0]
    if target.type == "identifier":
        name = source[target.start_byte : target.end_byte].decode("utf-8", "replace")
        if name == "unquote":
            return None
    elif target.type == "call":
        name = _unquoted_atom(source, target)
    else:
        return None
    arguments = parts[1] if len(parts) > 1 and parts[1].type == "arguments" else None
    return _head(name, node, operands(arguments) if arguments is not None else [])


def _unquoted_atom(source: bytes, target: Node) -> str:
    text = source[target.start_byte : target.end_byte]
    if len(text) < 100 and text.startswith(b"unquote(:") and text.endswith(b")"):
        return text[len("unquote(:") : -1].strip(b'"').decode("utf-8", "replace")
    return ""


def _head(name: str, node: Node, arguments: list[Node]) -> Head | None:
    if not name:
        return None
    defaults = 0
    for argument in arguments:
        if argument.type == "binary_operator" and operator(argument) == "\\\\":
            defaults += 1
    return Head(name, span_of(node), tuple(map(span_of, arguments)), defaults)


def read_clause(source: bytes, node: Node) -> tuple[Head, Clause] | None:
    """The clause that a `def … do … end` or `def …, do: …` call is; None without a known name."""
    arguments: Node | None = None
    block: Node | None = None
    for part in node.children:
        if part.type == "arguments":
            arguments = part
        elif part.type == "do_block":
            block = part
    given = operands(arguments) if arguments is not None else []
    if not given:
        return None
    front, guard = split_guard(given[0])
    head = read_head(source, front)
    if head is None:
        return None
    body: Span | None = None
    if block is not None:
        body = block_body(source, block)
    elif len(given) > 1 and given[-1].type == "keywords":
        body = _keyword_body(source, given[-1])
    clause = Clause(
        span_of(node),
        head.span,
        head.arguments,
        span_of(guard) if guard is not None else None,
        body,
    )
    return head, clause


def block_body(source: bytes, block: Node) -> Span:
    """What stands between the `do` and `end` of a `do_block`, blank space at both ends left out."""
    opening, closing = block.child(0), block.child(block.child_count - 1)
    assert opening is not None and closing is not None
    end = closing.start_byte if closing.type == "end" else block.end_byte
    return trimmed(source, opening.end_byte, end)


def trimmed(source: bytes, start: int, end: int) -> Span:
    """The span without the blank space at its ends; empty at its start when all is blank."""
    text = source[start:end]
    kept = text.lstrip(_SPACE)
    if not kept:
        return Span(start, start)
    start += len(text) - len(kept)
    return Span(start, start + len(kept.rstrip(_SPACE)))


def _keyword_body(source: bytes, keywords: Node) -> Span | None:
    for pair in keywords.named_children:
        parts = pair.named_children
        if pair.type == "pair" and len(parts) == 2:
            key = parts[0]
            if source[key.start_byte : key.start_byte + 3] == b"do:":
                return span_of(parts[1])
    return None
