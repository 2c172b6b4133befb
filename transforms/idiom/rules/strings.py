"""Strings put together: `"a" <> x <> "b"` and `"a#{x}b"`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, call, named, operator, sides, text
from transforms.idiom.layout import UnfitError, one_line, piece
from transforms.idiom.proof import a_binary
from transforms.idiom.rule import Rule, Way, at_each, replace
from transforms.idiom.unit import Place, Unit

MOST_PARTS = 7


def _operands(node: Node) -> list[Node]:
    """What a chain of `<>` joins, in order."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        here = waiting.pop()
        pair = sides(here) if operator(here) == "<>" else None
        if pair:
            waiting += [pair[1], pair[0]]
        else:
            found.append(here)
    return found


def _plain(node: Node) -> bool:
    """A string on one line between plain quotes."""
    return node.type == "string" and not text(node).startswith('"""') and "\n" not in text(node)


def _to_interpolation(unit: Unit, place: Place) -> Edit | None:
    if operator(place.node) != "<>" or place.guard or place.interpolated:
        return None
    if place.inside is not None and operator(place.inside.node) == "<>":
        return None
    parts = _operands(place.node)
    if not 2 <= len(parts) <= MOST_PARTS or not any(map(_plain, parts)):
        return None
    made = []
    for part in parts:
        if _plain(part):
            made.append(text(part)[1:-1])
            continue
        if not a_binary(unit, part) or part.type == "string":
            return None
        held = call(part)
        said = one_line(piece(unit, part))
        if held and held.path == "to_string" and len(held.arguments) == 1:
            said = one_line(piece(unit, held.arguments[0]))
        if '"' in said or "#" in said:
            return None
        made.append(f"#{{{said}}}")
    whole = "".join(made)
    # "#" and "{" that were apart would come together and mean something.
    if all(map(_plain, parts)) or whole.count("#{") != sum(part.count("#{") for part in made):
        return None
    return replace(unit, place.node, f'"{whole}"')


def _to_concatenation(unit: Unit, place: Place) -> Edit | None:
    node = place.node
    if not _plain(node) or place.guard or place.interpolated or place.captured:
        return None
    if place.role not in ("argument", "statement", "value") or not unit.around.kernel("to_string"):
        return None
    made: list[str] = []
    literal = ""
    for child in named(node):
        if child.type != "interpolation":
            literal += text(child)
            continue
        inside = named(child)
        if len(inside) != 1:
            raise UnfitError("an interpolation that is no single expression")
        if literal:
            made.append(f'"{literal}"')
        literal = ""
        said = one_line(piece(unit, inside[0]))
        binary = a_binary(unit, inside[0]) and call(inside[0]) is not None
        made.append(said if binary else f"to_string({said})")
    if literal:
        made.append(f'"{literal}"')
    if not 2 <= len(made) <= MOST_PARTS or len(made) == made.count(f'"{literal}"'):
        return None
    if not any(part.startswith('"') for part in made):
        return None
    return replace(unit, node, " <> ".join(made))


INTERPOLATION = Rule(
    "concatenation_and_interpolation",
    1,
    "`<>` takes binaries alone, interpolation takes whatever `to_string/1` does: every joined part"
    " is surely a binary, or is wrapped in `to_string/1`, which is what interpolation calls. Left"
    " alone in patterns and guards.",
    (
        Way(
            "concatenation",
            "interpolation",
            (),
            re.compile(rb'" <> [\w:]|[\w)] <> "'),
            at_each(_to_interpolation, "binary_operator"),
            made=1,
        ),
        Way(
            "interpolation",
            "concatenation",
            (),
            re.compile(rb'"[^"\n]*#\{'),
            at_each(_to_concatenation, "string"),
            real=1,
            most=2,
        ),
    ),
)
