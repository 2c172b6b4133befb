"""Faults in how code treats lists, maps, strings and tuples."""

from __future__ import annotations

from collections.abc import Iterator

from evals.scores.idiom.forms import Form, clauses, is_literal, same, statements

_LOOPS = frozenset(
    f"Enum.{name}"
    for name in (
        *("all?", "any?", "count", "each", "filter", "find", "flat_map", "map", "reduce", "reject"),
        *("reduce_while", "map_reduce", "flat_map_reduce", "sum_by", "group_by", "find_index"),
    )
)
_EMPTIABLE = frozenset({"length", "Enum.count", "String.length"})
_TWO_PASSES = frozenset(
    {
        ("Enum.filter", "Enum.count"),
        ("Enum.filter", "length"),
        ("Enum.filter", "List.first"),
        ("Enum.filter", "hd"),
        ("Enum.filter", "Enum.at"),
        ("Enum.filter", "Enum.empty?"),
        ("Enum.filter", "Enum.filter"),
        ("Enum.reject", "Enum.reject"),
        ("Enum.filter", "Enum.reject"),
        ("Enum.reject", "Enum.filter"),
        ("Enum.map", "Enum.map"),
        ("Enum.map", "Enum.join"),
        ("Enum.map", "List.flatten"),
        ("Enum.map", "Enum.concat"),
        ("Enum.map", "Enum.into"),
        ("Enum.map", "Map.new"),
        ("Enum.sort", "Enum.reverse"),
        ("Enum.sort_by", "Enum.reverse"),
        ("Enum.sort", "hd"),
        ("Enum.sort", "List.first"),
        ("Enum.sort", "List.last"),
        ("Enum.sort", "Enum.at"),
        ("Enum.reverse", "hd"),
        ("Enum.reverse", "List.first"),
        ("Enum.reverse", "Enum.reverse"),
        ("Enum.find", "is_nil"),
        ("String.graphemes", "length"),
        ("String.graphemes", "Enum.count"),
    }
)
"""Two steps in a row for which there is one function (`Enum.count/2`, `Enum.map_join/2`, …)."""
_ERLANG = frozenset(
    {
        *(":lists.reverse", ":lists.map", ":lists.filter", ":lists.foldl", ":lists.sum"),
        *(":lists.member", ":lists.sort", ":lists.nth", ":lists.append", ":lists.foreach"),
        *(":lists.max", ":lists.min", ":lists.flatten", ":lists.zip", ":lists.seq"),
        *(":maps.get", ":maps.put", ":maps.keys", ":maps.values", ":maps.merge", ":maps.remove"),
        *(":maps.map", ":maps.fold", ":maps.is_key", ":string.to_upper", ":string.to_lower"),
        *(":string.tokens", ":string.join", ":string.concat", ":string.length", ":erlang.length"),
        *(":erlang.hd", ":erlang.tl", ":erlang.element", ":proplists.get_value"),
    }
)


def faults(form: Form) -> Iterator[str]:
    """The names of the faults of this form itself, not of what is inside it."""
    if form.kind == "call":
        yield from _call(form)
    elif form.kind == "op" and len(form.args) == 2:
        yield from _operator(form)


def in_loop(form: Form) -> bool:
    """Whether a form is evaluated once for each element: in the function given to `Enum` or in
    the body of a comprehension."""
    for outer in form.ancestors():
        if outer.kind == "call" and (outer.name in _LOOPS or outer.name == "for"):
            return not (outer.piped is form or (outer.args and outer.args[0] is form))
        if outer.calls("def", "defp"):
            return False
    return False


def in_guard(form: Form) -> bool:
    """Whether a form stands in a guard, where patterns cannot."""
    inner = form
    for outer in form.ancestors():
        if outer.guard is inner or (outer.is_op("when") and outer.args[-1] is inner):
            return True
        if outer.kind == "block":
            return False
        inner = outer
    return False


def _call(form: Form) -> Iterator[str]:
    inputs = form.inputs
    if form.name == "Enum.at" and len(inputs) >= 2:
        position = inputs[1]
        if position.kind == "integer" or (position.kind == "unary" and position.name == "-"):
            yield "positional_access"
        elif in_loop(form) or _recursive(form):
            yield "at_in_loop"
        else:
            yield "positional_access"
    elif form.name in {"hd", "tl"}:
        if not in_guard(form):
            yield "hd_tl"
    elif form.name == "elem":
        if not in_guard(form):
            yield "elem"
    elif form.name in _ERLANG:
        yield "erlang_call"
    elif form.name in {"if", "case", "cond"}:
        yield from _lookups(form)
    elif form.name == "Enum.reduce" and _reimplements(form):
        yield "reduce_reimplements"
    if form.name in _LOOPS or form.name == "for":
        yield from _indexes(form)
    before = inputs[0] if inputs else None
    if before is not None and before.kind == "pipe" and before.args:
        before = before.args[-1]
    if before is not None and before.kind == "call" and (before.name, form.name) in _TWO_PASSES:
        plain_sort = before.name != "Enum.sort" or len(before.inputs) == 1
        if plain_sort and not (form.name == "Enum.into" and not _into_literal(form)):
            yield "two_passes"
    if _identity(form):
        yield "identity_step"


def _into_literal(form: Form) -> bool:
    return len(form.inputs) == 2 and form.inputs[1].kind == "map"


def _operator(form: Form) -> Iterator[str]:
    left, right = form.args
    if form.name in {"==", "!=", ">", "===", "!==", "<", ">=", "<="}:
        for measured, with_ in ((left, right), (right, left)):
            last = measured.args[-1] if measured.kind == "pipe" and measured.args else measured
            empty = with_.name == "0" or (with_.name == "1" and form.name in {">=", "<"})
            if last.calls(*_EMPTIABLE) and empty:
                yield "length_zero"
    elif form.name == "++":
        if _accumulates(form) and left.kind != "list":
            yield "append_in_loop"
    elif form.name == "<>" and not _pattern_side(form):
        if _accumulates(form) and left.kind == "var":
            yield "concat_in_loop"
        elif any(side.calls("to_string", "Integer.to_string", "inspect") for side in form.args):
            yield "string_building"


def _pattern_side(form: Form) -> bool:
    outer = form.parent
    return outer is not None and (
        (outer.kind == "stab" and form in outer.args)
        or (outer.is_op("=") and outer.args[0] is form)
    )


def _accumulates(form: Form) -> bool:
    """Whether a form is built up step by step: in a reduce, or passed on to the next round."""
    for outer in form.ancestors():
        if outer.calls("Enum.reduce", "Enum.reduce_while", "List.foldl", "Enum.map_reduce"):
            return outer.piped is not form and not (outer.args and outer.args[0] is form)
        if outer.kind == "call" and "do" not in outer.blocks and _own_function(outer):
            return True
        if outer.calls("for") and any(
            arg.kind == "keywords" and any(p.name == "reduce" for p in arg.args)
            for arg in outer.args
        ):
            return True
    return False


def _own_function(call: Form) -> bool:
    """Whether a call is of the function it stands in."""
    for outer in call.ancestors():
        if outer.calls("def", "defp") and outer.args:
            head = outer.args[0]
            if head.is_op("when") and head.args:
                head = head.args[0]
            return head.kind == "call" and head.name == call.name
    return False


def _recursive(form: Form) -> bool:
    """Whether the function that a form stands in calls itself."""
    for outer in form.ancestors():
        if outer.calls("def", "defp") and "do" in outer.blocks:
            if outer.calls_itself is None:
                calls = (inner for inner in outer.blocks["do"].walk() if inner.kind == "call")
                outer.calls_itself = any(map(_own_function, calls))
            return outer.calls_itself
    return False


def _indexes(form: Form) -> Iterator[str]:
    ranges = [
        inner
        for source in form.inputs
        if source.kind != "fn"
        for inner in (source, *source.args)
        if inner.is_op("..", "<-", "//")
    ]
    for inner in ranges:
        for call in inner.walk():
            if call.calls("length", "Enum.count", "String.length", "tuple_size"):
                yield "index_loop"
                return


def _lookups(form: Form) -> Iterator[str]:
    asked = form.inputs[0] if form.inputs else None
    if form.name == "cond":
        return
    if asked is None:
        return
    body = form.blocks.get("do")
    if form.name == "if":
        keys = [c for c in asked.walk() if c.calls("Map.has_key?", "Keyword.has_key?")]
        if keys and body is not None:
            for inner in (i for block in form.blocks.values() for i in block.walk()):
                if inner.calls("Map.get", "Map.fetch!", "Keyword.get", "Map.update!") or (
                    inner.kind == "access"
                    and inner.args
                    and keys[0].inputs
                    and same(inner.args[0], keys[0].inputs[0])
                ):
                    yield "has_key_then_get"
                    return
    looked_up = any(c.calls("Map.get", "Keyword.get") and len(c.inputs) == 2 for c in asked.walk())
    if looked_up and (
        form.name == "if"
        or any(branch.args and branch.args[0].kind == "nil" for branch in clauses(body))
    ):
        yield "get_then_nil"


def _reimplements(form: Form) -> bool:
    """Whether a reduce adds up, counts, maps, filters or takes the largest."""
    inputs = form.inputs
    function = inputs[-1] if len(inputs) in {2, 3} else None
    if function is None:
        return False
    if function.kind == "unary" and function.name == "&" and function.args:
        body = function.args[0]
        if body.is_op("/") and body.args:
            return body.args[0].name in {"+", "*"}
        return body.is_op("+", "*") and all(
            side.kind == "unary" and side.name == "&" for side in body.args
        )
    branches = [arg for arg in function.args if arg.kind == "stab"]
    if function.kind != "fn" or len(branches) != 1 or len(branches[0].args) != 2:
        return False
    element, accumulator = branches[0].args
    does = statements(branches[0].blocks.get("do"))
    if accumulator.kind != "var" or len(does) != 1:
        return False
    value = does[0]
    if value.is_op("+", "*"):
        # Adding up the elements themselves, or one for each.
        return any(side.name == accumulator.name for side in value.args) and all(
            side.kind in {"var", "integer"} for side in value.args
        )
    if value.kind == "list":
        # `[f(x) | acc]` is a map, unless what is mapped is reversed on purpose.
        cell = value.args[0] if len(value.args) == 1 else None
        return bool(
            cell is not None
            and cell.is_op("|")
            and cell.args[-1].name == accumulator.name
            and (element.kind != "var" or cell.args[0].name != element.name)
        )
    if value.calls("if"):
        outcomes = [statements(b) for b in value.blocks.values()]
        lasts = [outcome[-1] for outcome in outcomes if outcome]
        return any(last.kind == "var" and last.name == accumulator.name for last in lasts)
    if value.is_op("++"):
        return value.args[0].name == accumulator.name
    return (
        value.calls("Map.put")
        and len(value.inputs) == 3
        and (value.inputs[0].name == accumulator.name)
    )


def _identity(form: Form) -> bool:
    """Whether a call gives back what it is given."""
    if form.name in {"Function.identity"}:
        return True
    if form.name in {"Enum.map", "then", "Stream.map", "tap"} and form.inputs:
        function = form.inputs[-1]
        if function.kind == "unary" and function.name == "&" and function.args:
            inner = function.args[0]
            return (inner.kind == "unary" and inner.name == "&") or (
                inner.is_op("/") and bool(inner.args) and inner.args[0].name.endswith("identity")
            )
        if function.kind == "fn" and len(function.args) == 1:
            branch = function.args[0]
            body = statements(branch.blocks.get("do"))
            return (
                len(branch.args) == 1
                and len(body) == 1
                and branch.args[0].kind == "var"
                and same(branch.args[0], body[0])
            )
    if form.piped is not None and len(form.args) == 1 and is_literal(form.args[0]):
        neutral = {"Kernel.+": "0", "Kernel.-": "0", "Kernel.*": "1", "Kernel.++": ""}
        if form.name in neutral and form.args[0].name == neutral[form.name]:
            return True
    return form.name in {"Enum.to_list", "to_string"} and _already(form)


def _already(form: Form) -> bool:
    """Whether the input of `Enum.to_list` is a list, or of `to_string` a string, for certain."""
    before = form.inputs[0] if form.inputs else None
    if before is None or before.kind != "call":
        return False
    if form.name == "to_string":
        return before.name in {"to_string", "String.upcase", "String.downcase", "String.trim"}
    return before.name in {"Enum.map", "Enum.filter", "Enum.to_list", "Enum.sort", "Enum.reject"}
