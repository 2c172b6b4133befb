"""The functions of a program, which of them are alive, and what of their bodies is never used.

Reachability is by name: a function that live code mentions, in a call, a capture or as an atom, is
alive. Code that is dead earns nothing and thins out nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evals.scores.idiom.forms import Form, statements, variables

_DEFINES = frozenset({"def", "defp", "defmacro", "defmacrop"})
_EFFECTLESS = ("Enum.", "String.", "Map.", "List.", "Keyword.", "Tuple.", "Integer.", "Stream.")
_OPERATORS = frozenset(
    {"+", "-", "*", "/", "++", "--", "<>", "==", "!=", "<", ">", "<=", ">=", ".."}
)
_BINDS = frozenset({"=", "<-"})


@dataclass(frozen=True, eq=False)
class Clause:
    """One clause of a function: its patterns, guard and body."""

    form: Form
    patterns: list[Form]
    guard: Form | None
    body: Form

    @property
    def lines(self) -> int:
        """From the clause's first to its last line with code in it."""
        return max((form.line for form in self.form.walk()), default=0) - self.form.line + 1


@dataclass(eq=False)
class Function:
    """All clauses of one name in one module."""

    name: str
    private: bool
    module: str
    clauses: list[Clause] = field(default_factory=list)
    callback: bool = False
    """Marked with `@impl`, or in a module that uses a behaviour: called by someone else."""

    def forms(self) -> int:
        """Of how many forms its clauses consist."""
        return sum(1 for clause in self.clauses for _ in clause.form.walk())


def functions(top: Form) -> list[Function]:
    """Every function that is defined in a program, in order."""
    found: dict[tuple[str, str, int], Function] = {}
    for module, body in _modules(top):
        behaves = any(
            form.calls("use") or _attribute(form) in {"behaviour", "impl"} for form in body
        )
        for form in body:
            if not form.calls(*_DEFINES) or not form.args or "do" not in form.blocks:
                continue
            head, guard = form.args[0], None
            if head.is_op("when") and len(head.args) == 2:
                head, guard = head.args
            if head.kind not in {"call", "var", "op", "unary"}:
                continue
            patterns = [] if head.kind == "var" else head.args
            private = form.name in {"defp", "defmacrop"}
            function = found.setdefault(
                (module, head.name, len(patterns)), Function(head.name, private, module)
            )
            function.callback |= behaves and not private
            function.clauses.append(Clause(form, patterns, guard, form.blocks["do"]))
    return list(found.values())


def live(all_functions: list[Function], entry_points: tuple[str, ...] = ()) -> list[Function]:
    """The functions that can be reached: from `entry_points` (`Counter.start_link/1`) when at
    least one of them is there, else from every public function; callbacks always."""
    names = {point.rpartition(".")[2].partition("/")[0] for point in entry_points}
    roots = [f for f in all_functions if not f.private and (f.name in names or f.callback)]
    if not any(f.name in names for f in roots):
        roots = [f for f in all_functions if not f.private]
    by_name: dict[str, list[Function]] = {}
    for function in all_functions:
        by_name.setdefault(function.name, []).append(function)
    alive: dict[int, Function] = {}
    waiting = list(roots)
    while waiting:
        function = waiting.pop()
        if id(function) in alive:
            continue
        alive[id(function)] = function
        for clause in function.clauses:
            for name in _mentioned(clause.form):
                waiting += by_name.get(name, ())
    return [function for function in all_functions if id(function) in alive]


def idle(function: Function) -> list[Form]:
    """Expressions in a function's bodies whose value nobody uses and that do nothing else."""
    found: list[Form] = []
    for clause in function.clauses:
        for block in clause.form.walk():
            if block.kind != "block" or len(block.args) < 2:
                continue
            used = variables(block.args[-1])
            for statement in reversed(block.args[:-1]):
                if _is_idle(statement, used):
                    found.append(statement)
                used |= variables(statement)
    return found


def _is_idle(statement: Form, used_later: set[str]) -> bool:
    value = statement
    if statement.is_op("=") and len(statement.args) == 2:
        left, value = statement.args
        if left.kind != "var":
            return False
        if not left.name.startswith("_") and left.name in used_later:
            return False
    return _effectless(value)


def _effectless(value: Form) -> bool:
    """Whether evaluating a form can do nothing but give a value (or raise)."""
    for form in value.walk():
        if form.kind == "call" and not (
            form.name.startswith(_EFFECTLESS) or form.name in {"length", "to_string", "hd", "tl"}
        ):
            return False
        if form.kind == "op" and form.name not in _OPERATORS:
            return False
        if form.kind in {"fn", "stab", "opaque"} and form is value:
            return False
    return value.kind not in {"var"}


def _modules(top: Form) -> Iterator[tuple[str, list[Form]]]:
    waiting: list[tuple[str, Form]] = [("", top)]
    while waiting:
        name, block = waiting.pop(0)
        body = statements(block)
        yield name, body
        for form in body:
            if form.calls("defmodule", "defimpl", "defprotocol") and "do" in form.blocks:
                inner = form.args[0].name if form.args else ""
                waiting.append((f"{name}.{inner}" if name else inner, form.blocks["do"]))


def _attribute(form: Form) -> str:
    if form.kind == "unary" and form.name == "@" and form.args:
        return form.args[0].name
    return ""


def _mentioned(form: Form) -> set[str]:
    names: set[str] = set()
    for inner in form.walk():
        if inner.kind in {"call", "var"}:
            names.add(inner.name.rpartition(".")[2])
        elif inner.kind == "atom":
            names.add(inner.name.lstrip(":"))
        elif inner.kind == "pair":
            names.add(inner.name)
    return names
