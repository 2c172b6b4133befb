"""Whether two patterns can match the same value, as far as their text tells.

`apart` is True only when no value matches both: then the order of two such clauses means nothing.
What stands in variables, pins and guards is not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from factory.syntax.parse import Node
from factory.syntax.rewrite import named, operator, sides, text

_KINDS = {
    "integer": "number",
    "float": "number",
    "char": "number",
    "atom": "atom",
    "quoted_atom": "atom",
    "boolean": "atom",
    "nil": "atom",
    "alias": "atom",
    "list": "list",
    "tuple": "tuple",
    "map": "map",
    "string": "binary",
    "bitstring": "binary",
}
_LITERAL = frozenset({"number", "atom"})
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "s": " ", "\\": "\\", '"': '"'}
MAX_DEPTH = 8


def apart(some: Sequence[Node], others: Sequence[Node], depth: int = 0) -> bool:
    """Whether some position of two rows of patterns holds patterns that nothing matches both of."""
    if depth > MAX_DEPTH:
        return False
    return any(_apart(a, b, depth) for a, b in zip(some, others, strict=False))


def _apart(a: Node, b: Node, depth: int) -> bool:
    for one, other in ((a, b), (b, a)):
        if operator(one) == "=" and (pair := sides(one)):
            return apart(pair, (other, other), depth + 1)
    kind, other_kind = _kind(a), _kind(b)
    if not kind or not other_kind:
        return False
    if kind != other_kind:
        return True
    if kind in _LITERAL:
        return text(a) != text(b)
    if kind == "tuple":
        some, others = named(a), named(b)
        return len(some) != len(others) or apart(some, others, depth + 1)
    if kind == "list":
        return _lists(a, b, depth)
    if kind == "binary":
        return _binaries(text(a), text(b))
    return _maps(a, b, depth)


def _kind(node: Node) -> str:
    if operator(node) == "<>":
        return "binary"
    if operator(node) == "-":
        return "number"
    if operator(node) in ("..", "//"):
        return "map"
    return _KINDS.get(node.type, "")


def _lists(a: Node, b: Node, depth: int) -> bool:
    (some, open_a), (others, open_b) = _items(a), _items(b)
    if (len(some) < len(others) and not open_a) or (len(others) < len(some) and not open_b):
        return True
    return apart(some, others, depth + 1)


def _items(node: Node) -> tuple[list[Node], bool]:
    items = named(node)
    if items and operator(items[-1]) == "|" and (pair := sides(items[-1])):
        return [*items[:-1], pair[0]], True
    return items, False


def _binaries(a: str, b: str) -> bool:
    empty = ('""', "<<>>")
    if (a in empty) != (b in empty):
        # `<<rest::binary>>` matches nothing at all, too.
        return not any(t.startswith("<<") and "," not in t and "::b" in t for t in (a, b))
    first, second = _beginning(a), _beginning(b)
    size = min(len(first), len(second))
    return bool(size) and first[:size] != second[:size]


def _beginning(pattern: str) -> str:
    """The first characters that a binary must have; "" when that is not plain."""
    for opening, closing in (('"', '"'), ('<<"', '"'), ("<<?", "")):
        if pattern.startswith(opening):
            return _characters(pattern[len(opening) :], closing)
    return ""


def _characters(written: str, closing: str) -> str:
    """The characters that stand for themselves, or are escaped, up to the closing quote; the first
    one alone when there is none."""
    found = ""
    at = 0
    while at < len(written) and written[at] != closing and not written.startswith("#{", at):
        if written[at] != "\\":
            found += written[at]
            at += 1
        elif written[at + 1 : at + 2] in _ESCAPES:
            found += _ESCAPES[written[at + 1]]
            at += 2
        else:
            break
        if not closing:
            break
    return found


def _maps(a: Node, b: Node, depth: int) -> bool:
    names = [next((text(c) for c in n.children if c.type == "struct"), "") for n in (a, b)]
    if all(names) and names[0] != names[1] and names[0][:1].isupper() and names[1][:1].isupper():
        return True
    some, others = _fields(a), _fields(b)
    return any(_apart(some[key], others[key], depth + 1) for key in some.keys() & others.keys())


def _fields(node: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for content in node.children:
        if content.type != "map_content":
            continue
        for held in named(content):
            for pair in named(held) if held.type == "keywords" else [held]:
                if pair.type == "pair":
                    key = pair.child_by_field_name("key")
                    value = pair.child_by_field_name("value")
                    if key is not None and value is not None:
                        found[text(key).strip().rstrip(":")] = value
                elif operator(pair) == "=>" and (both := sides(pair)):
                    found[text(both[0]).lstrip(":")] = both[1]
    return found
