"""Mutants: Elixir source with one small mistake put in, to see whether its tests notice.

The mistakes are those that mutation testing has used since DeMillo, Lipton and Sayward ("Hints on
Test Data Selection", IEEE Computer 11(4), 1978), in Elixir's terms: operators and boundaries,
constants, clauses and guards, steps of a pipeline. Where it is plain from the text that a change
means nothing (documentation, types, messages, the order of clauses that never match the same) none
is made; other mutants may still mean the same as the source, and some do not compile: whoever runs
them finds out. Only syntax is looked at.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from factory.syntax.broken import error_spans, hopeless
from factory.syntax.mutants.clauses import branches, clauses, guards, statements
from factory.syntax.mutants.operators import constants, functions, operators, pipelines, tuples
from factory.syntax.mutants.places import Change, places
from factory.syntax.parse import Node, parse_frugally

_FAMILIES = (
    operators,
    constants,
    functions,
    pipelines,
    tuples,
    clauses,
    guards,
    branches,
    statements,
)
MAX_BYTES = 200_000
"""Larger sources have no mutants: nobody's reference solution is."""


@dataclass(frozen=True)
class Mutant:
    """A source in which bytes `start` to `end` of the original became `text`.

    `name` (`boundary:12:340`: kind, line, byte, and a number where one place has several) is
    unique for the source and the same in every run.
    """

    name: str
    kind: str
    line: int
    start: int
    end: int
    text: str
    description: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of Elixir source, by place and then by kind; none for source that does not
    parse. Each parses and differs from the source and from every other."""
    data = source.encode()
    if len(data) > MAX_BYTES or b"\0" in data:
        return []
    tree = parse_frugally(data, "elixir")
    if tree is None or hopeless(tree.root_node) or error_spans(tree.root_node):
        return []
    found: list[Mutant] = []
    seen = {data}
    names: dict[str, int] = {}
    for change in sorted(set(_changes(tree.root_node)), key=lambda c: (c.start, c.end, c)):
        new = data[: change.start] + change.text.encode() + data[change.end :]
        if new in seen or not _parses(new):
            continue
        seen.add(new)
        line = data.count(b"\n", 0, change.start) + 1
        name = f"{change.kind}:{line}:{change.start}"
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            name = f"{name}:{names[name]}"
        found.append(
            Mutant(
                name,
                change.kind,
                line,
                change.start,
                change.end,
                change.text,
                change.description,
                new.decode(),
            )
        )
    return found


def sample(found: Iterable[Mutant], most: int, seed: int) -> list[Mutant]:
    """At most `most` mutants, in their order, as many of each kind as can be; the same ones for the
    same `seed`."""
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in found:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    for kind, members in by_kind.items():
        random.Random(f"{seed} {kind}").shuffle(members)  # noqa: S311
    chosen: list[Mutant] = []
    while by_kind and len(chosen) < most:
        for kind in sorted(by_kind):
            if len(chosen) < most:
                chosen.append(by_kind[kind].pop())
            if not by_kind[kind]:
                del by_kind[kind]
    return sorted(chosen, key=lambda m: (m.start, m.end, m.name))


def _changes(root: Node) -> Iterator[Change]:
    for place in places(root):
        for family in _FAMILIES:
            yield from family(place)


def _parses(data: bytes) -> bool:
    tree = parse_frugally(data, "elixir")
    return tree is not None and not tree.root_node.has_error
