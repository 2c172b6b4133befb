"""What is usual in a document: the size of its text, how far apart lines are, where text begins."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sources.books.layout.lines import Line

CODE = 0.99
"""The share of monospaced characters from which a line may be code."""


@dataclass(frozen=True)
class Usual:
    """`body` and `code` are font sizes; `leading` is how far apart baselines of text of a size are
    (by size in quarter points), `code_leading` the same for code; `lefts` where text begins, and
    `rights` where full lines end, by (odd page?, column); `tops` and `bottoms` the first and last
    baselines of full pages."""

    body: float
    leading: dict[int, float]
    code_leading: dict[int, float]
    lefts: dict[tuple[int, int], float]
    rights: dict[tuple[int, int], float]
    top: float
    bottom: float
    indent: float = 0.0
    """How far a paragraph's first line is indented, 0.0 where paragraphs are told by space."""

    def step(self, size: float) -> float:
        return self.leading.get(_quarter(size)) or self._scaled(self.leading, size)

    def code_step(self, size: float) -> float:
        return self.code_leading.get(_quarter(size)) or self._scaled(self.code_leading, size)

    def _scaled(self, known: dict[int, float], size: float) -> float:
        if not known:
            return 1.2 * size
        near = min(known, key=lambda quarter: (abs(quarter / 4 - size), quarter))
        return known[near] * size / (near / 4)

    def left(self, line: Line) -> float:
        return self.lefts.get(place(line)) or self.lefts.get((line.page % 2, 0), line.x0)

    def right(self, line: Line) -> float:
        return self.rights.get(place(line)) or self.rights.get((line.page % 2, 0), line.x1)


def place(line: Line) -> tuple[int, int]:
    return line.page % 2, max(line.column, 0)


def _quarter(size: float) -> int:
    return round(size * 4)


def usual(pages: Sequence[Sequence[Line]]) -> Usual:
    sizes: Counter[float] = Counter()
    steps: defaultdict[int, Counter[float]] = defaultdict(Counter)
    code_steps: defaultdict[int, Counter[float]] = defaultdict(Counter)
    lefts: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    rights: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    tops: Counter[int] = Counter()
    bottoms: Counter[int] = Counter()
    for lines in pages:
        for line in lines:
            if line.mono < 0.5 and not line.mark:
                sizes[round(line.size * 2) / 2] += len(line.raw)
        for line, following in itertools.pairwise(lines):
            down = following.y - line.y
            if down <= 0 or line.column != following.column:
                continue
            if abs(line.size - following.size) > 0.25 or down > 3 * line.size:
                continue
            if line.mono >= CODE and following.mono >= CODE:
                code_steps[_quarter(line.size)][round(down, 1)] += 1
            elif line.mono < 0.5:
                steps[_quarter(line.size)][round(down, 1)] += 1
        if lines:
            tops[round(min(line.y for line in lines))] += 1
            bottoms[round(max(line.y for line in lines))] += 1
    body = max(sizes, key=lambda size: (sizes[size], -size)) if sizes else 10.0
    for lines in pages:
        for line in lines:
            if (
                line.mono < 0.5
                and not line.mark
                and abs(line.size - body) < 0.6
                and len(line.raw) > 20
            ):
                lefts[place(line)][round(line.x0 * 2)] += 1
                rights[place(line)][round(line.x1)] += 1
    indents: Counter[int] = Counter()
    margins = {key: _mode(found) / 2 for key, found in lefts.items()}
    for lines in pages:
        for line in lines:
            if place(line) not in lefts and not line.mark:  # columns that hold code alone
                margins[place(line)] = min(line.x0, margins.get(place(line), line.x0))
    for lines in pages:
        for line in lines:
            away = line.x0 - margins.get(place(line), line.x0)
            if line.mono < 0.5 and 4 < away < 40:
                indents[round(away)] += 1
    often = sum(sum(found.values()) for found in lefts.values())
    indent = _mode(indents) if indents and max(indents.values()) > 0.05 * often else 0.0
    return Usual(
        body,
        {size: _closest(found, size / 4) for size, found in steps.items() if found.total() > 2},
        {
            size: _closest(found, size / 4)
            for size, found in code_steps.items()
            if found.total() > 2
        },
        margins,
        {key: float(_quantile(found, 0.9)) for key, found in rights.items()},
        float(_quantile(tops, 0.2)),
        float(_quantile(bottoms, 0.9)),
        indent,
    )


def _closest(found: Counter[float], size: float) -> float:
    """The smallest step that is frequent: that between short paragraphs, and over a blank line in
    code where every other line is blank, is more so."""
    often = 0.2 * max(found.values())
    steps = [step for step, count in found.items() if count >= often and step >= 0.95 * size]
    return min(steps, default=_mode(found))


def _mode(found: Counter[float] | Counter[int]) -> float:
    return max(found, key=lambda key: (found[key], -key))


def _quantile(found: Counter[int], share: float) -> int:
    every = sum(found.values())
    seen = 0
    for value in sorted(found):
        seen += found[value]
        if seen >= share * every:
            return value
    return 0
