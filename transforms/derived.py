"""Whether the values that tests expect follow from what a request shows.

Where all that the code under test comes to is shown, a reader can compute what it gives. Where it
is not (a helper shown by its heads, a function of another module), the values that tests expect
have to stand somewhere: in the request, or in what the test hands over.

Read by spelling and indentation. What this does not do: compute; tell whether a value that stands
somewhere is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from factory.syntax.erlang_calls import AUTO_IMPORTED
from factory.syntax.names import KERNEL
from transforms.names import uses
from transforms.shapes import split
from transforms.standard import unknown_calls
from transforms.untold import texts_of, untold_atoms, without_comments, without_texts

COUNTED = frozenset("0123")
"""Numbers that say how many of something there are; nobody has to be told them."""

_STATED = re.compile(r"(?:assert|refute)\b(?!_)[ (]|[%{\[<\"].* = ")
_GOES_ON = re.compile(r"[\])}|]|\"\"\"|end\)")
_TOKEN = re.compile(
    r'~[a-zA-Z]?"""[\s\S]*?"""|"""[\s\S]*?"""|"(?:\\.|[^"\\])*"'
    r"|(?P<open>[(\[{]|<<)|(?P<close>[)\]}]|>>)"
    r"|(?P<compares>(?<=\s)(?:===?|=:=|=~|!==?|=/=|=|<=|>=|=<|<|>)(?=\s))"
)
_EXPECTING = re.compile(r"\?_?assert(?:Equal|Match|NotEqual|NotMatch)?\(")
_CALLED = re.compile(r"(?<![\w@])([a-z_]\w*[?!]?)\(")
_FRACTION = re.compile(r"(?<![\w.:])\d[\d_]*\.\d{9,}")
_DIGITS = re.compile(r"\d[\d_]*")
_NUMBER = re.compile(r"(?<![A-Za-z_\d])\d[\d_]*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_INSIDE = re.compile(r"#\{([^{}]*)\}")
_FILLED = re.compile(r"#\{[^{}]*\}|\\[a-z]")
_BITWISE = frozenset(["band", "bor", "bxor", "bnot", "bsl", "bsr", "size", "unit"])
"""Names of `Bitwise`, and what stands in segments of binaries."""

_KEYWORDS = frozenset(["fun", "not", "catch", "when", "if", "case", "and", "or", "of", "end"])
_KEYWORDS |= frozenset(
    ["begin", "receive", "after", "try", "andalso", "orelse", "div", "rem", "xor"]
)
_KEYWORDS |= _BITWISE


class Stated(NamedTuple):
    """What a test expects, and the rest of it: what it works on."""

    expected: tuple[str, ...]
    given: str


def leads_out(code: str, defined: Collection[str], language: str) -> bool:
    """Whether code calls other modules than the language's own, or functions by their bare names
    that are neither its own nor among those `defined` in its module."""
    inside = "\n".join(_INSIDE.findall(code)) if "#{" in code else ""
    plain = without_comments(f"{without_texts(code)}\n{inside}", language)
    if unknown_calls(plain, language):
        return True
    known = AUTO_IMPORTED | _KEYWORDS if language == "erlang" else KERNEL | _BITWISE
    return bool(uses(plain, language).calls - known - frozenset(defined))


def stated(test: str, own: Collection[str], language: str) -> Stated:
    """A test, taken apart; `own` are the functions under test and the helpers of the tests, whose
    arguments it hands over."""
    expected: list[str] = []
    given: list[str] = []
    for statement, asserts in _statements(test, language):
        if not asserts:
            given.append(statement)
            continue
        sides = _sides(statement, language)
        for side in sides:
            actual = not frozenset(_CALLED.findall(side)).isdisjoint(own)
            (given if actual else expected).append(side)
    return Stated(tuple(expected), "\n".join(given))


def underivable(
    tests: Sequence[str], told: str, own: Collection[str], language: str, *, opened: bool
) -> list[str]:
    """The values that tests expect and that neither what is `told` nor what they hand over holds:
    long fractions, and, where the code is `opened` to what cannot be seen, numbers, names and
    words."""
    found: list[str] = []
    for test in tests:
        expected, given = stated(test, own, language)
        known = f"{told}\n{given}"
        text = "\n".join(expected)
        found += [number for number in _FRACTION.findall(text) if number not in known]
        if opened:
            found += _unknown(text, known, language)
    return found


def _unknown(text: str, known: str, language: str) -> list[str]:
    if not text:
        return []
    numbers = {_plain(digits) for digits in _DIGITS.findall(known)} | COUNTED
    found = [n for n in _NUMBER.findall(text) if _plain(n) not in numbers]
    found += sorted(untold_atoms(text, known, language))
    said = _FILLED.sub(" ", " ".join(texts_of(text))).lower()
    spoken = known.lower()
    return found + [word for word in _WORD.findall(said) if word not in spoken]


def _plain(number: str) -> str:
    return number.replace("_", "").lstrip("0") or "0"


def _statements(test: str, language: str) -> Iterator[tuple[str, bool]]:
    """The statements of a test by indentation, and whether they assert something."""
    if language == "erlang":
        yield from _calls_of_macros(without_comments(test, language))
        return
    lines = test.split("\n")[1:]
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if not _STATED.match(line):
            yield lines[at], False
            at += 1
            continue
        margin = len(lines[at]) - len(lines[at].lstrip())
        end = at + 1
        while end < len(lines) and (
            not lines[end].strip()
            or len(lines[end]) - len(lines[end].lstrip()) > margin
            or _GOES_ON.match(lines[end].strip())
        ):
            end += 1
        yield "\n".join([line, *lines[at + 1 : end]]), True
        at = end


def _calls_of_macros(test: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for found in _EXPECTING.finditer(test):
        if found.start() < at:
            continue
        end = _closing(test, found.end())
        yield test[at : found.start()], False
        yield test[found.start() : end], True
        at = end + 1
    yield test[at:], False


def _closing(text: str, start: int) -> int:
    depth = 1
    for token in _TOKEN.finditer(text, start):
        depth += bool(token["open"]) - bool(token["close"])
        if not depth:
            return token.start()
    return len(text)


def _sides(statement: str, language: str) -> list[str]:
    """The sides of a comparison or match; the arguments, in Erlang, of what compares them."""
    if language == "erlang":
        opening = statement.index("(") + 1
        inside = statement[opening:]
        if not re.match(r"\?_?assert\(", statement):
            return split(inside)
    else:
        inside = re.sub(r"\A(?:assert|refute)\b\s*", "", statement)
        if inside[:1] == "(" and _closing(inside, 1) == len(inside.rstrip()) - 1:
            inside = inside.strip()[1:-1]
    depth, at, sides = 0, 0, []
    for token in _TOKEN.finditer(inside):
        depth += bool(token["open"]) - bool(token["close"])
        if not depth and token["compares"]:
            sides.append(inside[at : token.start()])
            at = token.end()
    return [*sides, inside[at:]]
