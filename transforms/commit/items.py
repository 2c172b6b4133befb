"""A file as the pieces that a person would point at: functions, attributes, aliases, tests.

An *item* is a run of whole lines that can be shown without what stands around it: a function with
its documentation, specs and all clauses, a paragraph of directives or attributes, one expression of
a module's body. A module (or another long block) is an item with items inside.

Boundaries come from the syntax tree; items that share a line are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from factory.parsed import Parsed
from factory.syntax import Node

MODULES = frozenset({"defmodule", "defimpl", "defprotocol"})
DEFINES = frozenset(
    {"def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate", "quote"}
)
LONG_BLOCK = 30
"""Lines from which a block other than a module's (`describe`, `schema`) is entered."""
PARAGRAPH = 4
"""Lines up to which an expression joins its neighbours when no blank line parts them."""
LONG_PARAGRAPH = 24
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Item:
    """Lines `start` to `end` (counted from 0, end exclusive). Where `inner` is not empty, lines up
    to `head` and from `tail` on are the frame around it. `kind` is the word that the expression
    begins with (`def`, `alias`, `@`), "" for Erlang's forms and whatever has none."""

    start: int
    end: int
    kind: str = ""
    inner: tuple[Item, ...] = ()
    head: int = 0
    tail: int = 0
    comment: bool = False

    @property
    def lines(self) -> int:
        return self.end - self.start


def items(parsed: Parsed) -> tuple[Item, ...]:
    """The outermost items of a document, in order; none when it has no tree."""
    if not parsed.has_tree:
        return ()
    functions = [
        (parsed.line(f.span.start) - 1, parsed.line(max(f.span.start, f.span.end - 1)))
        for module in parsed.outline.every_module()
        for f in module.functions
    ]
    return _items(parsed.root.named_children, sorted(functions), 0)


def _items(
    nodes: Iterable[Node], functions: Sequence[tuple[int, int]], depth: int
) -> tuple[Item, ...]:
    found: list[Item] = []
    for node in nodes:
        item = _item(node, functions, depth)
        if found and item.start < found[-1].end:
            item = _together(found.pop(), item)
        found.append(item)
    found = _merged_by(found, functions)
    return tuple(_paragraphs(found, frozenset(start for start, _ in functions)))


def _item(node: Node, functions: Sequence[tuple[int, int]], depth: int) -> Item:
    start, end = node.start_point[0], node.end_point[0] + 1
    if node.end_point[1] == 0 and end - start > 1:
        end -= 1
    kind = _kind(node)
    item = Item(start, end, kind, comment=node.type == "comment")
    block = next((c for c in node.children if c.type == "do_block"), None)
    if block is None or depth == DEEPEST or kind in DEFINES:
        return item
    if kind not in MODULES and item.lines <= LONG_BLOCK:
        return item
    head, tail = block.start_point[0] + 1, end - 1
    inner = _items(block.named_children, functions, depth + 1)
    if not inner or inner[0].start < head or inner[-1].end > tail:
        return item
    return replace(item, inner=inner, head=head, tail=tail)


def _kind(node: Node) -> str:
    if node.type == "unary_operator":
        return "@"
    target = node.child_by_field_name("target") if node.type == "call" else None
    if target is None or target.type != "identifier" or target.text is None:
        return ""
    return target.text.decode()


def _together(one: Item, other: Item) -> Item:
    return Item(one.start, max(one.end, other.end), other.kind if one.comment else one.kind)


def _merged_by(found: list[Item], ranges: Sequence[tuple[int, int]]) -> list[Item]:
    """Items that a function's lines hold (attributes, specs, all clauses) as one."""
    merged: list[Item] = []
    at = 0
    for start, end in ranges:
        while at < len(found) and found[at].end <= start:
            merged.append(found[at])
            at += 1
        held: list[Item] = []
        while at < len(found) and found[at].start < end:
            held.append(found[at])
            at += 1
        if any(item.inner for item in held):
            merged += held  # a function inside of an item that has items of its own
        elif held:
            last = [item for item in held if not item.comment] or held
            whole = Item(held[0].start, max(item.end for item in held), last[-1].kind)
            if merged and whole.start < merged[-1].end:
                whole = _together(merged.pop(), whole)
            merged.append(whole)
    return merged + found[at:]


def _paragraphs(found: Sequence[Item], functions: frozenset[int]) -> list[Item]:
    """Comments join what follows them; small expressions join their neighbours."""
    joined: list[Item] = []
    for item in found:
        last = joined[-1] if joined else None
        if last is not None and last.end == item.start:
            small = (
                not (last.inner or item.inner or item.kind in DEFINES or last.kind in DEFINES)
                and item.lines <= PARAGRAPH
                and last.lines + item.lines <= LONG_PARAGRAPH
                and not {last.start, item.start} & functions
            )
            if last.comment and item.inner:
                joined[-1] = replace(item, start=last.start)
                continue
            if small or last.comment:
                joined[-1] = replace(_together(last, item), comment=last.comment and item.comment)
                continue
        joined.append(item)
    return joined
