"""Anonymous functions and captures: `fn x -> f(x) end` and `&f/1`, `fn x -> x.name end` and
`& &1.name`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, Parts, call, named, operand, operator, sides, text, walk
from transforms.idiom.layout import one_line
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.unit import CONTROL, KERNEL, Place, Unit, words

LONGEST = 48
"""A longer body is easier to read with named arguments."""

CALLERS = words(
    """
    Enum Stream Map Keyword List MapSet String Regex Agent Task Access Registry
    """
)
"""Elixir's modules that do nothing with a function but call it."""

_NOT_INSIDE = frozenset(
    {"anonymous_function", "do_block", "sigil", "block", "charlist", "bitstring", "stab_clause"}
)
_UNFIT = frozenset({"&", "=", "<-", "^", "->", "|>", "&&", "||", "and", "or"})
"""Operators that a capture cannot hold, or that are hard to read in one."""
_ARGUMENT = re.compile(r"&(\d)")


def _handed_over(unit: Unit, place: Place) -> Parts | None:
    """The call of one of `CALLERS` that the function is an argument of."""
    outer = call(place.inside.node) if place.inside is not None else None
    if outer is None or place.role != "argument" or outer.module not in CALLERS:
        return None
    if not unit.around.own(outer.module) or place.node not in outer.arguments:
        return None
    return outer


def _variables(body: Node) -> list[Node] | None:
    """The identifiers in a body that are variables or could be; None when it holds something
    that a capture cannot."""
    found: list[Node] = []
    skipped: set[int] = set()
    for node in walk(body):
        if node.type in _NOT_INSIDE or operator(node) in _UNFIT:
            return None
        parts = call(node)
        if parts is not None:
            if parts.target.type == "identifier":
                skipped.add(parts.target.id)
            elif (right := parts.target.child_by_field_name("right")) is not None:
                skipped.add(right.id)
            if parts.name in CONTROL or parts.name in ("quote", "unquote", "binding"):
                return None
            if parts.arguments and not parts.parens:
                return None
        if node.type == "identifier" and node.id not in skipped:
            found.append(node)
    return found


def _to_capture(unit: Unit, place: Place) -> Edit | None:
    node = place.node
    if _handed_over(unit, place) is None or place.interpolated or place.captured:
        return None
    clauses = named(node)
    if len(clauses) != 1 or clauses[0].type != "stab_clause":
        return None
    left, right = (clauses[0].child_by_field_name(side) for side in ("left", "right"))
    if left is None or right is None or left.type != "arguments" or len(named(right)) != 1:
        return None
    names = [text(item) for item in named(left)]
    body = named(right)[0]
    if not all(item.type == "identifier" for item in named(left)) or len(set(names)) != len(names):
        return None
    if any(name.startswith("_") for name in names) or len(text(body)) > LONGEST:
        return None
    one_line(text(body))
    variables = _variables(body)
    if variables is None or body.type in ("identifier", "integer"):
        return None
    if {text(found) for found in variables} & set(names) != set(names):
        return None
    return replace(unit, node, _captured(unit, body, names, variables))


def _captured(unit: Unit, body: Node, names: list[str], variables: list[Node]) -> str:
    parts = call(body)
    if (
        parts is not None
        and parts.parens
        and [text(argument) for argument in parts.arguments] == names
        and all(argument.type == "identifier" for argument in parts.arguments)
        and parts.name
        and (not parts.module or parts.module[0].isupper() or parts.module[0] == ":")
    ):
        return f"&{parts.path}/{len(names)}"
    source, at, made = unit.source, body.start_byte, []
    for variable in variables:
        if text(variable) in names:
            made.append(source[at : variable.start_byte].decode())
            made.append(f"&{names.index(text(variable)) + 1}")
            at = variable.end_byte
    whole = "".join(made) + source[at : body.end_byte].decode()
    if body.type in ("binary_operator", "unary_operator"):
        return f"&({whole})"
    return f"& {whole}" if whole.startswith("&") else f"&{whole}"


def _to_function(unit: Unit, place: Place) -> Edit | None:
    node = place.node
    outer = _handed_over(unit, place)
    held = operand(node)
    if outer is None or held is None or operator(node) != "&" or place.interpolated:
        return None
    if place.captured or held.type == "integer":
        return None
    pair = sides(held)
    if pair and operator(held) == "/" and pair[1].type == "integer" and "&" not in text(held):
        target, count = pair[0], int(text(pair[1]))
        local = target.type == "identifier"
        if local and text(target) not in unit.around.functions | KERNEL:
            return None
        names = _names(unit, outer, count)
        if names is None:
            return None
        listed = ", ".join(names)
        return replace(unit, node, f"fn {listed} -> {text(target)}({listed}) end")
    used = {int(found) for found in _ARGUMENT.findall(text(held))}
    if not used or used != set(range(1, len(used) + 1)) or '"' in text(held):
        return None
    names = _names(unit, outer, len(used))
    if names is None:
        return None
    made = _ARGUMENT.sub(lambda found: names[int(found.group(1)) - 1], one_line(text(held)))
    return replace(unit, node, f"fn {', '.join(names)} -> {made} end")


def _names(unit: Unit, outer: Parts, count: int) -> list[str] | None:
    """Names for as many arguments, none of which the function knows already."""
    if count == 1:
        pool = ["x", "item", "elem", "value"]
        if outer.module in ("Map", "Keyword"):
            pool = ["value", "x", "v"]
    elif count == 2 and outer.name in ("reduce", "scan", "map_reduce", "flat_map_reduce"):
        name, acc = unit.fresh("x", "item", "elem"), unit.fresh("acc", "result")
        return [name, acc] if name and acc else None
    elif count == 2:
        return ["left", "right"] if unit.fresh("left") and unit.fresh("right") else None
    else:
        return None
    name = unit.fresh(*pool)
    return [name] if name else None


CAPTURE = Rule(
    "function_and_capture",
    1,
    "`&` expands to `fn` before anything runs. The function has one clause, plain arguments, all of"
    " them used, and one expression without a function, a block or a binding of its own; it is"
    " handed to a function of Elixir's own that only calls it, so that it being another function"
    " value cannot show.",
    (
        Way(
            "anonymous_function",
            "capture",
            (),
            re.compile(rb"\bfn [a-z]\w*(?:, [a-z]\w*)* -> [^\n]* end\b"),
            at_each(_to_capture, "anonymous_function"),
            made=1,
            most=2,
        ),
        Way(
            "capture",
            "anonymous_function",
            (),
            re.compile(rb"&(?:[\w.:]+[?!]?/\d| ?&1|\(|[\w.]+\()"),
            at_each(_to_function, "unary_operator"),
            made=1,
            real=4,
            most=2,
        ),
    ),
)

__all__ = ["CAPTURE"]
