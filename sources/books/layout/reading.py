"""All steps from what the file holds to the book."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sources.books.layout import footnotes, front, pdf, prose
from sources.books.layout.blocks import Block, blocks
from sources.books.layout.chapters import chapters
from sources.books.layout.characters import Typed
from sources.books.layout.furniture import without_furniture
from sources.books.layout.glyphs import Pdf
from sources.books.layout.headings import headings
from sources.books.layout.lines import gutters, ordered, page_lines, split_run_in
from sources.books.layout.marks import with_marks
from sources.books.layout.measure import CODE, usual
from sources.books.layout.numbering import without_numbers
from sources.books.model import Book, Chapter


def read_book(path: Path, password: str = "") -> Book:
    return book(pdf.read(path, password), path.stem)


def book(found: Pdf, name: str) -> Book:
    """The book in what was read from a file; `name` is its title where it has none."""
    drawn = [page_lines(page, found.fonts) for page in found.pages]
    plain, printed = without_furniture(found.pages, drawn)
    columns = gutters(plain, [page.width for page in found.pages])
    read = [
        ordered(lines, gutter, found.fonts) for lines, gutter in zip(plain, columns, strict=True)
    ]
    marked = with_marks(found.pages, without_numbers(read, found.fonts), columns)
    measured = usual(marked)
    pages, notes = footnotes.split(marked, measured)
    lines = [line for page in pages for line in split_run_in(page, found.fonts)]
    heads = headings(lines, found.fonts, found.outline, measured)
    typed = Typed(
        (line.raw for line in lines if line.mono >= CODE), "tex" in found.producer.lower()
    )
    known = prose.words(
        [prose.line_text(line, found.fonts, None) for line in lines if line.mono < CODE]
    )
    every = blocks(lines, found.fonts, heads, measured, typed, known)
    for note in reversed(notes):
        said = footnotes.text(note, found.fonts, typed, known)
        at = _after(every, note.lines[0].page)
        every.insert(at, Block("note", [(said, note.lines[0].page)]))
    first = next((lines[head.index].page for head in heads), 1)
    said = found.title or front.title(pages, found.fonts, first)
    title = said or name
    labels = tuple(page.label or label for page, label in zip(found.pages, printed, strict=True))
    return Book(
        title=title,
        chapters=_chapters(every, said, title),
        authors=_authors(found.author),
        isbn=front.isbn([found.about, *front.imprint(pages, found.fonts)]),
        language=found.language,
        labels=labels,
    )


def _after(every: Sequence[Block], page: int) -> int:
    """Behind the last block that begins on a page or before it."""
    at = len(every)
    while at and every[at - 1].parts[0][1] > page:
        at -= 1
    return at


def _chapters(every: Sequence[Block], said: str, title: str) -> tuple[Chapter, ...]:
    """The chapters; one of all the text where nothing in it is a heading, or only the title is."""
    made = chapters(every, said) or chapters(every, "")
    if not made and every:
        page = every[0].parts[0][1]
        made = chapters([Block("heading", [(title, page)], 1), *every], "")
    return made


def _authors(written: str) -> tuple[str, ...]:
    """Authors as the file lists them: apart by semicolons, "and", or commas between full names."""
    names = re.split(r"\s*;\s*|\s+(?:and|und|&)\s+|,\s*(?=\S+ \S)", written)
    return tuple(name.strip(" ,") for name in names if name.strip(" ,"))
