"""Faults in how values travel: pipes, variables, exceptions, processes."""

from __future__ import annotations

from collections.abc import Iterator

from evals.scores.idiom.forms import BLOCKS, Form, same, statements, variables

_PROCESS_CALLS = frozenset({"spawn", "spawn_link", "spawn_monitor", "send", "receive"})
_PROCESS_MODULES = ("Agent.", "Task.", "GenServer.", ":ets.", ":gen_server.", ":persistent_term.")
_DICTIONARY = frozenset({"Process.put", "Process.get", ":erlang.put", ":erlang.get"})
_DATA = ("Enum.", "String.", "Map.", "List.", "Stream.", "Keyword.", "Integer.", "MapSet.")
_BRANCHING = frozenset({"if", "unless", "case", "cond", "for", "Enum.each"})
_PROCESSES = frozenset({"process", "ets", "registry", "timer"})


def faults(form: Form, capabilities: frozenset[str]) -> Iterator[str]:
    """The names of the faults of this form itself, not of what is inside it.

    `capabilities` are the problem's: who is asked for a process may start one.
    """
    if form.kind == "call":
        yield from _call(form, capabilities)
    elif form.kind == "pipe":
        if len(form.args) == 2 and not _worth_a_pipe(form):
            yield "single_pipe"
    elif form.kind == "fn":
        if _wraps(form):
            yield "wrapped_capture"
    elif form.kind == "block" and len(form.args) >= 2:
        yield from _block(form)
    if form.kind == "call" and form.name in {"def", "defp"} and "rescue" in form.blocks:
        yield "rescue_as_control"


def _call(form: Form, capabilities: frozenset[str]) -> Iterator[str]:
    name = form.name
    if name == "try":
        if "rescue" in form.blocks or "catch" in form.blocks:
            yield "rescue_as_control"
    elif name == "throw":
        yield "throw"
    elif name in _DICTIONARY:
        yield "process_dictionary"
    elif name in _PROCESS_CALLS or name.startswith(_PROCESS_MODULES):
        if not capabilities & _PROCESSES:
            yield "needless_process"
    elif name == "." and form.piped is not None and form.args and form.args[0].kind == "fn":
        yield "anonymous_step"
    elif name == "apply" and len(form.inputs) == 3:
        module, function, arguments = form.inputs
        if (
            module.kind in {"alias", "atom"}
            and function.kind == "atom"
            and arguments.kind == "list"
        ):
            yield "literal_apply"
    elif name == "with":
        arrows = [arg for arg in form.args if arg.is_op("<-")]
        if len(arrows) == 1 and "else" in form.blocks:
            yield "single_with_else"
        last = statements(form.blocks.get("do"))
        repeats = bool(arrows) and form.args[-1] is arrows[-1] and len(last) == 1
        if repeats and last[0].kind == "tuple" and same(arrows[-1].args[0], last[0]):
            yield "redundant_with_clause"
    elif name.startswith(_DATA) and form.piped is None and _nested(form) >= 2:
        outer = form.parent
        if not (
            outer is not None
            and outer.kind == "call"
            and outer.name.startswith(_DATA)
            and outer.args
            and outer.args[0] is form
        ):
            yield "nested_calls"
    if name in {"Enum.each", "for", "if", "case"}:
        yield from _lost(form)


def _nested(form: Form) -> int:
    """How many calls of data functions stand one inside the other as first arguments."""
    depth = 0
    inner = form.args[0] if form.args else None
    while inner is not None and inner.kind == "call" and inner.name.startswith(_DATA):
        depth += 1
        inner = inner.args[0] if inner.args else None
    return depth


def _worth_a_pipe(form: Form) -> bool:
    """A pipe of one step into `case` or another block is a style of its own, and what starts with
    a call that has arguments reads as two steps."""
    subject, step = form.args
    if subject.kind == "call" and (subject.args or subject.blocks):
        return True
    return step.kind == "call" and bool(step.blocks)


def _wraps(form: Form) -> bool:
    if len(form.args) != 1 or form.args[0].kind != "stab" or form.args[0].guard is not None:
        return False
    branch = form.args[0]
    body = statements(branch.blocks.get("do"))
    if len(body) != 1 or not branch.args or any(arg.kind != "var" for arg in branch.args):
        return False
    call = body[0]
    return (
        call.kind == "call"
        and call.piped is None
        and not call.blocks
        and call.name not in {".", "?"}
        and not call.name.startswith("?.")
        and len(call.args) == len(branch.args)
        and all(same(a, b) for a, b in zip(call.args, branch.args, strict=True))
    )


def _lost(form: Form) -> Iterator[str]:
    """Bindings of an outer variable inside a block, which end with the block."""
    outside = _bound_before(form)
    if not outside:
        return
    for inner in form.walk():
        if not inner.is_op("=") or inner.args[0].kind != "var" or inner is form:
            continue
        name = inner.args[0].name
        if name not in outside or not any(name in variables(side) for side in inner.args[1:]):
            continue
        block = inner.parent
        if block is None or block.kind != "block" or block.args[-1] is inner:
            if form.name in {"Enum.each", "for"}:
                yield "each_with_state"
                return
            continue
        if form.name in {"Enum.each", "for"} and not any(
            name in variables(later) for later in block.args[block.args.index(inner) + 1 :]
        ):
            yield "each_with_state"
            return


def _bound_before(form: Form) -> set[str]:
    """Variables that the statements before a form bind in the same block."""
    statement, block = form, form.parent
    while block is not None and block.kind != "block":
        statement, block = block, block.parent
    if block is None:
        return set()
    names: set[str] = set()
    for before in block.args:
        if before is statement:
            break
        if before.is_op("=") and before.args and before.args[0].kind == "var":
            names.add(before.args[0].name)
    return names


def _block(form: Form) -> Iterator[str]:
    last, before = form.args[-1], form.args[-2]
    if (
        before.is_op("=")
        and last.kind == "var"
        and before.args[0].kind == "var"
        and before.args[0].name == last.name
    ):
        yield "returned_variable"
    bound = [s.args[0].name for s in form.args if s.is_op("=") and s.args[0].kind == "var"]
    for _ in range(len(bound) - len(set(bound))):
        yield "rebinding"
    yield from _steps(form)


def _steps(form: Form) -> Iterator[str]:
    """A run of three or more: `a = f(x)`, `b = g(a)`, `h(b)`, each used once, by the next."""
    run = 0
    last_use = {name: at for at, later in enumerate(form.args) for name in variables(later)}
    for at in range(1, len(form.args)):
        before, after = form.args[at - 1], form.args[at]
        if not before.is_op("=") or before.args[0].kind != "var":
            run = 0
            continue
        name = before.args[0].name
        value = after.args[1] if after.is_op("=") and len(after.args) == 2 else after
        first = value.inputs[0] if value.kind == "call" and value.inputs else None
        if value.kind == "pipe":
            first = value.args[0]
        used_later = last_use.get(name, 0) > at
        step = before.args[1] if len(before.args) == 2 else before
        is_data = step.kind == "pipe" or (step.kind == "call" and step.name not in BLOCKS)
        if (
            first is not None
            and first.kind == "var"
            and first.name == name
            and not used_later
            and is_data
            and not value.blocks
        ):
            run += 1
            if run >= 2:
                yield "step_variables"
        else:
            run = 0
