"""Faults in how code decides: `if`, `unless`, `cond`, `case` and what they ask."""

from __future__ import annotations

from collections.abc import Iterator

from evals.scores.idiom.forms import Form, clauses, is_literal, same, statements, variables

TYPE_TESTS = frozenset(
    f"is_{kind}"
    for kind in (
        *("atom", "binary", "bitstring", "boolean", "float", "function", "integer", "list"),
        *("map", "number", "pid", "port", "reference", "tuple", "struct", "exception"),
    )
)
_COMPARE = ("==", "!=", "===", "!==")
_CHOICES = ("if", "unless")
_BOOLEANS = frozenset({"true", "false"})


def faults(form: Form) -> Iterator[str]:
    """The names of the faults of this form itself, not of what is inside it."""
    if form.kind == "call":
        if form.name in _CHOICES:
            yield from _choice(form)
        elif form.name == "cond":
            yield from _cond(form)
        elif form.name == "case":
            yield from _case(form)
    elif form.is_op(*_COMPARE) and len(form.args) == 2:
        yield from _comparison(form)


def _choice(form: Form) -> Iterator[str]:
    inner = [s for name in ("do", "else") for s in statements(form.blocks.get(name))]
    if _within_choice(form):
        yield "nested_if"
    if not form.inputs:
        return
    condition = form.inputs[0]
    has_else = "else" in form.blocks
    if form.name == "unless" and has_else:
        yield "unless_else"
    elif (has_else or form.name == "unless") and (
        (condition.kind == "unary" and condition.name in {"!", "not"})
        or condition.is_op("!=", "!==", "not in")
    ):
        yield "negated_condition"
    if len(inner) == 2 and has_else and all(s.name in _BOOLEANS for s in inner):
        yield "if_returns_boolean"
    if _constant(condition):
        yield "constant_condition"
    asked = _conjuncts(condition)
    if any(part.calls("is_nil") for part in asked):
        yield "nil_test"
    if any(part.calls(*TYPE_TESTS) for part in asked):
        yield "type_test"
    if any(_equals_literal(part, form) for part in asked):
        yield "if_on_literal"
    if any(_asks_tag(part) for part in asked):
        yield "if_ok_tuple"


def _within_choice(form: Form) -> bool:
    """Whether a choice is what another `if` does in one of its branches."""
    for outer in form.ancestors():
        if outer.kind in {"fn", "stab"}:
            return False
        if outer.calls(*_CHOICES):
            return not (outer.args and outer.args[0] is form)
    return False


def _cond(form: Form) -> Iterator[str]:
    branches = clauses(form.blocks.get("do"))
    conditions = [branch.args[0] for branch in branches if branch.args]
    asked = [condition for condition in conditions if condition.name != "true"]
    if len(asked) <= 1:
        yield "small_cond"
    elif all(
        condition.is_op("==", "===") and len(condition.args) == 2 and is_literal(condition.args[1])
        for condition in asked
    ) and all(same(condition.args[0], asked[0].args[0]) for condition in asked):
        yield "cond_on_value"
    for condition in asked:
        parts = _conjuncts(condition)
        if any(part.calls(*TYPE_TESTS) for part in parts):
            yield "type_test"
        if any(part.calls("is_nil") for part in parts):
            yield "nil_test"
        if _constant(condition):
            yield "constant_condition"
    if _within_choice(form):
        yield "nested_if"


def _case(form: Form) -> Iterator[str]:
    branches = clauses(form.blocks.get("do"))
    patterns = [branch.args[0] for branch in branches if branch.args]
    if (
        patterns
        and any(p.name in _BOOLEANS for p in patterns)
        and all(p.name in {*_BOOLEANS, "_"} for p in patterns)
    ):
        yield "case_on_boolean"
    for outer in form.ancestors():
        if outer.kind == "fn":
            break
        if outer.calls("case") and form not in outer.args:
            yield "nested_case"
            break
    if form.inputs and _constant(form.inputs[0]):
        yield "constant_condition"


def _comparison(form: Form) -> Iterator[str]:
    sides = [side.name for side in form.args if side.kind in {"nil", "boolean"}]
    if "nil" in sides:
        yield "nil_comparison"
    elif _BOOLEANS & set(sides):
        yield "boolean_comparison"


def _conjuncts(condition: Form) -> list[Form]:
    """The parts of a condition that `and`, `or` and `not` put together."""
    found: list[Form] = []
    waiting = [condition]
    while waiting:
        form = waiting.pop()
        if form.is_op("and", "or", "&&", "||") or (
            form.kind == "unary" and form.name in {"not", "!"}
        ):
            waiting += form.args
        else:
            found.append(form)
    return found


def _constant(condition: Form) -> bool:
    """Whether nothing that is asked depends on anything."""
    if condition.is_op("==", "!=", "===", "!==", ">", "<", ">=", "<="):
        left_right = condition.args
        return all(map(is_literal, left_right)) or (len(left_right) == 2 and same(*left_right))
    return is_literal(condition)


def _equals_literal(form: Form, choice: Form) -> bool:
    """Whether a parameter of the function is compared with a constant that a head could hold."""
    if not form.is_op(*_COMPARE) or len(form.args) != 2:
        return False
    left, right = form.args
    if left.kind != "var" or not is_literal(right) or right.kind in {"nil", "boolean"}:
        return False
    definition = next((f for f in choice.ancestors() if f.calls("def", "defp")), None)
    return (
        definition is not None
        and bool(definition.args)
        and left.name in variables(definition.args[0])
    )


def _asks_tag(form: Form) -> bool:
    if not form.is_op(*_COMPARE) or len(form.args) != 2:
        return False
    left, right = form.args
    tags = {":ok", ":error"}
    return any(
        a.name in tags and (b.calls("elem") or b.kind == "call")
        for a, b in ((left, right), (right, left))
    )
