"""Which solution is an exercise's: the one right under it, the one that repeats its words, or the
one with its number.

Chapters that have lost their numbers on the way (a book's reader keeps titles alone) are matched in
order with the numbered chapters of the solutions, and only where both are as many, with as many
exercises each. Where two have the same number, none is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from transforms.book.labels import Found, Label
from transforms.book.sentences import LONGEST_PARAGRAPH
from transforms.markdown import Block, Prose

UNSOLVED = "no solution of it was found"
AMBIGUOUS = "two exercises or solutions have its number"

Pair = tuple[Found, Found | str]

_EMPHASISED = re.compile(r"(\*|_)(?=\S)(.*)(?<=\S)\1", re.DOTALL)
_NO_WORD = re.compile(r"[\W_]+")


def pairs(everything: Sequence[tuple[str, Found]]) -> Iterator[Pair]:
    """Every exercise with its solution, or with the reason why it has none."""
    solutions = [found for kind, found in everything if kind == "solution"]
    exercises = [found for kind, found in everything if kind == "exercise"]
    numbers = _in_order(exercises, solutions)
    by_label = _by_label(solutions)
    by_words = {words: found for found in solutions if (words := repeated(found.blocks))}
    asked = _by_label(_renumbered(exercises, numbers))
    for at, (kind, found) in enumerate(everything):
        if kind == "solution":
            continue
        after = everything[at + 1] if at + 1 < len(everything) else None
        label = _label(found, numbers)
        if after and after[0] == "solution" and _adjacent(found, after[1]):
            yield found, after[1]
        elif said(found.blocks) in by_words:
            yield found, by_words[said(found.blocks)]
        elif label is None or label not in by_label:
            yield found, UNSOLVED
        elif len(by_label[label]) > 1 or len(asked[label]) > 1:
            yield found, AMBIGUOUS
        else:
            yield found, by_label[label][0]


def repeated(blocks: Sequence[Block]) -> str:
    """The words of the exercise that a solution repeats above itself in emphasis, "" without."""
    if not blocks or not isinstance(blocks[0], Prose) or len(blocks[0].text) > LONGEST_PARAGRAPH:
        return ""
    found = _EMPHASISED.fullmatch(blocks[0].text.strip())
    return _words(found[2]) if found else ""


def said(blocks: Sequence[Block]) -> str:
    """The words of an exercise's paragraphs, for comparing."""
    return _words(" ".join(block.text for block in blocks if isinstance(block, Prose)))


def _words(text: str) -> str:
    return _NO_WORD.sub(" ", text.lower()).strip()


def _adjacent(exercise: Found, solution: Found) -> bool:
    """Whether the solution stands right under its exercise, before the next one."""
    return solution.lesson.parsed is exercise.lesson.parsed and solution.label in (
        None,
        exercise.label,
    )


def _by_label(found: Sequence[Found]) -> dict[Label, list[Found]]:
    by_label: defaultdict[Label, list[Found]] = defaultdict(list)
    for one in found:
        if one.label is not None:
            by_label[one.label].append(one)
    return dict(by_label)


def _in_order(exercises: Sequence[Found], solutions: Sequence[Found]) -> dict[str, str]:
    """The numbers of chapters that are known by their titles alone, {} where that is a guess."""
    titled = _units(exercises)
    if any(unit.isdigit() for unit in titled):
        return {}
    numbered = {unit: count for unit, count in _units(solutions).items() if unit.isdigit()}
    if list(titled.values()) != list(numbered.values()):
        return {}
    return dict(zip(titled, numbered, strict=True))


def _units(found: Sequence[Found]) -> Mapping[str, int]:
    """How many exercises or solutions each unit has, in the order of the book."""
    units: dict[str, int] = {}
    for one in found:
        if one.label is not None:
            units[one.label[0]] = units.get(one.label[0], 0) + 1
    return units


def _label(found: Found, numbers: Mapping[str, str]) -> Label | None:
    if found.label is None:
        return None
    return numbers.get(found.label[0], found.label[0]), found.label[1]


def _renumbered(found: Sequence[Found], numbers: Mapping[str, str]) -> list[Found]:
    return [replace(one, label=_label(one, numbers)) for one in found]
