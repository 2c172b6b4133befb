"""`book_exercise`: an exercise asks, the book's own solution answers.

Exercises and solutions are found (`labels`) and paired (`pairing`) over all documents of a release;
those that are files of their own are paired by where they stand (`filed`). An exercise that goes on
from another whose solution the book has is shown with that; one that leans on anything else is left
out, and so is one whose solution repeats other words than its own.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options
from factory.records import Example, LeftOut
from factory.syntax import Span
from transforms.book.filed import Filed, filed, instructions, spelt
from transforms.book.headings import bare
from transforms.book.labels import Found, Label, found_in
from transforms.book.pairing import pairs, repeated, said
from transforms.book.phrases import holds
from transforms.book.pieces import LEANS, UNREADABLE, Piece, Quotable, quotable
from transforms.book.rows import (
    TOO_LONG,
    BookOptions,
    BookTransform,
    lessons,
    topic,
    whole_lessons,
    written_in,
)
from transforms.book.sentences import LONGEST_PARAGRAPH, hidden
from transforms.book.solves import slip
from transforms.fences import fenced
from transforms.markdown import Block as Read
from transforms.markdown import Code, Prose
from transforms.untold import untold_atoms, untold_texts
from transforms.wording import wordings

TASK = "book_exercise"

OTHER = "its solution repeats another exercise"
CODELESS = "its solution holds no code that tasks are made from"
VAGUE = "asks too little"
UNTOLD = "its solution needs names or texts that nothing tells"
SLIP = "its solution does other than it asks"

_FILE = re.compile(r"^`?[\w/.-]+\.(?:exs?|erl|hrl|heex|eex)`?$")
_NUMBERED = re.compile(
    r"\b(?:étude|etude|exercise|problem|challenge)s? (\d+[.-]\d+)\b", re.IGNORECASE
)
_PREVIOUS = re.compile(
    r"\b(?:previous|preceding|last) (?:étude|etude|exercise|problem|challenge)\b", re.IGNORECASE
)
_WHY = re.compile(r"\b(?:why|think about|explain|ponder|what happens|describe)\b")
"""Exercises that are answered by words, which code alone does not."""

_TERMS = re.compile(r"\bcopyright\b|\ball rights reserved\b", re.IGNORECASE)
"""What a book's publisher asks for in its code, and no exercise."""

_REPEATED = 0.6
"""Least likeness of an exercise and its repetition above the solution."""


class BookExerciseOptions(BookOptions):
    max_instructions: int = Field(
        2_400,
        ge=200,
        description="Most characters of instructions that are a file of their own, with its "
        "solution beside it; of a book's exercises max_quote holds.",
    )


class BookExercise(BookTransform):
    """Exercises of books, with the solutions that the books have for them."""

    name: ClassVar[str] = TASK
    version: ClassVar[int] = 3
    languages: ClassVar[frozenset[str]] = frozenset({"markdown", "elixir", "erlang"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = BookExerciseOptions
    options: BookExerciseOptions

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
        everything: list[tuple[str, Found]] = []
        in_files = list(filed(documents))
        apart = {id(one.asks) for one in in_files}
        for parsed in documents:
            if parsed.document.language != "markdown" or id(parsed) in apart:
                continue
            found = lessons(parsed, codeless=True)
            if isinstance(found, str):
                yield self.left_out(parsed, found)
            else:
                everything += found_in(list(found))
        made: defaultdict[str, int] = defaultdict(int)
        before = Before()
        for exercise, solution in pairs(everything):
            parsed = exercise.lesson.parsed
            if made[parsed.document.path] < self.options.per_document:
                item = self._row(exercise, solution, before)
                made[parsed.document.path] += isinstance(item, Example)
                yield item
            before.add(exercise, solution)
        for one in in_files:
            yield self._filed(one)

    def _filed(self, one: Filed) -> Example | LeftOut:
        """The row of an exercise that is files: its instructions, the file to begin with, and the
        solution's."""
        span = Span(0, len(one.asks.source))
        found = whole_lessons(one.asks)
        if isinstance(found, str):
            return self.left_out(one.asks, found)
        subject = one.module
        said = instructions(one.asks, found)
        language = one.solves.document.language
        solution = one.solution
        start = one.start.document.text.strip() if one.start else ""
        told = f"{said}\n{start}"
        reason = ""
        if not said:
            reason = UNREADABLE
        elif len(said) > self.options.max_instructions:
            reason = TOO_LONG
        elif len(told) < 2 * self.options.least_prose:
            reason = VAGUE
        elif one.solves.outline.errors or not one.solves.outline.modules:
            reason = CODELESS
        elif (
            untold_atoms(solution, told, language)
            or untold_texts(solution, told)
            or (not start and not all(spelt(m.name, said) for m in one.solves.outline.modules))
        ):
            reason = UNTOLD
        if reason:
            return self.left_out(one.asks, reason, subject)
        number = self.number(one.asks, "files")
        request = wordings(TASK).say(
            "exercise",
            number,
            exercise=said,
            topic=topic(one.asks.document, language),
        )
        if start:
            request += "\n\n" + wordings(TASK).say(
                "start", number >> 8, code=fenced(start, language)
            )
        return self.asked(
            found[0],
            span,
            subject,
            request,
            fenced(solution, language),
            language=language,
            related=tuple(other for other in (one.solves, one.start) if other is not None),
        )

    def _row(self, exercise: Found, solution: Found | str, before: Before) -> Example | LeftOut:
        lesson = exercise.lesson
        span = _span(exercise)
        subject = _subject(exercise)
        if isinstance(solution, str):
            return self.left_out(lesson.parsed, solution, subject, span)
        earlier = before.of(exercise)
        asked = _asked(exercise, taken_up=bool(earlier))
        answer = self._answer(exercise, solution)
        reason = asked.stopped or self._vague(asked.pieces, taken_up=bool(earlier))
        if isinstance(answer, str):
            reason = reason or answer
        if reason or isinstance(answer, str):
            return self.left_out(lesson.parsed, reason, subject, span)
        if _TERMS.search("\n".join(code.text for piece in answer for code in piece.code)):
            return self.left_out(lesson.parsed, UNTOLD, subject, span)
        if slip(asked.pieces, answer):
            return self.left_out(lesson.parsed, SLIP, subject, span)
        if sum(p.quoted for p in (*asked.pieces, *earlier, *answer)) > self.options.max_quote:
            return self.left_out(lesson.parsed, TOO_LONG, subject, span)
        language = written_in([code for piece in answer for code in piece.code])
        number = self.number(lesson.parsed, span.start)
        request = wordings(TASK).say(
            "exercise",
            number,
            exercise="\n\n".join(piece.text for piece in asked.pieces),
            topic=topic(lesson.parsed.document, language),
        )
        if earlier:
            code = "\n\n".join(piece.text for piece in earlier)
            request += "\n\n" + wordings(TASK).say("earlier", number >> 8, code=code)
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

    def _vague(self, pieces: Sequence[Piece], *, taken_up: bool = False) -> str:
        said = " ".join(s.text for piece in pieces for s in piece.sentences)
        if len(said) < self.options.least_prose // 2:
            return VAGUE
        all_said = [sentence.bare for piece in pieces for sentence in piece.sentences]
        if any(holds("unfinished").search(one) for one in all_said):
            return LEANS
        if taken_up:
            return ""
        made = False
        for one in all_said:
            if holds("of_others").search(one) or (not made and holds("of_own").search(one)):
                return LEANS
            made = made or holds("makes").search(one) is not None
        return LEANS if holds("unfinished_first").search(all_said[0]) else ""

    def _answer(self, exercise: Found, solution: Found) -> tuple[Piece, ...] | str:
        repeated = _repeats(exercise.blocks, solution.blocks)
        if repeated is None:
            return OTHER
        pieces: list[Piece] = []
        for title, blocks in _parts(solution, repeated):
            read = quotable(blocks, shown=True, story=True)
            if read.stopped == LEANS and not _WHY.search(said(exercise.blocks)):
                read = _code_alone(blocks)
            if read.stopped:
                return read.stopped
            if title and read.pieces:
                pieces.append(Piece(f"`{title}`:", len(title), read.pieces[0].span, title=True))
            pieces += read.pieces
        codes = [code for piece in pieces for code in piece.code]
        if not written_in(codes) or any(code.placeholders for code in codes):
            return CODELESS
        return tuple(pieces)


class Before:
    """The exercises of a book that were solved so far, for one that goes on from another: "Modify
    the function you wrote in Étude 2-1"."""

    def __init__(self) -> None:
        self._by_label: dict[Label, Found] = {}
        self._last: tuple[Found, Found] | None = None

    def add(self, exercise: Found, solution: Found | str) -> None:
        if isinstance(solution, str):
            self._last = None
            return
        self._last = exercise, solution
        if exercise.label is not None:
            self._by_label[exercise.label] = solution

    def of(self, exercise: Found) -> tuple[Piece, ...]:
        """The code that an exercise goes on from; () when it does not, or nobody knows it."""
        said = " ".join(block.text for block in exercise.blocks if isinstance(block, Prose))
        if len(said) > 2 * LONGEST_PARAGRAPH:
            return ()
        named = dict.fromkeys(found[1] for found in _NUMBERED.finditer(said))
        if named:
            labels = [tuple(re.split(r"[.-]", one, maxsplit=1)) for one in named]
            solutions = [self._by_label.get((unit, number)) for unit, number in labels]
        elif _PREVIOUS.search(said) and self._last is not None:
            solutions = [self._last[1]]
        else:
            return ()
        pieces: list[Piece] = []
        for solution in solutions:
            if solution is None:
                return ()
            for title, blocks in _parts(solution, 0):
                read = _code_alone(blocks)
                if read.stopped:
                    return ()
                if title and read.pieces:
                    place = read.pieces[0].span
                    pieces.append(Piece(f"`{title}`:", len(title), place, title=True))
                pieces += read.pieces
        return tuple(pieces) if any(piece.code for piece in pieces) else ()


def _code_alone(blocks: Sequence[Read]) -> Quotable:
    """The code of a solution whose words lean on others; it may answer without them."""
    return quotable([block for block in blocks if isinstance(block, Code)], shown=True)


def _asked(exercise: Found, *, taken_up: bool = False) -> Quotable:
    """What the exercise says, with its parts ("Part One") under their headings."""
    pieces: list[Piece] = []
    for title, blocks in (("", exercise.blocks), *((p.title, p.blocks) for p in exercise.parts)):
        read = quotable(blocks, story=True, asking=True, taken_up=taken_up)
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
