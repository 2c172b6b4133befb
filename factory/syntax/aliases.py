"""Module names in Elixir source: what an expression names, and which short names a file gives.

Only what syntax shows: aliases, atoms, `__MODULE__` and names built on it. A module held in a
variable or built by `Module.concat` has no name here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from operator import itemgetter

from factory.syntax.heads import operands, span_of
from factory.syntax.names import Names
from factory.syntax.outline import Span
from factory.syntax.parse import Node

_BEFORE = frozenset([b"", b" ", b"\t", b"\n", b";"])
_AFTER = frozenset([b" ", b"\t", b"("])
_MAX_LATE_ALIASES = 2_000
_MAX_CLIMB = 12
_LONGEST_TARGET = 200
_OWN_NAME = re.compile(r"__MODULE__(\.\w+)*")
_DIRECTLY_INSIDE = frozenset({"do_block", "body", "source", "else_block", "block"})


def module_named(source: bytes, node: Node, names: Names, module: str) -> str:
    """The module that an expression names inside `module` (its full name, "" outside of any);
    "" when that is not a matter of syntax. Erlang modules keep their colon."""
    kind = node.type
    shown = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if kind == "alias":
        return names.resolve(shown, node.start_byte)
    if kind == "atom":
        return shown
    if kind == "quoted_atom" and shown.startswith(':"Elixir.'):
        return shown[len(':"Elixir.') : -1]
    if module and kind in ("identifier", "dot") and _OWN_NAME.fullmatch(shown):
        return module + shown[len("__MODULE__") :]
    return ""


def modules_named(source: bytes, node: Node, names: Names, module: str) -> list[str]:
    """The modules that a directive's first argument names: one, several for `A.{B, C}`, or the
    text as written (on one line) for an expression that syntax does not tell the value of."""
    if node.type == "dot":
        sides = operands(node)
        if len(sides) == 2 and sides[1].type == "tuple":
            base = module_named(source, sides[0], names, module)
            rest = [
                source[one.start_byte : one.end_byte].decode("utf-8", "replace")
                for one in operands(sides[1])
            ]
            return [f"{base}.{one}" for one in rest] if base else []
    name = module_named(source, node, names, module)
    if not name and node.end_byte - node.start_byte < _LONGEST_TARGET:
        written = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        name = " ".join(written.split())
    return [name] if name else []


def bind_alias(
    source: bytes, names: Names, kind: str, target: str, given: list[Node], end: int
) -> None:
    """Lets the short name of an `alias`, or of a `require` with `as:`, stand for `target` from the
    directive's arguments `given` up to the byte `end`."""
    if kind not in ("alias", "require"):
        return
    short = ""
    last = given[-1]
    for pair in last.named_children if last.type == "keywords" else ():
        sides = pair.named_children
        if len(sides) == 2 and source.startswith(b"as:", sides[0].start_byte):
            short = source[sides[1].start_byte : sides[1].end_byte].decode("utf-8", "replace")
    if kind == "alias" and not short and not target.startswith(":"):
        short = target.rpartition(".")[2]
    if short and target != short:
        names.bind(short, target, last.end_byte, end)


def bind_late_aliases(
    source: bytes, words: Iterable[Node], names: Names, seen: Collection[int]
) -> list[Span]:
    """Binds the aliases inside functions and tests, and returns the spans of their directives.

    `words` are the names of all calls without a module; `seen` holds where the other `alias`
    directives start.
    """
    spans: list[Span] = []
    late = [
        (start, word)
        for word in words
        if source.startswith(b"alias", start := word.start_byte)
        and word.end_byte == start + len(b"alias")
        and start not in seen
        and source[start - 1 : start] in _BEFORE
        and source[start + len(b"alias") : start + len(b"alias") + 1] in _AFTER
    ]
    for _, word in sorted(late, key=itemgetter(0))[:_MAX_LATE_ALIASES]:
        call = word.parent
        if call is None:
            continue
        around = call.parent
        for _ in range(_MAX_CLIMB):
            if around is None or around.type in _DIRECTLY_INSIDE:
                break
            around = around.parent
        arguments = call.child(1)
        given = operands(arguments) if arguments is not None else []
        if around is not None and given:
            spans.append(span_of(call))
            for target in modules_named(source, given[0], names, ""):
                bind_alias(source, names, "alias", target, given, around.end_byte)
    return spans
