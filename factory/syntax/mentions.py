"""What an Elixir file mentions: the modules that each module names, the calls in each test.

Both are captures of a query over the whole tree; they come in no order and are sorted here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from factory.syntax.building import ModuleParts, TestParts
from factory.syntax.names import Names
from factory.syntax.outline import Span
from factory.syntax.parse import Node

MODULES = "(alias) @alias (dot left: (atom) @erlang)"
"""The query that finds modules."""

CALLS = "(call) @call"
"""The query that finds calls: needed only for a file that has tests."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where mentions go and what is none: all modules and tests of a file in source order, the
    spans of its `alias` directives, and where the names of its own modules' definitions start."""

    modules: Sequence[ModuleParts]
    tests: Sequence[TestParts]
    aliases: Sequence[Span]
    own_names: Collection[int]


def fill_mentions(
    source: bytes, captured: Mapping[str, list[Node]], names: Names, places: Places
) -> None:
    """Fills the references of every module and the calls of every test from what `MODULES` and
    `CALLS` captured."""
    if not places.modules:
        return
    _hand_out(captured.get("call", []), places.tests)
    for module in places.modules:
        for directive in module.directives:
            if directive.target[:1].isupper():
                module.references[directive.target] = None
    mentioned = sorted(
        (node.start_byte, node.end_byte)
        for capture in ("alias", "erlang")
        for node in captured.get(capture, ())
    )
    _fill_references(source, mentioned, names, places)


def _fill_references(
    source: bytes, mentioned: list[tuple[int, int]], names: Names, places: Places
) -> None:
    skipped = sorted(places.aliases, reverse=True)
    coming = list(reversed(places.modules))
    inside: list[tuple[ModuleParts, set[bytes]]] = []
    for start, end in mentioned:
        while coming and coming[-1].span.start <= start:
            inside.append((coming.pop(), set()))
        while inside and inside[-1][0].span.end <= start:
            inside.pop()
        while skipped and skipped[-1].end <= start:
            skipped.pop()
        if not inside or (skipped and skipped[-1].start <= start) or start in places.own_names:
            continue
        module, known = inside[-1]
        raw = source[start:end]
        if raw in known:
            continue
        name = raw.decode("utf-8", "replace")
        if source[start - 1 : start] == b".":
            if source.endswith(b"__MODULE__.", 0, start):
                module.references[f"{module.name}.{name}"] = None
            continue
        if names.constant(name.partition(".")[0]):
            known.add(raw)
        module.references[names.resolve(name, start)] = None


def _hand_out(calls: list[Node], tests: Sequence[TestParts]) -> None:
    """Gives every test the calls in its body."""
    calls.sort(key=lambda call: call.start_byte)
    coming = iter(tests)
    test = next(coming, None)
    for call in calls:
        start = call.start_byte
        while test is not None and (test.body is None or test.body.end <= start):
            test = next(coming, None)
        if test is None:
            return
        if test.body is not None and test.body.start <= start:
            test.calls.append(call)
