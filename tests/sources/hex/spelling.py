"""Writes Erlang terms in every way that Erlang reads: written apart from the reader, for tests."""

from __future__ import annotations

import re
import string
import struct
from random import Random
from typing import Any

from hypothesis import strategies as st

from sources.hex.terms import Atom, Map

PLAIN_ATOM = re.compile(r"[a-z][a-zA-Z0-9_@]*")
RESERVED = frozenset(
    [
        *("after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case"),
        *("catch", "cond", "div", "end", "fun", "if", "let", "not", "of", "or", "orelse"),
        *("receive", "rem", "try", "when", "xor", "maybe", "else"),
    ]
)
NAMED = {10: "n", 13: "r", 9: "t", 11: "v", 8: "b", 12: "f", 27: "e", 32: "s", 127: "d"}

characters = st.characters(exclude_categories=("Cs",))
terms = st.recursive(
    st.one_of(
        st.integers(),
        st.integers(-(10**40), 10**40),
        st.floats(allow_nan=False, allow_infinity=False),
        st.binary(max_size=20),
        st.text(characters, max_size=20).map(str.encode),
        st.text(characters, max_size=20).map(lambda s: [*map(ord, s)]),
        st.text(characters, max_size=12).map(Atom),
        st.sampled_from([Atom("true"), Atom("false"), Atom("nil"), Atom("end"), Atom("")]),
    ),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.lists(st.tuples(inner, inner), max_size=4, unique_by=lambda pair: repr(pair[0])).map(
            lambda pairs: Map(tuple(pairs))
        )
    ),
    max_leaves=12,
)


def file(items: list[Any], random: Random) -> str:
    """A file of terms, each with a dot."""
    return "".join(
        blank(random) + term(item, random) + blank(random) + "." + random.choice("\n \t\r")
        for item in items
    ) + random.choice(["", "% the end", "\n\n"])


def blank(random: Random) -> str:
    return random.choice(["", "", " ", "\n", "\t% {a comment}.\n", "%\n  "])


def term(value: Any, random: Random) -> str:
    if isinstance(value, Atom):
        return atom(value.name, random)
    if isinstance(value, bytes):
        return binary(value, random)
    if isinstance(value, int):
        return integer(value, random)
    if isinstance(value, float):
        return real(value, random)
    if isinstance(value, list) and random.random() < 0.7 and characters_only(value):
        return quoted("".join(map(chr, value)), '"', random)
    if isinstance(value, Map):
        arrow = random.choice(["=>", " => ", "=>\n"])
        pairs = [term(key, random) + arrow + term(of, random) for key, of in value.pairs]
        return random.choice(["#{", "# {"]) + ", ".join(pairs) + "}"
    left, right = "{}" if isinstance(value, tuple) else "[]"
    gap = random.choice([",", ", ", " ,\n", ", % a comment\n"])
    return left + gap.join(term(item, random) for item in value) + right


def characters_only(value: list[Any]) -> bool:
    return all(
        type(code) is int and 0 <= code < 0x110000 and not 0xD800 <= code < 0xE000 for code in value
    )


def atom(name: str, random: Random) -> str:
    if PLAIN_ATOM.fullmatch(name) and name not in RESERVED and random.random() < 0.7:
        return name
    return quoted(name, "'", random)


def integer(value: int, random: Random) -> str:
    sign = "-" if value < 0 else random.choice(["", "", "+", "+ "])
    size = abs(value)
    if size < 0x110000 and not 0xD800 <= size < 0xE000 and random.random() < 0.2:
        return sign + "$" + character(chr(size), random, "")
    base = random.choice([10, 10, 10, 2, 8, 16, 36])
    digits = ""
    while size or not digits:
        size, digit = divmod(size, base)
        digits = (string.digits + string.ascii_lowercase)[digit] + digits
    if len(digits) > 3 and random.random() < 0.3:
        digits = digits[:2] + "_" + digits[2:]
    return sign + (digits if base == 10 else f"{base}#{random.choice([digits, digits.upper()])}")


def real(value: float, random: Random) -> str:
    """The shortest digits that give the same number back, spelled as Erlang wants them."""
    mantissa, e, exponent = repr(value).partition("e")
    whole = mantissa if "." in mantissa else mantissa + ".0"
    return whole + (random.choice("eE") + exponent.lstrip("+") if e else "")


def binary(value: bytes, random: Random) -> str:
    try:
        decoded = value.decode()
    except UnicodeDecodeError:
        decoded = None
    ways = ["latin", "numbers"] + (["utf8"] * 2 if decoded is not None else [])
    way = random.choice(ways)
    if way == "utf8" and decoded is not None:
        inner = quoted(decoded, '"', random) + random.choice(["/utf8", " / utf8"])
    elif way == "latin":
        inner = quoted(value.decode("latin-1"), '"', random)
    else:
        inner = ",".join(str(byte) for byte in value)
    return f"<<{inner}>>"


def quoted(text: str, mark: str, random: Random) -> str:
    return mark + "".join(character(c, random, mark) for c in text) + mark


def character(c: str, random: Random, mark: str) -> str:
    code = ord(c)
    must = c in (mark, "\\") or (not mark and code <= 32) or 0x7F <= code <= 0xA0
    if not must and random.random() < 0.8 and c not in "\"'":
        return c
    ways = [f"\\x{{{code:x}}}"]
    if code in NAMED:
        ways.append("\\" + NAMED[code])
    if code < 256:
        ways.append(f"\\x{code:02X}")
        ways.append(f"\\{code:03o}")
    if 1 <= code <= 26:
        ways.append("\\^" + chr(code + 64))
    if c in "\"'\\":
        ways.append("\\" + c)
    return random.choice(ways)


def canonical(value: Any) -> str:
    """A term in a form that `consult.escript` prints too."""
    if isinstance(value, Atom):
        return "a" + value.name.encode().hex()
    if isinstance(value, bytes):
        return "b" + value.hex()
    if isinstance(value, float):
        return "f" + struct.pack(">d", value).hex()
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, Map):
        return "m" + ",".join(sorted(f"{canonical(k)}>{canonical(v)}" for k, v in value.pairs))
    left, right = "{}" if isinstance(value, tuple) else "[]"
    return left + ",".join(map(canonical, value)) + right
