"""Nested calls and pipelines: `c(b(a, x), y)` and `a |> b(x) |> c(y)`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, Parts, call, operator, pipeline, primary
from transforms.idiom.layout import WIDTH, UnfitError, call_of, one_line, piece, pieces, piped
from transforms.idiom.rule import Rule, Way, at_each, replace, statement
from transforms.idiom.unit import CONTROL, Place, Unit, words

MOST_NESTED = 4
"""More calls than this inside one another are not what anyone would write."""

NOT_STEPS = CONTROL | words(
    """
    then tap dbg unquote unquote_splicing quote raise reraise throw exit send self not and
    or is_nil elem hd tl def defp super spawn import alias require use apply max min match?
    """
)
"""Names that read badly, or cannot stand, as a step of a pipeline or around one."""

_CHAINED = words("Enum Stream String Map Keyword List MapSet Regex Integer IO")
"""Elixir's modules whose functions are made to be piped into."""


_OF_EQUALS = words("union difference intersection concat merge disjoint? subset? equal? zip")
"""Functions of two things of a kind, neither of which flows into the other."""


_LITERALS = words("integer float atom string boolean nil char list tuple map")
"""Nobody starts a pipeline with one."""


def step(node: Node) -> Parts | None:
    """The step as a call with parentheses that can take a first argument; None otherwise."""
    parts = call(node)
    if parts is None or not parts.parens or parts.block is not None:
        return None
    if not parts.name or parts.name in NOT_STEPS or parts.path.startswith("Kernel."):
        return None
    return parts


def chain(node: Node) -> tuple[Node, list[Parts]] | None:
    """What goes into a pipeline and its steps, when all of them are plain calls."""
    start, *steps = pipeline(node)
    parts = [found for found in map(step, steps) if found]
    return (start, parts) if steps and len(parts) == len(steps) else None


def joined_value(unit: Unit, place: Place, made: str) -> Edit:
    """`made` in the place's stead, drawn up to the `=` when that leaves room and it has one."""
    edit = replace(unit, place.node, made)
    if place.role != "value" or "\n" in made:
        return edit
    start = unit.source.rfind(b"=", 0, edit.start) + 1
    if unit.source[start : edit.start].strip() or b"\n" not in unit.source[start : edit.start]:
        return edit
    if unit.column(start) + 1 + len(made) > WIDTH:
        return edit
    return Edit(start, edit.end, " " + made)


SHORT = 60
"""A pipeline of two steps up to this wide stays on one line."""


def laid_out(unit: Unit, place: Place, start: str, steps: list[str]) -> Edit:
    """A pipeline in the place of a statement or of a statement's value: one step a line where the
    place begins a line (or can be moved to one), else all on one line."""
    single = " |> ".join([start, *steps])
    short = "\n" not in single and len(steps) < 3 and len(single) <= SHORT
    if place.role == "value" and not short:
        margin = unit.source.rfind(b"=", 0, place.node.start_byte) + 1
        if unit.source[margin : place.node.start_byte].strip() or place.node.parent is None:
            raise UnfitError("not right after its =")
        lines = piped(start, steps).split("\n")
        name = unit.source[place.node.parent.start_byte : margin].decode()
        made = "\n".join([name, *("  " + line if line else "" for line in lines)])
        return statement(unit, place.node.parent, made)
    if place.role == "statement" and unit.starts_line(place.node):
        return statement(unit, place.node, piped(start, steps))
    return replace(unit, place.node, one_line(single))


def _to_nested(unit: Unit, place: Place) -> Edit | None:
    if operator(place.node) != "|>" or place.role == "first" or place.interpolated:
        return None
    found = chain(place.node)
    if found is None or not 2 <= len(found[1]) <= MOST_NESTED:
        return None
    start, steps = found
    if not primary(start):
        return None
    room = WIDTH - unit.indent(place.node.start_byte)
    made = piece(unit, start)
    for one in steps:
        made = call_of(one.path, [made, *pieces(unit, one.arguments)], room)
    if "\n" in made and (len(steps) > 2 or made.startswith(f"{steps[-1].path}(\n")):
        raise UnfitError("too much to nest")
    return joined_value(unit, place, made)


def _nest(node: Node) -> tuple[Node, list[Parts]]:
    """The innermost first argument that a pipeline could start with, and the calls around it."""
    calls: list[Parts] = []
    here = node
    while (parts := step(here)) and parts.arguments and parts.target.type != "atom":
        if parts.module.startswith(":"):
            break
        calls.append(parts)
        here = parts.arguments[0]
    calls.reverse()
    if calls and (here.type in _LITERALS or not primary(here)):
        start = calls.pop(0).node
        return start, calls
    return here, calls


def _to_pipeline(unit: Unit, place: Place) -> Edit | None:
    if place.role not in ("statement", "value") or place.guard or place.interpolated:
        return None
    start, calls = _nest(place.node)
    flowing = all(one.module in _CHAINED and unit.around.own(one.module) for one in calls)
    if len(calls) < (2 if flowing else 3) or len(calls) > 7:
        return None
    names = [one.name for one in calls]
    if len(set(names)) < len(names) or set(names) & _OF_EQUALS:
        return None
    steps = [call_of(one.path, pieces(unit, one.arguments[1:])) for one in calls]
    return laid_out(unit, place, one_line(piece(unit, start)), steps)


def _to_call(unit: Unit, place: Place) -> Edit | None:
    if operator(place.node) != "|>" or place.role == "first" or place.interpolated:
        return None
    found = chain(place.node)
    if found is None or len(found[1]) != 1:
        return None
    start, (one,) = found
    if not primary(start) or start.type in ("anonymous_function", "sigil"):
        return None
    room = WIDTH - unit.indent(place.node.start_byte)
    made = call_of(one.path, [one_line(piece(unit, start)), *pieces(unit, one.arguments)], room)
    if made.startswith(f"{one.path}(\n"):
        raise UnfitError("the pipe reads better than a call over several lines")
    return joined_value(unit, place, made)


PIPE = Rule(
    "nested_calls_and_pipelines",
    1,
    "None beyond the syntax: `a |> f(b)` is `f(a, b)` before anything runs (Kernel.|>/2), so order"
    " and number of evaluations are equal. Left alone: steps without parentheses, calls of values,"
    " `then`, control structures, what stands inside quote or an unknown macro.",
    (
        Way(
            "pipeline",
            "nested_calls",
            (),
            re.compile(rb"\|>[^|]*\|>"),
            at_each(_to_nested, "binary_operator"),
            made=1,
            real=9,
            most=2,
        ),
        Way(
            "nested_calls",
            "pipeline",
            (),
            re.compile(rb"[\w?!]\((?:\s*[\w.]+[?!]?\()+"),
            at_each(_to_pipeline, "call"),
            made=1,
        ),
    ),
)

SINGLE = Rule(
    "single_pipe",
    1,
    "As for pipelines: the operator is gone before anything runs. Only chains of one step whose"
    " start is a single line.",
    (
        Way(
            "single_pipe",
            "plain_call",
            (),
            re.compile(rb"\|>"),
            at_each(_to_call, "binary_operator"),
            made=1,
            most=2,
        ),
    ),
)

__all__ = ["PIPE", "SINGLE", "chain", "joined_value", "laid_out", "step"]
