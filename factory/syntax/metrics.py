"""How much structure a piece of code has: any span of a file, from what was found in it once.

A span takes what starts in it by bisection, so that measuring costs next to nothing and needs no
tree.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from factory.syntax.outline import Span
from factory.syntax.structure import Structure


@dataclass(frozen=True, slots=True)
class Metrics:
    """`lines` that the span touches, `nesting` of control structures at its deepest, how many
    distinct kinds of `constructs` it uses, how many calls have to do with `processes`, and how
    many places have to do with `macros` (`quote`, `unquote`, `defmacro`, `use`; Erlang's `?X`)."""

    lines: int
    nesting: int
    constructs: int
    processes: int
    macros: int


def measure(structure: Structure, source: bytes, span: Span) -> Metrics:
    """The metrics of a span of `source`, whose outline holds `structure`.

    Nodes count for a span when they start in it. Languages other than Elixir and Erlang get their
    lines counted and nothing else.
    """
    start, end = span
    depths = structure.depths[
        bisect_left(structure.control, start) : bisect_left(structure.control, end)
    ]
    kinds = structure.kinds[
        bisect_left(structure.constructs, start) : bisect_left(structure.constructs, end)
    ]
    return Metrics(
        _lines(source, start, end),
        max(depths) - min(depths) + 1 if depths else 0,
        len(set(kinds)),
        bisect_left(structure.processes, end) - bisect_left(structure.processes, start),
        bisect_left(structure.macros, end) - bisect_left(structure.macros, start),
    )


def _lines(source: bytes, start: int, end: int) -> int:
    if end <= start:
        return 0
    return source.count(b"\n", start, end) + (not source.endswith(b"\n", start, end))
