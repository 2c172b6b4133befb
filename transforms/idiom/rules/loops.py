"""Comprehensions and Enum's functions, and lists gathered by hand with `Enum.reduce/3`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import (
    Edit,
    Parts,
    call,
    keyword_values,
    named,
    operator,
    pipeline,
    primary,
    sides,
    text,
    walk,
)
from transforms.idiom.layout import UnfitError, block, body, indented, one_line, piece
from transforms.idiom.proof import binds, pure
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.rules.pipe import laid_out
from transforms.idiom.unit import Place, Unit


def _function(node: Node) -> tuple[Node, list[Node]] | None:
    """The only argument, a plain name, and the body of `fn x -> … end`."""
    clauses = named(node) if node.type == "anonymous_function" else []
    if len(clauses) != 1 or clauses[0].type != "stab_clause":
        return None
    left, right = (clauses[0].child_by_field_name(side) for side in ("left", "right"))
    if left is None or right is None or left.type != "arguments" or len(named(left)) != 1:
        return None
    argument = named(left)[0]
    if argument.type != "identifier" or text(argument).startswith("_") or not named(right):
        return None
    return argument, named(right)


def _enum(unit: Unit, node: Node, name: str) -> tuple[Node, Node] | None:
    """Collection and function of `Enum.NAME(collection, function)`, or of `collection |>
    Enum.NAME(function)` when that is the whole pipeline."""
    if not unit.around.own("Enum"):
        return None
    steps = pipeline(node)
    parts = call(steps[-1])
    if parts is None or parts.path != f"Enum.{name}" or not parts.parens or len(steps) > 2:
        return None
    given = [*steps[:-1], *parts.arguments]
    return (given[0], given[1]) if len(given) == 2 and not binds(given[0]) else None


def _alone(place: Place) -> bool:
    return place.role in ("statement", "value") and not place.interpolated and not place.captured


class _For:
    """A `for` with one generator of plain name, its filters, and its body."""

    def __init__(self, parts: Parts) -> None:
        given = list(parts.arguments)
        self.inline = parts.block is None
        values = keyword_values(given[-1]) if given else {}
        if self.inline:
            if list(values) != ["do"]:
                raise UnfitError("options")
            self.body = [values["do"]]
            given = given[:-1]
        else:
            if values:
                raise UnfitError("options")
            self.body = named(parts.block) if parts.block else []
        pair = sides(given[0]) if given and operator(given[0]) == "<-" else None
        if pair is None or pair[0].type != "identifier" or text(pair[0]).startswith("_"):
            raise UnfitError("not one plain generator")
        self.name, self.collection = text(pair[0]), pair[1]
        self.filters = given[1:]
        if any(operator(node) in ("<-", "=") for node in self.filters) or not self.body:
            raise UnfitError("more than filters")
        if any(child.type == "bitstring" for child in walk(self.collection)):
            raise UnfitError("a bitstring generator")
        if binds(self.collection):
            raise UnfitError("a variable that would be let out")


def _for(unit: Unit, place: Place) -> _For | None:
    parts = call(place.node)
    if parts is None or parts.path != "for" or not unit.around.kernel("for"):
        return None
    return _For(parts)


def _fn(name: str, content: str) -> str:
    if "\n" in content:
        return f"fn {name} ->\n{indented(content)}\nend"
    return f"fn {name} -> {content} end"


_DATA = frozenset({"tuple", "map", "list", "string", "binary_operator"})


def _wanted(place: Place, found: _For) -> bool:
    """Whether the list that a comprehension gives looks wanted, rather than what its body does."""
    if place.role == "value":
        return True
    following = place.node.next_named_sibling
    last = following is None or following.type.endswith("_block")
    return last and found.body[-1].type in _DATA


def _for_to_map(unit: Unit, place: Place) -> Edit | None:
    found = _for(unit, place) if _alone(place) else None
    if found is None or found.filters or not _wanted(place, found):
        return None
    content = body(unit, found.body)
    collection = one_line(piece(unit, found.collection))
    if not found.inline and "\n" not in content:
        made = f"Enum.map({collection}, fn {found.name} ->\n  {content}\nend)"
    else:
        made = f"Enum.map({collection}, {_fn(found.name, content)})"
    return replace(unit, place.node, made)


def _map_to_for(unit: Unit, place: Place) -> Edit | None:
    if not _alone(place) or not unit.around.kernel("for"):
        return None
    found = _enum(unit, place.node, "map")
    inside = _function(found[1]) if found else None
    if found is None or inside is None:
        return None
    content = body(unit, inside[1])
    head = f"for {text(inside[0])} <- {one_line(piece(unit, found[0]))}"
    if "\n" in content or "\n" in text(found[1]):
        return replace(unit, place.node, block(head, ("", content)))
    return replace(unit, place.node, f"{head}, do: {content}")


COMPREHENSION = Rule(
    "comprehension_and_map",
    1,
    "One generator with a plain name (a pattern would skip what does not match it), no filter, no"
    " option: `for` then runs its body once for each element in order and gives a list, as"
    " `Enum.map/2` does.",
    (
        Way(
            "comprehension",
            "enum_map",
            (),
            re.compile(rb"\bfor [a-z]\w* <-"),
            at_each(_for_to_map, "call"),
            made=1,
            real=0,
        ),
        Way(
            "enum_map",
            "comprehension",
            (),
            re.compile(rb"Enum\.map\([^\n]*fn "),
            at_each(_map_to_for, "call", "binary_operator"),
            made=1,
            real=1,
            most=2,
        ),
    ),
)


def _for_to_filter(unit: Unit, place: Place) -> Edit | None:
    found = _for(unit, place) if _alone(place) else None
    if found is None or len(found.filters) != 1 or len(found.body) != 1:
        return None
    if not pure(unit, found.filters[0]) or not pure(unit, found.body[0]):
        return None
    if not primary(found.collection):
        return None
    test = one_line(piece(unit, found.filters[0]))
    content = one_line(body(unit, found.body))
    if content == found.name:
        return None
    steps = [f"Enum.filter({_fn(found.name, test)})", f"Enum.map({_fn(found.name, content)})"]
    return laid_out(unit, place, one_line(piece(unit, found.collection)), steps)


def _filter_to_for(unit: Unit, place: Place) -> Edit | None:
    steps = pipeline(place.node) if _alone(place) else []
    if (
        len(steps) != 3
        or binds(steps[0])
        or not unit.around.own("Enum")
        or not unit.around.kernel("for")
    ):
        return None
    one, two = call(steps[1]), call(steps[2])
    if one is None or two is None or len(one.arguments) != 1 or len(two.arguments) != 1:
        return None
    if one.path not in ("Enum.filter", "Enum.reject") or two.path != "Enum.map":
        return None
    test, made = _function(one.arguments[0]), _function(two.arguments[0])
    if test is None or made is None or text(test[0]) != text(made[0]):
        return None
    if len(test[1]) != 1 or len(made[1]) != 1:
        return None
    if not pure(unit, test[1][0]) or not pure(unit, made[1][0]):
        return None
    said = one_line(piece(unit, test[1][0]))
    if one.path == "Enum.reject":
        said = f"not ({said})" if not primary(test[1][0]) else f"!{said}"
        if said.startswith("not "):
            return None
    content = one_line(piece(unit, made[1][0]))
    start = one_line(piece(unit, steps[0]))
    return replace(unit, place.node, f"for {text(test[0])} <- {start}, {said}, do: {content}")


FILTERED = Rule(
    "filter_map_and_comprehension",
    1,
    "A comprehension tests and maps element by element, `filter` and `map` one after the other, so"
    " both test and result must only compute: operators, literals, fields, pure functions of"
    " Elixir's own. Which of two errors is raised first may differ.",
    (
        Way(
            "filter_then_map",
            "filtering_comprehension",
            (b"Enum.filter(", b"Enum.reject("),
            re.compile(rb"Enum\.(?:filter|reject)\([^\n]*\n?[^\n]*Enum\.map\("),
            at_each(_filter_to_for, "binary_operator"),
            made=1,
        ),
        Way(
            "filtering_comprehension",
            "filter_then_map",
            (),
            re.compile(rb"\bfor [a-z]\w* <- [^\n]*, "),
            at_each(_for_to_filter, "call"),
            real=1,
            made=1,
        ),
    ),
)


def _map_to_reduce(unit: Unit, place: Place) -> Edit | None:
    if not _alone(place):
        return None
    found = _enum(unit, place.node, "map")
    inside = _function(found[1]) if found else None
    name = unit.fresh("acc", "result")
    if found is None or inside is None or name is None or len(inside[1]) != 1:
        return None
    if not primary(found[0]):
        return None
    (result,) = inside[1]
    content = one_line(piece(unit, result))
    parts = call(result)
    if parts is not None and parts.arguments and not parts.parens:
        return None
    argument = text(inside[0])
    gather = f"Enum.reduce([], fn {argument}, {name} -> [{content} | {name}] end)"
    return laid_out(unit, place, one_line(piece(unit, found[0])), [gather, "Enum.reverse()"])


def _reduce_to_map(unit: Unit, place: Place) -> Edit | None:
    """`reduce([], fn x, acc -> [y | acc] end) |> reverse()` in both spellings."""
    if not unit.around.own("Enum") or place.interpolated or place.role == "first":
        return None
    *before, last = pipeline(place.node)
    outer = call(last)
    if outer is None or outer.path not in ("Enum.reverse", ":lists.reverse"):
        return None
    if before:
        if outer.arguments or len(before) > 2:
            return None
        steps = before
    elif len(outer.arguments) == 1:
        steps = pipeline(outer.arguments[0])
    else:
        return None
    parts = call(steps[-1])
    if parts is None or parts.path != "Enum.reduce" or len(steps) > 2:
        return None
    given = [*steps[:-1], *parts.arguments]
    if len(given) != 3 or text(given[1]) != "[]":
        return None
    gathered = _gathered(given[2])
    if gathered is None:
        return None
    name, result = gathered
    collection = one_line(piece(unit, given[0]))
    return replace(
        unit, place.node, f"Enum.map({collection}, {_fn(name, one_line(piece(unit, result)))})"
    )


def _gathered(function: Node) -> tuple[str, Node] | None:
    """`x` and `y` of `fn x, acc -> [y | acc] end`, when `y` does not mention `acc`."""
    clauses = named(function) if function.type == "anonymous_function" else []
    left = clauses[0].child_by_field_name("left") if len(clauses) == 1 else None
    right = clauses[0].child_by_field_name("right") if len(clauses) == 1 else None
    if left is None or right is None or left.type != "arguments" or len(named(left)) != 2:
        return None
    name, acc = named(left)
    results = named(right)
    if name.type != "identifier" or acc.type != "identifier" or len(results) != 1:
        return None
    items = named(results[0]) if results[0].type == "list" else []
    pair = sides(items[0]) if len(items) == 1 and operator(items[0]) == "|" else None
    if pair is None or text(pair[1]) != text(acc):
        return None
    if any(node.type == "identifier" and text(node) == text(acc) for node in walk(pair[0])):
        return None
    return text(name), pair[0]


REDUCE = Rule(
    "reduce_and_map",
    1,
    "The accumulator starts empty, takes one new head for each element and is reversed at the end;"
    " the head does not mention the accumulator. The same calls run once for each element, in"
    " order.",
    (
        Way(
            "reduce_then_reverse",
            "enum_map",
            (b"Enum.reduce(",),
            re.compile(rb"Enum\.reduce\([\s\S]*reverse|reverse\([\s\S]*Enum\.reduce"),
            at_each(_reduce_to_map, "call", "binary_operator"),
            made=1,
        ),
        Way(
            "enum_map",
            "reduce_then_reverse",
            (),
            re.compile(rb"Enum\.map\([^\n]*fn [a-z]\w* -> "),
            at_each(_map_to_reduce, "call", "binary_operator"),
            real=1,
            most=2,
        ),
    ),
)
