"""Lines of code from where their characters stand: indentation, spaces, blank lines, soft wraps.

A block's characters stand on a grid whose pitch is measured from them. What a typesetter added is
taken off: numbers before lines, callouts after them, arrows that mark a wrapped line, and the wrap
itself where the layout marks it (an arrow, or a hanging indentation off the grid).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sources.books.layout.characters import ARROWS, plain
from sources.books.layout.glyphs import Font
from sources.books.layout.lines import Line

CALLOUT = re.compile(r"[①-⑳❶-❿➀-➓⓫-⓴⓵-⓾㉑-㉟]")
WRAPPED = "↪⤷➥↳⮑↩➦⏎⮐↵"
"""Signs that books put where a line too long for the page goes on; after it, or before the rest."""
CONTACT = 0.35
"""Of the pitch: characters closer than this have no space between them."""


@dataclass(frozen=True)
class CodeLine:
    """A line of a block and the page it stands on. `wraps`: what the next has is its rest."""

    text: str
    page: int


def pitch(lines: Sequence[Line], fonts: Sequence[Font]) -> float:
    """The width of a column: how far apart neighbouring characters' left edges mostly are."""
    steps: Counter[int] = Counter()
    for line in lines:
        for run in line.runs:
            if fonts[run.font].mono and len(run.lefts) > 1:
                for a, b in zip(run.lefts, run.lefts[1:], strict=False):
                    if b > a:
                        steps[round((b - a) * 50)] += 1
    if steps:
        step, _ = max(steps.items(), key=lambda pair: (pair[1], -pair[0]))
        return step / 50
    widths = [
        (run.right - run.left) / max(1, len(run.text))
        for line in lines
        for run in line.runs
        if run.right > run.left
    ]
    return median(widths) if widths else 0.6 * lines[0].size


def line_text(line: Line, left: float, step: float, fonts: Sequence[Font]) -> str:
    """The line's text with the spaces that distances from `left` and between characters mean."""
    out: list[str] = []
    length = 0
    at = left
    for run in line.runs:
        proportional = not fonts[run.font].mono
        for x, end, char in zip(run.lefts, run.rights, run.text, strict=True):
            if char.isspace():
                continue
            gap = x - at
            column = round((x - left) / step)
            spaces = 0
            if not out:
                spaces = max(0, column)
            elif proportional:
                spaces = 1 if gap > 0.12 * run.size else 0
                if gap > 1.6 * step:
                    spaces = max(1, column - length)
            elif gap > (1 - CONTACT) * step:
                whole = round(gap / step)
                spaces = whole if abs(gap / step - whole) < 0.4 else column - length
                spaces = max(1, spaces)
            if spaces:
                out.append(" " * spaces)
                length += spaces
            typed = plain(char)
            if char in ARROWS and end - x > 1.5 * step:
                typed = ARROWS[char]
            out.append(typed)
            length += len(typed)
            at = max(at, end)
    return "".join(out)
