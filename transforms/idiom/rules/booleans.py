"""Booleans without ceremony: `case` on true and false, `if … true else false`, `match?/2`."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, call, keyword_values, named, operator, primary, text
from transforms.idiom.layout import UnfitError, arrows, block, body, one_line, piece
from transforms.idiom.proof import binds, boolean, inner, split_else
from transforms.idiom.rule import Rule, Way, at_each, replace, whole_unit
from transforms.idiom.unit import Place, Unit


def clauses(node: Node) -> list[tuple[Node, Node]] | None:
    """Pattern side (with its guard) and body of every clause of a `case`'s block; None when one
    is broken or empty."""
    found: list[tuple[Node, Node]] = []
    for child in named(node):
        left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
        if child.type != "stab_clause" or left is None or right is None or not named(right):
            return None
        found.append((left, right))
    return found


def _case_to_if(unit: Unit, place: Place) -> Edit | None:
    parts = call(place.node)
    if parts is None or parts.path != "case" or not unit.around.kernel("if"):
        return None
    if parts.block is None or len(parts.arguments) != 1 or place.interpolated:
        return None
    found = clauses(parts.block)
    if found is None or len(found) != 2 or not boolean(unit, parts.arguments[0]):
        return None
    (first, yes), (second, no) = found
    if text(first) == "false" and text(second) in ("true", "_"):
        yes, no = no, yes
    elif not (text(first) == "true" and text(second) in ("false", "_")):
        return None
    subject = one_line(piece(unit, parts.arguments[0]))
    made = block(f"if {subject}", ("", body(unit, named(yes))), ("else", body(unit, named(no))))
    return replace(unit, place.node, made)


def _if_to_case(unit: Unit, place: Place) -> Edit | None:
    parts = call(place.node)
    if parts is None or parts.path != "if" or not unit.around.kernel("if"):
        return None
    if parts.block is None or len(parts.arguments) != 1 or place.interpolated:
        return None
    then, other = split_else(parts.block)
    if not then or not other or not boolean(unit, parts.arguments[0]):
        return None
    subject = one_line(piece(unit, parts.arguments[0]))
    pairs = [("true", body(unit, then)), ("false", body(unit, other))]
    return replace(unit, place.node, block(f"case {subject}", ("", arrows(pairs))))


CASE_ON_BOOLEAN = Rule(
    "case_on_boolean",
    1,
    "What is tested is surely `true` or `false` (a comparison, a type test, `not`, a function of"
    " Elixir's own that ends in `?`), so that neither a CaseClauseError nor a truthy third value"
    " can make a difference.",
    (
        Way(
            "case_on_boolean",
            "if_else",
            (b" true ->",),
            re.compile(rb"\n\s*(?:true|false) ->"),
            at_each(_case_to_if, "call"),
            made=1,
        ),
        Way(
            "if_else",
            "case_on_boolean",
            (),
            re.compile(rb"\bif [\s\S]*\belse\b"),
            at_each(_if_to_case, "call"),
            real=1,
            most=2,
        ),
    ),
)


def branches(node: Node) -> tuple[Node, Node, Node] | None:
    """Condition, then and else of an `if` whose branches are one expression each."""
    parts = call(node)
    if parts is None or parts.path != "if" or not parts.arguments:
        return None
    if parts.block is not None:
        then, other = split_else(parts.block)
        if len(then) != 1 or len(other) != 1:
            return None
        return parts.arguments[0], then[0], other[0]
    values = keyword_values(parts.arguments[-1])
    if list(values) != ["do", "else"] or len(parts.arguments) != 2:
        return None
    return parts.arguments[0], values["do"], values["else"]


def _without_if(unit: Unit, place: Place) -> Edit | None:
    found = branches(place.node)
    if found is None or not unit.around.kernel("if"):
        return None
    condition, then, other = found
    if place.role not in ("statement", "value") or not boolean(unit, condition):
        return None
    said = one_line(piece(unit, condition))
    if (text(then), text(other)) == ("true", "false"):
        return replace(unit, place.node, said)
    if (text(then), text(other)) == ("false", "true"):
        tight = primary(inner(condition))
        return replace(unit, place.node, f"not {said}" if tight else f"not ({said})")
    return None


def _with_if(unit: Unit) -> list[Edit]:
    """Only where a boolean is all that a function with a question mark does: elsewhere nobody
    would write the `if`."""
    if not unit.around.kernel("if") or len(unit.definitions) != 1:
        return []
    parts = call(unit.definitions[0])
    if parts is None or not parts.arguments:
        return []
    if parts.block is not None:
        then, rest = split_else(parts.block)
        whole = then[0] if len(then) == 1 and not rest else None
        if any(child.type.endswith("_block") for child in named(parts.block)):
            whole = None
    else:
        whole = keyword_values(parts.arguments[-1]).get("do")
    if whole is None or whole.type == "boolean" or not boolean(unit, whole):
        return []
    if operator(whole) in ("not", "!") or "\n" in text(whole):
        return []
    made = block(f"if {text(whole)}", ("", "true"), ("else", "false"))
    if parts.block is not None:
        return [replace(unit, whole, made)]
    keywords = parts.arguments[-1]
    comma = unit.source.rfind(b",", 0, keywords.start_byte)
    inside = "\n".join("  " + line for line in made.split("\n"))
    return [Edit(comma, keywords.end_byte, f" do\n{inside}\nend")]


REDUNDANT_IF = Rule(
    "redundant_if",
    1,
    "The condition is surely `true` or `false` itself, so choosing between `true` and `false` by"
    " it gives it back (or its negation).",
    (
        Way(
            "if_true_else_false",
            "bare_condition",
            (),
            re.compile(rb"\b(?:true|false),?\s+else:?\s+(?:true|false)\b"),
            at_each(_without_if, "call"),
            made=1,
        ),
        Way(
            "bare_condition",
            "if_true_else_false",
            (),
            re.compile(rb"\bdefp? \w+\?\("),
            whole_unit(_with_if),
            real=1,
            most=2,
        ),
    ),
)


def _case_to_match(unit: Unit, place: Place) -> Edit | None:
    parts = call(place.node)
    if parts is None or parts.path != "case" or not unit.around.kernel("match?"):
        return None
    if parts.block is None or len(parts.arguments) != 1 or binds(parts.arguments[0]):
        return None
    found = clauses(parts.block)
    if found is None or len(found) != 2:
        return None
    (first, yes), (second, no) = found
    # A body's own text may end with the line's end.
    if [text(node).strip() for node in (second, yes, no)] != ["_", "true", "false"]:
        return None
    if text(first) in ("true", "false", "nil", "_") or _variable(first):
        return None
    subject = one_line(piece(unit, parts.arguments[0]))
    return replace(unit, place.node, f"match?({one_line(piece(unit, first))}, {subject})")


def _variable(pattern: Node) -> bool:
    found = named(pattern)
    return len(found) == 1 and found[0].type == "identifier"


def _match_to_case(unit: Unit, place: Place) -> Edit | None:
    parts = call(place.node)
    if parts is None or parts.path != "match?" or not unit.around.kernel("match?"):
        return None
    if len(parts.arguments) != 2 or place.role not in ("statement", "value") or place.captured:
        return None
    if binds(parts.arguments[1]):
        return None
    pattern, subject = (one_line(piece(unit, node)) for node in parts.arguments)
    keyword_body = place.role == "statement" and not unit.starts_line(place.node)
    made = block(f"case {subject}", ("", arrows([(pattern, "true"), ("_", "false")])))
    if not keyword_body:
        return replace(unit, place.node, made)
    return _body_of(unit, place.node, made)


def _body_of(unit: Unit, node: Node, made: str) -> Edit:
    """`def …, do: node` as `def … do` with `made` in the node's stead."""
    for definition in unit.definitions:
        parts = call(definition)
        if parts is None or not parts.arguments or parts.block is not None:
            continue
        keywords = parts.arguments[-1]
        value = keyword_values(keywords).get("do")
        if value is not None and value == node and definition.start_point[1] == 0:
            comma = unit.source.rfind(b",", 0, keywords.start_byte)
            inside = "\n".join("  " + line for line in made.split("\n"))
            return Edit(comma, keywords.end_byte, f" do\n{inside}\nend")
    raise UnfitError("not the whole body")


MATCH = Rule(
    "case_and_match",
    1,
    "`match?/2` is defined as this `case`: one pattern (with its guard) gives `true`, anything"
    " else `false`. The pattern is no bare variable.",
    (
        Way(
            "case_true_false",
            "match_function",
            (b"_ -> false",),
            re.compile(rb"-> true\s+_ -> false"),
            at_each(_case_to_match, "call"),
            made=1,
        ),
        Way(
            "match_function",
            "case_true_false",
            (b"match?(",),
            re.compile(rb"\bmatch\?\("),
            at_each(_match_to_case, "call"),
            real=1,
        ),
    ),
)

__all__ = ["CASE_ON_BOOLEAN", "MATCH", "REDUNDANT_IF", "branches", "clauses"]
