"""Where in a file stands what its metrics count, found by one query and kept as numbers.

Counted are control structures, other constructs, calls to do with processes, and metaprogramming.
What is counted is what stands in the code as written: nothing is expanded, and strings and
comments do not count.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factory.syntax.constructs import GRAMMARS
from factory.syntax.parse import Node


class Structure(NamedTuple):
    """Byte places in a file, each list sorted: of control structures with how many others each
    stands in, of constructs with a number for their kind, of process calls and of macros."""

    control: Sequence[int] = ()
    depths: Sequence[int] = ()
    constructs: Sequence[int] = ()
    kinds: Sequence[int] = ()
    processes: Sequence[int] = ()
    macros: Sequence[int] = ()


class _Word(NamedTuple):
    """What a call of one word counts as; `kind` is -1 when it is no construct."""

    kind: int
    nests: bool
    process: bool
    macro: bool


class _Counted(NamedTuple):
    """A grammar as reading needs it: for every capture of a node its construct's number and the
    other lists that it belongs to; the words and modules as they stand in source."""

    nodes: tuple[tuple[str, _Word], ...]
    words: dict[bytes, _Word]
    process_modules: frozenset[bytes]


_CALLED = {
    "elixir": "(call target: (identifier) @word) (call target: (dot) @dotted)",
    "erlang": """
        (call expr: (atom) @word)
        (call expr: (remote module: (remote_module module: (atom) @owner)))
    """,
}
"""What is called. Which words and modules count is asked when the captures are read: predicates in
a query take longer."""


@functools.cache
def pattern(language: str) -> str:
    """The query whose captures `structure` reads; "" for languages without metrics.

    In Elixir every call's target is a `word` or is `dotted`, in case that others want them too."""
    grammar = GRAMMARS.get(language)
    if grammar is None:
        return ""
    return "\n".join(
        [_CALLED[language], *(f"{node} @n{at}" for at, node in enumerate(grammar.nodes))]
    )


@functools.cache
def _counted(language: str) -> _Counted:
    grammar = GRAMMARS[language]
    kinds = sorted({*grammar.nodes.values(), *grammar.words.values()})
    number = {kind: at for at, kind in enumerate(kinds)}
    words = {*grammar.words, *grammar.process_words, *grammar.macro_words}
    return _Counted(
        tuple(
            (
                f"n{at}",
                _Word(
                    number[kind],
                    node in grammar.nesting_nodes,
                    node in grammar.process_nodes,
                    node in grammar.macro_nodes,
                ),
            )
            for at, (node, kind) in enumerate(grammar.nodes.items())
        ),
        {
            word.encode(): _Word(
                number[grammar.words[word]] if word in grammar.words else -1,
                word in grammar.nesting_words,
                word in grammar.process_words,
                word in grammar.macro_words,
            )
            for word in words
        },
        frozenset(name.encode() for name in grammar.process_modules),
    )


def structure(captured: Mapping[str, Sequence[Node]], source: bytes, language: str) -> Structure:
    """The structure of a file from the captures of `pattern(language)` over its tree."""
    counted = _counted(language)
    control: list[tuple[int, int]] = []
    constructs: list[tuple[int, int]] = []
    processes: list[int] = []
    macros: list[int] = []
    for capture, what in counted.nodes:
        nodes = captured.get(capture)
        if not nodes:
            continue
        starts = [node.start_byte for node in nodes]
        constructs += [(start, what.kind) for start in starts]
        if what.nests:
            control += [(node.start_byte, node.end_byte) for node in nodes]
        if what.process:
            processes += starts
        if what.macro:
            macros += starts
    known = counted.words.get
    for node in captured.get("word", ()):
        start = node.start_byte
        word = known(source[start : node.end_byte])
        if word is None:
            continue
        if word.kind >= 0:
            constructs.append((start, word.kind))
        if word.nests and node.parent is not None:
            control.append((start, node.parent.end_byte))
        if word.process:
            processes.append(start)
        if word.macro:
            macros.append(start)
    for node in captured.get("dotted", ()):
        start = node.start_byte
        if source[start : node.end_byte].rpartition(b".")[0] in counted.process_modules:
            processes.append(start)
    for node in captured.get("owner", ()):
        start = node.start_byte
        if source[start : node.end_byte] in counted.process_modules:
            processes.append(start)
    constructs.sort()
    control.sort()
    return Structure(
        [start for start, _ in control],
        _depths(control),
        [start for start, _ in constructs],
        [kind for _, kind in constructs],
        sorted(processes),
        sorted(macros),
    )


def _depths(control: list[tuple[int, int]]) -> list[int]:
    """How many of the others each control structure stands in; they come sorted by start."""
    depths: list[int] = []
    ends: list[int] = []
    for start, end in control:
        while ends and ends[-1] <= start:
            ends.pop()
        depths.append(len(ends))
        ends.append(end)
    return depths
