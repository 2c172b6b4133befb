"""Changed clauses: one left out, two in the other order, a guard gone or turned round, a branch or
a statement left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from factory.syntax.mutants.overlap import apart
from factory.syntax.mutants.places import DEFINITIONS, Change, Place, word
from factory.syntax.parse import Node
from factory.syntax.rewrite import call, named, operator, sides, text, walk

_BLOCKS = frozenset({"do_block", "anonymous_function", "else_block", "rescue_block", "catch_block"})
_THRESHOLDS = frozenset({"<", "<=", ">", ">="})
_QUIET = DEFINITIONS | {
    "Process.flag",
    "Process.demonitor",
    "IO.inspect",
    "dbg",
    "import",
    "alias",
    "require",
}


class _Clause(NamedTuple):
    node: Node
    name: str
    patterns: tuple[Node, ...]
    guard: Node | None
    bare: bool
    """It has no body, or default values: to leave it out breaks every call."""


def clauses(here: Place) -> Iterator[Change]:
    """Clauses left out, or in the other order, of a function, `case`, `fn`, `cond`, `else` …"""
    node = here.node
    if node.type not in (*_BLOCKS, "source"):
        return
    decides = node.type == "do_block" and word(node.parent) == "cond"
    for group in _groups(node):
        if len(group) < 2:
            continue
        for clause in group:
            if not clause.bare:
                yield _without(clause.node, "clause", f"clause `{_line(clause.node)}` dropped")
        for first, second in pairwise(group):
            if first.bare or second.bare or _order_is_nothing(first, second, decides):
                continue
            yield Change(
                "order",
                first.node.start_byte,
                _end(second.node),
                _turned(first.node, second.node),
                f"clause `{_line(second.node)}` before the one above it",
            )


def guards(here: Place) -> Iterator[Change]:
    """A guard taken off, or turned round."""
    node = here.node
    pair = sides(node) if operator(node) == "when" else None
    if not pair or _of_guard_macro(node):
        return
    head, guard = pair
    if not (_only_types(guard) and _is_last(node)):
        said = f"guard `{_line(guard)}` dropped"
        yield Change("guard", head.end_byte, guard.end_byte, "", said)
    if operator(guard) != "when":
        said = f"guard `{_line(guard)}` turned round"
        negated = f"not ({text(guard)})"
        yield Change("guard", guard.start_byte, guard.end_byte, negated, said)


def branches(here: Place) -> Iterator[Change]:
    """The `else` of an `if` left out."""
    node = here.node
    block = node.parent
    if node.type == "else_block" and block and word(block.parent) in ("if", "unless"):
        yield _without(node, "branch", "`else` dropped")


def statements(here: Place) -> Iterator[Change]:
    """A call that is made for what it does, left out."""
    node = here.node
    if node.type not in ("do_block", "body", *_BLOCKS) or node.type == "anonymous_function":
        return
    if node.type == "do_block" and word(node.parent) in ("defmodule", "defimpl", "defprotocol"):
        return
    inside = [c for c in named(node) if not c.type.endswith("_block")]
    for statement in inside[:-1]:
        name = word(statement)
        if name and name not in _QUIET and not name.startswith("Logger."):
            yield _without(statement, "statement", f"`{_line(statement)}` dropped")


def _without(node: Node, kind: str, said: str) -> Change:
    return Change(kind, node.start_byte, _end(node), "", said)


def _end(node: Node) -> int:
    """Where a clause ends: the grammar gives the last one the blank space before `end` too."""
    return node.start_byte + len(text(node).rstrip().encode())


def _groups(block: Node) -> Iterator[list[_Clause]]:
    """Clauses that stand together: of one function, or of one construct."""
    found = [c for n in named(block) if (c := _clause(n)) is not None]
    for _, group in groupby(found, key=lambda c: (c.name, len(c.patterns) if c.name else 0)):
        yield [*group]


def _clause(node: Node) -> _Clause | None:
    if node.type == "stab_clause":
        left = node.child_by_field_name("left")
        head, guard = _guarded(left) if left is not None else (None, None)
        patterns = tuple(named(head)) if head is not None else ()
        return _Clause(node, "", patterns, guard, False)
    parts = call(node)
    if parts is None or parts.name not in ("def", "defp") or not parts.arguments:
        return None
    head, guard = _guarded(parts.arguments[0])
    inner = call(head)
    name = inner.name if inner else text(head)
    patterns = inner.arguments if inner else ()
    bodiless = parts.block is None and len(parts.arguments) < 2
    defaults = any(operator(p) == "\\\\" for p in patterns)
    return _Clause(node, f"{parts.name} {name}", patterns, guard, bodiless or defaults)


def _guarded(head: Node) -> tuple[Node, Node | None]:
    pair = sides(head) if operator(head) == "when" else None
    return pair if pair else (head, None)


def _order_is_nothing(first: _Clause, second: _Clause, decides: bool) -> bool:
    if decides:
        return not _thresholds(first.patterns, second.patterns)
    if first.guard is not None and second.guard is not None:
        return True
    return apart(first.patterns, second.patterns) or _body(first) == _body(second)


def _thresholds(first: Sequence[Node], second: Sequence[Node]) -> bool:
    """Whether two conditions of a `cond` can both hold: `n < 10` and `n < 100`."""
    if len(first) != 1 or len(second) != 1:
        return False
    some, others = sides(first[0]), sides(second[0])
    sign = operator(first[0])
    if not some or not others or sign != operator(second[0]) or sign not in _THRESHOLDS:
        return False
    return text(some[0]) == text(others[0])


def _body(clause: _Clause) -> str:
    last = named(clause.node)
    return text(last[-1]) if last else ""


def _turned(first: Node, second: Node) -> str:
    """Two clauses in the other order, with what stands between them (comments, attributes)."""
    root = first
    while root.parent is not None:
        root = root.parent
    source = root.text or b""
    between = source[_end(first) - root.start_byte : second.start_byte - root.start_byte].decode()
    return text(second).rstrip() + between + text(first).rstrip()


def _of_guard_macro(node: Node) -> bool:
    held = node.parent
    return held is not None and word(held.parent) in ("defguard", "defguardp")


def _only_types(guard: Node) -> bool:
    """Whether a guard but states types: to take it off lets nothing more in that is asked for."""
    return all(
        (n.type == "call" and word(n).startswith("is_") and not word(n).startswith("is_map_key"))
        or n.type in ("identifier", "arguments", "(", ")", "and", ",")
        or operator(n) == "and"
        for n in walk(guard)
    )


def _is_last(node: Node) -> bool:
    """Whether the guarded clause is the last of its group."""
    clause = node
    while clause.type != "stab_clause" and word(clause) not in DEFINITIONS:
        if clause.parent is None:
            return False
        clause = clause.parent
    block = clause.parent
    if block is None:
        return False
    return any(group[-1].node == clause for group in _groups(block))


def _line(node: Node) -> str:
    line = text(node).split("\n", 1)[0]
    return line if len(line) <= 60 else f"{line[:59]}…"
