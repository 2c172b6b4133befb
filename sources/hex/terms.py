"""Erlang terms as text, read as `file:consult/1` reads them: what `metadata.config` is written in.

A term becomes plain Python: an integer or a float, an `Atom`, a tuple, a list, a `Map`, `bytes` for
a binary. A string is the list of its code points, as it is in Erlang, so `""` is `[]`; `text` turns
binaries and such lists into `str`. Nothing is evaluated, no atom outlives its term, and size,
nesting and the length of numbers are bounded: the text may come from anybody.

The one kept Python package for this (`erl_terms`, last changed in 2015) knows no escapes, no
comments and no `/utf8`. Not covered, and refused: functions, improper lists (`[a | b]`),
binaries that are no whole number of bytes or hold floats, and what means different things to
different versions of Erlang (triple quotes, `2#0.1`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from factory.errors import SourceError

LONGEST = 1 << 20
"""Bytes of a file that is read; hex_core writes and reads no larger `metadata.config`."""

DEEPEST = 64
"""Brackets inside brackets."""

LONGEST_NUMBER = 1_000
LONGEST_ATOM = 255
LARGEST_FIELD = 1 << 16
"""Bits of one segment of a binary."""


class TermsError(SourceError):
    """The text is no list of Erlang terms; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Atom:
    name: str


@dataclass(frozen=True, slots=True)
class Map:
    """A map's pairs, as they were written; of a key that was written twice the last pair."""

    pairs: tuple[tuple[Term, Term], ...]


Term: TypeAlias = "int | float | bytes | Atom | Map | tuple[Term, ...] | list[Term]"

TRUE = Atom("true")
FALSE = Atom("false")

_TOKEN = re.compile(
    r"""
    (?P<blank>    (?:[\x00-\x20\x80-\xa0]++|%[^\n]*+)++ )
  | (?P<string>   "(?:[^"\\]++|\\.)*+" )
  | (?P<quoted>   '(?:[^'\\]++|\\.)*+' )
  | (?P<float>    \d++(?:_\d++)*+ \. \d++(?:_\d++)*+ (?:[eE][+-]?\d++(?:_\d++)*+)? )
  | (?P<based>    \d++(?:_\d++)*+ \# [0-9a-zA-Z]++(?:_[0-9a-zA-Z]++)*+ )
  | (?P<integer>  \d++(?:_\d++)*+ )
  | (?P<char>     \$(?:\\(?:x\{[^}]*+\}|x[0-9a-fA-F]{2}|[0-7]{1,3}|\^.|.)|[^\\]) )
  | (?P<atom>     [a-zß-öø-ÿ][\w@]*+ )
  | (?P<dot>      \.(?=[\x00-\x20\x80-\xa0%]|\Z) )
  | (?P<mark>     <<|>>|=>|[\[\]{},|/:+#-] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x\{(?P<long>[^}]*+)\}|x(?P<short>[0-9a-fA-F]{2})"
    r"|\^(?P<control>.)|(?P<other>.))",
    re.DOTALL,
)
_ESCAPES = dict(zip("nrtvbfesd", "\n\r\t\v\b\f\x1b\x20\x7f", strict=True))
_ATOM = re.compile(r"[a-zA-Z0-9_@À-ÖØ-öø-ÿ]+")
_RESERVED = re.compile(
    r"after|and|andalso|band|begin|bnot|bor|bsl|bsr|bxor|case|catch|cond|div|end|fun|if|let|not|of"
    r"|or|orelse|receive|rem|try|when|xor"
)
_UTF = {"utf8": "utf-8", "utf16": "utf-16", "utf32": "utf-32"}


def consult(data: bytes) -> list[Term]:
    """The terms of a file, each ended by a dot. UTF-8, or Latin-1 where it is not valid UTF-8, as
    hex_core reads it. Raises `TermsError`."""
    if len(data) > LONGEST:
        raise TermsError(f"it is larger than {LONGEST:,} bytes")
    try:
        source = data.decode("utf-8")
    except UnicodeDecodeError:
        source = data.decode("latin-1")
    return _Reader(source).all()


def text(term: Term) -> str | None:
    """What a binary or a string says; None for any other term. A binary that is no UTF-8 is
    Latin-1, which older clients wrote."""
    if isinstance(term, bytes):
        try:
            return term.decode("utf-8")
        except UnicodeDecodeError:
            return term.decode("latin-1")
    if isinstance(term, list) and all(isinstance(c, int) and _is_character(c) for c in term):
        return "".join(chr(c) for c in term if isinstance(c, int))
    return None


def _is_character(code: int) -> bool:
    return 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF


class _Reader:
    """Tokens from front to back, one ahead, and the grammar over them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._next = 0
        self._at = 0
        self._kind = ""
        self._word = ""
        self._advance()

    def all(self) -> list[Term]:
        terms: list[Term] = []
        while self._kind:
            terms.append(self._term(0))
            if self._kind != "dot":
                self._refuse("a dot was expected")
            self._advance()
        return terms

    def _advance(self) -> None:
        """To the next token; its kind is "" at the end."""
        while True:
            self._at = self._next
            if self._at == len(self._source):
                self._kind = self._word = ""
                return
            match = _TOKEN.match(self._source, self._at)
            if match is None:
                self._word = ""
                self._refuse("no Erlang term has this here")
            self._next = match.end()
            if match.lastgroup != "blank":
                self._kind, self._word = match.lastgroup or "", match.group()
                return

    def _refuse(self, why: str) -> NoReturn:
        line = self._source.count("\n", 0, self._at) + 1
        column = self._at - self._source.rfind("\n", 0, self._at)
        found = self._word or self._source[self._at : self._at + 1]
        shown = ascii(found[:30]) if found else "the end"
        raise TermsError(f"line {line}, column {column}, at {shown}: {why}")

    def _is(self, mark: str) -> bool:
        """Whether the token is this mark; if so it is passed."""
        if self._kind == "mark" and self._word == mark:
            self._advance()
            return True
        return False

    def _term(self, depth: int) -> Term:
        if depth > DEEPEST:
            self._refuse(f"brackets lie deeper than {DEEPEST}")
        if self._is("{"):
            return tuple(self._items("}", depth))
        if self._is("["):
            return self._items("]", depth)
        if self._is("<<"):
            return self._binary(depth)
        if self._is("#"):
            return self._map(depth)
        if self._kind == "string":
            return [*map(ord, self._string())]
        if self._kind in ("atom", "quoted"):
            return self._atom()
        return self._number()

    def _items(self, end: str, depth: int) -> list[Term]:
        items: list[Term] = []
        if self._is(end):
            return items
        while True:
            items.append(self._term(depth + 1))
            if self._is(end):
                return items
            if self._kind == "mark" and self._word == "|":
                self._refuse("improper lists are not read")
            if not self._is(","):
                self._refuse(f"a comma or {end} was expected")

    def _map(self, depth: int) -> Map:
        pairs: dict[str, tuple[Term, Term]] = {}
        if not self._is("{"):
            self._refuse("{ was expected")
        while not self._is("}"):
            if pairs and not self._is(","):
                self._refuse("a comma or } was expected")
            key = self._term(depth + 1)
            if not self._is("=>"):
                self._refuse("=> was expected")
            pairs[repr(key)] = key, self._term(depth + 1)
        return Map(tuple(pairs.values()))

    def _atom(self) -> Atom:
        name = self._word
        if self._kind == "quoted":
            name = self._unescaped(name[1:-1])
        elif _RESERVED.fullmatch(name):
            self._refuse(f"a term was expected ({name} is a reserved word)")
        elif not _ATOM.fullmatch(name):
            self._refuse("an atom with such letters needs quotes")
        if len(name) > LONGEST_ATOM:
            self._refuse(f"an atom has at most {LONGEST_ATOM} characters")
        self._advance()
        return Atom(name)

    def _string(self) -> str:
        """One string; several in a row are one, as in Erlang."""
        parts = []
        while self._kind == "string":
            if self._word == '""' and self._source[self._next : self._next + 1] == '"':
                self._refuse("triple quotes mean different things to different Erlangs")
            parts.append(self._unescaped(self._word[1:-1]))
            self._advance()
        return "".join(parts)

    def _number(self) -> int | float:
        sign = 1
        if self._kind == "mark" and self._word in "+-":
            sign = -1 if self._word == "-" else 1
            self._advance()
        kind, digits = self._kind, self._word.replace("_", "")
        value: int | float
        if kind == "char":
            character = self._word[1:]
            value = ord(self._unescaped(character))
        elif kind not in ("integer", "based", "float"):
            self._refuse("a term was expected")
        elif len(digits) > LONGEST_NUMBER:
            self._refuse(f"a number has at most {LONGEST_NUMBER:,} digits")
        elif kind == "integer":
            value = int(digits)
        elif kind == "float":
            value = float(digits)
            if math.isinf(value):
                self._refuse("the number is too large")
        else:
            value = self._based(digits)
        self._advance()
        return sign * value

    def _based(self, token: str) -> int:
        base, _, digits = token.partition("#")
        if len(base) > 2 or not 2 <= int(base) <= 36:
            self._refuse("a number's base is from 2 to 36")
        try:
            return int(digits, int(base))
        except ValueError:
            self._refuse(f"a digit is not below {base}")

    def _binary(self, depth: int) -> bytes:
        parts: list[bytes] = []
        if self._is(">>"):
            return b""
        while True:
            parts.append(self._segment(depth))
            if self._is(">>"):
                return b"".join(parts)
            if not self._is(","):
                self._refuse("a comma or >> was expected")

    def _segment(self, depth: int) -> bytes:
        value: list[int]
        if self._kind == "string":
            value = [*map(ord, self._string())]
        elif self._kind == "mark" and self._word == "<<":
            self._refuse("binaries inside binaries are not read")
        else:
            number = self._term(depth + 1)
            if not isinstance(number, int):
                self._refuse("only strings and integers are read inside a binary")
            value = [number]
        size = self._integer("a size") if self._is(":") else None
        return self._packed(value, size, self._types() if self._is("/") else [])

    def _types(self) -> list[str]:
        names: list[str] = []
        while True:
            if self._kind != "atom":
                self._refuse("a type was expected")
            name = self._word
            self._advance()
            if name == "unit":
                if not self._is(":"):
                    self._refuse("a unit's size was expected")
                name = f"unit:{self._integer('a unit')}"
            names.append(name)
            if not self._is("-"):
                return names

    def _integer(self, what: str) -> int:
        if self._kind != "integer":
            self._refuse(f"{what} was expected")
        if len(self._word) > 6:
            self._refuse(f"{what} is too large")
        value = int(self._word.replace("_", ""))
        self._advance()
        return value

    def _packed(self, values: list[int], size: int | None, types: list[str]) -> bytes:
        """The bytes of a segment's integers (a string is one for each character)."""
        utf = [name for name in types if name in _UTF]
        known = {"integer", "big", "little", "signed", "unsigned", *_UTF}
        units = [int(name[5:]) for name in types if name.startswith("unit:")]
        odd = [name for name in types if name not in known and not name.startswith("unit:")]
        if odd or len(types) != len(set(types)) or len(units) > 1 or len(utf) > 1:
            self._refuse(f"a segment of type {'-'.join(types)[:40]} is not read")
        if {"big", "little"} <= set(types) or {"signed", "unsigned"} <= set(types):
            self._refuse("a segment's type contradicts itself")
        little = "little" in types
        if utf:
            if size is not None or units or "integer" in types or "signed" in types:
                self._refuse("a segment in UTF has no size")
            if not all(map(_is_character, values)):
                self._refuse("it is no character")
            encoding = _UTF[utf[0]] + ("" if utf[0] == "utf8" else ("-le" if little else "-be"))
            return "".join(map(chr, values)).encode(encoding)
        if units and (size is None or not 1 <= units[0] <= 256):
            self._refuse("a unit is from 1 to 256 and needs a size")
        bits = (8 if size is None else size) * (units[0] if units else 1)
        if bits % 8 or bits * max(1, len(values)) > LARGEST_FIELD * 8:
            self._refuse("a segment has whole bytes, and not too many")
        mask = (1 << bits) - 1
        if bits == 8:
            return bytes(value & 255 for value in values)
        packed = (
            (value & mask).to_bytes(bits // 8, "little" if little else "big") for value in values
        )
        return b"".join(packed)

    def _unescaped(self, inner: str) -> str:
        return _ESCAPE.sub(self._escape, inner) if "\\" in inner else inner

    def _escape(self, match: re.Match[str]) -> str:
        if match["octal"]:
            return chr(int(match["octal"], 8))
        if match["long"] is not None:
            return self._code(match["long"])
        if match["short"]:
            return chr(int(match["short"], 16))
        if match["control"]:
            if not match["control"].isascii():
                self._refuse("there is no such control character")
            return chr(ord(match["control"]) & 31)
        if match["other"] == "x":
            self._refuse("\\x needs two digits")
        return _ESCAPES.get(match["other"], match["other"])

    def _code(self, digits: str) -> str:
        if not re.fullmatch(r"[0-9a-fA-F]{1,8}", digits) or not _is_character(int(digits, 16)):
            self._refuse("it is no character")
        return chr(int(digits, 16))
