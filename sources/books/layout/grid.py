"""Where characters of code stand, as text: indentation and spaces from a grid of columns.

The grid's pitch is measured from a document's own code. Most typesetters put a character on every
column; LaTeX's `listings` spreads each word over its columns, so that only words stand on them.
What distances of blank lines, wraps and page ends mean is told in `code`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from sources.books.layout.characters import ARROWS, plain
from sources.books.layout.glyphs import Font
from sources.books.layout.lines import Line

WRAPPED = "↪⤷➥↳⮑↩➦⏎⮐↵"
"""Signs that books put where a line too long for the page goes on; after it, or before the rest."""
CONTACT = 0.65
"""Of the pitch: characters farther apart have a space between them."""
SPREAD = (0.85, 1.5)
"""Of a character's width: how far apart neighbours in one word begin."""
SAME_WIDTH = 0.04
"""Of the pitch: by how much characters that fill their columns differ from it."""
EVEN = 0.015
"""Of the pitch: by how much steps differ where every character stands on a column."""


@dataclass(slots=True)
class _Word:
    """Characters without a space between them; `count` is how many columns they take."""

    left: float
    right: float
    text: str
    count: int
    proportional: bool
    width: float
    """Of its first character."""

    def start(self, step: float) -> float:
        """Where its first column begins: a word narrower than its columns stands in the middle."""
        return (self.left + self.right - self.count * step) / 2 if self._spread(step) else self.left

    def end(self, step: float) -> float:
        return self.start(step) + self.count * step if self._spread(step) else self.right

    def _spread(self, step: float) -> bool:
        return not self.proportional and abs(self.width - step) > SAME_WIDTH * step


def size_key(size: float) -> int:
    return round(size * 5)


def pitches(lines: Iterable[Line], fonts: Sequence[Font]) -> dict[int, float]:
    """The width of a column of code, by size."""
    by_size: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_size[size_key(line.size)].append(line)
    return {key: _pitch(found, fonts) for key, found in by_size.items()}


def pitch(line: Line, known: Mapping[int, float]) -> float:
    return known.get(size_key(line.size)) or 0.6 * line.size


def _pitch(lines: Sequence[Line], fonts: Sequence[Font]) -> float:
    steps: list[float] = []
    widths: list[float] = []
    for line in lines[:2_000]:
        for run in line.runs:
            if not fonts[run.font].mono:
                continue
            width = run.rights[0] - run.lefts[0]
            widths.append(width)
            steps += [
                b - a
                for a, b in pairwise(run.lefts)
                if SPREAD[0] * width < b - a < SPREAD[1] * width
            ]
    if not steps:
        return median(widths) if widths else 0.0
    usual = median(steps)
    even = sum(abs(step - usual) < EVEN * usual for step in steps)
    return usual if even > 0.8 * len(steps) else _fitted(lines[:300], usual, fonts)


def _fitted(lines: Sequence[Line], usual: float, fonts: Sequence[Font]) -> float:
    """The pitch near `usual` on which words stand best."""
    every = [list(_words(line, usual, fonts)) for line in lines]
    tried = [usual * (0.96 + 0.0025 * n) for n in range(57)]

    def off(step: float) -> float:
        total = 0.0
        for words in every:
            if len(words) < 2:
                continue
            first = words[0].start(step)
            for word in words[1:]:
                columns = (word.start(step) - first) / step
                total += abs(columns - round(columns))
        return total

    return min(tried, key=lambda step: (off(step), step))


def left_edge(line: Line, step: float, fonts: Sequence[Font]) -> float:
    """Where the first column of a line's text begins."""
    first = next(_words(line, step, fonts), None)
    return first.start(step) if first else line.x0


def line_text(line: Line, left: float, step: float, fonts: Sequence[Font]) -> str:
    """The line's text with the spaces that distances from `left` and between words mean."""
    out = ""
    at = left
    before: _Word | None = None
    for word in _words(line, step, fonts):
        start = word.start(step)
        if before is None:
            spaces = max(0, round((start - left) / step))
        elif word.proportional and before.proportional and start - at < 1.6 * step:
            spaces = 1
        else:
            away = (start - at) / step
            spaces = round(away)
            if abs(away - spaces) > 0.4:
                spaces = round((start - left) / step) - len(out)
            spaces = max(1, spaces)
        out += " " * spaces + word.text
        at = word.end(step)
        before = word
    return out


def _words(line: Line, step: float, fonts: Sequence[Font]) -> Iterator[_Word]:
    last: _Word | None = None
    for run in line.runs:
        proportional = not fonts[run.font].mono
        apart = 0.12 * run.size if proportional else CONTACT * step
        for x, right, char in zip(run.lefts, run.rights, run.text, strict=True):
            if char.isspace():
                continue
            typed = plain(char)
            wide = right - x > 1.5 * step
            if char in ARROWS and wide:
                typed = ARROWS[char]
            count = max(1, round((right - x) / step)) if wide else 1
            if last is None or x - last.right > apart or last.proportional != proportional:
                if last is not None and x - last.right < min(apart, 0.12 * run.size):
                    last.text += typed
                    last.right = max(last.right, right)
                    last.count += count
                    last.proportional = last.proportional and proportional
                else:
                    if last is not None:
                        yield last
                    last = _Word(x, right, typed, count, proportional, right - x)
            else:
                last.text += typed
                last.right = max(last.right, right)
                last.count += count
    if last is not None:
        yield last
