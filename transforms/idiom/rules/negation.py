"""Conditions said the right way round: no `unless … else`, no negated `if … else`, `reject` for a
negated `filter`, `is_nil/1`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import (
    Edit,
    Parts,
    call,
    keyword_values,
    named,
    operand,
    operator,
    primary,
    sides,
    text,
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
