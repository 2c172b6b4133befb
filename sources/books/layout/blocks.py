"""From lines to blocks: headings, code, paragraphs, list items, quotes, notes, and marks for what
is left out.

A line of monospaced characters is code unless it goes on a paragraph or is gone on by one. Lines of
code are one block as long as they stand a whole number of steps below each other; across a page or
column they are one block when the first ends where text ends and nothing says that it was whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from factory.syntax.parse import parse_frugally
from sources.books.layout import prose
from sources.books.layout.characters import Typed
from sources.books.layout.glyphs import Font
from sources.books.layout.grid import WRAPPED, line_text, pitch
from sources.books.layout.headings import Heading
from sources.books.layout.lines import Line
from sources.books.layout.measure import CODE, Usual

Kind = Literal["heading", "code", "paragraph", "item", "quote", "mark", "note"]

BULLET = re.compile(r"^\s*([•‣◦▪▸–—∙⁃●○■□·*\-])\s*(?=\S|$)")
NUMBER = re.compile(r"^\s*(\d{1,3}|[a-z])([.)])\s+(?=\S)")
CAPTION = re.compile(
    r"^(Figure|Fig\.|Abbildung|Table|Tabelle)\s+([\dA-Z]+(?:[.\-–]\d+)*)\s*[.:—–-]?\s*(.*)$",
    re.DOTALL,
)
MOST_BLANK = 4
"""Blank lines in a row that a block may have."""
TOLERANCE = 0.14
"""Of the step: how far from a whole number of steps a line may stand."""


@dataclass
class Block:
    """`parts` are texts, each with the page it stands on; of code, a line each. `level` is a
    heading's, or how deep a list item is nested."""

    kind: Kind
    parts: list[tuple[str, int]] = field(default_factory=list)
    level: int = 0
    heading: Heading | None = None


def blocks(
    lines: Sequence[Line],
    fonts: Sequence[Font],
    heads: Sequence[Heading],
    usual: Usual,
    typed: Typed,
    known: frozenset[str],
) -> list[Block]:
    flow = _Flow(lines, fonts, heads, usual, typed, known)
    return flow.read()


class _Flow:
    """One pass down all lines of a document."""

    def __init__(
        self,
        lines: Sequence[Line],
        fonts: Sequence[Font],
        heads: Sequence[Heading],
        usual: Usual,
        typed: Typed,
        known: frozenset[str],
    ) -> None:
        self.lines = lines
        self.fonts = fonts
        self.heads = {heading.index: heading for heading in heads}
        self.usual = usual
        self.typed = typed
        self.known = known
        self.out: list[Block] = []
        taken = {h.index + n for h in heads for n in range(h.count)}
        self.is_code = [
            index not in taken and self._may_be_code(index) for index in range(len(lines))
        ]
        for index in range(len(lines)):
            if self.is_code[index] and self._is_inline(index, taken):
                self.is_code[index] = False
        self.offset = self._usual_offset()

    def read(self) -> list[Block]:
        index = 0
        while index < len(self.lines):
            heading = self.heads.get(index)
            if heading is not None:
                page = self.lines[index].page
                self.out.append(Block("heading", [(heading.title, page)], heading.level, heading))
                index += heading.count
            elif self.is_code[index]:
                index = self._code(index)
            else:
                index = self._prose(index)
        return self.out

    # code

    def _may_be_code(self, index: int) -> bool:
        line = self.lines[index]
        return line.mono >= CODE and bool(line.raw.strip())

    def _same_place(self, one: Line, other: Line) -> bool:
        return one.page == other.page and one.column == other.column

    def _is_inline(self, index: int, taken: set[int]) -> bool:
        """Whether a line of monospaced text is a paragraph's."""
        line = self.lines[index]
        if index and not self.is_code[index - 1] and index - 1 not in taken:
            above = self.lines[index - 1]
            down = line.y - above.y
            if self._same_place(above, line) and down < 0.3 * line.size:
                return True  # beside text
            step = self.usual.step(above.size)
            first = line.runs[0]
            if (
                self._same_place(above, line)
                and down < 1.12 * step
                and above.x1 + 0.6 * len(first.text) * first.size > self.usual.right(line) - step
                and above.mono < CODE
                and not above.raw.rstrip().endswith(":")
            ):
                return True
        if index + 1 < len(self.lines) and index + 1 not in taken:
            below = self.lines[index + 1]
            down = below.y - line.y
            if below.mono < CODE and self._same_place(line, below):
                if abs(down) < 0.3 * line.size:
                    return True
                if (
                    0 < down < 1.05 * self.usual.step(below.size)
                    and line.x1 > self.usual.right(line) - 12 * line.size
                    and abs(below.x0 - line.x0) < 1.5
                    and not (index and self.is_code[index - 1])
                ):
                    return True
        return False

    def _context(self, index: int) -> Line | None:
        """The line of prose above a block, if it is near."""
        line = self.lines[index]
        for back in range(index - 1, max(-1, index - 60), -1):
            above = self.lines[back]
            if above.mono < CODE:
                return above if above.column == line.column else None
        return None

    def _usual_offset(self) -> float:
        """How far right of the text code mostly begins."""
        offsets: Counter[int] = Counter()
        index = 0
        while index < len(self.lines):
            if not self.is_code[index]:
                index += 1
                continue
            end = index
            line = self.lines[index]
            while (
                end < len(self.lines)
                and self.is_code[end]
                and self._same_place(line, self.lines[end])
            ):
                end += 1
            low = min(found.x0 for found in self.lines[index:end])
            offsets[round(low - self.usual.left(line))] += 1
            index = end
        return float(offsets.most_common(1)[0][0]) if offsets else 0.0

    def _code(self, start: int) -> int:
        """One block of code from `start` on."""
        pieces: list[list[int]] = [[start]]
        index = start + 1
        while index < len(self.lines) and self.is_code[index]:
            last, line = self.lines[index - 1], self.lines[index]
            if abs(last.size - line.size) > 0.06 * line.size:
                break
            if self._same_place(last, line):
                if self._steps(last, line) is None:
                    break
                pieces[-1].append(index)
            else:
                if not self._goes_on(pieces, index):
                    break
                pieces.append([index])
            index += 1
        self._emit(pieces)
        return index

    def _steps(self, last: Line, line: Line) -> int | None:
        """How many lines below the other a line of the same block stands; None if of another."""
        step = self.usual.code_step(line.size)
        down = (line.y - last.y) / step
        if down < 0.4:
            return None
        whole = max(1, round(down))
        if whole > MOST_BLANK + 1:
            return None
        if whole == 1:
            return 1 if down < 1 + TOLERANCE else None
        return whole if abs(down - whole) < TOLERANCE else None

    def _goes_on(self, pieces: list[list[int]], index: int) -> bool:
        last, line = self.lines[index - 1], self.lines[index]
        step = self.usual.code_step(line.size)
        if line.page > last.page + 1:
            return False
        if last.y < self.usual.bottom - 4.5 * step and line.page != last.page:
            return False
        before = "\n".join(
            line_.raw for piece in pieces for line_ in map(self.lines.__getitem__, piece)
        )
        if re.match(r"iex(\(\d+\))?>|\$", line.raw) and not re.search(
            r"^(iex|\.\.\.)|^\$", before, re.MULTILINE
        ):
            return _is_open(self._text(pieces))
        return True

    def _text(self, pieces: list[list[int]]) -> str:
        return "\n".join(text for text, _ in self._grid(pieces))

    def _left(self, lines: Sequence[Line], step: float) -> float:
        low = min(line.x0 for line in lines)
        margin = self.usual.left(lines[0]) + self.offset
        columns = (low - margin) / step
        whole = round(columns)
        if 0 < whole <= 12 and abs(columns - whole) < 0.07:
            return margin
        return low

    def _grid(self, pieces: list[list[int]]) -> list[tuple[str, int]]:
        every = [self.lines[n] for piece in pieces for n in piece]
        step = pitch(every, self.fonts)
        shifts = [self.usual.left(self.lines[piece[0]]) for piece in pieces]
        lefts = [
            self._left([self.lines[n] for n in piece], step) - shift
            for piece, shift in zip(pieces, shifts, strict=True)
        ]
        context = self._context(pieces[0][0])
        if context is not None and context.x0 > shifts[0] + 3 and pieces[0]:
            lefts[0] = min(self.lines[n].x0 for n in pieces[0]) - shifts[0]
        left = min(lefts)
        found: list[tuple[str, int]] = []
        for piece, shift in zip(pieces, shifts, strict=True):
            previous: Line | None = None
            for n in piece:
                line = self.lines[n]
                text = line_text(line, left + shift, step, self.fonts)
                if previous is None:
                    blank = self._blank_at_break(pieces, piece, line)
                else:
                    blank = (self._steps(previous, line) or 1) - 1
                wrapped = (
                    previous is not None
                    and found
                    and self._is_wrapped(previous, line, left + shift, step)
                )
                if wrapped and found:
                    before, page = found[-1]
                    glue = ""
                    if previous is not None and previous.raw.endswith(" "):
                        glue = " "
                    found[-1] = (before + glue + text.strip(), page)
                else:
                    found += [("", line.page)] * blank
                    found.append((text, line.page))
                previous = line
        return found

    def _blank_at_break(self, pieces: list[list[int]], piece: list[int], line: Line) -> int:
        if piece is pieces[0]:
            return 0
        step = self.usual.code_step(line.size)
        if line.column > 0 or line.page:
            down = (line.y - self.usual.top) / step
            if 0.8 < down < 1.3:
                return 1
        return 0

    def _is_wrapped(self, previous: Line, line: Line, left: float, step: float) -> bool:
        """Whether a line is the rest of the one above, by a hanging indentation off the grid."""
        if line.raw.lstrip()[:1] in WRAPPED:
            return True
        columns = (line.x0 - left) / step
        off = abs(columns - round(columns))
        down = (line.y - previous.y) / self.usual.code_step(line.size)
        return off > 0.2 and columns > 2 and down < 1.05

    def _emit(self, pieces: list[list[int]]) -> None:
        parts = [(self.typed.read(text), page) for text, page in self._grid(pieces)]
        while parts and not parts[0][0].strip():
            parts.pop(0)
        while parts and not parts[-1][0].strip():
            parts.pop()
        if parts:
            self.out.append(Block("code", parts))

    # prose

    def _prose(self, start: int) -> int:
        line = self.lines[start]
        text = self._line(line)
        bullet = BULLET.match(text)
        number = NUMBER.match(text)
        if bullet and (bullet.end() < len(text) or start + 1 < len(self.lines)):
            block = Block("item", [("- " + text[bullet.end() :], line.page)])
        elif number:
            block = Block("item", [(text, line.page)])
        else:
            block = Block("paragraph", [(text, line.page)])
        index = start + 1
        while index < len(self.lines) and self._continues(index, block):
            following = self.lines[index]
            more = self._line(following)
            if following.page == block.parts[-1][1]:
                joined = prose.join(block.parts[-1][0], more, self.known)
                block.parts[-1] = (joined, following.page)
            else:
                joined = prose.join(block.parts[-1][0], more, self.known)
                cut = len(joined) - len(more)
                if joined.endswith(more) and cut > 0:
                    block.parts[-1] = (joined[:cut], block.parts[-1][1])
                    block.parts.append((more, following.page))
                else:
                    block.parts[-1] = (joined, block.parts[-1][1])
            index += 1
        if any(part.strip() for part, _ in block.parts):
            self.out.append(block)
        return index

    def _line(self, line: Line) -> str:
        return prose.line_text(line, self.fonts, self.typed)

    def _continues(self, index: int, block: Block) -> bool:
        if index in self.heads or self.is_code[index]:
            return False
        last, line = self.lines[index - 1], self.lines[index]
        text = self._line(line)
        if BULLET.match(text) and not text.startswith(("-", "–", "—", "*")):
            return False
        if not self._same_place(last, line):
            if abs(last.size - line.size) > 0.08 * line.size:
                return False
            said = block.parts[-1][0].rstrip()
            return not said.endswith((".", ":", "!", "?", "”", '."', ")")) or text[:1].islower()
        down = line.y - last.y
        if abs(down) < 0.3 * line.size:
            return True  # cells of one row
        if abs(last.size - line.size) > 0.12 * line.size and len(line.raw) > 8:
            return False
        if not 0 < down < 1.3 * self.usual.step(line.size):
            return False
        if NUMBER.match(text) and line.x0 < last.x0 + 1 and last.x1 < self.usual.right(last) - 20:
            return False
        indent = line.x0 - last.x0
        return not (
            block.kind == "paragraph" and indent > 0.8 * line.size and len(block.parts) == 1
        )


def _is_open(code: str) -> bool:
    """Whether Elixir stops in the middle: more `do` and `fn` than `end`, or an open bracket."""
    tree = parse_frugally(code.encode(), "elixir")
    return tree is not None and tree.root_node.has_error
