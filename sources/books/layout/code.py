"""Blocks of code: which lines are one block, and its text as it was typed.

Lines are one piece as long as they stand a whole number of steps below each other in one column of
a page. Pieces that meet at the end of a page or column are one block, unless the first ended before
the text did, or one is a session and the other is not. What is between lines is blank lines, told
by distance; at a page's end by `breaks`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from factory.syntax.parse import parse_frugally
from sources.books.layout.breaks import Habits
from sources.books.layout.glyphs import Font
from sources.books.layout.grid import left_edge, line_text, pitch, pitches
from sources.books.layout.lines import Line
from sources.books.layout.measure import CODE, Usual
from sources.books.layout.wraps import TOLERANCE, Wraps, may_hang

MOST_BLANK = 4
"""Blank lines in a row that a block may have."""
MOST_NUMBERED = 20
"""The same where lines are numbered, and one."""
WRAP_TOLERANCE = 0.2
"""The same for a line whose rest stands on the next: browsers make it less high."""
ROOM = 0.8
"""Of the step: so much room at a page's end may be a blank line."""
SAME_SIZE = 0.06
SESSION = re.compile(r"iex(\(\d+\))?>")
ASKED = re.compile(r"(?:iex|\.\.\.)(?:\([^)]*\)\d*)?>|\$")
PROMPT = re.compile(r"^\s*(iex|\.\.\.)(\([^)]*\)\d*)?>|^\s*\$ ", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """Lines of one block in one column of a page. `left` is where its text begins, from the
    column's own left edge; `texts` are its lines, blank ones among them."""

    start: int
    end: int
    left: float
    step: float
    texts: tuple[str, ...]
    number: int = 0
    """The number of its last line, where lines have one."""


class Code:
    """All code of a document. `is_code` says of each line whether it is code."""

    def __init__(
        self,
        lines: Sequence[Line],
        is_code: Sequence[bool],
        fonts: Sequence[Font],
        usual: Usual,
    ) -> None:
        self.lines = lines
        self.fonts = fonts
        self.usual = usual
        spans = self._spans(is_code)
        self.pitches = pitches((line for n, line in enumerate(lines) if is_code[n]), fonts)
        self.offset = self._usual_offset(spans)
        self.wraps = Wraps(lines, spans, usual, self.pitches, fonts)
        pieces = [self._piece(start, end) for start, end in spans]
        self.habits = Habits([piece.texts for piece in pieces])
        self.flush = self._is_flush()
        self.blocks: dict[int, tuple[int, list[tuple[str, int]]]] = {}
        """By first line: the line after the last, and each line's text and page."""
        self._join(pieces)

    # pieces

    def _spans(self, is_code: Sequence[bool]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for index, code in enumerate(is_code):
            if not code:
                continue
            if (
                found
                and found[-1][1] == index
                and self._follows(index)
                and not self._begins(found[-1][0], index)
            ):
                found[-1] = (found[-1][0], index + 1)
            else:
                found.append((index, index + 1))
        return found

    def _follows(self, index: int) -> bool:
        last, line = self.lines[index - 1], self.lines[index]
        if last.number and line.number and _same_place(last, line):
            return 0 < line.number - last.number <= MOST_NUMBERED
        return (
            _same_place(last, line)
            and abs(last.size - line.size) <= SAME_SIZE * line.size
            and self._steps(index) > 0
        )

    def _begins(self, start: int, index: int) -> bool:
        """Whether a line begins another block than the lines from `start` on: its number is no
        higher, or it is below blank ones and a session after what is none, or two blank lines stand
        between whole definitions."""
        number = self.lines[index].number
        if number and self.lines[start].number:
            return any(line.number >= number for line in self.lines[start:index])
        blank = self._steps(index) - 1
        line = self.lines[index]
        if blank < 1:
            return False
        if SESSION.match(line.raw):
            before = self.lines[start:index]
            return before[-1].raw == "end" and not any(ASKED.match(line.raw) for line in before)
        last = self.lines[index - 1]
        return blank > 1 and last.raw == "end" and abs(last.x0 - line.x0) < 1

    def _steps(self, index: int) -> int:
        """How many lines below the one above a line of the same block stands; 0 if of another."""
        last, line = self.lines[index - 1], self.lines[index]
        tolerance = TOLERANCE
        if index + 1 < len(self.lines) and may_hang(line, self.lines[index + 1], self.usual):
            tolerance = WRAP_TOLERANCE
        down = (line.y - last.y) / self.usual.code_step(line.size)
        whole = max(1, round(down))
        if down < 0.4 or whole > MOST_BLANK + 1:
            return 0
        if whole == 1:
            return 1 if down < 1 + tolerance else 0
        return whole if abs(down - whole) < tolerance else 0

    def _usual_offset(self, spans: Sequence[tuple[int, int]]) -> float:
        """How far right of the text code mostly begins."""
        offsets: defaultdict[int, list[float]] = defaultdict(list)
        for start, end in spans:
            low = min(
                left_edge(line, pitch(line, self.pitches), self.fonts)
                for line in self.lines[start:end]
            )
            offset = low - self.usual.left(self.lines[start])
            offsets[round(offset)].append(offset)
        if not offsets:
            return 0.0
        at = max(offsets, key=lambda offset: (len(offsets[offset]), -offset))
        return median(offsets[at])

    def _piece(self, start: int, end: int) -> Piece:
        lines = self.lines[start:end]
        step = pitch(lines[0], self.pitches)
        margin = self.usual.left(lines[0])
        left = self._left(start, lines, step)
        texts: list[str] = []
        number = lines[0].number
        for n, line in enumerate(lines):
            text = line_text(line, left, step, self.fonts)
            if n and self._is_rest(lines[n - 1], line, left, step, texts[-1], text, number):
                texts[-1] = self.wraps.joined(
                    lines[n - 1], line, left, step, texts[-1], text.strip()
                )
                continue
            if n:
                down = line.number - number if number else self._steps(start + n)
                texts += [""] * (down - 1)
                number = line.number
            texts.append(text)
        return Piece(start, end, left - margin, step, tuple(texts), number)

    def _is_rest(
        self,
        previous: Line,
        line: Line,
        left: float,
        step: float,
        above: str,
        text: str,
        number: int,
    ) -> bool:
        """Whether a line is the rest of the one above, the last with a `number` before it."""
        if number:
            return not line.number
        return self.wraps.is_rest(previous, line, left, step, above, text)

    def _left(self, start: int, lines: Sequence[Line], step: float) -> float:
        """Where column 0 is: the leftmost character, or where code of this document begins when
        the whole piece is indented by a few columns from there and its context is not."""
        own = [line for line in lines if line.number] or lines
        low = min(left_edge(line, step, self.fonts) for line in own)
        margin = self.usual.left(lines[0])
        usually = margin + self.offset
        columns = (low - usually) / step
        whole = round(columns)
        if not (0 < whole <= 16 and abs(columns - whole) < 0.07):
            return low
        context = self._context(start)
        if context is None:
            return usually
        away = context.x0 - margin
        return usually if abs(away) < 2 or abs(away - self.usual.indent) < 2 else low

    def _context(self, start: int) -> Line | None:
        """The line of text above a block, if it is near."""
        for above in reversed(self.lines[max(0, start - 60) : start]):
            if above.mono < CODE:
                return above if above.column == self.lines[start].column else None
        return None

    # blocks

    def _is_flush(self) -> bool:
        """Whether pages end at one height, as far as they run over at all."""
        ends = [
            (self.usual.bottom - line.y) / self.usual.code_step(line.size)
            for line, following in pairwise(self.lines)
            if not _same_place(line, following) and line.y > 0.9 * self.usual.bottom
        ]
        return bool(ends) and sum(-0.3 < room < 0.3 for room in ends) > 0.8 * len(ends)

    def _join(self, pieces: Sequence[Piece]) -> None:
        at = 0
        while at < len(pieces):
            joined = [pieces[at]]
            while at + 1 < len(pieces) and self._goes_on(joined, pieces[at + 1]):
                at += 1
                joined.append(pieces[at])
            self.blocks[joined[0].start] = (joined[-1].end, self._text(joined))
            at += 1

    def _goes_on(self, pieces: Sequence[Piece], following: Piece) -> bool:
        last, line = self.lines[pieces[-1].end - 1], self.lines[following.start]
        if pieces[-1].end != following.start or _same_place(last, line):
            return False
        number = pieces[-1].number
        if number and line.number:
            return 0 < line.number - number <= MOST_NUMBERED
        if line.page > last.page + 1 or abs(last.size - line.size) > SAME_SIZE * line.size:
            return False
        step = self.usual.code_step(line.size)
        if last.y < self.usual.bottom - 4.5 * step or line.y > self.usual.top + 4.5 * step:
            return False
        before = "\n".join(text for piece in pieces for text in piece.texts)
        after = "\n".join(following.texts)
        if _is_open(before):
            return True
        prompts, others = PROMPT.findall(before), PROMPT.findall(after)
        if after.startswith("iex") and "$ " in before and not any(kind for kind, _ in prompts):
            return False
        return bool(prompts) or not others

    def _text(self, pieces: Sequence[Piece]) -> list[tuple[str, int]]:
        left = min(piece.left for piece in pieces)
        found: list[tuple[str, int]] = []
        before = 0
        for piece in pieces:
            page = self.lines[piece.start].page
            indent = " " * round((piece.left - left) / piece.step)
            texts = [indent + text if text else "" for text in piece.texts]
            number = self.lines[piece.start].number
            if found and before and number:
                found += [("", page)] * (number - before - 1)
            elif found and self._is_blank_between(piece, found[-1][0], texts[0]):
                found.append(("", page))
            before = piece.number
            found += [(text, page) for text in texts]
        return found

    def _is_blank_between(self, piece: Piece, above: str, below: str) -> bool:
        last, line = self.lines[piece.start - 1], self.lines[piece.start]
        step = self.usual.code_step(line.size)
        if 0.8 < (line.y - self.usual.top) / step < 1.3:
            return True
        room = (self.usual.bottom - last.y) / step
        if room < ROOM:
            return False
        return self.flush or self.habits.likely_blank(above, below)


def _same_place(one: Line, other: Line) -> bool:
    return one.page == other.page and one.column == other.column


def _is_open(code: str) -> bool:
    """Whether code stops in the middle: it does not parse as it stands."""
    tree = parse_frugally(code.encode(), "elixir")
    return tree is not None and tree.root_node.has_error and not PROMPT.search(code)
