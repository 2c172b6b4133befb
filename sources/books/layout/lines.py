"""From a page's runs to its lines in reading order.

Runs that a page draws one after the other on one baseline are one line: that order is what tells a
line of code that runs over into the next column from the text it runs over. Runs drawn elsewhere in
the page's order join a line when they stand close beside it. Columns are two or one; a line across
both parts what is above it from what is below.

Not covered: three columns and more, text that is not upright.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sources.books.layout.glyphs import Box, Font, Page, Run

SAME_LINE = 0.45
"""Of the size: how far baselines of one line are apart at most (a superscript's is higher)."""
WORD_GAP = 2.2
"""Of the size: prose farther apart is another cell or column."""
DOT = 7.0
"""Points: a filled square or circle no wider is a bullet."""
DOT_GAP = 3.0
"""Of the size: how far before a line its bullet is at most."""
QUAD = (0.8, 1.6)
"""Of the size: the space after a heading in the line."""
GUTTER = (0.3, 0.7)
"""Where on the text's width the space between two columns is looked for."""
OUTDENT = 40.0
"""Points: code's usual indentation at most, where most of a column's lines begin."""
MIN_LINES = 5
"""A column has so many lines, or the page has one column."""


@dataclass(frozen=True)
class Line:
    """Runs of one baseline, from left to right. `column` is 0 or 1, or -1 across both."""

    runs: tuple[Run, ...]
    page: int
    mono: float
    """The share of monospaced characters, spaces not counted."""
    column: int = 0
    mark: str = ""
    """What was left out here, if the line stands for that."""
    wrapped: bool = False
    """Whether a sign said that this is the rest of the line above."""
    run_in: bool = False
    """Whether text goes on beside it, as after a heading in the line."""
    number: int = 0
    """The number that stood before it, where all lines of code have one; 0 without."""

    @cached_property
    def main(self) -> Run:
        """The run that says the line's size and baseline: the one with most characters."""
        return max(self.runs, key=lambda run: (len(run.text.strip()), -run.order))

    @cached_property
    def x0(self) -> float:
        return self.runs[0].left

    @cached_property
    def x1(self) -> float:
        return max(run.right for run in self.runs)

    @cached_property
    def ink(self) -> float:
        """The right edge of its last character that is no space."""
        ends = [
            right
            for run in self.runs
            for char, right in zip(run.text, run.rights, strict=True)
            if not char.isspace()
        ]
        return max(ends, default=self.x1)

    @property
    def y(self) -> float:
        return self.main.y

    @property
    def size(self) -> float:
        return self.main.size

    @cached_property
    def raw(self) -> str:
        """Its characters without what distances tell."""
        return "".join(run.text for run in self.runs)


def page_lines(page: Page, fonts: Sequence[Font]) -> list[Line]:
    """The page's lines as they are drawn, not yet in reading order."""
    groups: list[list[Run]] = []
    for run in page.runs:
        if not 0 <= run.y <= page.height:
            continue
        if not run.text.strip():
            if groups and _follows(groups[-1], run, fonts):
                groups[-1].append(run)
            continue
        if groups and _follows(groups[-1], run, fonts):
            groups[-1].append(run)
        else:
            groups.append([run])
    lines = [line_of(group, page.number, fonts) for group in groups]
    return _with_dots(page, [line for line in lines if -1 <= line.x0 <= page.width], fonts)


def _with_dots(page: Page, lines: list[Line], fonts: Sequence[Font]) -> list[Line]:
    """Lines with the bullets before them that are drawn and no characters."""
    dots = [fill for fill in page.fills if _is_dot(fill)]
    if not dots:
        return lines
    prose = next((n for n, font in enumerate(fonts) if not font.mono), 0)
    found = []
    for line in lines:
        near = [
            dot
            for dot in dots
            if 0 < line.x0 - dot.x1 < DOT_GAP * line.size
            and line.y - line.size < dot.y0 < dot.y1 < line.y + 1
        ]
        if near:
            dot = near[-1]
            bullet = Run("•", [dot.x0], [dot.x1], line.y, line.size, prose, 0, -1)
            found.append(line_of((bullet, *line.runs), page.number, fonts))
        else:
            found.append(line)
    return found


def _is_dot(fill: Box) -> bool:
    return 1.0 < fill.width < DOT and 0.8 < fill.height / fill.width < 1.25


def split_run_in(lines: Sequence[Line], fonts: Sequence[Font]) -> list[Line]:
    """The lines with headings that stand in the line of the text they head as lines of their own:
    bold ones at a line's start, parted from the text by more than a space is wide."""
    found: list[Line] = []
    for line in lines:
        at = _run_in(line, fonts)
        if at:
            head = line_of(line.runs[:at], line.page, fonts)
            if found and _heads(found[-1], line, fonts):
                found[-1] = replace(found[-1], run_in=True)
            rest = line_of(line.runs[at:], line.page, fonts)
            found.append(replace(head, column=line.column, run_in=True))
            found.append(replace(rest, column=line.column))
        else:
            found.append(line)
    return found


def _heads(above: Line, line: Line, fonts: Sequence[Font]) -> bool:
    """Whether a line is the beginning of the heading that ends in the next."""
    return (
        all(fonts[run.font].bold for run in above.runs)
        and above.column == line.column
        and 0 < line.y - above.y < 1.5 * line.size
        and above.x1 > line.x1 - line.size
    )


def _run_in(line: Line, fonts: Sequence[Font]) -> int:
    """How many runs of a line are a heading in it."""
    if not fonts[line.runs[0].font].bold or line.mono > 0.9:
        return 0
    for at, run in enumerate(line.runs[1:], 1):
        if fonts[run.font].bold:
            continue
        gap = run.left - line.runs[at - 1].right
        lead = "".join(found.text for found in line.runs[:at])
        wide = QUAD[0] * run.size < gap < QUAD[1] * run.size
        return at if wide and len(lead) > 2 and lead[0].isalpha() else 0
    return 0


def line_of(runs: Iterable[Run], page: int, fonts: Sequence[Font]) -> Line:
    """Runs as one line, whatever their order."""
    ordered = tuple(sorted(runs, key=lambda run: (run.left, run.order)))
    counts = [(len(run.text) - run.text.count(" "), fonts[run.font].mono) for run in ordered]
    every = sum(count for count, _ in counts) or 1
    return Line(ordered, page, sum(count for count, mono in counts if mono) / every)


def _follows(group: list[Run], run: Run, fonts: Sequence[Font]) -> bool:
    last = group[-1]
    size = max(last.size, run.size)
    if abs(last.y - run.y) > SAME_LINE * size and abs(group[0].y - run.y) > SAME_LINE * size:
        return False
    gap = run.left - last.right
    if gap < -0.6 * size:
        return False
    both = fonts[last.font].mono and fonts[run.font].mono and abs(last.y - run.y) < 0.1 * size
    return both or gap < WORD_GAP * size


def _joined(lines: Iterable[Line], fonts: Sequence[Font]) -> list[Line]:
    """Lines on one baseline that stand beside each other although drawn apart."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.y, line.x0)):
        if rows and abs(rows[-1][0].y - line.y) < 0.25 * max(rows[-1][0].size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    found: list[Line] = []
    for row in rows:
        row.sort(key=lambda line: line.x0)
        kept = [row[0]]
        for line in row[1:]:
            last = kept[-1]
            gap = line.x0 - last.x1
            if not (line.mark or last.mark) and -0.3 * line.size < gap < 1.0 * max(
                last.size, line.size
            ):
                kept[-1] = line_of((*last.runs, *line.runs), line.page, fonts)
            else:
                kept.append(line)
        found += kept
    return found


def gutters(pages: Sequence[Sequence[Line]], widths: Sequence[float]) -> list[float]:
    """For each page the x where its right column begins, 0.0 where it has one column.

    A page with too little text to tell has two columns where the pages that tell have their right
    column at one place and a line of its own begins there.
    """
    told = [_gutter(lines) for lines in pages]
    if not any(told):
        told = [_gutter(lines, width) for lines, width in zip(pages, widths, strict=True)]
    usual = Counter(round(x / 4) for x in told if x)
    full = sum(len(lines) >= 2 * MIN_LINES for lines in pages)
    if not usual or sum(usual.values()) < 0.25 * full:
        return [0.0] * len(pages)
    common = [bucket for bucket, count in usual.most_common(2) if count >= 0.2 * full]
    places = [sorted(x for x in told if x and round(x / 4) == bucket)[0] for bucket in common]
    found = []
    for lines, x in zip(pages, told, strict=True):
        near = [
            place
            for place in places
            if any(abs(line.x0 - place) < 2.0 for line in lines)
            and sum(_crosses(line, place) for line in lines) < max(2, 0.3 * len(lines))
        ]
        left = [place for place in near if x - 60 < place < x]
        found.append(left[0] if x and left else x or (near[0] if near else 0.0))
    return found


def _crosses(line: Line, x: float) -> bool:
    return line.mono < 0.5 and line.x0 < x - 8.0 and line.x1 > x + 2.0


def _gutter(lines: Sequence[Line], page_width: float = 0.0) -> float:
    """Where the right column begins, looked for in the middle of the text, or of the page."""
    if len(lines) < 2 * MIN_LINES:
        return 0.0
    left = min(line.x0 for line in lines)
    right = max(line.x1 for line in lines if line.mono < 0.5 or line.x1 < left * 20)
    width = (page_width - left if page_width else right) - left
    starts = Counter(
        round(line.x0) for line in lines if GUTTER[0] * width < line.x0 - left < GUTTER[1] * width
    )
    for start, count in starts.most_common(3):
        near = count + starts.get(start + 1, 0) + starts.get(start - 1, 0)
        right_lines = [line for line in lines if line.x0 > start - 3.0]
        left_lines = [line for line in lines if line.x0 <= start - 3.0]
        if near < MIN_LINES or near < 0.4 * len(right_lines) or len(left_lines) < MIN_LINES:
            continue
        if sum(_crosses(line, start) for line in lines) > 0.15 * len(lines):
            continue
        highest = min(line.y for line in left_lines) - right_lines[0].size
        lowest = max(line.y for line in left_lines) + right_lines[0].size
        beside = sum(highest <= line.y <= lowest for line in right_lines)
        prose = [line for line in right_lines if line.mono < 0.5]
        other = [line for line in left_lines if line.mono < 0.5]
        is_code = len(prose) < 0.2 * len(right_lines) and bool(other) and _is_text(other)
        if beside < 0.3 * len(right_lines) or not (is_code or _is_text(prose or right_lines)):
            continue
        return min(line.x0 for line in lines if start - OUTDENT < line.x0 <= start + 2.5)
    return 0.0


def _is_text(lines: Sequence[Line]) -> bool:
    """Whether lines are a column's and not cells of a table: many are long."""
    long = sum(len(line.raw) > 18 for line in lines)
    return long > 0.35 * len(lines)


def ordered(lines: Sequence[Line], gutter: float, fonts: Sequence[Font]) -> list[Line]:
    """The lines as they are read."""
    if not gutter:
        return _down(_joined(lines, fonts))
    across = [line for line in lines if _crosses(line, gutter)]
    aside = {id(line) for line in across}
    borders = sorted({line.y for line in across})
    found: list[Line] = []
    bounds = [float("-inf"), *borders, float("inf")]
    for above, below in itertools.pairwise(bounds):
        band = [line for line in lines if above < line.y < below and id(line) not in aside]
        for column in (0, 1):
            side = [line for line in band if (line.x0 >= gutter - 3.0) == bool(column)]
            found += [replace(line, column=column) for line in _down(_joined(side, fonts))]
        found += [replace(line, column=-1) for line in across if line.y == below]
    return found


def _down(lines: Iterable[Line]) -> list[Line]:
    """From top to bottom; what stands on one baseline from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.y, line.x0)):
        if rows and line.y - rows[-1][-1].y < 0.3 * min(line.size, rows[-1][-1].size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.x0)]
