"""From lines to blocks: headings, code, paragraphs, list items, quotes, notes, and marks for what
is left out.

A line of monospaced characters is code unless it goes on a paragraph or is gone on by one. Lines of
code are one block as long as they stand a whole number of steps below each other; across a page or
column they are one block when the first ends where text ends and nothing says that it was whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sources.books.layout import prose
from sources.books.layout.characters import Typed
from sources.books.layout.code import Code
from sources.books.layout.glyphs import Font
from sources.books.layout.headings import Heading
from sources.books.layout.lines import Line
from sources.books.layout.measure import CODE, Usual

Kind = Literal["heading", "code", "paragraph", "item", "quote", "mark", "note"]

BULLET = re.compile(r"^\s*([•‣◦▪▸–—∙⁃●○■□·*\-])\s*(?=\S|$)")
NUMBER = re.compile(r"^\s*(\d{1,3}|[a-z])([.)])\s+(?=\S)")
SET_IN = 6.0
"""Points by which quotes are set in at least."""
CAPTION = re.compile(
    r"^(Figure|Fig\.|Abbildung|Table|Tabelle)\s+(?:[\dA-Z]{1,3}(?:[.\-–]\d+)*)\s*[.:—–]\s+\S"
)


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
    return _captioned(flow.read())


def _captioned(found: Sequence[Block]) -> list[Block]:
    """Blocks with captions inside the marks of what they belong to. A caption of a figure that
    was drawn from lines stands for it alone."""
    out: list[Block] = []
    for block in found:
        if block.kind == "mark" and out and out[-1].kind == "mark":
            above = out[-1].parts[0][0]
            if above.startswith(block.parts[0][0][:-1] + ":"):
                continue  # its caption stands above it
        said = "".join(text for text, _ in block.parts)
        caption = CAPTION.match(said) if block.kind == "paragraph" else None
        if caption is None:
            out.append(block)
            continue
        what = "table" if caption.group(1).startswith("Tab") else "figure"
        mark = Block("mark", [(f"[{what}: {said}]", block.parts[0][1])])
        if out and out[-1].kind == "mark" and out[-1].parts[0][0] == f"[{what}]":
            out.pop()
        out.append(mark)
    return out


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
        self.code = Code(lines, self.is_code, fonts, usual)

    def read(self) -> list[Block]:
        index = 0
        while index < len(self.lines):
            heading = self.heads.get(index)
            if heading is not None:
                page = self.lines[index].page
                self.out.append(Block("heading", [(heading.title, page)], heading.level, heading))
                index += heading.count
            elif self.lines[index].mark:
                self._put_mark(self.lines[index])
                index += 1
            elif index in self.code.blocks:
                index, texts = self.code.blocks[index]
                self._put_code(texts)
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

    def _put_mark(self, line: Line) -> None:
        text = f"[{line.mark}]"
        if not (self.out and self.out[-1].kind == "mark" and self.out[-1].parts[0][0] == text):
            self.out.append(Block("mark", [(text, line.page)]))

    def _put_code(self, texts: Sequence[tuple[str, int]]) -> None:
        parts = [(self.typed.read(text), page) for text, page in texts]
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
            kind: Kind = "quote" if self._is_quoted(start) else "paragraph"
            block = Block(kind, [(text, line.page)])
        index = start + 1
        while index < len(self.lines) and self._continues(index, block):
            outside = self.lines[index].x0 < line.x0 - 1.5
            if block.kind == "item" and outside and self._same_place(self.lines[index], line):
                break  # left of the bullet: text after the list
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

    def _is_quoted(self, index: int) -> bool:
        """Whether a paragraph is set in from the text, and is no list's."""
        line = self.lines[index]
        away = line.x0 - self.usual.left(line)
        said = next((block for block in reversed(self.out) if block.kind != "code"), None)
        if not SET_IN < away < line.size * 8 or line.column < 0:
            return False
        if said is not None and said.kind == "item":
            return False
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if following is not None and self._same_place(line, following):
            down = following.y - line.y
            if 0 < down < 1.3 * self.usual.step(line.size) and not self.is_code[index + 1]:
                return following.x0 - self.usual.left(following) > SET_IN
        return said is not None and said.kind == "quote"

    def _line(self, line: Line) -> str:
        return prose.line_text(line, self.fonts, self.typed)

    def _text_size(self, line: Line) -> float:
        """The size of a line's words that are no code; 0.0 where all are."""
        return max((r.size for r in line.runs if not self.fonts[r.font].mono), default=0.0)

    def _continues(self, index: int, block: Block) -> bool:
        if index in self.heads or self.is_code[index] or self.lines[index].mark:
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
        sizes = self._text_size(last), self._text_size(line)
        if all(sizes) and abs(sizes[0] - sizes[1]) > 0.12 * sizes[1] and len(line.raw) > 8:
            return False
        if not 0 < down < 1.3 * self.usual.step(line.size):
            return False
        if NUMBER.match(text) and line.x0 < last.x0 + 1 and last.x1 < self.usual.right(last) - 20:
            return False
        indent = line.x0 - last.x0
        return not (
            block.kind == "paragraph" and indent > 0.8 * line.size and len(block.parts) == 1
        )
