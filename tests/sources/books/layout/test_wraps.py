"""Code that a typesetter broke or numbered, glyphs that are none, and trees without an outline."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pymupdf")

from sources.books.layout.pdf import _spelled
from sources.books.layout.wraps import Wraps, _guessed, _may_go_on
from tests.sources.books.layout.test_layout import COUNTER, PARAGRAPH, code_of, read
from tests.sources.books.layout.typeset import BOLD, Sheet


def numbered(sheet: Sheet, lines: list[tuple[int, str]]) -> None:
    """Lines of code with the number given before each, none for a 0."""
    sheet.down(20)
    for n, (number, line) in enumerate(lines):
        if n:
            sheet.down(sheet.code_step)
        if number:
            sheet.put(sheet.left, str(number), "helv", 6)
        if line:
            sheet.put(sheet.left + 20, line, "cour", 9)


def test_a_line_without_a_number_goes_on_the_one_above(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Numbered")
    for _ in range(3):
        sheet.paragraph(PARAGRAPH)
        sheet.code(COUNTER, numbers=True)
    sheet.paragraph(PARAGRAPH)
    numbered(sheet, [(1, "total ="), (0, "Enum.sum(list)"), (2, ""), (3, "total")])
    assert code_of(read(sheet, tmp_path)) == [COUNTER] * 3 + ["total = Enum.sum(list)\n\ntotal"]


def test_numbers_tell_blank_lines_and_blocks_where_a_page_ends(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Pages")
    for _ in range(3):
        sheet.paragraph(PARAGRAPH)
        sheet.code(COUNTER, numbers=True)
    for _ in range(2):
        while sheet.y < sheet.height - sheet.margin - 100:
            sheet.paragraph(PARAGRAPH)
        numbered(sheet, [(1, "first = 1")])
        sheet.column = sheet.columns
        sheet.down(0)
        sheet.y -= 20
        numbered(sheet, [(3, "third = 3")])
    assert code_of(read(sheet, tmp_path))[3:] == ["first = 1\n\nthird = 3"] * 2


def test_glyphs_that_make_room_for_a_ligature_are_no_code() -> None:
    arrow = ("a^->", [0.0, 5.0, 10.0, 15.0], [5.0, 10.0, 15.0, 15.0])
    assert _spelled(*arrow) == ("a->", [0.0, 5.0, 10.0], [5.0, 10.0, 15.0])
    joined = ("afi", [0.0, 5.0, 10.0], [5.0, 10.0, 10.0])
    assert _spelled(*joined)[0] == "afi"


@pytest.mark.parametrize(
    ("above", "rest", "blank"),
    [
        ("lib/router.ex:21: KV.", "Router.route/4", ""),
        ("# It ends here.", "Another begins", " "),
        ("# caused by `", "reason`", ""),
        ("# expands to", "`list`", " "),
        ('send("eggs', '\\r\\n")', ""),
        ("# proper list", "([]-terminated)", " "),
        ("Enum.filter", "(odd?)", ""),
        ("this won", "'t\"", ""),
    ],
)
def test_a_blank_stood_where_it_could(above: str, rest: str, blank: str) -> None:
    assert _guessed(above, rest) == blank


@pytest.mark.parametrize(
    ("above", "rest", "goes_on"),
    [
        ("iex> Enum.sum(list)", "7500000000", False),
        ("iex> Enum.filter(list,", "odd?)", True),
        ("iex> list", "|> Enum.sum()", True),
        ("IO.puts(1) #=> 1", "IO.puts(2)", False),
        ("# without preloading", "(embedded).", True),
    ],
)
def test_a_whole_line_of_code_is_no_rest(above: str, rest: str, goes_on: bool) -> None:
    assert _may_go_on(above, rest) == goes_on


def titled(sheet: Sheet) -> None:
    """A title page with its author and contents, in the face of the chapters."""
    sheet.heading("Elixir in Small Steps")
    sheet.down(20)
    sheet.put(sheet.left, "A. Writer", size=13)
    sheet.heading("Contents")
    for chapter in ("Lists", "Maps", "Trees", "Agents"):
        sheet.down(14)
        sheet.put(sheet.left, f"{chapter} 3")


def test_without_an_outline_title_and_contents_are_no_chapters(tmp_path: Path) -> None:
    sheet = Sheet()
    titled(sheet)
    for chapter in ("Lists", "Maps", "Trees", "Agents"):
        sheet.new_page()
        sheet.heading(chapter)
        sheet.paragraph(PARAGRAPH)
        sheet.heading(f"More {chapter}", 2)
        sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path, outline=False)
    assert [chapter.title for chapter in book.chapters] == ["Lists", "Maps", "Trees", "Agents"]
    assert [[s.title for s in chapter.sections] for chapter in book.chapters] == [
        [f"More {name}"] for name in ("Lists", "Maps", "Trees", "Agents")
    ]


def test_a_number_above_a_title_is_its_own(tmp_path: Path) -> None:
    sheet = Sheet()
    for number, chapter in enumerate(("Lists", "Maps", "Trees"), 1):
        sheet.new_page()
        sheet.y += 40
        sheet.put(sheet.left, f"Chapter {number}", BOLD, 16)
        sheet.y += 24
        sheet.put(sheet.left, chapter, BOLD, 20)
        sheet.paragraph(PARAGRAPH)
        sheet.heading(f"More {chapter}", 3)
        sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path, outline=False)
    assert [chapter.title for chapter in book.chapters] == ["Lists", "Maps", "Trees"]


def test_parts_that_are_called_otherwise_stand_on_a_page_alone(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Preface")
    sheet.paragraph(PARAGRAPH)
    for part, chapters in (("Beginning", ("Lists", "Maps")), ("Going on", ("Agents",))):
        sheet.new_page()
        sheet.heading(part)
        for chapter in chapters:
            sheet.new_page()
            sheet.heading(chapter, 2)
            sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path)
    assert [(chapter.part, chapter.title) for chapter in book.chapters] == [
        ("", "Preface"),
        ("Beginning", "Lists"),
        ("Beginning", "Maps"),
        ("Going on", "Agents"),
    ]


def test_a_title_of_a_box_is_no_heading(tmp_path: Path) -> None:
    sheet = Sheet()
    for chapter in ("Lists", "Maps"):
        sheet.heading(chapter)
        sheet.paragraph(PARAGRAPH)
        sheet.heading(f"More {chapter}", 2)
        sheet.paragraph(PARAGRAPH)
        sheet.down(24)
        sheet.put(sheet.left + 40, "Mind the gap", BOLD, 12)
        sheet.paragraph(PARAGRAPH, indent=40)
    book = read(sheet, tmp_path)
    assert [[s.sections for s in chapter.sections] for chapter in book.chapters] == [[()], [()]]
    assert "Mind the gap" in book.chapters[0].text


def test_a_note_that_code_goes_on_overleaf_is_no_text(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Overleaf")
    for _ in range(3):
        sheet.paragraph(PARAGRAPH)
        sheet.code(COUNTER)
    while sheet.y < sheet.height - sheet.margin - 100:
        sheet.paragraph(PARAGRAPH)
    sheet.code("list = [")
    sheet.down(11)
    sheet.put(sheet.left + 200, "(continues on next page)", size=8)
    sheet.column = sheet.columns
    sheet.down(0)
    sheet.put(sheet.left + 200, "(continued from previous page)", size=8)
    sheet.code("  1\n]")
    sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path)
    assert code_of(book)[3:] == ["list = [\n  1\n]"]
    assert "continue" not in book.chapters[0].text


def test_signs_of_who_broke_a_line_go() -> None:
    assert Wraps.joined(None, None, None, 0.0, 0.0, "a and\u2423", "b") == "a and b"  # type: ignore[arg-type]
    assert Wraps.joined(None, None, None, 0.0, 0.0, "un\u2010", "known") == "unknown"  # type: ignore[arg-type]
