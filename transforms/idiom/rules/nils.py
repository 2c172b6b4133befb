"""`is_nil/1`, and comparisons with `nil`."""

from __future__ import annotations

import re

from factory.syntax.rewrite import (
    Edit,
    call,
    operand,
    operator,
    primary,
    sides,
    text,
)
from transforms.idiom.layout import one_line, piece
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.unit import Place, Unit

_TIGHTER = frozenset({"argument", "statement", "value"})


def _loose(place: Place) -> bool:
    """Whether a comparison could stand in the place without parentheses."""
    if place.role in _TIGHTER:
        return True
    outer = place.inside
    return outer is not None and operator(outer.node) in ("and", "or", "&&", "||")


def _to_is_nil(unit: Unit, place: Place) -> Edit | None:
    name, pair = operator(place.node), sides(place.node)
    if name not in ("==", "!=") or pair is None or not unit.around.kernel("is_nil"):
        return None
    left, right = pair
    if text(left) == "nil":
        left, right = right, left
    if text(right) != "nil" or text(left) == "nil" or not _loose(place):
        return None
    made = f"is_nil({one_line(piece(unit, left))})"
    return replace(unit, place.node, made if name == "==" else f"not {made}")


def _from_is_nil(unit: Unit, place: Place) -> Edit | None:
    node, name, at = place.node, "==", place
    if operator(node) in ("not", "!"):
        held = operand(node)
        parts = call(held)
        name = "!="
    else:
        parts = call(node)
        outer = place.inside
        if outer is not None and operator(outer.node) in ("not", "!"):
            return None
    if parts is None or parts.path != "is_nil" or not unit.around.kernel("is_nil"):
        return None
    if len(parts.arguments) != 1 or place.role == "step" or not _loose(at):
        return None
    if not primary(parts.arguments[0]) or place.captured:
        return None
    return replace(unit, node, f"{one_line(piece(unit, parts.arguments[0]))} {name} nil")


IS_NIL = Rule(
    "is_nil",
    1,
    "`is_nil/1` is a macro that expands to `== nil`, in guards and outside of them. Left alone"
    " inside macros that read their arguments as data, such as queries.",
    (
        Way(
            "equals_nil",
            "is_nil",
            (b"= nil", b"nil ="),
            re.compile(rb"[!=]= nil\b|\bnil [!=]="),
            at_each(_to_is_nil, "binary_operator"),
            made=1,
        ),
        Way(
            "is_nil",
            "equals_nil",
            (b"is_nil(",),
            re.compile(rb"\bis_nil\("),
            at_each(_from_is_nil, "call", "unary_operator"),
            real=1,
        ),
    ),
)
