"""Where a piece of code can be taken out so that what remains asks for exactly that piece.

Fill-in-the-middle training wants holes at the borders that people edit at: a function, a clause, a
body, a pipe step, a branch, an argument, an element of a template. Functions, clauses and bodies
come from the outline; the rest from one tree-sitter query run over the unit asked about, never over
the whole file, so the cost follows the number of holes wanted and not the size of the source.

What this does not do: decide how many holes to take, or whether a hole is worth learning.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from factory.syntax.outline import Clause, Outline, Span
from factory.syntax.parse import Node, QueryCursor, query

Kind = Literal["function", "clause", "body", "pipe_step", "branch", "argument", "element"]
KINDS: tuple[Kind, ...] = (
    "function",
    "clause",
    "body",
    "pipe_step",
    "branch",
    "argument",
    "element",
)

MAX_UNIT = 32_000
"""Units with more bytes of code than this are not searched: no hole in them is worth the time."""

_MATCH_LIMIT = 4_096


class Unit(NamedTuple):
    """A function or a test that holes are cut in: what it is called (`label` with its module,
    `name` without; "" for a test), everything that belongs to it (`span`), its code without
    attributes, and its clauses (none for a test, whose body is one)."""

    label: str
    name: str
    span: Span
    code: Span
    clauses: tuple[Clause, ...]
    body: Span | None


def units(outline: Outline) -> list[Unit]:
    """Every function and every test of the file, in the order of their modules.

    A function whose clauses other code stands between is not one unit and is left out, as is a
    delegation (it has nothing inside).
    """
    found: list[Unit] = []
    for module in outline.every_module():
        mark = ":" if outline.language == "erlang" else "."
        tests = {test.span for test in module.tests}
        for function in module.functions:
            if (
                function.contiguous
                and function.kind != "defdelegate"
                and function.span not in tests
                and function.code not in tests
            ):
                label = f"{module.name}{mark}{function.label}"
                span, code, clauses = function.span, function.code, function.clauses
                found.append(Unit(label, function.name, span, code, clauses, None))
        for test in module.tests:
            label = f'{module.name} "{test.name}"'
            found.append(Unit(label, "", test.span, test.span, (), test.body))
    return found


# An Elixir call's own arguments only: those of `def` are the head of a definition, those of `@`
# are documentation and types.
_QUERIES: dict[tuple[str, Kind], str] = {
    ("elixir", "pipe_step"): '(binary_operator operator: "|>" right: (_)) @pipe',
    ("elixir", "branch"): """
        (do_block (stab_clause) @hole)
        (else_block (stab_clause) @hole)
        (rescue_block (stab_clause) @hole)
        (catch_block (stab_clause) @hole)
        (do_block (stab_clause right: (body) @hole))
        (else_block (stab_clause right: (body) @hole))
    """,
    ("elixir", "argument"): """
        (call target: (_) @target (arguments [
            (call) (binary_operator) (unary_operator) (anonymous_function) (list) (map) (tuple)
            (keywords) (struct) (access_call) (dot)
        ] @hole))
    """,
    ("erlang", "branch"): """
        (cr_clause) @hole
        (if_clause) @hole
        (cr_clause body: (clause_body) @body)
    """,
    ("erlang", "argument"): """
        (call args: (expr_args args: [
            (call) (binary_op_expr) (anonymous_fun) (list) (list_comprehension) (map_expr) (tuple)
            (record_expr) (binary) (internal_fun) (external_fun) (case_expr)
        ] @hole))
    """,
    ("heex", "element"): "[(tag) (self_closing_tag) (component) (slot)] @hole",
    ("eex", "element"): "[(output_directive) (directive)] @hole",
}

_DEFINERS = frozenset(
    b"def defp defmacro defmacrop defguard defguardp defdelegate defmodule test describe".split()
)


def holes(root: Node, source: bytes, language: str, unit: Unit, kind: Kind) -> list[Span]:
    """All spans of this kind inside `unit`, in source order; none when it has none.

    Every hole lies within `unit.code`, and is whole: from the first byte of a node to its last
    (a pipe step from its `|>`; an Erlang body without the `->`).
    """
    if unit.code.end - unit.code.start > MAX_UNIT:
        return []
    if kind == "function":
        return [unit.code] if unit.clauses else []
    if kind == "clause":
        return [clause.span for clause in unit.clauses] if len(unit.clauses) > 1 else []
    if kind == "body":
        bodies = [clause.body for clause in unit.clauses] if unit.clauses else [unit.body]
        return [body for body in bodies if body is not None and unit.code.holds(body)]
    found = _queried(root, source, language, unit.code, kind)
    if kind != "argument":
        return found
    # A call that is the head of a clause has patterns, not arguments.
    heads = [clause.head for clause in unit.clauses]
    return [span for span in found if not any(head.holds(span) for head in heads)]


def elements(root: Node, source: bytes, language: str) -> list[Span]:
    """The elements, components and directives of a template, in source order; none for a template
    larger than a unit may be."""
    if root.end_byte - root.start_byte > MAX_UNIT:
        return []
    return _queried(root, source, language, Span(root.start_byte, root.end_byte), "element")


def _queried(root: Node, source: bytes, language: str, within: Span, kind: Kind) -> list[Span]:
    pattern = _QUERIES.get((language, kind))
    if pattern is None:
        return []
    cursor = QueryCursor(query(language, pattern), match_limit=_MATCH_LIMIT)
    cursor.set_byte_range(within.start, within.end)
    node = root.descendant_for_byte_range(within.start, within.end) or root
    found: set[Span] = set()
    for _, captured in cursor.matches(node):
        target = captured.get("target")
        if target and source[target[0].start_byte : target[0].end_byte] in _DEFINERS:
            continue
        for name, nodes in captured.items():
            if name != "target":
                found.update(_trimmed(source, _hole(name, n)) for n in nodes)
    return sorted(span for span in found if within.holds(span) and span.start < span.end)


def _hole(name: str, node: Node) -> Span:
    if name == "pipe":
        operator = node.child_by_field_name("operator")
        return Span(operator.start_byte if operator else node.start_byte, node.end_byte)
    if name == "body":
        first = node.named_child(0)
        return Span(first.start_byte if first else node.start_byte, node.end_byte)
    return Span(node.start_byte, node.end_byte)


def _trimmed(source: bytes, span: Span) -> Span:
    """The span without blank space at its ends, which stab clauses and their bodies take in."""
    text = source[span.start : span.end]
    start = span.end - len(text.lstrip())
    return Span(start, max(start, span.start + len(text.rstrip())))
