"""`book_exercise`: an exercise asks, the book's own solution answers.

Exercises and solutions are found (`labels`) and paired (`pairing`) over all documents of a release.
An exercise that leans on one before it is left out, and so is one whose solution repeats other
words than its own.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import ClassVar

from factory.parsed import Parsed
from factory.plugins import Options
from factory.records import Example, LeftOut
from factory.syntax import Span
from transforms.book.headings import bare
from transforms.book.labels import Found, found_in
from transforms.book.pairing import pairs, repeated, said
from transforms.book.phrases import holds
from transforms.book.pieces import LEANS, Piece, Quotable, quotable
from transforms.book.rows import TOO_LONG, BookOptions, BookTransform, lessons, topic, written_in
from transforms.book.sentences import LONGEST_PARAGRAPH, hidden
from transforms.book.solves import slip
from transforms.markdown import Block as Read
from transforms.wording import wordings

TASK = "book_exercise"

OTHER = "its solution repeats another exercise"
CODELESS = "its solution holds no code that tasks are made from"
VAGUE = "asks too little"
SLIP = "its solution does other than it asks"

_FILE = re.compile(r"^`?[\w/.-]+\.(?:exs?|erl|hrl|heex|eex)`?$")
_REPEATED = 0.6
"""Least likeness of an exercise and its repetition above the solution."""


class BookExercise(BookTransform):
    """Exercises of books, with the solutions that the books have for them."""

    name: ClassVar[str] = TASK
    version: ClassVar[int] = 1
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = BookOptions

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
        everything: list[tuple[str, Found]] = []
        for parsed in documents:
            found = lessons(parsed, codeless=True)
            if isinstance(found, str):
                yield self.left_out(parsed, found)
            else:
                everything += found_in(list(found))
        made: defaultdict[str, int] = defaultdict(int)
        for exercise, solution in pairs(everything):
            parsed = exercise.lesson.parsed
            if made[parsed.document.path] < self.options.per_document:
                item = self._row(exercise, solution)
                made[parsed.document.path] += isinstance(item, Example)
                yield item

    def _row(self, exercise: Found, solution: Found | str) -> Example | LeftOut:
        lesson = exercise.lesson
        span = _span(exercise)
        subject = _subject(exercise)
        if isinstance(solution, str):
            return self.left_out(lesson.parsed, solution, subject, span)
        asked = _asked(exercise)
        answer = self._answer(exercise, solution)
        reason = asked.stopped or self._vague(asked.pieces)
        if isinstance(answer, str):
            reason = reason or answer
        if reason or isinstance(answer, str):
            return self.left_out(lesson.parsed, reason, subject, span)
        if slip(asked.pieces, answer):
            return self.left_out(lesson.parsed, SLIP, subject, span)
        if sum(piece.quoted for piece in (*asked.pieces, *answer)) > self.options.max_quote:
            return self.left_out(lesson.parsed, TOO_LONG, subject, span)
        language = written_in([code for piece in answer for code in piece.code])
        number = self.number(lesson.parsed, span.start)
        request = wordings(TASK).say(
            "exercise",
            number,
            exercise="\n\n".join(piece.text for piece in asked.pieces),
            topic=topic(lesson.parsed.document, language),
        )
        other = solution.lesson.parsed
        return self.asked(
            lesson,
            span,
            subject,
            request,
            "\n\n".join(piece.text for piece in answer),
            language=language,
            related=() if other is lesson.parsed else (other,),
        )

    def _vague(self, pieces: Sequence[Piece]) -> str:
        said = " ".join(s.text for piece in pieces for s in piece.sentences)
        if len(said) < self.options.least_prose // 2:
            return VAGUE
        all_said = [sentence.bare for piece in pieces for sentence in piece.sentences]
        leans = any(holds("unfinished").search(one) for one in all_said)
        return LEANS if leans or holds("unfinished_first").search(all_said[0]) else ""

    def _answer(self, exercise: Found, solution: Found) -> tuple[Piece, ...] | str:
        repeated = _repeats(exercise.blocks, solution.blocks)
        if repeated is None:
            return OTHER
        pieces: list[Piece] = []
        for title, blocks in _parts(solution, repeated):
            read = quotable(blocks, shown=True, story=True)
            if read.stopped:
                return read.stopped
            if title and read.pieces:
                pieces.append(Piece(f"`{title}`:", len(title), read.pieces[0].span, title=True))
            pieces += read.pieces
        codes = [code for piece in pieces for code in piece.code]
        if not written_in(codes) or any(code.placeholders for code in codes):
            return CODELESS
        return tuple(pieces)


def _asked(exercise: Found) -> Quotable:
    """What the exercise says, with its parts ("Part One") under their headings."""
    pieces: list[Piece] = []
    for title, blocks in (("", exercise.blocks), *((p.title, p.blocks) for p in exercise.parts)):
        read = quotable(blocks, story=True, asking=True)
        if title and read.pieces:
            pieces.append(Piece(f"**{title}**", len(title), read.pieces[0].span, title=True))
        pieces += read.pieces
        if read.stopped:
            return Quotable(tuple(pieces), read.stopped)
    return Quotable(tuple(pieces))


def _repeats(exercise: Sequence[Read], solution: Sequence[Read]) -> int | None:
    """How many blocks at the solution's beginning repeat the exercise; None when it repeats one
    that is another."""
    told, asked = repeated(solution), said(exercise)
    if not told:
        return 0
    if max(len(told), len(asked)) > LONGEST_PARAGRAPH:
        return None
    alike = difflib.SequenceMatcher(None, asked, told, autojunk=False)
    return 1 if alike.ratio() >= _REPEATED else None


def _parts(solution: Found, repeated: int) -> Iterator[tuple[str, tuple[Read, ...]]]:
    """The solution's own blocks, then those of its files, with their names when there are two."""
    yield "", solution.blocks[repeated:]
    for part in solution.parts:
        title = bare(part.title).strip("`")
        named = len(solution.parts) > 1 or not _FILE.match(title)
        yield title if named else "", part.blocks


def _subject(found: Found) -> str:
    title = bare(found.lesson.section.title) or found.lesson.section.title
    number = ".".join(part for part in found.label if part) if found.label else ""
    return " ".join(word for word in (number, hidden(title) and title) if word)


def _span(found: Found) -> Span:
    section = found.lesson.section
    if found.blocks and found.blocks[0].span.start > section.span.start:
        return Span(found.blocks[0].span.start, found.blocks[-1].span.end)
    return section.span
