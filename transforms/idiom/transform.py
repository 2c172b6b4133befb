"""The `idiom` transform: from a function as it is to the same function in another form.

Each row shows a whole function (or one clause of a long one), names the wanted form or says what
is wrong with the present one, and answers with the whole function. Where real code has the better
form, it is the answer and the rules make the question; else the rules make the answer.

It does not judge taste beyond its rules, and it rewrites nothing whose meaning it cannot see to
stay: what the rules demand is written with each of them (`transforms.idiom.rules`).
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function, Module, Span
from transforms.context import documentation_share, subject
from transforms.fences import fenced
from transforms.idiom.around import NOWHERE, Around, around
from transforms.idiom.layout import too_wide
from transforms.idiom.rule import Rule, Way, applied
from transforms.idiom.rules import RULES
from transforms.idiom.unit import Unit
from transforms.wording import wordings

TASK = "idiom"

TOO_LONG = "every clause is longer than max_code"
BROKEN = "the code has syntax errors"


_ROOM = 900
_ROOM_PER_CHANGE = 6
"""A function may be so many characters long, and so many more for each that changes: copying a
screen of code to change one word teaches little."""


class IdiomOptions(Options):
    max_code: int = Field(2_400, ge=100, description="Longest function or clause shown, in bytes.")
    per_file: int = Field(30, ge=1, description="Most rows from one file.")
    per_rule: int = Field(
        6,
        ge=1,
        description="Most rows of one rule and direction from one file; common rules have fewer.",
    )
    tries_per_kb: float = Field(
        0.1,
        gt=0,
        description="Functions looked into for each 1,000 bytes of a file; about two make a row.",
    )
    without: tuple[str, ...] = Field((), description="Names of rules to leave out.")


class Piece(NamedTuple):
    """A function, or one of its clauses (`clause` counts from 0), that could make a row."""

    span: Span
    clause: int | None
    function: Function
    module: Module
    around: Around


class Idiom(Transform):
    """From code that works to the same code as Elixir people write it."""

    name: ClassVar[str] = "idiom"
    version: ClassVar[int] = 2
    """To be raised when a rule's version is."""
    languages: ClassVar[frozenset[str]] = frozenset({"elixir"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = IdiomOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        pieces: list[Piece] = []
        for found in self._pieces(parsed):
            if isinstance(found, LeftOut):
                yield found
            else:
                pieces.append(found)
        pieces.sort(key=lambda piece: piece.span)
        rows = self._rows(parsed, pieces)
        yield from sorted(rows, key=lambda row: row.provenance.start_byte)

    def _pieces(self, parsed: Parsed) -> Iterator[Piece | LeftOut]:
        waiting = [(module, NOWHERE) for module in reversed(parsed.outline.modules)]
        while waiting:
            module, outer = waiting.pop()
            names = around(module, outer)
            if names is None:
                continue
            waiting.extend((inner, names) for inner in reversed(module.modules))
            for function in module.functions:
                if function.kind in ("def", "defp"):
                    yield from self._piece(
                        parsed, Piece(function.code, None, function, module, names)
                    )

    def _piece(self, parsed: Parsed, piece: Piece) -> Iterator[Piece | LeftOut]:
        function = piece.function
        if parsed.outline.errors and parsed.outline.broken(function.code):
            name = subject(parsed, piece.module, function)
            yield self.left_out(parsed, BROKEN, name, function.code)
            return
        size = function.code.end - function.code.start
        if function.contiguous and size <= self.options.max_code:
            yield piece
            return
        short = [
            piece._replace(span=clause.span, clause=number)
            for number, clause in enumerate(function.clauses)
            if clause.body and clause.span.end - clause.span.start <= self.options.max_code
        ]
        yield from short
        if not short:
            name = subject(parsed, piece.module, function)
            yield self.left_out(parsed, TOO_LONG, name, function.code)

    def _rows(self, parsed: Parsed, pieces: list[Piece]) -> list[Example]:
        """Pieces that could serve a rare rule first, then others, in a seeded order, each for the
        rarest way that fits, until the file has given enough."""
        rare = _marks(parsed.source, pieces)
        order = list(range(len(pieces)))
        random.Random(self.number(parsed)).shuffle(order)  # noqa: S311 - seeded, no secret
        order.sort(key=lambda number: number not in rare)
        rows: list[Example] = []
        made: Counter[int] = Counter()
        served: set[int] = set()
        tries = int(len(parsed.source) / 1_000 * self.options.tries_per_kb) + 2
        for number in order:
            if len(rows) >= self.options.per_file or tries <= 0:
                break
            function = pieces[number].function.code.start
            if function in served:
                continue
            units = _Units(parsed, pieces[number])
            for at in self._worth_trying(parsed, pieces[number], rare.get(number, 0), made):
                row = self._row(parsed, pieces[number], units, at)
                if row is not None:
                    made[at] += 1
                    rows.append(row)
                    served.add(function)
                    break
            tries -= units.opened
        return rows

    def _worth_trying(
        self, parsed: Parsed, piece: Piece, marked: int, made: Counter[int]
    ) -> Iterator[int]:
        """The ways that could fit a piece and have not been used enough in this file."""
        for at, (rule, way) in enumerate(WAYS):
            if way.needles and not marked >> at & 1:
                continue
            if made[at] >= min(way.most, self.options.per_rule):
                continue
            if rule.name in self.options.without:
                continue
            if way.trigger.search(parsed.source, piece.span.start, piece.span.end):
                yield at

    def _row(self, parsed: Parsed, piece: Piece, units: _Units, at: int) -> Example | None:
        _, way = WAYS[at]
        unit = units.get()
        other = applied(way, unit) if unit else None
        if unit is None or other is None:
            return None
        real, made = unit.source.decode(), other.source.decode()
        if too_wide(made, real) or made.count("\n") > 3 * real.count("\n") + 12:
            return None
        name = subject(parsed, piece.module, piece.function)
        if len(real) > _ROOM + _ROOM_PER_CHANGE * _changed(real, made):
            return None
        number = self.number(parsed, name, piece.clause or 0, way.source, way.target)
        if number % (way.made + way.real) < way.made:
            shown, answer, present, wanted = real, made, way.source, way.target
        else:
            shown, answer, present, wanted = made, real, way.target, way.source
        if not _done(way, answer, unit, wanted, present):
            return None
        return self.ask(
            parsed,
            TASK,
            piece.span,
            f"{name} ({present} to {wanted})",
            _request(name, piece.clause is not None, shown, present, wanted, number >> 8),
            fenced(answer, "elixir"),
            documentation=documentation_share(piece.function),
        )


class _Units:
    """A piece's unit, read when it is first wanted."""

    def __init__(self, parsed: Parsed, piece: Piece) -> None:
        self.parsed = parsed
        self.piece = piece
        self.opened = 0
        self._unit: Unit | None = None

    def get(self) -> Unit | None:
        """The unit; None when it does not parse on its own."""
        if not self.opened:
            self.opened = 1
            text = self.parsed.dedented(self.piece.span).replace("\r\n", "\n")
            unit = Unit(text.encode(), self.piece.around)
            self._unit = None if unit.broken else unit
        return self._unit


def _request(
    name: str, one_clause: bool, shown: str, present: str, wanted: str, number: int
) -> str:
    said = wordings(TASK)
    facts = {
        "function": f"this clause of `{name}`" if one_clause else f"`{name}`",
        "care": said.say("care", number >> 8),
        "code": fenced(shown, "elixir"),
    }
    if f"smell.{present}" in said.variants and number % 3 == 0:
        smell = said.say(f"smell.{present}", number >> 16)
        return said.say("smelling", number >> 24, smell=smell, **facts)
    special = f"how.{wanted}.from.{present}"
    key = special if special in said.variants else f"how.{wanted}"
    how = said.say(key, number >> 16)
    return said.say("ask", number >> 24, how=how, **facts)


WAYS: tuple[tuple[Rule, Way], ...] = tuple((rule, way) for rule in RULES for way in rule.ways)


def _needles() -> dict[bytes, int]:
    """Each needle with the ways that it speaks for, as bits."""
    found: dict[bytes, int] = {}
    for at, (_, way) in enumerate(WAYS):
        for needle in way.needles:
            found[needle] = found.get(needle, 0) | 1 << at
    return found


def _changed(one: str, other: str) -> int:
    """How many characters of lines one text has that the other lacks, in the text that has more;
    lines that only moved or were indented anew count for a quarter."""
    return max(_lacking(one, other), _lacking(other, one))


def _lacking(text: str, other: str) -> int:
    known = Counter(other.split("\n"))
    left = [line for line in text.split("\n") if not _taken(known, line)]
    moved = Counter(line.strip() for line in known.elements())
    new = sum(len(line.strip()) for line in left if not _taken(moved, line.strip()))
    return new + (sum(len(line.strip()) for line in left) - new) // 4


def _taken(known: Counter[str], line: str) -> bool:
    if not known[line]:
        return False
    known[line] -= 1
    return True


_CONTRADICTS = {
    "nested_calls": re.compile(r"\|>"),
    "anonymous_function": re.compile(r"&[\w( :]"),
    "if_negated": re.compile(r"\bunless\b"),
    "interpolation": re.compile(r"<>"),
    "concatenation": re.compile(r"#\{"),
    "is_nil": re.compile(r"[!=]= nil\b"),
    "equals_nil": re.compile(r"\bis_nil\("),
    "positive_if_else": re.compile(r"\bunless\b"),
    "bare_condition": re.compile(r"\btrue\s+else\b"),
}
"""What an answer must not hold that was asked for in this form."""


def _done(way: Way, answer: str, unit: Unit, wanted: str, present: str) -> bool:
    """Whether the answer has left nothing of the form that was to go, as far as rules can see."""
    found = _CONTRADICTS.get(wanted)
    if found is not None and found.search(answer):
        return False
    if wanted == way.target:
        return True
    back = [way for _, way in WAYS if way.source == present and way.target == wanted]
    return not any(way.rewrite(unit) for way in back)


NEEDLES = _needles()


def _marks(source: bytes, pieces: list[Piece]) -> dict[int, int]:
    """The pieces that hold a needle, by number, with the ways it speaks for as bits."""
    marks: dict[int, int] = {}
    starts = [piece.span.start for piece in pieces]
    for needle, ways in NEEDLES.items():
        at = source.find(needle)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            if number >= 0 and at < pieces[number].span.end:
                marks[number] = marks.get(number, 0) | ways
            # The next hit of interest is in a later piece.
            if number + 1 >= len(starts):
                break
            at = source.find(needle, max(at + 1, starts[number + 1]))
    return marks
