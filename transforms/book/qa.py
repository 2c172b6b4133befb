"""`book_qa`: questions that a section of a book answers, in the book's own words.

Two kinds. A section's heading is asked about, and the section's opening prose with its own first
example answers; parts without a name of their own ("Problem", "Refactoring") count as the section's
they belong to. And where a sentence says what the code under it is for ("To delete a file, …:"),
that is asked, and the paragraph, the code and what is said of it answer.

The question comes from rules over headings and sentences; nothing is added to the answer. A
section that leans on others, that tells a story as it goes, or whose code cannot be understood
without more, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

from factory.parsed import Parsed
from factory.plugins import Options
from factory.records import Example, LeftOut
from factory.syntax import Span
from transforms.book.code import Block
from transforms.book.explained import about_code, plain_data
from transforms.book.goals import goal
from transforms.book.headings import Heading, bare, general, stems
from transforms.book.labels import asks_or_solves, practice
from transforms.book.phrases import holds
from transforms.book.pieces import (
    LEANS,
    UNFINISHED,
    Piece,
    before_code,
    coded,
    cut_short,
    opened,
    paragraph,
    quotable,
    stops_early,
    whole_prefix,
)
from transforms.book.rows import (
    STRANGERS,
    TOO_LONG,
    BookOptions,
    BookTransform,
    Lesson,
    lessons,
    topic,
    topic_of,
    unshown,
    written_in,
)
from transforms.book.solves import unshown_function
from transforms.markdown import Block as Read
from transforms.markdown import Code, Items, Prose, Section
from transforms.wording import wordings

TASK = "book_qa"

UNASKABLE = "nobody would ask by its heading"
BEGINS = "begins with what came before"
NO_EXAMPLE = "has no example of its own"
TOO_LITTLE = "says too little"
SCANT = "too little of it can be quoted"

_NAMED = re.compile(r"`([\w.:@]+[?!]?)(?=[`/(])")
_JOINING = "(?:with|without|for|in|on|as|to|and|or|from|by|via|using|at|vs|versus|is|are)"
_BINDING = re.compile(r"(?:#.*\n)*[a-z]\w* = ")
_NO_LETTER = re.compile(r"[\W_]+")
SHARE = 0.3
"""An answer is at least this part of its section,"""
ENOUGH = 0.75
"""or else this part of what may be quoted."""

MOST = 0.5
"""Where a section shows how to do something and code is left out at its end, an answer is at least
this part of it."""

SHORT_NAME = 4
"""Most words of a chapter's title that stands for the topic in a question."""

SAME = 0.6
"""A goal's row that holds more than this of its section's answer is not made beside it."""

STRAY = "does not speak of what its heading names"


class BookQa(BookTransform):
    """Questions that a section of a book or guide answers, in its own words."""

    name: ClassVar[str] = TASK
    version: ClassVar[int] = 4
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = BookOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        found = lessons(parsed)
        if isinstance(found, str):
            yield self.left_out(parsed, found)
        else:
            yield from self.at_most(self._items(found))

    def _items(self, found: Iterable[Lesson]) -> Iterator[Example | LeftOut]:
        part_of: Section | None = None
        for lesson in found:
            section = lesson.section
            if not section.level or practice(lesson):
                continue
            about: Example | LeftOut | None = None
            if part_of is None or section.span.start >= part_of.span.end:
                parts = list(_parts(section))
                part_of = section if len(parts) > 1 else None
                about = self._section(lesson, parts)
                if about is not None:
                    yield about
            for row in self._goals(lesson):
                if not isinstance(about, Example) or not _same(row, about):
                    yield row

    def _section(self, lesson: Lesson, parts: Sequence[Section]) -> Example | LeftOut | None:
        """The row about the section's heading, or why there is none; None for a section that only
        holds others."""
        if not any(part.blocks for part in parts):
            return None
        heading, section = lesson.heading, lesson.section
        if heading is None or general(section.title):
            return self._left(lesson, UNASKABLE)
        answer = self._answer(lesson, heading, parts)
        if isinstance(answer, str):
            return self._left(lesson, answer)
        language = written_in([code for piece in answer for code in piece.code])
        about = topic_of(
            lesson.parsed.document, language, [code for piece in answer for code in piece.code]
        )
        if _speaks(heading.text, about):
            about = topic(lesson.parsed.document, language)
        if _same_name(heading.text, about):
            return self._left(lesson, UNASKABLE)
        return self.asked(
            lesson,
            Span(section.span.start, answer[-1].span.end),
            section.title,
            self._about(lesson, heading, about),
            "\n\n".join(piece.text for piece in answer),
            language=language,
        )

    def _answer(
        self, lesson: Lesson, heading: Heading, parts: Sequence[Section]
    ) -> tuple[Piece, ...] | str:
        """The pieces that answer, or why there are none. They begin with the first paragraph that
        can begin an answer; what introduces it may go, code may not."""
        reason = ""
        for start in _starts(parts[0].blocks):
            pieces, stopped = _read(parts, start)
            answer = self._longest(lesson, heading, pieces, stopped)
            if not isinstance(answer, str):
                if (heading.form == "task" and _halfway(answer, parts)) or (
                    _only_data(answer) and _code_after(answer, _every(parts[0]))
                ):
                    answer = UNFINISHED
                elif self._scant(answer, parts):
                    answer = stopped or SCANT
                else:
                    return answer
            reason = reason or answer
        return reason

    def _scant(self, answer: Sequence[Piece], parts: Sequence[Section]) -> bool:
        """Whether an answer is but a small piece of what the section says, and of what a row may
        quote."""
        all_blocks = [block for part in parts for block in part.blocks]
        whole = sum(block.span.end - block.span.start for block in all_blocks)
        quoted = sum(piece.quoted for piece in answer)
        return quoted < min(SHARE * whole, ENOUGH * self.options.max_quote)

    def _longest(
        self, lesson: Lesson, heading: Heading, pieces: Sequence[Piece], stopped: str
    ) -> tuple[Piece, ...] | str:
        first = next((piece for piece in pieces if not piece.title), None)
        pieces = opened(pieces, heading.words)
        if not pieces:
            dangling = first is None or not first.prose or first.sentences[0].dangling
            return stopped or (BEGINS if dangling else STRAY)
        reasons: list[str] = []
        blocks = lesson.section.blocks
        for end in range(len(pieces), 0, -1):
            if cut_short(pieces[:end], blocks):
                continue
            fit = whole_prefix(before_code(pieces[:end], blocks))
            if fit is not None:
                why = self._unfit(lesson, heading, fit)
                if not why:
                    return fit
                reasons.append(why)
        # Longer answers tell more of why there is none; being too long is the least of it.
        told = [why for why in reasons if why != TOO_LONG]
        if told and told[0] != NO_EXAMPLE:
            return told[0]
        return stopped or (TOO_LONG if TOO_LONG in reasons else NO_EXAMPLE)

    def _unfit(self, lesson: Lesson, heading: Heading, pieces: Sequence[Piece]) -> str:
        codes = [code for piece in pieces for code in piece.code]
        prose = " ".join(s.text for piece in pieces for s in piece.sentences)
        if sum(piece.quoted for piece in pieces) > self.options.max_quote:
            return TOO_LONG
        if not written_in(codes):
            return NO_EXAMPLE
        if len(prose) < self.options.least_prose:
            return TOO_LITTLE
        if any(code.placeholders > 1 or "TODO" in code.text for code in codes):
            return NO_EXAMPLE
        if stops_early(prose) or _lays_ground(pieces):
            return UNFINISHED
        said = stems(prose + " " + " ".join(code.text for code in codes))
        shown = " ".join(piece.text for piece in pieces)
        if any(name not in shown for name in _NAMED.findall(heading.text)):
            return STRAY
        if heading.form == "name" and heading.words.isdisjoint(stems(prose)):
            return STRAY
        if len(heading.words - said) > len(heading.words) // 3:
            return STRAY
        if unshown(lesson, codes, prose):
            return STRANGERS
        span = Span(pieces[0].span.start, pieces[-1].span.end)
        return STRANGERS if lesson.course.definitions.missing(span, codes, prose) else ""

    def _about(self, lesson: Lesson, heading: Heading, about: str) -> str:
        facts = {"topic": about}
        place = {"concept": "concept", "task": "task", "name": "name", "question": "question"}
        own = heading.form == "question"
        said = re.sub(rf" in {re.escape(about)}$", "", heading.text, flags=re.IGNORECASE)
        facts[place[heading.form]] = heading.text if own else _without(about, said)
        key: str = heading.form
        chapter = lesson.chapter
        new = chapter is not None and chapter.noun and not chapter.words <= heading.words
        noun = _without(about, chapter.noun) if chapter is not None and new else ""
        if chapter is not None and noun == chapter.noun and _narrower(chapter, about):
            facts["topic"] = chapter.noun
        elif noun and not general(noun) and not (_speaks(noun, about) or _speaks(about, noun)):
            facts["chapter"] = noun
            key += "_within"
        number = self.number(lesson.parsed, "section", lesson.section.span.start)
        return wordings(TASK).say(key, number, **facts)

    def _goals(self, lesson: Lesson) -> Iterator[Example]:
        blocks = lesson.section.blocks
        for at, (block, below) in enumerate(pairwise(blocks)):
            if isinstance(block, Prose) and isinstance(below, Code):
                row = self._goal(lesson, block, Block(below), blocks[at + 2 : at + 3])
                if row is not None:
                    yield row

    def _goal(
        self, lesson: Lesson, prose: Prose, code: Block, after: Sequence[Read]
    ) -> Example | None:
        if len(code.text) >= self.options.max_quote:
            return None
        told = paragraph(prose.text, shown=False, follows=True, opening=True)
        if not told or not code.whole or not written_in([code]) or code.placeholders:
            return None
        wanted, start = "", 0
        for at, sentence in enumerate(told):
            found = goal(sentence)
            if found:
                wanted, start = found, at
        while start and not (told[start - 1].hook or told[start].continues):
            start -= 1
        opening = told[start:]
        if not wanted or opening[0].dangling or unshown_function(opening[-1].text, code.text):
            return None
        text = " ".join(sentence.text for sentence in opening)
        pieces = [Piece(text, len(text), prose.span, tuple(opening)), coded(code)]
        pieces += about_code(after, [code])
        while sum(piece.quoted for piece in pieces) > self.options.max_quote and pieces[2:]:
            pieces.pop()
        if sum(piece.quoted for piece in pieces) > self.options.max_quote:
            return None
        span = Span(prose.span.start, pieces[-1].span.end)
        if unshown(lesson, [code], text):
            return None
        if lesson.course.definitions.missing(span, [code], text):
            return None
        language = written_in([code])
        facts = {"goal": wanted, "topic": topic_of(lesson.parsed.document, language, [code])}
        number = self.number(lesson.parsed, "goal", prose.span.start)
        return self.asked(
            lesson,
            Span(prose.span.start, pieces[-1].span.end),
            f"{lesson.section.title}: {wanted}",
            wordings(TASK).say("goal", number, **facts),
            "\n\n".join(piece.text for piece in pieces),
            language=language,
        )

    def _left(self, lesson: Lesson, reason: str) -> LeftOut:
        return self.left_out(lesson.parsed, reason, lesson.section.title, lesson.section.span)


def _same_name(text: str, about: str) -> bool:
    """Whether a text is but the name of what is asked about, however it is spelt."""
    return _NO_LETTER.sub("", text).lower() == _NO_LETTER.sub("", about).lower()


def _speaks(noun: str, about: str) -> bool:
    """Whether a noun says the name of what is asked about, in a question that says it again."""
    names = re.findall(r"[^\W_]+", about)
    return re.search(rf"\b{'[_ ]?'.join(names)}\b", noun, re.IGNORECASE) is not None


def _narrower(chapter: Heading, about: str) -> bool:
    """Whether a chapter's title names a part of what is asked about by its name, and can stand for
    it in a question ("embedded Elixir")."""
    words = chapter.noun.split()
    return (
        chapter.form == "concept"
        and 1 < len(words) <= SHORT_NAME
        and about in chapter.noun
        and not general(chapter.noun)
        and "in" not in words
    )


def _without(about: str, noun: str) -> str:
    """A noun without the name that the question says anyway: "safe Ecto migrations in Ecto"."""
    own = re.escape(about.strip("`"))
    return re.sub(
        rf"(?<!\ba )(?<!\ban )\b{own} (?!{_JOINING}\b)(?=[a-z])",
        "",
        noun,
        flags=re.IGNORECASE,
    )


def _halfway(answer: Sequence[Piece], parts: Sequence[Section]) -> bool:
    """Whether code comes after the answer that is needed for what the heading promises to show: a
    section about how to do something often begins with what does not work, or shows no more."""
    said = [sentence for piece in answer[-3:] for sentence in piece.sentences]
    fails = [sentence for sentence in said if holds("failing").search(sentence.bare)]
    if not _code_after(answer, parts):
        return any(sentence.lead for sentence in fails)
    if fails:
        return True
    blocks = [block for part in parts for block in part.blocks]
    whole = sum(block.span.end - block.span.start for block in blocks)
    return sum(piece.quoted for piece in answer) < MOST * whole


def _code_after(answer: Sequence[Piece], parts: Sequence[Section]) -> bool:
    """Whether the section shows code that is not in the answer, behind it."""
    end = answer[-1].span.end
    blocks = (block for part in parts for block in part.blocks)
    return any(isinstance(block, Code) and block.span.start >= end for block in blocks)


def _only_data(answer: Sequence[Piece]) -> bool:
    """Whether an answer's code but names the data that something is then shown with."""
    codes = [code for piece in answer for code in piece.code]
    return all(
        code.language == "elixir" and _BINDING.match(code.text) and plain_data(code.text)
        for code in codes
    )


def _lays_ground(pieces: Sequence[Piece]) -> bool:
    """Whether an answer ends with code that only lays the ground for what is explained after it."""
    if len(pieces) < 2 or not pieces[-1].code or not pieces[-2].prose:
        return False
    if sum(bool(piece.code) for piece in pieces) > 1:
        return False
    last = pieces[-2].sentences[-1]
    return last.lead and holds("premise").search(last.bare) is not None


def _starts(blocks: Sequence[Read]) -> Iterator[int]:
    """Where an answer may begin: with the first block, or a later paragraph before any code."""
    yield 0
    for at, block in enumerate(blocks):
        if isinstance(block, Code | Items):
            return
        if at and isinstance(block, Prose):
            yield at


def _read(parts: Sequence[Section], start: int) -> tuple[list[Piece], str]:
    """The pieces of all parts from a block of the first one on, each part under its heading."""
    pieces: list[Piece] = []
    for part in parts:
        blocks = part.blocks[start:] if part is parts[0] else part.blocks
        shown = any(piece.code for piece in pieces)
        read = quotable(blocks, shown=shown, opening=part is parts[0])
        if part.blocks and not read.pieces and part is not parts[0]:
            return pieces, read.stopped or LEANS
        if general(part.title) and read.pieces:
            place = Span(part.span.start, part.span.start + 1)
            pieces.append(Piece(f"**{bare(part.title)}**", len(part.title), place, title=True))
        pieces += read.pieces
        if read.stopped:
            return pieces, read.stopped
    return pieces, ""


def _parts(section: Section) -> Iterator[Section]:
    """The section, and its own subsections when the heading of each says nothing alone; exercises
    are no part of it."""
    yield section
    below = [one for one in section.sections if not asks_or_solves(one.title)]
    if section.level > 1 and all(general(one.title) for one in below):
        yield from below


def _every(section: Section) -> list[Section]:
    return [one for _, one in section.every()]


def _same(goal_row: Example, section_row: Example) -> bool:
    """Whether a row about a goal says again most of what its section's row says."""
    inner, outer = goal_row.provenance, section_row.provenance
    inside = outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
    return inside and len(goal_row.answer) > SAME * len(section_row.answer)
