"""Laws: code that is set on a page comes back, whatever it says; pages and sections lie inside
their text.

Not covered: a block that runs over a page, where a blank line may be told by habit alone, and a
session after a definition, which is taken for a block of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pymupdf")

from sources.books.layout.reading import read_book
from sources.books.model import Book, Section
from tests.sources.books.layout.test_layout import PARAGRAPH, code_of
from tests.sources.books.layout.typeset import Sheet

TOKENS = st.sampled_from(
    ["def", "end", "x", "=", "->", "|>", "%{}", "[1, 2]", '"two  blanks"', "# why", "&(&1 + 1)",
     "<<1>>", "~w(a b)", ":ok", "{:error, reason}", "`tick`", "a_b?", "Foo.bar!()"]
)  # fmt: skip
LINE = st.builds(
    lambda indent, words: "  " * indent + " ".join(words),
    st.integers(0, 5),
    st.lists(TOKENS, min_size=1, max_size=5),
)
CODE = st.lists(st.one_of(LINE, LINE, LINE, st.just("")), min_size=1, max_size=14).map(
    lambda lines: "first = 1\n" + "\n".join(lines).strip("\n") + "\nlast"
)


def book(code: str, numbers: bool) -> Book:
    sheet = Sheet(width=560)
    sheet.heading("Law")
    sheet.paragraph(PARAGRAPH)
    sheet.code(code, numbers=numbers)
    sheet.paragraph(PARAGRAPH)
    sheet.code("x = 1\ny = 2\nz = 3")
    with TemporaryDirectory() as folder:
        return read_book(sheet.save(Path(folder) / "law.pdf"))


def inside(sections: tuple[Section, ...], start: int, end: int) -> None:
    for section in sections:
        assert start <= section.start < section.end <= end
        inside(section.sections, section.start, section.end)


@settings(max_examples=12)
@given(code=CODE, numbers=st.booleans())
def test_code_comes_back_exactly(code: str, numbers: bool) -> None:
    single = re.sub(r"\n{3,}", "\n\n", code)
    found = book(single, numbers)
    assert code_of(found) == [single, "x = 1\ny = 2\nz = 3"]
    (chapter,) = found.chapters
    inside(chapter.sections, 0, len(chapter.text.encode()))
    offsets = [offset for offset, _ in chapter.pages]
    assert offsets == sorted(set(offsets))
    assert [page for _, page in chapter.pages] == sorted({page for _, page in chapter.pages})
