"""Choosing by guard: several clauses instead of `if` or `cond` on the arguments."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, call, keyword_values, named, operator, sides, text, walk
from transforms.idiom.layout import arrows, block, body, one_line, piece
from transforms.idiom.proof import BOOLEAN_LOCAL, inner, split_else
from transforms.idiom.rule import Rule, Way, whole_unit
from transforms.idiom.rules.booleans import clauses
from transforms.idiom.rules.heads import (
    MOST_CLAUSES,
    apart,
    definition,
    everything,
    names_in,
    ready,
)
from transforms.idiom.unit import Unit, words

_SAFE_SIGNS = words("== != === !== < > <= >=")


def _safe_guard(unit: Unit, node: Node) -> bool:
    """Whether the test gives `true` or `false` for every value of its variables, in a guard as
    well as outside of one: nothing in it can raise."""
    waiting = [node]
    while waiting:
        here = inner(waiting.pop())
        name, pair = operator(here), sides(here)
        if pair and name in ("and", "or"):
            waiting += pair
        elif pair and name in _SAFE_SIGNS:
            if not all(_atomic(side) for side in pair):
                return False
        elif pair and name in ("in", "not in"):
            items = named(pair[1]) if pair[1].type == "list" else [pair[1]]
            if pair[1].type != "list" or not all(map(_atomic, [pair[0], *items])):
                return False
        elif name == "not":
            waiting += named(here)
        else:
            parts = call(here)
            if parts is None or parts.module or parts.label not in BOOLEAN_LOCAL:
                return False
            if parts.label in ("match?/2", "is_map_key/2", "is_function/2", "is_struct/2"):
                return False
            if parts.name.endswith("exported?") or not unit.around.kernel(parts.name):
                return False
            if not all(map(_atomic, parts.arguments)):
                return False
    return True


def _atomic(node: Node) -> bool:
    if operator(node) in ("-", "@"):
        return all(child.type in ("integer", "float", "identifier") for child in named(node))
    if node.type == "string":
        return not any(child.type == "interpolation" for child in named(node))
    return node.type in ("identifier", "integer", "float", "atom", "boolean", "nil", "char")


def _decisions(unit: Unit, node: Node) -> list[tuple[Node | None, list[Node]]]:
    """Conditions and branches of an `if … else` or a `cond` that ends in `true`; the last one has
    no condition. [] for anything else."""
    parts = call(node)
    if parts is None or not unit.around.kernel(parts.name):
        return []
    if parts.path == "if" and parts.block is not None and len(parts.arguments) == 1:
        then, other = split_else(parts.block)
        return [(parts.arguments[0], then), (None, other)] if then and other else []
    if parts.path == "if" and len(parts.arguments) == 2:
        values = keyword_values(parts.arguments[1])
        if list(values) == ["do", "else"]:
            return [(parts.arguments[0], [values["do"]]), (None, [values["else"]])]
    if parts.path != "cond" or parts.block is None:
        return []
    found = clauses(parts.block)
    if not found or any(len(named(left)) != 1 for left, _ in found):
        return []
    if text(found[-1][0]) != "true":
        return []
    given: list[tuple[Node | None, list[Node]]] = [
        (named(left)[0], named(right)) for left, right in found[:-1]
    ]
    return [*given, (None, named(found[-1][1]))]


def _decision_to_guards(unit: Unit) -> list[Edit]:
    heads = unit.heads
    if len(heads) != 1 or heads[0].guard is not None or len(heads[0].body) != 1:
        return []
    (first,) = heads
    names = [text(argument) for argument in first.arguments]
    if any(a.type != "identifier" for a in first.arguments) or len(set(names)) != len(names):
        return []
    found = _decisions(unit, first.body[0])
    if not 2 <= len(found) <= MOST_CLAUSES:
        return []
    definitions = []
    for condition, then in found:
        said: set[str] = set()
        if condition is not None:
            said = {text(n) for n in walk(condition) if n.type == "identifier" and not _callee(n)}
            if not said or not said <= set(names) or not _safe_guard(unit, condition):
                return []
        used = said | names_in(then)
        given = [name if name in used or name.startswith("_") else f"_{name}" for name in names]
        guard = one_line(piece(unit, condition)) if condition is not None else ""
        definitions.append(definition(first, given, guard, body(unit, then)))
    return everything(unit, apart(definitions))


def _callee(node: Node) -> bool:
    parts = call(node.parent)
    return parts is not None and parts.target == node


def _guards_to_decision(unit: Unit) -> list[Edit]:
    heads = unit.heads
    names = ready(unit, heads) if heads else None
    if names is None:
        return []
    pairs: list[tuple[str, str]] = []
    used: set[str] = set()
    for h in heads:
        if any(a.type != "identifier" for a in h.arguments):
            return []
        own = [text(a) for a in h.arguments]
        if any(o.lstrip("_") not in ("", n) for o, n in zip(own, names, strict=True)):
            return []
        mentioned = names_in([*h.body, *([h.guard] if h.guard else [])])
        if any(o.startswith("_") and o in mentioned for o in own):
            return []
        if any(o.startswith("_") and n in mentioned for o, n in zip(own, names, strict=True)):
            return []
        used |= mentioned
        if (h.guard is None) != (h is heads[-1]):
            return []
        if h.guard is not None and not _safe_guard(unit, h.guard):
            return []
        said = one_line(piece(unit, h.guard)) if h.guard is not None else "true"
        pairs.append((said, body(unit, h.body)))
    if len(pairs) == 2:
        made = block(f"if {pairs[0][0]}", ("", pairs[0][1]), ("else", pairs[1][1]))
    else:
        made = block("cond", ("", arrows(pairs)))
    given = [name if name in used else f"_{name}" for name in names]
    return everything(
        unit, block(f"{heads[0].kind} {heads[0].name}({', '.join(given)})", ("", made))
    )


GUARDS = Rule(
    "conditions_and_guards",
    1,
    "The conditions are comparisons and type tests of the arguments themselves, which can neither"
    " raise nor give anything but `true` and `false`, so that a guard decides as the condition"
    " does. There is a last branch for everything else.",
    (
        Way(
            "conditions_in_body",
            "guard_clauses",
            (),
            re.compile(rb"^\s*(?:if |cond do)|do: if", re.MULTILINE),
            whole_unit(_decision_to_guards),
            made=1,
        ),
        Way(
            "guard_clauses",
            "conditions_in_body",
            (),
            re.compile(rb"\) when [\s\S]*\n *defp? "),
            whole_unit(_guards_to_decision),
            real=1,
        ),
    ),
)
