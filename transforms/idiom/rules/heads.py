"""Choosing by clause: several heads instead of a `case` on arguments, guards instead of `if` or
`cond`; and the short form of a body."""

from __future__ import annotations

import re

from factory.syntax import Node
from factory.syntax.rewrite import Edit, call, keyword_values, named, operator, sides, text, walk
from transforms.idiom.layout import block, body, indented, one_line, piece
from transforms.idiom.proof import BOOLEAN_LOCAL, inner, split_else
from transforms.idiom.rule import Rule, Way, whole_unit
from transforms.idiom.rules.booleans import clauses
from transforms.idiom.unit import Head, Unit, words

MOST_CLAUSES = 7


def _whole(unit: Unit, made: str) -> list[Edit]:
    return [Edit(unit.root.start_byte, len(unit.source), made)]


def _names_in(nodes: list[Node] | tuple[Node, ...]) -> set[str]:
    return {text(n) for node in nodes for n in walk(node) if n.type == "identifier"}


def _definition(first: Head, arguments: list[str], guard: str, content: str) -> str:
    said = f"{first.kind} {first.name}({', '.join(arguments)})"
    if guard:
        said += f" when {guard}"
    short = f"{said}, do: {content}"
    if "\n" not in content and len(short) <= 90 and not content.startswith(("if ", "case ")):
        return short
    return block(said, ("", content))


def _apart(definitions: list[str]) -> str:
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
        bound = _names_in([pattern])
        used = _names_in([right, *([guard] if guard else [])])
        whole = named(pattern)
        alone = len(whole) == 1 and text(whole[0]) == text(subject)
        if len(whole) != 1 or bound & others or (text(subject) in used and not alone):
            return []
        if any(operator(node) == "^" for node in walk(pattern)):
            return []
        given = [name if name in used or name.startswith("_") else f"_{name}" for name in names]
        given[at] = one_line(piece(unit, whole[0]))
        said = one_line(piece(unit, guard)) if guard else ""
        definitions.append(_definition(first, given, said, body(unit, named(right))))
    left, _ = found[-1]
    last = named(left)
    if left.type != "arguments" or last[0].type != "identifier":
        return []
    return _whole(unit, _apart(definitions))


def _plain_names(h: Head) -> list[str] | None:
    """The arguments of a head that takes anything: all of them different names, and no guard."""
    names = [text(argument) for argument in h.arguments]
    if h.guard is not None or any(a.type != "identifier" for a in h.arguments):
        return None
    real = [name for name in names if name != "_"]
    return names if len(set(real)) == len(real) else None


def _ready(unit: Unit, heads: list[Head]) -> list[str] | None:
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
    names = _ready(unit, heads) if heads else None
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
        said = _names_in(h.body)
        if any(text(h.arguments[p]).startswith("_") and text(h.arguments[p]) in said for p in free):
            return []
        bound = [_names_in([argument]) - {"_"} for argument in h.arguments]
        if sum(map(len, bound)) != len(set().union(*bound)):
            return []
        inside = set().union(*(bound[p] for p in matched)) if matched else set()
        if inside & {names[p] for p in free} or any(_odd(a) for a in h.arguments):
            return []
    pairs = []
    for h in heads:
        patterns = [one_line(piece(unit, h.arguments[p])) for p in matched]
        pattern = patterns[0] if len(patterns) == 1 else "{" + ", ".join(patterns) + "}"
        if h is heads[-1] and not {text(h.arguments[p]) for p in matched} & _names_in(h.body):
            pattern = "_"
        if h.guard is not None:
            pattern += f" when {one_line(piece(unit, h.guard))}"
        pairs.append((pattern, body(unit, h.body)))
    subject = (
        names[matched[0]] if len(matched) == 1 else "{" + ", ".join(names[p] for p in matched) + "}"
    )
    roomy = any("\n" in content or len(p) + len(content) > 76 for p, content in pairs)
    lines = (
        "\n\n".join(f"{p} ->\n{indented(content)}" for p, content in pairs)
        if roomy
        else "\n".join(f"{p} -> {content}" for p, content in pairs)
    )
    made = block(f"case {subject}", ("", lines))
    used = _names_in([n for h in heads for n in (*h.body, *([h.guard] if h.guard else []))])
    given = [name if p in matched or name in used else f"_{name}" for p, name in enumerate(names)]
    return _whole(unit, block(f"{heads[0].kind} {heads[0].name}({', '.join(given)})", ("", made)))


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
        used = said | _names_in(then)
        given = [name if name in used or name.startswith("_") else f"_{name}" for name in names]
        guard = one_line(piece(unit, condition)) if condition is not None else ""
        definitions.append(_definition(first, given, guard, body(unit, then)))
    return _whole(unit, _apart(definitions))


def _callee(node: Node) -> bool:
    parts = call(node.parent)
    return parts is not None and parts.target == node


def _guards_to_decision(unit: Unit) -> list[Edit]:
    heads = unit.heads
    names = _ready(unit, heads) if heads else None
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
        mentioned = _names_in([*h.body, *([h.guard] if h.guard else [])])
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
        roomy = any("\n" in content or len(p) + len(content) > 76 for p, content in pairs)
        lines = (
            "\n\n".join(f"{p} ->\n{indented(content)}" for p, content in pairs)
            if roomy
            else "\n".join(f"{p} -> {content}" for p, content in pairs)
        )
        made = block("cond", ("", lines))
    given = [name if name in used else f"_{name}" for name in names]
    return _whole(unit, block(f"{heads[0].kind} {heads[0].name}({', '.join(given)})", ("", made)))


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


_WORTH_A_BLOCK = 24
"""Nobody would spread a shorter body over three lines."""


def _to_block(unit: Unit) -> list[Edit]:
    heads = unit.heads
    if not heads or not all(h.short for h in heads) or len(heads) > 1:
        return []
    (only,) = heads
    parts = call(unit.definitions[0])
    if parts is None:
        return []
    keywords = parts.arguments[-1]
    comma = unit.source.rfind(b",", 0, keywords.start_byte)
    content = piece(unit, only.body[0])
    if len(content) < _WORTH_A_BLOCK:
        return []
    if "\n" in unit.source[comma : only.body[0].start_byte].decode():
        content = one_line(content)
    return [Edit(comma, keywords.end_byte, f" do\n{indented(content)}\nend")]


def _to_short(unit: Unit) -> list[Edit]:
    heads = unit.heads
    if len(heads) != 1 or heads[0].short or len(heads[0].body) != 1:
        return []
    (only,) = heads
    content = only.body[0]
    parts = call(content)
    if "\n" in text(content) or operator(content) == "=" or (parts and parts.block):
        return []
    if parts and parts.arguments and not parts.parens:
        return []
    definition = call(unit.definitions[0])
    if definition is None or definition.block is None:
        return []
    start = definition.arguments[-1].end_byte
    made = f", do: {text(content)}"
    if unit.column(start) + len(made) > 90:
        return []
    return [Edit(start, definition.block.end_byte, made)]


SHORT_BODY = Rule(
    "short_body",
    1,
    "`do: expression` and `do … end` around one expression are the same syntax tree.",
    (
        Way(
            "one_line_body",
            "block_body",
            (),
            re.compile(rb", do: "),
            whole_unit(_to_block),
            made=1,
            most=1,
        ),
        Way(
            "block_body",
            "one_line_body",
            (),
            re.compile(rb"\bdo\n[^\n]*\n *end\Z"),
            whole_unit(_to_short),
            made=1,
            real=1,
            most=1,
        ),
    ),
)

__all__ = ["CASE_AND_HEADS", "GUARDS", "SHORT_BODY"]
