"""What a piece of code mentions, read by spelling: calls, attributes, macros, records, words.

A variable that is called like a function counts as a call; a call without parentheses is seen only
before a literal; strings and comments count too. Cheap enough to read every function of a build.
"""

from __future__ import annotations

import re
from typing import NamedTuple

WORD = re.compile(r"[A-Za-z_]\w*[?!]?")
_ELIXIR_CALL = re.compile(r"(?<![\w.:@%])([a-z_]\w*[?!]?)(?:\(|/\d|(?= (?:[\"'%]|:[^:]|&[^&])))")
_ELIXIR_PIPED = re.compile(r"\|>\s*([a-z_]\w*[?!]?)")
_ELIXIR_ATTRIBUTE = re.compile(r"@([a-z_]\w*)")
_ERLANG_CALL = re.compile(r"(?<![\w:?#])([a-z][\w@]*)(?:\s*\(|/\d)")
_ERLANG_MACRO = re.compile(r"(?<!\?)\?+([A-Za-z_][\w@]*)")
_ERLANG_RECORD = re.compile(r"#([a-z][\w@]*|\?\w+|'[^'\n]+')\s*[{.]")

_PREDEFINED = "MODULE MODULE_STRING FILE LINE MACHINE FUNCTION_NAME FUNCTION_ARITY OTP_RELEASE"
_PREDEFINED_MACROS = frozenset(_PREDEFINED.split())
_NO_CALLS = """
def defp defmacro defmacrop defguard defguardp defdelegate defmodule defprotocol defimpl defstruct
if unless case cond with for fn quote unquote unquote_splicing when and or not in do else end try
rescue catch after receive raise super alias import require use
"""
_KEYWORDS = frozenset(_NO_CALLS.split())
_RESERVED = """
doc moduledoc typedoc spec type typep opaque callback macrocallback optional_callbacks behaviour
impl deprecated since dialyzer derive enforce_keys vsn external_resource compile before_compile
after_compile on_load on_definition nifs tag describetag moduletag file
"""
_RESERVED_ATTRIBUTES = frozenset(_RESERVED.split())


class Uses(NamedTuple):
    """What a text mentions: called local names, `@attributes` (without the `@`; in Erlang
    `?MACROS` and `#records`, with their marks), and every word in it."""

    calls: frozenset[str]
    attributes: frozenset[str]
    words: frozenset[str]


def uses(text: str, language: str) -> Uses:
    """What `text` mentions, by spelling. Strings and comments count too."""
    words = frozenset(WORD.findall(text))
    if language == "erlang":
        calls = frozenset(_ERLANG_CALL.findall(text))
        macros = frozenset(_ERLANG_MACRO.findall(text)) - _PREDEFINED_MACROS
        named = {f"?{name}" for name in macros}
        named.update(f"#{name}" for name in _ERLANG_RECORD.findall(text))
        return Uses(calls, frozenset(named), words)
    calls = frozenset([*_ELIXIR_CALL.findall(text), *_ELIXIR_PIPED.findall(text)]) - _KEYWORDS
    attributes = frozenset(_ELIXIR_ATTRIBUTE.findall(text)) - _RESERVED_ATTRIBUTES
    return Uses(calls, attributes, words)
