"""`with`: a chain of matches instead of `case` inside `case`, and `case` for a single one."""

from __future__ import annotations

import re
from typing import NamedTuple

from factory.syntax import Node
from factory.syntax.rewrite import Edit, Parts, call, keyword_values, named, operator, sides, text
from transforms.idiom.layout import arrows, block, body, indented, one_line, piece
from transforms.idiom.proof import binds, split_else
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.rules.booleans import clauses
from transforms.idiom.unit import Place, Unit


class _Match(NamedTuple):
    """`pattern <- value` (pattern with its guard); without a pattern a plain expression."""

    pattern: str
    value: str


def _with(unit: Unit, place: Place) -> tuple[Parts, list[Node], list[Node], list[Node]] | None:
    """A `with`: its parts, clauses, body and else clauses."""
    parts = call(place.node)
    if parts is None or parts.path != "with" or not unit.around.kernel("with"):
        return None
    if parts.block is not None:
        then, other = split_else(parts.block)
        return parts, list(parts.arguments), then, other
    values = keyword_values(parts.arguments[-1]) if parts.arguments else {}
    if list(values) != ["do"]:
        return None
    return parts, list(parts.arguments[:-1]), [values["do"]], []


def _refutable(pattern: Node) -> bool:
    """Whether the pattern is more than a name, so that a value can fail to match it."""
    bare = pattern
    if operator(bare) == "when":
        pair = sides(bare)
        return pair is not None
    return bare.type != "identifier"


def _to_cases(unit: Unit, place: Place) -> Edit | None:
    found = _with(unit, place)
    if found is None or place.role not in ("statement", "value") or place.interpolated:
        return None
    _, given, then, other = found
    matches: list[_Match] = []
    for node in given:
        pair = sides(node) if operator(node) == "<-" else None
        if pair is None:
            matches.append(_Match("", one_line(piece(unit, node))))
            continue
        if not _refutable(pair[0]):
            return None
        if binds(pair[1]):
            return None
        matches.append(_Match(one_line(piece(unit, pair[0])), one_line(piece(unit, pair[1]))))
    count = sum(bool(match.pattern) for match in matches)
    if other or not 2 <= count <= 4 or not matches[0].pattern or not then:
        return None
    if place.role == "statement" and not unit.starts_line(place.node):
        return None
    expected = all(m.pattern.startswith(("{:ok", ":ok")) for m in matches if m.pattern)
    name = unit.fresh(*(("error", "other") if expected else ("other", "result")))
    if name is None:
        return None
    made = body(unit, then)
    for match in reversed(matches):
        if not match.pattern:
            made = f"{match.value}\n{made}"
            continue
        inside = f"{match.pattern} ->\n{indented(made)}\n\n{name} ->\n{indented(name)}"
        made = block(f"case {match.value}", ("", inside))
    return replace(unit, place.node, made)


def _case(unit: Unit, node: Node) -> tuple[Node, list[tuple[Node, Node]]] | None:
    parts = call(node)
    if parts is None or parts.path != "case" or not unit.around.kernel("case"):
        return None
    if parts.block is None or len(parts.arguments) != 1 or binds(parts.arguments[0]):
        return None
    found = clauses(parts.block)
    return (parts.arguments[0], found) if found else None


def _passed_on(left: Node, right: Node) -> bool:
    """Whether a clause gives back whatever comes: `other -> other`."""
    pattern, result = named(left), named(right)
    return (
        left.type == "arguments"
        and len(pattern) == len(result) == 1
        and pattern[0].type == result[0].type == "identifier"
        and text(pattern[0]) == text(result[0])
    )


def _to_with(unit: Unit, place: Place) -> Edit | None:
    if place.role not in ("statement", "value") or place.interpolated:
        return None
    matches: list[_Match] = []
    here = place.node
    inside: list[Node] = [here]
    while len(inside) == 1 and (found := _case(unit, inside[0])):
        value, ((left, right), *rest) = found
        if len(rest) != 1 or not _passed_on(*rest[0]):
            break
        pattern = named(left)
        if left.type == "arguments" and not (len(pattern) == 1 and _refutable(pattern[0])):
            break
        matches.append(_Match(one_line(piece(unit, left)), one_line(piece(unit, value))))
        inside = named(right)
    if not 2 <= len(matches) <= 5:
        return None
    lines = [f"{match.pattern} <- {match.value}" for match in matches]
    head = "with " + ",\n     ".join(lines)
    return replace(unit, place.node, block(head, ("", body(unit, inside))))


WITH_CHAIN = Rule(
    "nested_case_and_with",
    1,
    "Every inner `case` is the whole of its branch, and its other clause gives back whatever came"
    " (`other -> other`), which is what `with` without `else` does. Patterns can fail, the first"
    " step is a match, and the name that passes values on is new to the function. What is matched"
    " binds nothing itself, because `with` would not let it out.",
    (
        Way(
            "with_chain",
            "nested_case",
            (b"with {", b"with :"),
            re.compile(rb"\bwith\b[^\n]*<-"),
            at_each(_to_cases, "call"),
            real=1,
        ),
        Way(
            "nested_case",
            "with_chain",
            (),
            re.compile(rb"\bcase [\s\S]*\bcase "),
            at_each(_to_with, "call"),
            made=1,
        ),
    ),
)


def _single_to_case(unit: Unit, place: Place) -> Edit | None:
    found = _with(unit, place)
    if found is None:
        return None
    parts, given, then, _ = found
    pair = sides(given[0]) if len(given) == 1 and operator(given[0]) == "<-" else None
    if pair is None or parts.block is None or not then or binds(pair[1]):
        return None
    rest = [c for child in named(parts.block) if child.type == "else_block" for c in named(child)]
    others = _arrows(unit, rest)
    if others is None or not _refutable(pair[0]):
        return None
    pairs = [(one_line(piece(unit, pair[0])), body(unit, then)), *others]
    made = block(f"case {one_line(piece(unit, pair[1]))}", ("", arrows(pairs)))
    return replace(unit, place.node, made)


def _arrows(unit: Unit, nodes: list[Node]) -> list[tuple[str, str]] | None:
    """Clauses as texts, when the last one takes anything."""
    found: list[tuple[str, str]] = []
    for node in nodes:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "stab_clause" or left is None or right is None or not named(right):
            return None
        found.append((one_line(piece(unit, left)), body(unit, named(right))))
        last = named(left) if left.type == "arguments" else []
    if not found or len(last) != 1 or last[0].type != "identifier":
        return None
    return found


def _case_to_single(unit: Unit, place: Place) -> Edit | None:
    found = _case(unit, place.node)
    if found is None or place.interpolated:
        return None
    value, ((left, right), *rest) = found
    pattern = named(left)
    if left.type == "arguments" and not (len(pattern) == 1 and _refutable(pattern[0])):
        return None
    parts = call(place.node)
    block_node = parts.block if parts else None
    others = _arrows(unit, named(block_node)[1:]) if block_node is not None else None
    if others is None or len(rest) > 2:
        return None
    if not text(left).startswith(("{:ok", ":ok")):
        return None
    head = f"with {one_line(piece(unit, left))} <- {one_line(piece(unit, value))}"
    made = block(head, ("", body(unit, named(right))), ("else", arrows(others)))
    return replace(unit, place.node, made)


WITH_SINGLE = Rule(
    "single_with_and_case",
    1,
    "One match and an `else` whose last clause takes anything, so that no clause error can differ"
    " in kind. `else` clauses are tried in order like the clauses of the `case`. What is matched"
    " binds nothing itself: `else` could not see it.",
    (
        Way(
            "single_with_else",
            "plain_case",
            (b"with {", b"with :"),
            re.compile(rb"\bwith\b[^\n]*<-[\s\S]*\belse\b"),
            at_each(_single_to_case, "call"),
            made=1,
        ),
        Way(
            "plain_case",
            "single_with_else",
            (),
            re.compile(rb"\n\s*(?:\{:ok|:ok)[^\n]*->"),
            at_each(_case_to_single, "call"),
            real=1,
        ),
    ),
)
