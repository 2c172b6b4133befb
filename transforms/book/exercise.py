"""`book_exercise`: an exercise asks, the book's own solution answers.

Exercises and solutions are paired over all documents of a release (`labels`): by their numbers, or
because the solution stands right under its exercise. An exercise that leans on one before it is
left out, and so is one whose solution repeats other words than its own.
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
from transforms.book.labels import Found, Label, found_in
from transforms.book.phrases import holds
from transforms.book.pieces import LEANS, Piece, quotable
from transforms.book.rows import TOO_LONG, BookOptions, BookTransform, lessons, topic, written_in
from transforms.book.sentences import LONGEST_PARAGRAPH, hidden, plain
from transforms.markdown import Block as Read
from transforms.markdown import Prose
from transforms.wording import wordings

TASK = "book_exercise"

UNSOLVED = "no solution of it was found"
AMBIGUOUS = "two exercises or solutions have its number"
OTHER = "its solution repeats another exercise"
CODELESS = "its solution holds no code that tasks are made from"
VAGUE = "asks too little"

_FILE = re.compile(r"^`?[\w/.-]+\.(?:exs?|erl|hrl|heex|eex)`?$")
_REPEATED = 0.6
"""Least likeness of an exercise and its repetition above the solution."""

Pair = tuple[Found, Found | str]


class BookExercise(BookTransform):
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
        asked = quotable(exercise.blocks, story=True, asking=True)
        answer = self._answer(exercise, solution)
        reason = asked.stopped or self._vague(asked.pieces)
        if isinstance(answer, str):
            reason = reason or answer
        if reason or isinstance(answer, str):
            return self.left_out(lesson.parsed, reason, subject, span)
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
        leans = any(holds("unfinished").search(s.bare) for p in pieces for s in p.sentences)
        return LEANS if leans else ""

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


def pairs(everything: Sequence[tuple[str, Found]]) -> Iterator[Pair]:
    """Every exercise with its solution, or with the reason why it has none."""
    solutions: defaultdict[Label, list[Found]] = defaultdict(list)
    asked: defaultdict[Label, int] = defaultdict(int)
    for kind, found in everything:
        if found.label is not None:
            if kind == "solution":
                solutions[found.label].append(found)
            else:
                asked[found.label] += 1
    for at, (kind, found) in enumerate(everything):
        if kind == "solution":
            continue
        after = everything[at + 1] if at + 1 < len(everything) else None
        if after and after[0] == "solution" and _adjacent(found, after[1]):
            yield found, after[1]
        elif found.label is None or not solutions[found.label]:
            yield found, UNSOLVED
        elif len(solutions[found.label]) > 1 or asked[found.label] > 1:
            yield found, AMBIGUOUS
        else:
            yield found, solutions[found.label][0]


def _adjacent(exercise: Found, solution: Found) -> bool:
    """Whether the solution stands right under its exercise, or between it and the next one."""
    return solution.lesson.parsed is exercise.lesson.parsed and solution.label in (
        None,
        exercise.label,
    )


def _repeats(exercise: Sequence[Read], solution: Sequence[Read]) -> int | None:
    """How many blocks at the solution's beginning repeat the exercise; None when it repeats one
    that is another."""
    if not solution or not isinstance(solution[0], Prose):
        return 0
    text = " ".join(solution[0].text.split())
    if any(isinstance(b, Prose) and len(b.text) > LONGEST_PARAGRAPH for b in exercise):
        return None
    if not re.fullmatch(r"(\*|_).*\1", text, re.DOTALL):
        return 0
    asked = " ".join(plain(b.text) for b in exercise if isinstance(b, Prose))
    if max(len(text), len(asked)) > LONGEST_PARAGRAPH:
        return None
    alike = difflib.SequenceMatcher(None, asked.lower(), text.strip("*_").lower(), autojunk=False)
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
