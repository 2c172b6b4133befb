"""Conditions said the right way round: no `unless`, no negated `if … else`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import (
    Edit,
    Parts,
    call,
    keyword_values,
    operand,
    operator,
    primary,
    sides,
)
from transforms.idiom.layout import block, body, one_line, piece
from transforms.idiom.proof import boolean, inner, split_else
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.unit import Place, Unit

_OPPOSITE = {"==": "!=", "!=": "==", "===": "!==", "!==": "===", "in": "not in", "not in": "in"}


def negated(unit: Unit, node: Node) -> str:
    """The condition's negation as one line: with another operator where one exists, `not` before
    what is surely a boolean, else `!`. Equal to `!condition` as a condition: truthy or not."""
    node = inner(node)
    name = operator(node)
    pair = sides(node)
    if pair and name in _OPPOSITE:
        left, right = (one_line(piece(unit, side)) for side in pair)
        return f"{left} {_OPPOSITE[name]} {right}"
    held = operand(node)
    if held is not None and name in ("!", "not"):
        bare = inner(held)
        if name == "!" or boolean(unit, bare):
            return one_line(piece(unit, bare))
    said = one_line(piece(unit, node))
    if not primary(node):
        said = f"({said})"
    if boolean(unit, node):
        return f"not {said}"
    return f"!{said}"


def _condition(unit: Unit, node: Node, name: str) -> Parts | None:
    parts = call(node)
    if parts is None or parts.path != name or not unit.around.kernel(name):
        return None
    return parts if parts.arguments else None


def _unless_to_if(unit: Unit, place: Place) -> Edit | None:
    parts = _condition(unit, place.node, "unless")
    if parts is None or not unit.around.kernel("if"):
        return None
    condition = parts.arguments[0]
    if parts.block is None:
        values = keyword_values(parts.arguments[-1])
        if list(values) != ["do"] or len(parts.arguments) != 2:
            return None
        said = negated(unit, condition)
        made = f"{said}, do: {piece(unit, values['do'])}"
        return replace(unit, place.node, f"if({made})" if parts.parens else f"if {made}")
    if len(parts.arguments) != 1:
        return None
    then, other = split_else(parts.block)
    if other:
        made = block(
            f"if {one_line(piece(unit, condition))}",
            ("", body(unit, other)),
            ("else", body(unit, then)),
        )
        return replace(unit, place.node, made)
    # Only the head changes, so whatever stands in the block stays as it is.
    head = Edit(place.node.start_byte, condition.end_byte, f"if {negated(unit, condition)}")
    return head if then else None


UNLESS = Rule(
    "unless",
    1,
    "`unless` is `if` with its branches swapped, for every truthy or falsy value. A negation is"
    " taken off only where it cannot raise (`!`, or `not` before what is surely a boolean).",
    (
        Way(
            "unless",
            "if_negated",
            (b"unless",),
            re.compile(rb"\bunless\b"),
            at_each(_unless_to_if, "call"),
            made=1,
        ),
    ),
)


def _flipped(unit: Unit, node: Node) -> str | None:
    """The positive form of a negative condition; None when it is not one, or not surely equal."""
    node = inner(node)
    name = operator(node)
    held = operand(node)
    if name == "not" and held is not None and boolean(unit, held):
        return one_line(piece(unit, inner(held)))
    if name == "!" and held is not None:
        return one_line(piece(unit, inner(held)))
    if name in ("!=", "!==", "not in"):
        return negated(unit, node)
    return None


def _to_positive(unit: Unit, place: Place) -> Edit | None:
    parts = _condition(unit, place.node, "if")
    if parts is None or parts.block is None or len(parts.arguments) != 1:
        return None
    then, other = split_else(parts.block)
    said = _flipped(unit, parts.arguments[0])
    if said is None or not then or not other:
        return None
    made = block(f"if {said}", ("", body(unit, other)), ("else", body(unit, then)))
    return replace(unit, place.node, made)


def _to_negative(unit: Unit, place: Place) -> Edit | None:
    parts = _condition(unit, place.node, "if")
    if parts is None or parts.block is None or len(parts.arguments) != 1:
        return None
    then, other = split_else(parts.block)
    condition = inner(parts.arguments[0])
    if not then or not other or operator(condition) in ("!", "not", "!=", "!==", "not in", "="):
        return None
    said = negated(unit, condition)
    made = block(f"if {said}", ("", body(unit, other)), ("else", body(unit, then)))
    return replace(unit, place.node, made)


def _to_unless_else(unit: Unit, place: Place) -> Edit | None:
    edit = _to_negative(unit, place)
    if edit is None or not unit.around.kernel("unless"):
        return None
    parts = call(place.node)
    if parts is None or parts.block is None:
        return None
    then, other = split_else(parts.block)
    said = one_line(piece(unit, inner(parts.arguments[0])))
    made = block(f"unless {said}", ("", body(unit, other)), ("else", body(unit, then)))
    return replace(unit, place.node, made)


_IF_ELSE = re.compile(rb"\bif [\s\S]*\belse\b")

NEGATED_IF = Rule(
    "negated_if_else",
    1,
    "Both branches are there, so swapping them undoes the negation for every truthy or falsy value."
    " `not` is taken off only before what is surely a boolean, because it raises for the rest. A"
    " condition that binds a variable is left alone.",
    (
        Way(
            "if_not_else",
            "positive_if_else",
            (),
            re.compile(rb"\bif (?:!|not |[^\n]*(?:!=|not in ))"),
            at_each(_to_positive, "call"),
            made=1,
        ),
        Way(
            "positive_if_else",
            "if_not_else",
            (),
            _IF_ELSE,
            at_each(_to_negative, "call"),
            real=1,
            most=2,
        ),
        Way(
            "positive_if_else",
            "unless_else",
            (),
            _IF_ELSE,
            at_each(_to_unless_else, "call"),
            real=1,
            most=2,
        ),
    ),
)
