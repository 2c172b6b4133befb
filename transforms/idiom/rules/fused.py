"""Two passes over a collection and the one function that does both: `map` and `join`, `filter` and
`count`, `map` and `into`.

All these rules share a shape: the two calls are neighbours in a pipeline, or one is the first
argument of the other; fused they are one call, and a fused call is split the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from factory.syntax import Node
from factory.syntax.rewrite import Edit, Parts, call, named, operator, primary, sides, text
from transforms.idiom.layout import UnfitError, call_of, one_line, piece, pieces
from transforms.idiom.proof import a_list, plain_value
from transforms.idiom.rule import Rewrite, Rule, Way, at_each, replace
from transforms.idiom.rules.pipe import laid_out
from transforms.idiom.unit import Place, Unit

Made = tuple[str, list[str]]
"""A call to be written: its path and its arguments, without the collection."""

Fuse = Callable[[Unit, Parts, Sequence[Node], Parts, Sequence[Node]], "Made | None"]
"""From two calls, each with its arguments but the collection, to the one that does both; None
where the precondition is not seen to hold."""

Split = Callable[[Unit, Parts, Sequence[Node]], "tuple[Made, Made] | None"]
"""From a call and its arguments but the collection to two calls."""


def _elixirs(unit: Unit, parts: Parts | None) -> Parts | None:
    """The call, when it has parentheses and is of Kernel or of a module that is Elixir's own."""
    if parts is None or not parts.parens or parts.block is not None or not parts.name:
        return None
    known = unit.around.own(parts.module) if parts.module else unit.around.kernel(parts.name)
    return parts if known else None


def _neighbours(unit: Unit, node: Node) -> tuple[Parts, Parts, Node] | None:
    """For `… |> first(…) |> second(…)` both calls and the node where `first` begins."""
    if operator(node) != "|>":
        return None
    pair = sides(node)
    before = sides(pair[0]) if pair and operator(pair[0]) == "|>" else None
    if pair is None or before is None:
        return None
    first, second = _elixirs(unit, call(before[1])), _elixirs(unit, call(pair[1]))
    return (first, second, before[1]) if first and second else None


def fusing(fuse: Fuse) -> Rewrite:
    """Fuses neighbours in a pipeline, `second(first(collection, …), …)`, and
    `collection |> first(…)` as the first argument."""

    def site(unit: Unit, place: Place) -> Edit | None:
        if place.interpolated:
            return None
        found = _neighbours(unit, place.node)
        if found:
            first, second, begin = found
            made = fuse(unit, first, first.arguments, second, second.arguments)
            if made is None:
                return None
            path, arguments = made
            return Edit(
                begin.start_byte,
                place.node.end_byte,
                _moved(unit, begin, call_of(path, arguments)),
            )
        outer = _elixirs(unit, call(place.node))
        if outer is None or place.role == "step" or not outer.arguments:
            return None
        inner = _elixirs(unit, call(outer.arguments[0]))
        if inner is None or not inner.arguments:
            return None
        made = fuse(unit, inner, inner.arguments[1:], outer, outer.arguments[1:])
        if made is None:
            return None
        path, arguments = made
        return replace(
            unit, place.node, call_of(path, [piece(unit, inner.arguments[0]), *arguments])
        )

    return at_each(site, "binary_operator", "call")


def _moved(unit: Unit, node: Node, made: str) -> str:
    margin = " " * unit.indent(node.start_byte)
    return made.replace("\n", "\n" + margin)


def splitting(split: Split) -> Rewrite:
    """Splits a step of a pipeline into two, or `fused(collection, …)` into a pipeline of two
    where that needs no parentheses, else into nested calls."""

    def site(unit: Unit, place: Place) -> Edit | None:
        parts = _elixirs(unit, call(place.node))
        if parts is None or place.interpolated or place.guard:
            return None
        stepping = place.role == "step"
        arguments = parts.arguments if stepping else parts.arguments[1:]
        if not stepping and not parts.arguments:
            return None
        made = split(unit, parts, arguments)
        if made is None:
            return None
        one, two = (call_of(path, given) for path, given in made)
        if stepping:
            mark = place.node.start_byte - 3
            if unit.source[mark : place.node.start_byte] != b"|> ":
                raise UnfitError("a step that does not follow its arrow")
            alone = unit.column(mark) == unit.indent(mark)
            between = "\n|> " if alone else " |> "
            if not alone:
                one_line(one)
            return replace(unit, place.node, f"{one}{between}{two}")
        start = parts.arguments[0]
        if place.role in ("statement", "value") and primary(start):
            return laid_out(unit, place, one_line(piece(unit, start)), [one, two])
        (path_one, given_one), (path_two, given_two) = made
        nested = call_of(path_one, [one_line(piece(unit, start)), *map(one_line, given_one)])
        return replace(unit, place.node, call_of(path_two, [one_line(nested), *given_two]))

    return at_each(site, "call")


def _is(parts: Parts, path: str) -> bool:
    return parts.path == path


def _map_new(
    unit: Unit, first: Parts, given: Sequence[Node], second: Parts, more: Sequence[Node]
) -> Made | None:
    if not _is(first, "Enum.map") or len(given) != 1:
        return None
    into = _is(second, "Enum.into") and [text(node) for node in more] == ["%{}"]
    if into or (_is(second, "Map.new") and not more):
        return "Map.new", pieces(unit, given)
    return None


def _from_map_new(unit: Unit, parts: Parts, given: Sequence[Node]) -> tuple[Made, Made] | None:
    if not _is(parts, "Map.new") or len(given) != 1 or not unit.around.own("Enum"):
        return None
    return ("Enum.map", pieces(unit, given)), ("Enum.into", ["%{}"])


MAP_NEW = Rule(
    "map_into_map",
    1,
    "`Map.new/2` calls the function once for each element, in order, as `Enum.map/2` does, and"
    " later keys win in both. What is raised for an element that is no pair may be worded"
    " differently.",
    (
        Way(
            "map_then_into",
            "map_new",
            (b"Enum.into(", b"Map.new("),
            re.compile(rb"Enum\.map\([\s\S]*(?:Enum\.into\(|Map\.new\()|Enum\.into\(\s*Enum\.map"),
            fusing(_map_new),
            made=1,
        ),
        Way(
            "map_new",
            "map_then_into",
            (b"Map.new(",),
            re.compile(rb"Map\.new\("),
            splitting(_from_map_new),
            real=1,
        ),
    ),
)


def _map_join(
    unit: Unit, first: Parts, given: Sequence[Node], second: Parts, more: Sequence[Node]
) -> Made | None:
    if not (_is(first, "Enum.map") and _is(second, "Enum.join")) or len(given) != 1:
        return None
    if not all(map(plain_value, [*given, *more])) or len(more) > 1:
        return None
    return "Enum.map_join", [*pieces(unit, more), *pieces(unit, given)]


def _from_map_join(unit: Unit, parts: Parts, given: Sequence[Node]) -> tuple[Made, Made] | None:
    if not _is(parts, "Enum.map_join") or len(given) not in (1, 2):
        return None
    if not all(map(plain_value, given)):
        return None
    return ("Enum.map", pieces(unit, given[-1:])), ("Enum.join", pieces(unit, given[:-1]))


MAP_JOIN = Rule(
    "map_join",
    1,
    "Function and separator are written out, variables or attributes, so that the order in which"
    " they are evaluated cannot show. The function runs once for each element, in order. That its"
    " results can be turned into text, and that doing so has no effects (String.Chars), is taken"
    " for granted: the two forms differ in how far they get before an error.",
    (
        Way(
            "map_then_join",
            "map_join",
            (b"Enum.join(",),
            re.compile(rb"Enum\.join\("),
            fusing(_map_join),
            made=1,
        ),
        Way(
            "map_join",
            "map_then_join",
            (b"Enum.map_join(",),
            re.compile(rb"Enum\.map_join\("),
            splitting(_from_map_join),
            real=1,
        ),
    ),
)


_NO_LISTS = frozenset({"tuple", "map", "string", "integer", "atom"})


def _gives_lists(unit: Unit, function: Node, *, flat: bool) -> bool:
    """Whether every result of a function written out is surely a list; `flat`: of things that are
    surely not lists."""
    if function.type != "anonymous_function":
        return False
    bodies = [clause.child_by_field_name("right") for clause in named(function)]
    for body in bodies:
        last = named(body)[-1] if body is not None and named(body) else None
        if last is None or not a_list(unit, last):
            return False
        if flat and not (
            last.type == "list" and all(item.type in _NO_LISTS for item in named(last))
        ):
            return False
    return True


def _flat_map(
    unit: Unit, first: Parts, given: Sequence[Node], second: Parts, more: Sequence[Node]
) -> Made | None:
    if not _is(first, "Enum.map") or len(given) != 1 or more:
        return None
    flatten = _is(second, "List.flatten")
    if not (flatten or _is(second, "Enum.concat")) or not _gives_lists(
        unit, given[0], flat=flatten
    ):
        return None
    return "Enum.flat_map", pieces(unit, given)


def _from_flat_map(unit: Unit, parts: Parts, given: Sequence[Node]) -> tuple[Made, Made] | None:
    if not _is(parts, "Enum.flat_map") or len(given) != 1:
        return None
    if not _gives_lists(unit, given[0], flat=False):
        return None
    return ("Enum.map", pieces(unit, given)), ("Enum.concat", [])


FLAT_MAP = Rule(
    "flat_map",
    1,
    "The function is written out and every branch of it surely ends in a list, so nothing lazy is"
    " walked between two of its calls. `List.flatten/1` goes all the way down, so there the lists"
    " must hold literals that are no lists.",
    (
        Way(
            "map_then_concat",
            "flat_map",
            (b"Enum.concat(", b"List.flatten("),
            re.compile(rb"Enum\.concat\(|List\.flatten\("),
            fusing(_flat_map),
            made=1,
        ),
        Way(
            "flat_map",
            "map_then_concat",
            (b"Enum.flat_map(",),
            re.compile(rb"Enum\.flat_map\("),
            splitting(_from_flat_map),
            real=1,
        ),
    ),
)


def _count(
    unit: Unit, first: Parts, given: Sequence[Node], second: Parts, more: Sequence[Node]
) -> Made | None:
    if not _is(first, "Enum.filter") or len(given) != 1 or more:
        return None
    if second.path not in ("Enum.count", "length"):
        return None
    return "Enum.count", pieces(unit, given)


def _from_count(unit: Unit, parts: Parts, given: Sequence[Node]) -> tuple[Made, Made] | None:
    if not _is(parts, "Enum.count") or len(given) != 1 or not unit.around.kernel("length"):
        return None
    return ("Enum.filter", pieces(unit, given)), ("length", [])


COUNT = Rule(
    "count_matching",
    1,
    "`Enum.count/2` calls the function once for each element, in order, and counts what is truthy,"
    " as `Enum.filter/2` keeps what is truthy; `Enum.filter/2` always gives a list.",
    (
        Way(
            "filter_then_count",
            "count_with_function",
            (b"Enum.filter(",),
            re.compile(
                rb"Enum\.filter\([\s\S]*(?:Enum\.count\(\)|length\(\))|(?:length|Enum\.count)\(Enum\.filter"
            ),
            fusing(_count),
            made=1,
        ),
        Way(
            "count_with_function",
            "filter_then_count",
            (b"Enum.count(",),
            re.compile(rb"Enum\.count\("),
            splitting(_from_count),
            real=1,
        ),
    ),
)
