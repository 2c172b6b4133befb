"""A small typesetter: pages of PDF from text written in tests, in the layouts that books have.

It knows words, lines and places, and nothing of the reader: what comes back is compared with what
was given to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf

PROSE, BOLD, ITALIC, CODE = "tiro", "tibo", "tiit", "cour"
SIZE = 10.0
STEP = 12.0
CODE_SIZE = 9.0
CODE_STEP = 11.0


@dataclass
class Sheet:
    """Pages filled from top to bottom, in one or more columns."""

    width: float = 420.0
    height: float = 595.0
    margin: float = 50.0
    columns: int = 1
    gap: float = 16.0
    code_size: float = CODE_SIZE
    code_step: float = CODE_STEP
    document: Any = field(default_factory=pymupdf.open)
    marks: list[tuple[int, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.column = self.columns
        self.y = 0.0

    @property
    def page(self) -> Any:
        return self.document[-1]

    @property
    def line_width(self) -> float:
        inner = self.width - 2 * self.margin
        return (inner - self.gap * (self.columns - 1)) / self.columns

    @property
    def left(self) -> float:
        return self.margin + self.column * (self.line_width + self.gap)

    def new_page(self) -> None:
        self.document.new_page(width=self.width, height=self.height)
        self.column = 0
        self.y = self.margin + 20

    def down(self, by: float) -> None:
        """Go down a line, on to the next column or page where this one is full."""
        if self.column >= self.columns:
            self.new_page()
        elif self.y + by > self.height - self.margin - 20:
            self.column += 1
            self.y = self.margin + 20
            if self.column >= self.columns:
                self.new_page()
        else:
            self.y += by

    def put(self, x: float, text: str, font: str = PROSE, size: float = SIZE) -> float:
        """Text at a place on the present line; where it ends."""
        self.page.insert_text((x, self.y), text, fontname=font, fontsize=size)
        return x + pymupdf.get_text_length(text, fontname=font, fontsize=size)

    def heading(self, title: str, level: int = 1, size: float | None = None) -> None:
        self.down(30 - 4 * level)
        self.put(self.left, title, BOLD, size or {1: 20.0, 2: 15.0, 3: 12.0}[level])
        self.marks.append((level, title, len(self.document)))
        self.y += 10

    def paragraph(self, text: str, indent: float = 0.0, size: float = SIZE) -> None:
        """Words filled into lines; what stands between backticks is set in the code's font."""
        self.down(STEP + 8)
        x = self.left + indent
        code = False
        for word in text.split(" "):
            pieces = word.split("`")
            width = pymupdf.get_text_length(word.replace("`", ""), PROSE, size)
            if x + width > self.left + self.line_width and x > self.left + indent:
                self.down(STEP)
                x = self.left + indent
            for n, piece in enumerate(pieces):
                code = code ^ (n > 0)
                if piece:
                    x = self.put(x, piece, CODE if code else PROSE, 0.9 * size if code else size)
            x += size * 0.25
        self.y += 2

    def code(self, text: str, numbers: bool = False, indent: float = 0.0, font: str = CODE) -> None:
        self.down(self.code_step + 8)
        for n, line in enumerate(text.split("\n")):
            if n:
                self.down(self.code_step)
            x = self.left + indent
            if numbers:
                number = str(n + 1)
                self.put(x + 12 - pymupdf.get_text_length(number, "helv", 6), number, "helv", 6)
                x += 20
            if line.strip():
                self.put(x, line, font, self.code_size)
        self.y += 4

    def furniture(self, head: str = "", foot: bool = True) -> None:
        """A running head and a page number on every page there is."""
        for number, page in enumerate(self.document, 1):
            if head:
                page.insert_text((self.margin, 30), head, fontname=ITALIC, fontsize=8)
            if foot:
                place = (self.width / 2, self.height - 25)
                page.insert_text(place, str(number), fontname=PROSE, fontsize=8)

    def save(self, path: Path, *, outline: bool = True, **options: Any) -> Path:
        if outline and self.marks:
            self.document.set_toc([list(mark) for mark in self.marks])
        self.document.save(path, **options)
        return path
