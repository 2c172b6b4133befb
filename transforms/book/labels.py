"""Which sections are exercises, which are solutions, and which belongs to which.

A book labels them: "Étude 3-1: Guards" and "Solution 3-1" in an appendix, "Exercises" with a list
at the end of chapter 9 and "Chapter 9", "Exercise 2" among the solutions, "Your turn" with a folded
"Example solution" under it. A label is a pair of a unit (the chapter's number, or its title) and a
number in it; what stands next to each other in one document needs none.

Words are data, `data/headings.yaml`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.book.headings import lists
from transforms.book.phrases import begins, holds
from transforms.book.rows import Lesson
from transforms.markdown import Block, Code, Html, Items, Prose, Section, plain_title

_NUMBER = r"(?P<label>\d+(?:[.-]\d+)*|[IVX]+)?"
_UNIT_FILE = re.compile(r"(?:^|/)(?:ch|chapter|lesson|unit)[-_ ]?0*(\d+)(?!\d)[^/]*$", re.I)
_EXERCISES = re.compile(r"(?:^|/)exercises?/", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary>\s*(?:<[^>]+>)*\s*([^<]+)", re.IGNORECASE)

_WRITTEN = re.compile(r"^(?!\s*(?:#|(?:\w+ = )?nil\s*$)).*\S", re.MULTILINE)

Label = tuple[str, str]
"""The unit ("" when nobody says), and the number in it."""


@dataclass(frozen=True)
class Found:
    """An exercise or a solution: its blocks, and the sections below that belong to it. `label` is
    None where only its place says what it belongs to."""

    lesson: Lesson
    label: Label | None
    blocks: tuple[Block, ...]
    parts: tuple[Section, ...] = ()


@functools.cache
def _pattern(key: str) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in lists()["exercises"][key])
    return re.compile(rf"^(?:{words})s?\s*#?{_NUMBER}(?:\s*[:.–—-].*)?$", re.IGNORECASE)


@functools.cache
def _whole(key: str) -> frozenset[str]:
    return frozenset(lists()["exercises"][key])


@functools.cache
def _unit() -> re.Pattern[str]:
    words = "|".join(lists()["exercises"]["units"])
    return re.compile(rf"^(?:(?:{words})\s+(\d+)\b|(\d+)(?:[.):]|\s*$))", re.IGNORECASE)


def exercise_label(title: str) -> str | None:
    """The number in an exercise's heading, "" for one without, None for another heading."""
    words = plain_title(title)
    found = _pattern("exercise").match(words)
    if found:
        return found["label"] or ""
    found = _pattern("numbered").match(words)
    return found["label"] if found else None


def solution_label(title: str) -> str | None:
    found = _pattern("solution").match(plain_title(title))
    return (found["label"] or "") if found else None


def is_group(title: str) -> bool:
    """Whether every item of a list under this heading is an exercise."""
    return plain_title(title).lower().rstrip(":") in _whole("groups")


def of_solutions(title: str) -> bool:
    """Whether all under this heading are solutions."""
    words = re.sub(r"^appendix \w+[:.]?\s*", "", plain_title(title).lower())
    return words.rstrip(":") in _whole("solutions")


def is_solution_summary(block: Block) -> bool:
    """Whether an HTML block opens a folded solution."""
    if not isinstance(block, Html) or "<details" not in block.text.lower():
        return False
    summary = _SUMMARY.search(block.text)
    return summary is not None and solution_label(summary[1].strip()) is not None


def asks_or_solves(title: str) -> bool:
    """Whether a heading is that of exercises or solutions."""
    return (
        is_group(title)
        or of_solutions(title)
        or exercise_label(title) is not None
        or solution_label(title) is not None
    )


def practice(lesson: Lesson) -> bool:
    """Whether a section asks or solves exercises instead of explaining."""
    titles = (*lesson.above, lesson.section.title, lesson.parsed.document.chapter)
    if _EXERCISES.search(lesson.parsed.document.path):
        return True
    folded = any(is_solution_summary(block) for block in lesson.section.blocks)
    return folded or any(asks_or_solves(title) for title in titles)


def unit_of(lesson: Lesson) -> str:
    """What names the chapter that a section belongs to: a number in the headings above it, nearest
    first, in the document's title or its name; without one the nearest heading that names no
    exercises."""
    document = lesson.parsed.document
    titles = [plain_title(title) for title in (*reversed(lesson.above), document.chapter)]
    for title in titles:
        found = _unit().match(title)
        if found:
            return found[1] or found[2]
    named = _UNIT_FILE.search(document.path)
    if named:
        return named[1]
    return next((title.lower() for title in titles if title and not asks_or_solves(title)), "")


def label_of(lesson: Lesson, number: str) -> Label | None:
    """The label of a numbered section: `3-1` holds its unit, `2` takes that of its chapter."""
    if not number:
        return None
    parts = re.split(r"[.-]", number)
    if len(parts) > 1:
        return parts[0], ".".join(parts[1:])
    return unit_of(lesson), number


def found_in(lessons: Sequence[Lesson]) -> Iterator[tuple[str, Found]]:
    """Every exercise and solution of a document in reading order, as ("exercise", …) and
    ("solution", …)."""
    solved: list[Section] = []
    for lesson in lessons:
        section = lesson.section
        titles = (*lesson.above, section.title, lesson.parsed.document.chapter)
        among_solutions = any(of_solutions(title) for title in titles)
        if solved and section.span.start < solved[-1].span.end:
            continue
        kind = "solution" if among_solutions else "exercise"
        if is_group(section.title) or of_solutions(section.title):
            yield from ((kind, one) for one in _listed(lesson))
            continue
        number = exercise_label(section.title)
        if number is None and not among_solutions:
            answer = solution_label(section.title)
            if answer is not None:
                solved.append(section)
                yield "solution", _section(lesson, label_of(lesson, answer))
                continue
        if number is None and among_solutions:
            number = solution_label(section.title)
        if number is not None:
            folded = _folded(lesson)
            if folded and not among_solutions:
                yield from folded
                continue
            inner = [one for one in section.sections if solution_label(one.title) is not None]
            if not inner:
                solved.append(section)
            yield kind, _section(lesson, label_of(lesson, number))
        elif among_solutions and section.level:
            yield from ((kind, one) for one in _listed(lesson))


def _section(lesson: Lesson, label: Label | None) -> Found:
    parts = tuple(s for s in lesson.section.sections if solution_label(s.title) is None)
    return Found(lesson, label, lesson.section.blocks, parts)


def _listed(lesson: Lesson) -> Iterator[Found]:
    """The items of the section's lists, numbered from one. Code right under a list belongs to its
    last item: readers of PDF and EPUB set code at the margin, whatever it stands in."""
    items: list[tuple[Block, ...]] = []
    under = False
    for block in lesson.section.blocks:
        if isinstance(block, Items):
            items += block.items
        elif isinstance(block, Code) and under:
            items[-1] = (*items[-1], block)
            continue
        under = isinstance(block, Items) and bool(items)
    for number, item in enumerate(items, 1):
        yield Found(lesson, label_of(lesson.inside(), str(number)), item)


def _folded(lesson: Lesson) -> list[tuple[str, Found]]:
    """Exercises whose solutions are folded away right under them, each before its solution. Code
    under a solution, and a block without any, is the place to write one's own: what follows is
    another exercise. Where such code is what an exercise speaks of ("sort this list"), it is part
    of it."""
    found: list[tuple[str, Found]] = []
    blocks = lesson.section.blocks
    start = at = 0
    while at < len(blocks):
        block = blocks[at]
        if isinstance(block, Code) and not block.text.strip():
            start = at + 1
        if is_solution_summary(block):
            end = at + 1
            while end < len(blocks) and not isinstance(blocks[end], Html):
                end += 1
            places, after = _places(blocks, end + 1)
            asked = (*blocks[start:at], *_given(places, blocks[start:at], blocks[at + 1 : end]))
            found.append(("exercise", Found(lesson, None, asked)))
            found.append(("solution", Found(lesson, None, blocks[at + 1 : end])))
            start = after
            at = end
        at += 1
    return found


def _places(blocks: Sequence[Block], at: int) -> tuple[list[Code], int]:
    """The code from `at` on that stands where a reader writes his own, less what says nothing, and
    where it ends. A line that asks to write there may stand above it."""
    above, below = blocks[at : at + 1], blocks[at + 1 : at + 2]
    if below and isinstance(below[0], Code) and isinstance(prose := above[0], Prose):
        at += begins("pointer").match(prose.text) is not None
    places: list[Code] = []
    while at < len(blocks) and isinstance(block := blocks[at], Code):
        if _WRITTEN.search(block.text):
            places.append(block)
        at += 1
    return places, at


def _given(
    places: Sequence[Code], asked: Sequence[Block], solved: Sequence[Block]
) -> Iterator[Code]:
    """The code where a solution is to be written that the exercise gives: it speaks of it, or the
    solution begins with it."""
    speaks = any(isinstance(one, Prose) and holds("given").search(one.text) for one in asked)
    solution = "".join(_squeezed(one) for one in solved if isinstance(one, Code))
    shown = "".join(_squeezed(one) for one in asked if isinstance(one, Code | Prose))
    for place in places:
        own = _squeezed(place)
        if own not in shown and (speaks or own in solution):
            yield place


def _squeezed(block: Code | Prose) -> str:
    return re.sub(r"\s", "", block.text)
