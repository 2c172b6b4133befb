"""What a text's own code defines: an answer that uses what another section defines is no answer.

Chapters that build an application go on from section to section: one defines a module, the next
calls it. Names are found by spelling, in Elixir and Erlang; what a text never defines is not known
here, and examples may well take it for granted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from factory.syntax import Span
from transforms.book.code import Block, strangers
from transforms.markdown import Code, Section
from transforms.standard import known

_MODULE = re.compile(r"^\s*def(?:module|protocol) ([A-Z][\w.]*)", re.MULTILINE)
_FUNCTION = re.compile(
    r"^\s*def(?:p|macro|macrop|guard|guardp|delegate)? ([a-z_]\w*[?!]?)", re.MULTILINE
)
_CLAUSE = re.compile(r"^([a-z]\w*)\(.*->", re.MULTILINE)
_BOUND = re.compile(
    r"^\s*(?:\{:ok, ([a-z]\w*)\}|([a-z]\w*))[ \t]*=(?![=~>])(?!.*\bfrom\()", re.MULTILINE
)
_UNNAMED = re.compile(r'"""[^"]*(?:"(?!"")[^"]*)*"""|"(?:[^"\\\n]|\\.)*"|#(?!\{).*')
_CALL = re.compile(r"(?<![\w.:@?!%])([a-z_]\w*[?!]?)\(|&([a-z_]\w*[?!]?)/\d")
_USED_MODULE = re.compile(r"(?<![\w.:@])([A-Z]\w*(?:\.[A-Z]\w*)*)(?=\.[a-z_]\w*[?!]?\(|\{)")
"""Modules whose functions are called, or whose structs are made: others are but named."""

_ALIASED = re.compile(r"\balias ([\w.]+)$", re.MULTILINE)
_NAMED = re.compile(r"`([a-z_]\w*[?!]?)/\d`(?! callback)")
_CALLBACK_WORDS = """
init start start_link child_spec call run perform handle handle_call handle_cast handle_info
handle_continue handle_event terminate mount render update validate changeset new main stop
code_change handle_params handle_in join connect id application project deps setup fetch
"""
_CALLBACKS = frozenset(_CALLBACK_WORDS.split())
"""Functions that behaviours ask for: a text speaks of them where it shows none."""

_TAKEN_FOR_GRANTED = frozenset(["conn", "socket", "assigns", "params", "opts", "state"])
_ANY_PROJECT = re.compile(r"(?:My|Your)[A-Z]\w*(?:\.|$)|.*(?:\.|^)Repo$")


@dataclass(frozen=True)
class _Defined:
    span: Span
    modules: frozenset[str]
    functions: frozenset[str]
    variables: frozenset[str]


class Definitions:
    """What the code blocks of a document define, found when first asked for. In a `notebook`,
    whose blocks run one after another, these are variables as well."""

    def __init__(self, sections: Sequence[Section], *, notebook: bool = False) -> None:
        self._sections = sections
        self._notebook = notebook

    @cached_property
    def _all(self) -> tuple[_Defined, ...]:
        return tuple(
            _defined(block)
            for section in self._sections
            for code in section.blocks
            if isinstance(code, Code) and (block := Block(code)).language in ("elixir", "erlang")
        )

    def missing(self, span: Span, codes: Sequence[Block], prose: str) -> list[str]:
        """What this code and the prose with it use, and only code outside the span defines."""
        elsewhere = [one for one in self._all if not span.start <= one.span.start < span.end]
        own = [_defined(code) for code in codes]
        typed = "\n".join(_UNNAMED.sub('""', code.typed) for code in codes)
        functions = _union(one.functions for one in elsewhere) - _union(o.functions for o in own)
        calls = {found[1] or found[2] for found in _CALL.finditer(typed)}
        named = set(_NAMED.findall(prose))
        found = sorted((functions & (calls | named)) - _CALLBACKS)
        built = _union(one.modules for one in elsewhere)
        modules = _with_last(frozenset(one for one in built if not _ANY_PROJECT.match(one)))
        modules -= _with_last(_union(one.modules for one in own))
        used = set(_USED_MODULE.findall(typed))
        used -= {
            name.rpartition(".")[2]
            for name in _ALIASED.findall(typed)
            if name not in built or _ANY_PROJECT.match(name)
        }
        found += sorted(
            name
            for name in modules & used
            if not known(name.partition(".")[0]) and not _ANY_PROJECT.match(name)
        )
        variables = _union(one.variables for one in elsewhere) - _TAKEN_FOR_GRANTED
        if variables and self._notebook:
            free = set(strangers(codes, (), snippets=True))
            found += sorted(variables & free)
        return found


def _defined(block: Block) -> _Defined:
    text = block.typed
    functions = _CLAUSE if block.language == "erlang" else _FUNCTION
    return _Defined(
        block.span,
        frozenset(_MODULE.findall(text)),
        frozenset(functions.findall(text)),
        frozenset(found[1] or found[2] for found in _BOUND.finditer(text)),
    )


def _union(sets: Iterator[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _with_last(names: frozenset[str]) -> frozenset[str]:
    """Module names, also as an alias calls them."""
    return names | {name.rpartition(".")[2] for name in names}
