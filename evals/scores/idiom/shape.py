"""What whole functions show: their virtues, and faults of size, nesting, names and recursion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evals.scores.idiom.conditions import TYPE_TESTS
from evals.scores.idiom.forms import Form, clauses, is_literal, is_pattern, same, statements
from evals.scores.idiom.functions import Clause, Function

LONG = 24
"""Lines from which a clause is long; each further `LONG` lines count again."""
DEEP = 4
"""Control structures inside one another that are too many; two more count again."""
_SNAKE = re.compile(r"_*[a-z][a-z0-9_]*[?!]?|_+|[^a-zA-Z]+")
_NESTING = frozenset({"if", "unless", "case", "cond", "with", "for", "receive", "try"})
_HIGHER = ("Enum.", "Stream.", "Map.", "Keyword.", "List.")
_LIBRARY = (*_HIGHER, "String.", "Integer.", "MapSet.", "Date.", "Regex.", "Float.", "Base.")
_NOTHING = frozenset({"then", "tap", "Function.identity", "IO.inspect"})


def faults(function: Function) -> Iterator[tuple[str, Form]]:
    """The faults of a function as a whole, each with the form it is found at."""
    if not _SNAKE.fullmatch(function.name):
        yield "foreign_name", function.clauses[0].form
    seen: set[str] = set()
    for clause in function.clauses:
        for _ in range(clause.lines // LONG):
            yield "long_clause", clause.form
        deepest, depth = _deepest(clause.body)
        for _ in range(DEEP, depth + 1, 2):
            yield "deep_nesting", deepest
        dispatch = _dispatches(clause)
        if dispatch is not None and len(function.clauses) == 1:
            yield "dispatch_in_body", dispatch
        for form in clause.form.walk():
            if form.kind != "var" or form.name in seen or form.name.startswith("__"):
                continue
            if not _SNAKE.fullmatch(form.name):
                seen.add(form.name)
                yield "foreign_name", form
    found = _plain_recursion(function)
    if found is not None:
        yield "recursion_reimplements", found


def virtues(function: Function, idle: Iterable[Form]) -> set[str]:
    """What a function does well. Code inside `idle` earns nothing."""
    ignored = {id(form) for statement in idle for form in statement.walk()}
    found: set[str] = set()
    for clause in function.clauses:
        if any(map(is_pattern, clause.patterns)):
            found.add("pattern_heads")
        if clause.guard is not None and _decides(clause.guard):
            found.add("guards")
        body = statements(clause.body)
        if len(body) == 1 and body[0].kind == "call" and body[0].name.startswith(_LIBRARY):
            found.add("library")
        for form in clause.body.walk():
            if id(form) not in ignored:
                found.update(_virtues(form))
    return found


def _virtues(form: Form) -> Iterator[str]:
    if form.kind == "pipe":
        if len(_real_steps(form)) >= 2:
            yield "pipeline"
    elif form.kind == "stab":
        if form.guard is not None and _decides(form.guard):
            yield "guards"
        if any(_takes_apart(arg) for arg in form.args):
            yield "destructuring"
    elif form.is_op("=", "<-") and len(form.args) == 2:
        if _takes_apart(form.args[0]):
            yield "destructuring"
    elif form.kind == "call":
        if form.name == "with":
            # With one clause and `else` it is a `case` in disguise, and so a fault.
            arrows = [arg for arg in form.args if arg.is_op("<-") and _takes_apart(arg.args[0])]
            if len(arrows) >= 2 or (arrows and "else" not in form.blocks):
                yield "with"
        elif form.name == "for":
            if _value_used(form) and any(arg.is_op("<-") for arg in form.args):
                yield "comprehension"
        elif (
            form.name.startswith(_HIGHER)
            and any(
                arg.kind == "fn" or (arg.kind == "unary" and arg.name == "&") for arg in form.args
            )
            and form.name != "Enum.each"
        ):
            yield "higher_order"
    elif form.kind == "unary" and form.name == "&":
        inner = form.args[0] if form.args else None
        if inner is not None and inner.kind != "integer" and inner.name != "&":
            yield "capture"
    elif form.kind == "tuple" and len(form.args) == 2:
        if form.args[0].name in {":ok", ":error"} and not _in_pattern(form):
            yield "tagged_tuples"
    elif form.kind in {"map", "struct"} and any(arg.is_op("|") for arg in form.args):
        yield "update_syntax"


def _decides(guard: Form) -> bool:
    """Whether a guard says more than a pattern could: `x == 1`, `is_nil(x)` and `true` do not."""
    if guard.is_op("and", "or"):
        return any(map(_decides, guard.args))
    if guard.kind == "unary":
        return any(map(_decides, guard.args))
    if guard.is_op("==", "===") and len(guard.args) == 2:
        return not is_literal(guard.args[1])
    return not is_literal(guard) and not guard.calls("is_nil")


def _real_steps(pipe: Form) -> list[Form]:
    """The steps of a pipe that do something, and not what the one before did just as well."""
    steps: list[Form] = []
    for step in pipe.args[1:]:
        if step.kind != "call" or step.blocks or step.name in _NOTHING:
            continue
        if steps and same(steps[-1], step):
            continue
        steps.append(step)
    return steps


def _takes_apart(pattern: Form) -> bool:
    return any(
        form.kind in {"list", "tuple", "map", "struct", "bitstring"} and form.args
        for form in pattern.walk()
    )


def _value_used(form: Form) -> bool:
    block = form.parent
    return block is None or block.kind != "block" or block.args[-1] is form


def _in_pattern(form: Form) -> bool:
    inner = form
    for outer in form.ancestors():
        if outer.kind == "stab" and inner in outer.args:
            return True
        if outer.is_op("=", "<-") and outer.args[0] is inner:
            return True
        if outer.kind == "block":
            return False
        inner = outer
    return False


def _deepest(body: Form) -> tuple[Form, int]:
    """Where control structures stand deepest, and how many of them one inside the other."""
    found, most = body, 0
    waiting: list[tuple[Form, int]] = [(body, 0)]
    while waiting:
        form, depth = waiting.pop()
        depth += form.kind == "fn" or (form.kind == "call" and form.name in _NESTING)
        if depth > most:
            found, most = form, depth
        waiting += [(child, depth) for child in form.children()]
    return found, most


def _dispatches(clause: Clause) -> Form | None:
    """The one `if`, `cond` or `case` that a body consists of, when all it asks is what its
    arguments look like: something that the heads of clauses say."""
    body = statements(clause.body)
    if len(body) != 1 or body[0].kind != "call":
        return None
    names = {p.name for p in clause.patterns if p.kind == "var"}
    form = body[0]
    if form.name == "case" and form.inputs and form.inputs[0].name in names:
        return form if form.inputs[0].kind == "var" else None
    if form.name == "cond":
        asked = [b.args[0] for b in clauses(form.blocks.get("do")) if b.args]
        asked = [condition for condition in asked if condition.name != "true"]
        if asked and all(_about_shape(condition, names) for condition in asked):
            return form
    chooses = form.name in {"if", "unless"} and "else" in form.blocks and bool(form.args)
    return form if chooses and _about_shape(form.args[0], names) else None


def _about_shape(condition: Form, names: set[str]) -> bool:
    """Whether a condition could be a pattern or a guard on arguments."""
    if condition.is_op("and", "or", "&&", "||"):
        return all(_about_shape(side, names) for side in condition.args)
    if condition.kind == "unary" and condition.name in {"not", "!"}:
        return all(_about_shape(side, names) for side in condition.args)
    if condition.is_op("==", "===") and len(condition.args) == 2:
        left, right = condition.args
        return left.kind == "var" and left.name in names and is_literal(right)
    if condition.calls(*TYPE_TESTS, "is_nil", "Enum.empty?") and condition.inputs:
        return condition.inputs[0].name in names
    return False


def _plain_recursion(function: Function) -> Form | None:
    """A walk over a list that only maps, sums or counts: `[f(h) | own(t)]`, `h + own(t)`, or the
    same with an accumulator."""
    heads = [clause for clause in function.clauses if _list_cell(clause) is not None]
    ends = [
        clause
        for clause in function.clauses
        if any(p.kind == "list" and not p.args for p in clause.patterns)
    ]
    if len(heads) != 1 or not ends or len(function.clauses) != 2:
        return None
    body = statements(heads[0].body)
    cell = _list_cell(heads[0])
    if len(body) != 1 or cell is None:
        return None
    rest = cell.args[1]
    value = body[0]
    own = [call for call in value.walk() if call.calls(function.name)]
    if len(own) != 1 or not any(same(arg, rest) for arg in own[0].args):
        return None
    if value.kind == "list" and len(value.args) == 1 and value.args[0].is_op("|"):
        return value if value.args[0].args[-1] is own[0] else None
    if value.is_op("+", "*") and own[0] in value.args:
        return value
    if value is own[0] and len(value.args) == 2:
        changed = next((arg for arg in value.args if not same(arg, rest)), None)
        if changed is not None and (changed.is_op("+", "*") or changed.is_op("++")):
            return value
    return None


def _list_cell(clause: Clause) -> Form | None:
    for pattern in clause.patterns:
        if pattern.kind == "list" and len(pattern.args) == 1 and pattern.args[0].is_op("|"):
            cell = pattern.args[0]
            if len(cell.args) == 2 and cell.args[1].kind == "var":
                return cell
    return None
