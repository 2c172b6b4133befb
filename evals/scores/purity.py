"""Language purity: the share of answers that are Elixir at all.

A small model asked for Elixir may answer in Python. A program counts as Elixir when it parses as
Elixir and defines something: prose and other languages now and then parse, and define nothing.
Whether it compiles or works is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable

from factory.syntax import Node
from factory.syntax.parse import captures, parse_frugally

_DEFINITIONS = frozenset(
    {b"defmodule", b"defprotocol", b"defimpl", b"def", b"defp", b"defmacro", b"defmacrop"}
)


def is_elixir(program: str) -> bool:
    """Whether a program (`evals.answers.extract`) is Elixir. Never raises."""
    source = program.encode("utf-8", "replace")
    tree = parse_frugally(source, "elixir")
    if tree is None or tree.root_node.has_error:
        return False
    calls = captures("elixir", "(call target: (identifier) @name)", tree.root_node)
    return any(_defines(name) for name in calls.get("name", ()))


def purity(programs: Iterable[str]) -> float | None:
    """The share of `programs` that are Elixir; None when there are none."""
    found = [is_elixir(program) for program in programs]
    return sum(found) / len(found) if found else None


def _defines(name: Node) -> bool:
    call = name.parent
    return (
        name.text in _DEFINITIONS
        and call is not None
        and any(child.type in {"arguments", "do_block"} for child in call.named_children)
    )
