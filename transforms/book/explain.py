"""`book_explain`: a code block asks, the book's paragraph about it answers.

The code is shown whole; the answer is what stands right under it and speaks of it (`explained`), in
the book's own words. Code that nothing under it explains makes no row, nor does an explanation that
goes on to other code, or tells of an application that the text builds as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options
from factory.records import Example, LeftOut
from factory.syntax import Span
from transforms.book.code import Block
from transforms.book.explained import (
    about_code,
    coverage,
    focus,
    other_code,
    plain_data,
    stands,
    touched,
)
from transforms.book.labels import practice
from transforms.book.phrases import begins, holds
from transforms.book.pieces import LEANS, TORN, UNFINISHED, stops_early
from transforms.book.rows import (
    STRANGERS,
    TOO_LONG,
    BookOptions,
    BookTransform,
    Lesson,
    lessons,
    topic,
    unshown,
    written_in,
)
from transforms.exercise import listed
from transforms.fences import fenced
from transforms.markdown import Code
from transforms.wording import wordings

TASK = "book_explain"

UNEXPLAINED = "no paragraph under it explains it"
TOO_SHORT = "the code is too short to explain"
TOO_LITTLE = "what is said of it is too little"
_UP = re.compile(r"\b(?:above|below)\b", re.IGNORECASE)
_MOST_ASKED = 300
"""An explanation has three tenths of its code's length, and this is enough for any."""

WHOLE = 0.6
PART = 0.4
LEAST = 0.2
"""Of the names in code. An explanation that has the most of them is one of the whole, and one with
few is a remark."""

_WRONG = re.compile(
    r"^[ \t]*#+ *(?:bad|wrong|avoid|don['’]t|do not|before|incorrect)\b", re.I | re.M
)
_RIGHT = re.compile(r"^[ \t]*#+ *(?:good|right|correct|after|instead|better|do)\b", re.I | re.M)
"""Marks of code that shows how not to do something, and how to: no one piece to explain."""

OUTLINE = "most of the code is left out"


class BookExplainOptions(BookOptions):
    least_code: int = Field(40, ge=0, description="Shortest code to explain, in characters.")


class BookExplain(BookTransform):
    """Code blocks of books and guides, each with the paragraph that explains it."""

    name: ClassVar[str] = TASK
    version: ClassVar[int] = 4
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = BookExplainOptions
    options: BookExplainOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        found = lessons(parsed)
        if isinstance(found, str):
            yield self.left_out(parsed, found)
        else:
            yield from self.at_most(self._items(found))

    def _items(self, found: Iterable[Lesson]) -> Iterator[Example | LeftOut]:
        for lesson in found:
            if practice(lesson):
                continue
            for at, block in enumerate(lesson.section.blocks):
                if isinstance(block, Code):
                    code = Block(block)
                    if written_in([code]):
                        yield self._row(lesson, code, at)

    def _row(self, lesson: Lesson, code: Block, at: int) -> Example | LeftOut:
        subject = lesson.section.title
        if len(code.shown) >= self.options.max_quote:
            return self.left_out(lesson.parsed, TOO_LONG, subject, code.span)
        if not code.whole:
            return self.left_out(lesson.parsed, TORN, subject, code.span)
        if code.placeholders > 1:
            return self.left_out(lesson.parsed, OUTLINE, subject, code.span)
        if _WRONG.search(code.text) and _RIGHT.search(code.text):
            return self.left_out(lesson.parsed, UNEXPLAINED, subject, code.span)
        if len(code.text) < self.options.least_code:
            return self.left_out(lesson.parsed, TOO_SHORT, subject, code.span)
        if not code.session and code.language == "elixir" and plain_data(code.text):
            return self.left_out(lesson.parsed, TOO_SHORT, subject, code.span)
        told = about_code(lesson.section.blocks[at + 1 :], [code])
        while told and len(code.shown) + sum(p.quoted for p in told) > self.options.max_quote:
            told = told[:-1]
            if not told:
                return self.left_out(lesson.parsed, TOO_LONG, subject, code.span)
        said = [sentence.bare for piece in told for sentence in piece.sentences]
        if any(_UP.search(one) or holds("elsewhere").search(one) for one in said):
            return self.left_out(lesson.parsed, LEANS, subject, code.span)
        if not told or not stands(told) or other_code(told, code):
            return self.left_out(lesson.parsed, UNEXPLAINED, subject, code.span)
        if stops_early(" ".join(piece.text for piece in told)):
            return self.left_out(lesson.parsed, UNFINISHED, subject, code.span)
        share = coverage(told, code)
        quoted = sum(piece.quoted for piece in told)
        name = "" if share >= WHOLE or len(told) > 1 else focus(told, code)
        partial = share < PART and quoted < len(code.typed) and not code.session
        remark = begins("notice").match(said[0]) or partial
        if not (name or remark or code.session) and share < LEAST:
            return self.left_out(lesson.parsed, TOO_LITTLE, subject, code.span)
        least = max(
            self.options.least_prose, 0 if name else min(_MOST_ASKED, len(code.shown) * 3 // 10)
        )
        if quoted < least:
            return self.left_out(lesson.parsed, TOO_LITTLE, subject, code.span)
        if code.session and unshown(lesson, [code], " ".join(piece.text for piece in told)):
            return self.left_out(lesson.parsed, STRANGERS, subject, code.span)
        language = written_in([code])
        number = self.number(lesson.parsed, code.span.start)
        facts = {"code": fenced(code.shown, code.language)}
        key = "session" if code.session else ("code", "code_of")[number % 2]
        if name:
            key = "foci" if " and " in name else "focus"
            if holds("of_use").search(said[0]):
                key = "about"
            facts["name"] = name
        elif remark:
            key = "brief" if begins("whole").match(said[0]) else "notice"
            named = touched(told, code)
            if key == "notice" and named and begins("describing").match(said[0]):
                key = "about"
                facts["name"] = listed(named)
        elif not code.session and share < WHOLE and (names := touched(told, code)):
            key = "about"
            facts["name"] = listed(names)
        if key == "code_of":
            facts["topic"] = topic(lesson.parsed.document, language)
        request = wordings(TASK).say(key, number // 2, **facts)
        return self.asked(
            lesson,
            Span(code.span.start, told[-1].span.end),
            subject,
            request,
            "\n\n".join(piece.text for piece in told),
            language=language,
        )
