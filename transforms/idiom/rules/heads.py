"""Choosing by clause: several heads instead of a `case` on arguments."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, call, named, operator, sides, text, walk
from transforms.idiom.layout import arrows, block, body, one_line, piece
from transforms.idiom.rule import Rule, Way, whole_unit
from transforms.idiom.rules.booleans import clauses
from transforms.idiom.unit import Head, Unit

MOST_CLAUSES = 7


def everything(unit: Unit, made: str) -> list[Edit]:
    return [Edit(unit.root.start_byte, len(unit.source), made)]


def names_in(nodes: list[Node] | tuple[Node, ...]) -> set[str]:
    return {text(n) for node in nodes for n in walk(node) if n.type == "identifier"}


def definition(first: Head, arguments: list[str], guard: str, content: str) -> str:
    said = f"{first.kind} {first.name}({', '.join(arguments)})"
    if guard:
        said += f" when {guard}"
    short = f"{said}, do: {content}"
    if "\n" not in content and len(short) <= 90 and not content.startswith(("if ", "case ")):
        return short
    return block(said, ("", content))


def apart(definitions: list[str]) -> str:
    """Clauses one after the other: close together when all are short."""
    return ("\n" if all("\n" not in one for one in definitions) else "\n\n").join(definitions)


def _case_to_heads(unit: Unit) -> list[Edit]:
    heads = unit.heads
    if len(heads) != 1 or heads[0].guard is not None or len(heads[0].body) != 1:
        return []
    (first,) = heads
    parts = call(first.body[0])
    if parts is None or parts.path != "case" or parts.block is None or len(parts.arguments) != 1:
        return []
    subject = parts.arguments[0]
    found = clauses(parts.block)
    if subject.type != "identifier" or not found or not 2 <= len(found) <= MOST_CLAUSES:
        return []
    names = [text(argument) for argument in first.arguments]
    if any(argument.type != "identifier" for argument in first.arguments):
        return []
    if names.count(text(subject)) != 1:
        return []
    at = names.index(text(subject))
    others = set(names) - {text(subject)}
    definitions = []
    for left, right in found:
        guard, pattern = None, left
        pair = sides(left) if operator(left) == "when" else None
        if pair:
            pattern, guard = pair
        bound = names_in([pattern])
        used = names_in([right, *([guard] if guard else [])])
        whole = named(pattern)
        alone = len(whole) == 1 and text(whole[0]) == text(subject)
        if len(whole) != 1 or bound & others or (text(subject) in used and not alone):
            return []
        if any(operator(node) == "^" for node in walk(pattern)):
            return []
        given = [name if name in used or name.startswith("_") else f"_{name}" for name in names]
        given[at] = one_line(piece(unit, whole[0]))
        said = one_line(piece(unit, guard)) if guard else ""
        definitions.append(definition(first, given, said, body(unit, named(right))))
    left, _ = found[-1]
    last = named(left)
    if left.type != "arguments" or last[0].type != "identifier":
        return []
    return everything(unit, apart(definitions))


def _plain_names(h: Head) -> list[str] | None:
    """The arguments of a head that takes anything: all of them different names, and no guard."""
    names = [text(argument) for argument in h.arguments]
    if h.guard is not None or any(a.type != "identifier" for a in h.arguments):
        return None
    real = [name for name in names if name != "_"]
    return names if len(set(real)) == len(real) else None


def ready(unit: Unit, heads: list[Head]) -> list[str] | None:
    """Names for the arguments of one head that is to stand for all, taken from the last clause."""
    if not 2 <= len(heads) <= MOST_CLAUSES or not heads[0].arguments:
        return None
    last = _plain_names(heads[-1])
    if last is None:
        return None
    wishes = ["value", "arg", "term", "input", "other"]
    taken = set(unit.names) | unit.around.functions
    names = []
    for position, name in enumerate(last):
        bare = name.lstrip("_")
        if not bare:
            seen = [
                text(h.arguments[position]).lstrip("_")
                for h in heads
                if h.arguments[position].type == "identifier"
            ]
            known = [word for word in seen if word and word not in names]
            free = [wish for wish in wishes if wish not in taken and wish not in names]
            bare = (known or free or [""])[0]
        if not bare or bare in names or bare in unit.around.functions:
            return None
        names.append(bare)
    return names


def _heads_to_case(unit: Unit) -> list[Edit]:
    heads = unit.heads
    names = ready(unit, heads) if heads else None
    if names is None or any(len(h.body) == 0 for h in heads):
        return []
    matched = [
        position
        for position in range(len(names))
        if any(h.arguments[position].type != "identifier" for h in heads)
    ]
    if not 1 <= len(matched) <= 2:
        return []
    for h in heads:
        free = [p for p in range(len(names)) if p not in matched]
        if any(text(h.arguments[p]).lstrip("_") not in ("", names[p]) for p in free):
            return []
        said = names_in(h.body)
        if any(text(h.arguments[p]).startswith("_") and text(h.arguments[p]) in said for p in free):
            return []
        bound = [names_in([argument]) - {"_"} for argument in h.arguments]
        if sum(map(len, bound)) != len(set().union(*bound)):
            return []
        inside = set().union(*(bound[p] for p in matched)) if matched else set()
        if inside & {names[p] for p in free} or any(_odd(a) for a in h.arguments):
            return []
    pairs = []
    for h in heads:
        patterns = [one_line(piece(unit, h.arguments[p])) for p in matched]
        pattern = patterns[0] if len(patterns) == 1 else "{" + ", ".join(patterns) + "}"
        if h is heads[-1] and not {text(h.arguments[p]) for p in matched} & names_in(h.body):
            pattern = "_"
        if h.guard is not None:
            pattern += f" when {one_line(piece(unit, h.guard))}"
        pairs.append((pattern, body(unit, h.body)))
    subject = (
        names[matched[0]] if len(matched) == 1 else "{" + ", ".join(names[p] for p in matched) + "}"
    )
    made = block(f"case {subject}", ("", arrows(pairs)))
    used = names_in([n for h in heads for n in (*h.body, *([h.guard] if h.guard else []))])
    given = [name if p in matched or name in used else f"_{name}" for p, name in enumerate(names)]
    return everything(
        unit, block(f"{heads[0].kind} {heads[0].name}({', '.join(given)})", ("", made))
    )


def _odd(argument: Node) -> bool:
    """Patterns that say more in a head than in a `case`, or that this rule does not read."""
    return any(
        node.type in ("bitstring", "sigil", "unary_operator") or operator(node) in ("<>", "^", "::")
        for node in walk(argument)
    )


CASE_AND_HEADS = Rule(
    "case_and_clauses",
    1,
    "The `case` is the whole body of the only clause and is asked of arguments as they came; its"
    " last clause takes anything, so nothing can fail to match in one form alone. No pattern binds"
    " a name that another argument has (in a head that would ask for equality), none is pinned.",
    (
        Way(
            "case_on_argument",
            "function_clauses",
            (),
            re.compile(rb"^\s*case [a-z_]\w* do", re.MULTILINE),
            whole_unit(_case_to_heads),
            made=1,
        ),
        Way(
            "function_clauses",
            "case_on_argument",
            (),
            re.compile(rb"\n *defp? "),
            whole_unit(_heads_to_case),
            real=1,
            most=2,
        ),
    ),
)
