"""All steps from what the file holds to the book."""

from __future__ import annotations

from pathlib import Path

from sources.books.layout import pdf, prose
from sources.books.layout.blocks import blocks
from sources.books.layout.chapters import chapters
from sources.books.layout.characters import Typed
from sources.books.layout.furniture import without_furniture
from sources.books.layout.glyphs import Pdf
from sources.books.layout.headings import headings
from sources.books.layout.lines import gutters, ordered, page_lines, split_run_in
from sources.books.layout.marks import with_marks
from sources.books.layout.measure import CODE, usual
from sources.books.layout.numbering import without_numbers
from sources.books.model import Book


def read_book(path: Path, password: str = "") -> Book:
    return book(pdf.read(path, password), path.stem)


def book(found: Pdf, name: str) -> Book:
    """The book in what was read from a file; `name` is its title where it has none."""
    drawn = [page_lines(page, found.fonts) for page in found.pages]
    plain, printed = without_furniture(found.pages, drawn)
    columns = gutters(plain)
    read = [
        ordered(lines, gutter, found.fonts) for lines, gutter in zip(plain, columns, strict=True)
    ]
    pages = with_marks(found.pages, without_numbers(read, found.fonts), columns)
    measured = usual(pages)
    lines = [line for page in pages for line in split_run_in(page, found.fonts)]
    heads = headings(lines, found.fonts, found.outline, measured)
    typed = Typed(
        (line.raw for line in lines if line.mono >= CODE), "tex" in found.producer.lower()
    )
    known = prose.words(
        [prose.line_text(line, found.fonts, None) for line in lines if line.mono < CODE]
    )
    every = blocks(lines, found.fonts, heads, measured, typed, known)
    title = found.title or name
    labels = tuple(page.label or label for page, label in zip(found.pages, printed, strict=True))
    return Book(
        title=title,
        chapters=chapters(every, title),
        authors=tuple(a.strip() for a in found.author.split(";") if a.strip()),
        language=found.language,
        labels=labels,
    )
