"""Fill-in-the-middle: a piece of a file taken out at a border of its syntax.

A row is `{prefix}…{suffix}…{middle}` as a prompt and the piece as its completion, in the order
prefix-suffix-middle or suffix-prefix-middle (Bavarian et al., "Efficient Training of Language
Models to Fill in the Middle", 2022, section 3; for the latter its variant that keeps the sentinels
in place). Prefix, middle and suffix are one contiguous piece of the file, cut at line ends where
it is longer than the window.

What this does not do: cut at random bytes, as pre-training does. A hole is what a person would
type in one go: a function, a clause, a body, a pipe step, a branch, an argument, an element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from factory import choice
from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Span
from factory.syntax.boundaries import KINDS, Kind, Unit, elements, holes, units
from transforms.untold import untold_atoms, untold_texts, worded

SENTINEL_INSIDE = "the file holds the text of a sentinel token"
UNREAD = "not read: "

SETTINGS = "the settings of a project: nobody could guess them"

MANY_CLAUSES = 12
SHORT_CLAUSE = 80
"""A function of more clauses than this is a table as far as its clauses have fewer bytes."""

_SETTINGS = re.compile(r"(?:^|/)(?:mix\.exs|rebar\.config(?:\.script)?)$")
_TESTS = re.compile(r"_(?:SUITE|tests?)\.erl$")
_HIDDEN = re.compile(rb"@doc\s+false")
_WORDS = re.compile(rb"\w{2,}")
_NAMED = re.compile(
    r'"((?:\\.|[^"\\])*)"|(?<![:\w]):([a-z_]\w*[?!]?)|(?<![\w:?@.])([a-z_]\w*[?!]?):(?=\s)'
    r"|(?<!\w)((?:[A-Z]\w*\.)*[A-Z]\w*)"
)
_VARIABLE = re.compile(r"[A-Za-z_]{2,}")
_WORD = re.compile(r"[a-z_]\w*[?!]?")
_TEXT = re.compile(
    rb'"""[\s\S]*?"""|(?<![$?])"(?:\\.|[^"\\])*"|\'\'\'[\s\S]*?\'\'\'|(?<![\w$?])\'(?:\\.|[^\'\\\n])*\''
)


class FimOptions(Options):
    prefix_token: str = Field("<|fim_prefix|>", min_length=1, description="before the prefix")
    suffix_token: str = Field("<|fim_suffix|>", min_length=1, description="before the suffix")
    middle_token: str = Field("<|fim_middle|>", min_length=1, description="before the middle")
    order: Literal["psm", "spm"] = Field(
        "psm", description="prefix-suffix-middle, or suffix-prefix-middle"
    )
    kinds: tuple[Kind, ...] = Field(KINDS, description="the borders to cut at")
    context: int = Field(
        6_000, ge=200, description="bytes of prefix and suffix together, cut at line ends"
    )
    per_kb: float = Field(0.3, gt=0, description="holes per 1,000 bytes of a file")
    per_file: int = Field(16, ge=1, description="most holes in one file")
    shortest: int = Field(16, ge=1, description="fewest bytes of a middle")
    longest: int = Field(800, ge=1, description="most bytes of a middle")
    longest_test: int = Field(
        250, ge=1, description="most bytes of a test's whole body: its name alone asks for it"
    )


class Hole(NamedTuple):
    """A middle (`span`), what it belongs to, and the window of the file that surrounds it."""

    span: Span
    unit: Span
    subject: str
    window: Span


class Fim(Transform):
    """Pieces of functions, tests and templates to be filled in."""

    name = "fim"
    version = 2
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang", "heex", "eex"})
    tasks = ("fim",)
    Options = FimOptions
    options: FimOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        if not parsed.has_tree:
            yield self.left_out(parsed, UNREAD + parsed.outline.truncated)
            return
        if _SETTINGS.search(parsed.document.path):
            yield self.left_out(parsed, SETTINGS)
            return
        o = self.options
        if any(token in parsed.document.text for token in self._sentinels()):
            yield self.left_out(parsed, SENTINEL_INSIDE)
            return
        wanted = min(o.per_file, max(1, round(len(parsed.source) / 1_000 * o.per_kb)))
        find = self._in_template if parsed.document.language in ("heex", "eex") else self._in_units
        for hole in find(parsed, wanted):
            yield self._example(parsed, hole)

    def _sentinels(self) -> tuple[str, str, str]:
        o = self.options
        return o.prefix_token, o.suffix_token, o.middle_token

    def _in_units(self, parsed: Parsed, wanted: int) -> Iterator[Hole]:
        """One hole in each of `wanted` functions and tests, chosen by seed."""
        found = [
            (self.number(parsed, "unit", *unit.code), unit)
            for unit in units(parsed.outline)
            if unit.code.end - unit.code.start >= self.options.shortest
        ]
        chosen: list[Hole] = []
        for number, unit in sorted(found, key=lambda pair: pair[0])[: wanted * 8]:
            if len(chosen) == wanted:
                break
            if parsed.outline.broken(unit.code):
                continue
            hole = self._in_unit(parsed, unit, number)
            if hole:
                chosen.append(hole)
        yield from sorted(chosen)

    def _in_unit(self, parsed: Parsed, unit: Unit, number: int) -> Hole | None:
        """A hole of the first kind, in an order that `number` decides, that the unit has."""
        kinds = sorted(self.options.kinds, key=lambda kind: choice.number(number, "kind", kind))
        language = parsed.document.language
        for kind in kinds:
            spans = holes(parsed.root, parsed.source, language, unit, kind)
            whole = kind in ("body", "function")
            named_only = whole and (not unit.clauses or _TESTS.search(parsed.document.path))
            most = self.options.longest_test if named_only else self.options.longest
            spans = [span for span in spans if self._worth(parsed.source, span, most)]
            if not spans:
                continue
            span = spans[choice.number(number, kind) % len(spans)]
            seen = window(parsed.source, span, self.options.context)
            if (
                seen
                and not _worded(parsed.source, span, seen)
                and not (language == "elixir" and _constant(parsed.source, span, seen))
                and not (kind == "clause" and _tabular(unit, span))
                and (kind != "function" or _foretold(parsed.source, unit, seen))
            ):
                return Hole(span, unit.span, unit.label, seen)
        return None

    def _in_template(self, parsed: Parsed, wanted: int) -> Iterator[Hole]:
        if "element" not in self.options.kinds or parsed.outline.errors:
            return
        source = parsed.source
        spans = [
            span
            for span in elements(parsed.root, source, parsed.document.language)
            if self._worth(source, span, self.options.longest)
            and span.end - span.start < len(source) // 2
        ]
        whole = Span(0, len(source))
        for span in choice.sample(spans, wanted, self.seed, self.name, parsed.document.path):
            seen = window(source, span, self.options.context)
            if seen:
                yield Hole(span, whole, parsed.document.path, seen)

    def _worth(self, source: bytes, span: Span, most: int) -> bool:
        """Long enough, at most `most` bytes, with at least two words, and not a text above all."""
        if not self.options.shortest <= span.end - span.start <= most:
            return False
        middle = source[span.start : span.end]
        if len(_WORDS.findall(middle)) < 2:
            return False
        texts = sum(map(len, _TEXT.findall(middle)))
        return 2 * texts <= len(middle)

    def _example(self, parsed: Parsed, hole: Hole) -> Example:
        o = self.options
        before = parsed.text(Span(hole.window.start, hole.span.start))
        after = parsed.text(Span(hole.span.end, hole.window.end))
        if o.order == "psm":
            prompt = f"{o.prefix_token}{before}{o.suffix_token}{after}{o.middle_token}"
        else:
            prompt = f"{o.prefix_token}{o.suffix_token}{after}{o.middle_token}{before}"
        return Example(
            task="fim",
            format="prompt_completion",
            language=parsed.document.language,
            licence=parsed.document.licence,
            provenance=parsed.provenance(hole.unit, self.name, self.version, hole.subject),
            prompt=prompt,
            completion=parsed.text(hole.span),
        )


def window(source: bytes, hole: Span, limit: int) -> Span | None:
    """The lines around `hole` that fit into `limit` bytes, two thirds of them before it.

    What one side does not need goes to the other. None when the hole's own lines do not fit.
    """
    after_all = len(source) - hole.end
    before = max(limit * 2 // 3, limit - after_all)
    after = max(limit - before, limit - hole.start)
    start, end = 0, len(source)
    if hole.start > before:
        start = source.find(b"\n", hole.start - before - 1, hole.start) + 1
        if start == 0:
            return None
    if after_all > after:
        end = source.rfind(b"\n", hole.end, hole.end + after) + 1
        if end == 0:
            return None
    return Span(start, end)


def _worded(source: bytes, span: Span, seen: Span) -> bool:
    """Whether a third of a hole are texts in words that stand nowhere around it: messages and
    descriptions, which nobody could guess."""
    middle = source[span.start : span.end]
    if b'"' not in middle and b"~" not in middle:
        return False
    hole = middle.decode()
    if 3 * sum(map(len, worded(hole))) <= len(hole):
        return False
    around = source[seen.start : span.start] + b" " + source[span.end : seen.end]
    return 3 * sum(map(len, untold_texts(hole, around.decode()))) > len(hole)


def _constant(source: bytes, span: Span, seen: Span) -> bool:
    """Whether a hole holds names and texts alone, half of which stand nowhere around it: settings
    and made-up values."""
    hole = source[span.start : span.end].decode()
    said = [next(filter(None, match)) for match in _NAMED.findall(hole) if any(match)]
    if not said or _VARIABLE.search(_NAMED.sub("", hole)):
        return False
    around = (source[seen.start : span.start] + b" " + source[span.end : seen.end]).decode()
    strange = untold_atoms(hole, around, "elixir")
    unknown = [t for t in said if t in strange or (not _WORD.fullmatch(t) and t not in around)]
    return 2 * len(unknown) >= len(said)


def _tabular(unit: Unit, span: Span) -> bool:
    """Whether a clause is a line of a table: one of many that are as short."""
    return len(unit.clauses) > MANY_CLAUSES and span.end - span.start < SHORT_CLAUSE


def _foretold(source: bytes, unit: Unit, seen: Span) -> bool:
    """Whether a whole function can be guessed at: its attributes (doc, spec) stay, or the window
    calls it elsewhere."""
    attributes = _HIDDEN.sub(b"", source[unit.span.start : unit.code.start])
    if b"@" in attributes or b"-spec" in attributes:
        return True
    called = re.compile(rb"(?<![\w.:])" + re.escape(unit.name.encode()) + rb"\(")
    return bool(
        called.search(source, seen.start, unit.span.start)
        or called.search(source, unit.span.end, seen.end)
    )
