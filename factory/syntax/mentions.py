"""What an Elixir file mentions: the modules that each module names, the calls in each test.

Both are captures of one query over the whole tree; they come in no order and are sorted here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from factory.syntax.building import ModuleParts, TestParts
from factory.syntax.exunit import GIVEN
from factory.syntax.names import Names
from factory.syntax.outline import Span
from factory.syntax.parse import Node

MODULES = "(alias) @alias (dot left: (atom) @erlang)"
"""The query that finds modules; calls are found by that of `factory.syntax.structure`."""


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
    """Fills the references of every module and the calls of every test from what was captured."""
    if not places.modules:
        return
    if places.tests:
        _hand_out(source, captured, places.tests)
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


def _hand_out(
    source: bytes, captured: Mapping[str, list[Node]], tests: Sequence[TestParts]
) -> None:
    """Gives every test what is called in its body, save what every test can call."""
    targets = [(node.start_byte, node) for node in captured.get("dotted", ())]
    for node in captured.get("word", ()):
        start = node.start_byte
        if source[start : node.end_byte] not in GIVEN:
            targets.append((start, node))
    targets.sort(key=itemgetter(0))
    coming = iter(tests)
    test = next(coming, None)
    for start, node in targets:
        while test is not None and (test.body is None or test.body.end <= start):
            test = next(coming, None)
        if test is None:
            return
        if test.body is not None and test.body.start <= start:
            test.called.append(node)
