"""A pipeline, and the same steps with a variable that is bound again and again."""

from __future__ import annotations

import re

from factory.syntax.rewrite import Edit, operator, primary, sides, text, walk
from transforms.idiom.layout import WIDTH, UnfitError, call_of, one_line, piece, pieces
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.rules.pipe import chain
from transforms.idiom.unit import Place, Unit

_NAMES = ("result", "value", "acc", "data", "res")


def _to_variables(unit: Unit, place: Place) -> Edit | None:
    node, name = place.node, None
    target = node
    if place.role == "statement" and operator(node) == "=":
        pair = sides(node)
        if pair is None or pair[0].type != "identifier":
            return None
        name, node = text(pair[0]), pair[1]
    if place.role != "statement" or operator(node) != "|>" or not unit.starts_line(target):
        return None
    if place.interpolated or place.captured:
        return None
    found = chain(node)
    if found is None or not 3 <= len(found[1]) <= 6 or not primary(found[0]):
        return None
    start, steps = found
    kept = name is not None
    if name is None or name.startswith("_"):
        name = unit.fresh(*_NAMES)
    mentioned = {text(n) for one in steps[1:] for n in walk(one.node) if n.type == "identifier"}
    if name is None or name in mentioned:
        return None
    room = WIDTH - unit.indent(target.start_byte) - len(name) - 3
    lines = []
    value = one_line(piece(unit, start))
    for one in steps:
        made = call_of(one.path, [value, *pieces(unit, one.arguments)], room)
        if made.startswith(one.path + "(\n"):
            raise UnfitError("arguments that need lines of their own")
        lines.append(f"{name} = {made}")
        value = name
    if not kept:
        lines[-1] = lines[-1].removeprefix(f"{name} = ")
    return replace(unit, target, "\n".join(lines))


VARIABLES = Rule(
    "rebound_variable_and_pipeline",
    1,
    "The pipeline is a whole statement or the right side of one; the variable is new to the"
    " function (or the one being bound, and no step after the first mentions it). Steps then run"
    " in the same order, each once.",
    (
        Way(
            "pipeline",
            "rebound_variable",
            (),
            re.compile(rb"\|>[^|]*\|>[^|]*\|>"),
            at_each(_to_variables, "binary_operator"),
            real=1,
            most=2,
        ),
    ),
)
