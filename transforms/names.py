"""What a piece of code mentions, read by spelling: calls, attributes, macros, records, words.

A variable that is called like a function counts as a call; a call without parentheses is seen only
before a literal; strings and comments count too. Cheap enough to read every function of a build:
nothing is looked for before it is asked about.
"""

from __future__ import annotations

import copy
import re
from functools import cached_property

WORD = re.compile(r"[A-Za-z_]\w*[?!]?")
_ELIXIR_CALL = re.compile(
    r"([a-z_](?:(?<![\w.:@%].)|(?<=\.\..))\w*+[?!]?+)(?:\(|/\d|(?= (?:[\"'%]|:[^:]|&[^&])))"
)
_ELIXIR_PIPED = re.compile(r"\|>\s*([a-z_]\w*[?!]?)")
_ELIXIR_ATTRIBUTE = re.compile(r"@([a-z_]\w*)")
_ERLANG_CALL = re.compile(r"([a-z](?<![\w:?#].)[\w@]*+)(?:\s*+\(|/\d)")
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


class Uses:
    """What a text mentions: `calls` of local names, `attributes` (without the `@`; in Erlang
    `?MACROS` and `#records`, with their marks), and every one of the `words` in it."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._erlang = language == "erlang"

    @cached_property
    def calls(self) -> frozenset[str]:
        if self._erlang:
            return frozenset(_ERLANG_CALL.findall(self._text))
        found = _ELIXIR_CALL.findall(self._text)
        if "|>" in self._text:
            found += _ELIXIR_PIPED.findall(self._text)
        return frozenset(found) - _KEYWORDS

    @cached_property
    def attributes(self) -> frozenset[str]:
        text = self._text
        if self._erlang:
            macros = _ERLANG_MACRO.findall(text) if "?" in text else ()
            records = _ERLANG_RECORD.findall(text) if "#" in text else ()
            named = {f"?{name}" for name in macros if name not in _PREDEFINED_MACROS}
            return frozenset(named.union(f"#{name}" for name in records))
        if "@" not in text:
            return frozenset()
        return frozenset(_ELIXIR_ATTRIBUTE.findall(text)) - _RESERVED_ATTRIBUTES

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(WORD.findall(self._text))

    def mentions(self, word: str) -> bool:
        """Whether `word` is one of the words."""
        return stands(word, self._text)

    def calling(self, names: frozenset[str]) -> Uses:
        """The same text with `names` as its calls."""
        other = copy.copy(self)
        other.calls = names
        return other


def stands(word: str, text: str) -> bool:
    """Whether a word stands in a text on its own, and not as a part of another."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        before, after = text[at - 1 : at], text[end : end + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after in ("_", "?", "!")):
            return True
        at = text.find(word, end)
    return False


def uses(text: str, language: str) -> Uses:
    """What `text` mentions, by spelling. Strings and comments count too."""
    return Uses(text, language)
