"""`Enum.reject/2`, and `Enum.filter/2` by a negation."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import (
    Edit,
    call,
    named,
    operand,
    operator,
    primary,
    sides,
    text,
)
from transforms.idiom.layout import one_line, piece
from transforms.idiom.proof import boolean, inner
from transforms.idiom.rule import Rule, Way, at_each
from transforms.idiom.rules.negation import negated
from transforms.idiom.unit import Place, Unit


def _predicate(unit: Unit, place: Place, path: str) -> Node | None:
    """The function given to `Enum.filter` or `Enum.reject`, written out."""
    parts = call(place.node)
    if parts is None or parts.path != path or not parts.parens or not unit.around.own("Enum"):
        return None
    if len(parts.arguments) != (1 if place.role == "step" else 2):
        return None
    return parts.arguments[-1]


def _result(function: Node) -> Node | None:
    """What a function of one clause gives back, when that is its only expression."""
    if function.type == "anonymous_function":
        inside = named(function)
        content = inside[0].child_by_field_name("right") if len(inside) == 1 else None
        items = named(content) if content is not None else []
        return items[0] if len(items) == 1 else None
    return operand(function) if operator(function) == "&" else None


def _filter_to_reject(unit: Unit, place: Place) -> Edit | None:
    function = _predicate(unit, place, "Enum.filter")
    given = _result(function) if function is not None else None
    if function is None or given is None:
        return None
    held = operand(inner(given))
    name = operator(inner(given))
    if held is None or not (name == "!" or (name == "not" and boolean(unit, held))):
        return None
    if function.type == "unary_operator" and not primary(inner(held)):
        made = f"({one_line(piece(unit, inner(held)))})"
    else:
        made = one_line(piece(unit, inner(held)))
    return _renamed(unit, place, "Enum.reject", function, made)


def _renamed(unit: Unit, place: Place, path: str, function: Node, result: str) -> Edit | None:
    """The call with another name and its function's result replaced."""
    parts, given = call(place.node), _result(function)
    if parts is None or given is None:
        return None
    end = given.end_byte
    start = given.start_byte
    if function.type == "unary_operator":
        # The capture's own parentheses go with its operand.
        start, end = function.start_byte + 1, function.end_byte
        if result.startswith("&"):
            result = f" {result}"
        elif not result.startswith("(") and (result[0] in "!" or result.startswith("not ")):
            result = f"({result})"
    source = unit.source
    begin = parts.target.end_byte
    made = path + source[begin:start].decode() + result + source[end : place.node.end_byte].decode()
    return Edit(place.node.start_byte, place.node.end_byte, made)


def _reject_to_filter(unit: Unit, place: Place) -> Edit | None:
    function = _predicate(unit, place, "Enum.reject")
    given = _result(function) if function is not None else None
    if function is None or given is None or "\n" in text(given):
        return None
    if operator(function) == "&" and operator(given) == "/":
        pair = sides(given)
        if pair is None or text(pair[1]) != "1":
            return None
        name = text(pair[0])
        local = pair[0].type == "identifier"
        yes = f"{name}/1" in ("is_nil/1", "is_list/1", "is_atom/1", "is_map/1", "is_binary/1")
        if local and not unit.around.kernel(name) and name not in unit.around.functions:
            return None
        made = f"(not {name}(&1))" if yes and local else f"(!{name}(&1))"
        return _renamed(unit, place, "Enum.filter", function, made)
    if operator(inner(given)) in ("!", "not", "!=", "!==", "not in"):
        return None
    said = negated(unit, given)
    if operator(function) == "&" and not said.startswith("("):
        said = f"({said})"
    return _renamed(unit, place, "Enum.filter", function, said)


REJECT = Rule(
    "negated_filter",
    1,
    "`Enum.reject/2` drops exactly what `Enum.filter/2` keeps, calling the function once for each"
    " element in order. `not` is taken off only before what is surely a boolean.",
    (
        Way(
            "filter_negated",
            "reject",
            (b"Enum.filter(",),
            re.compile(rb"Enum\.filter\([^\n]*(?:!|not )"),
            at_each(_filter_to_reject, "call"),
            made=1,
        ),
        Way(
            "reject",
            "filter_negated",
            (b"Enum.reject(",),
            re.compile(rb"Enum\.reject\("),
            at_each(_reject_to_filter, "call"),
            real=1,
        ),
    ),
)
