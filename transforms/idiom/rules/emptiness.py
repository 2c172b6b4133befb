"""Asking whether a list is empty: `length(list) == 0` walks it, `list == []` does not."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, call, operator, primary, sides, text
from transforms.idiom.layout import one_line, piece
from transforms.idiom.proof import a_list
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.unit import Place, Unit

_EMPTY = {("==", "0"): "==", ("!=", "0"): "!=", (">", "0"): "!=", ("===", "0"): "=="}


def _conjoined(place: Place) -> bool:
    """Whether a guard fails as a whole when this test of it does."""
    outer = place.inside
    while outer is not None and outer.guard:
        if operator(outer.node) != "and":
            return False
        outer = outer.inside
    return True


def _measured(unit: Unit, node: Node) -> Node | None:
    """What `length(…)` is asked of; `Enum.count(…)` counts too where it has one argument."""
    parts = call(node)
    if parts is None or len(parts.arguments) != 1 or not parts.parens:
        return None
    if parts.path == "length" and unit.around.kernel("length"):
        return parts.arguments[0]
    if parts.path == "Enum.count" and unit.around.own("Enum"):
        return parts.arguments[0]
    return None


def _to_empty(unit: Unit, place: Place) -> Edit | None:
    pair = sides(place.node)
    if pair is None:
        return None
    sign = _EMPTY.get((operator(place.node), text(pair[1])))
    asked = _measured(unit, pair[0])
    if sign is None or asked is None or not primary(asked):
        return None
    if place.guard:
        if sign != "==" or not _conjoined(place):
            return None
    elif not a_list(unit, asked):
        return None
    return replace(unit, place.node, f"{one_line(piece(unit, asked))} {sign} []")


def _to_length(unit: Unit, place: Place) -> Edit | None:
    name, pair = operator(place.node), sides(place.node)
    if pair is not None and name in ("==", "!=") and text(pair[1]) == "[]":
        asked = pair[0]
    else:
        parts = call(place.node)
        if parts is None or parts.path != "Enum.empty?" or not unit.around.own("Enum"):
            return None
        if len(parts.arguments) != 1 or place.role in ("step", "operand", "first"):
            return None
        asked, name = parts.arguments[0], "=="
    if place.guard or not unit.around.kernel("length") or not a_list(unit, asked):
        return None
    sign = "==" if name == "==" else ">"
    return replace(unit, place.node, f"length({one_line(piece(unit, asked))}) {sign} 0")


EMPTINESS = Rule(
    "empty_list",
    1,
    "The value is surely a list (`length/1` raises for anything else, a comparison does not), or"
    " the test stands in a guard whose parts are joined by `and`, where raising and being false are"
    " the same.",
    (
        Way(
            "length_zero",
            "empty_list",
            (b"length(", b"Enum.count("),
            re.compile(rb"\b(?:length|Enum\.count)\([^\n]*\) (?:==|!=|>|===) 0\b"),
            at_each(_to_empty, "binary_operator"),
            made=1,
        ),
        Way(
            "empty_list",
            "length_zero",
            (),
            re.compile(rb"[!=]= \[\]|Enum\.empty\?\("),
            at_each(_to_length, "binary_operator", "call"),
            real=1,
        ),
    ),
)
