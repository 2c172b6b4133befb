"""What layouts do to a book, undone: one small book a layout, compared as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pymupdf")

from sources.books.layout.reading import read_book
from sources.books.model import Book
from tests.sources.books.layout.typeset import BOLD, PROSE, Sheet

COUNTER = """defmodule Counter do
  use Agent

  @doc "Starts it."
  def start_link(first) do
    Agent.start_link(fn -> first end, name: __MODULE__)
  end

  def value do
    Agent.get(__MODULE__, & &1)
  end
end"""
PARAGRAPH = (
    "In Elixir, all code runs inside processes. Processes are isolated from each other, run "
    "concurrent to one another and communicate via message passing."
)


def fenced(code: str, language: str = "elixir") -> str:
    return f"```{language}\n{code}\n```\n\n"


def read(sheet: Sheet, folder: Path, *, outline: bool = True) -> Book:
    return read_book(sheet.save(folder / "book.pdf", outline=outline))


def code_of(book: Book) -> list[str]:
    parts = "".join(chapter.text for chapter in book.chapters).split("```")[1::2]
    return [part.partition("\n")[2].rstrip("\n") for part in parts]


def test_a_chapter_comes_back_as_markdown(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Processes")
    sheet.paragraph(PARAGRAPH.replace("communicate", "communicate with `send/2`"))
    sheet.code(COUNTER)
    sheet.paragraph("Try it:")
    sheet.code("iex> Counter.value()\n0")
    sheet.heading("Links", 2)
    sheet.paragraph("Links join them.")
    sheet.heading("State", 1)
    sheet.paragraph("Agents keep state.")
    book = read(sheet, tmp_path)
    text = PARAGRAPH.replace("communicate", "communicate with `send/2`")
    assert [chapter.title for chapter in book.chapters] == ["Processes", "State"]
    assert book.chapters[0].text == (
        f"# Processes\n\n{text}\n\n{fenced(COUNTER)}Try it:\n\n"
        + fenced("iex> Counter.value()\n0", "iex")
        + "## Links\n\nLinks join them.\n\n"
    )
    (links,) = book.chapters[0].sections
    written = book.chapters[0].text.encode()
    assert (links.title, links.level) == ("Links", 2)
    assert written[links.start : links.end] == b"## Links\n\nLinks join them.\n\n"
    assert book.chapters[0].pages == ((0, 1),)


@pytest.mark.parametrize("columns", [1, 2])
def test_code_that_runs_over_pages_and_columns_is_one_block(tmp_path: Path, columns: int) -> None:
    functions = "\n\n".join(f"  def f{n}(x) do\n    x + {n}\n  end" for n in range(30))
    code = f"defmodule Many do\n{functions}\nend"
    sheet = Sheet(width=420 if columns == 1 else 620, columns=columns)
    sheet.heading("Long")
    for _ in range(9):
        sheet.paragraph(PARAGRAPH)
    sheet.code(code)
    sheet.paragraph("That was long.")
    sheet.heading("After")
    sheet.paragraph(PARAGRAPH)
    sheet.code(COUNTER)
    sheet.furniture("Running code")
    book = read(sheet, tmp_path)
    assert code_of(book) == [code, COUNTER]
    assert "Running code" not in book.chapters[0].text
    assert book.labels == tuple(str(n + 1) for n in range(len(book.labels)))
    for offset, page in book.chapters[0].pages:
        assert 1 <= page <= len(book.labels)
        assert 0 <= offset < len(book.chapters[0].text.encode())


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    sheet = Sheet(width=620, columns=2)
    sheet.heading("Columns")
    for n in range(40):
        sheet.paragraph(f"Paragraph number {n} has a few words of its own and ends here. So be it.")
    book = read(sheet, tmp_path)
    said = [int(part.split()[0]) for part in book.chapters[0].text.split("Paragraph number ")[1:]]
    assert said == list(range(40))


def test_code_wider_than_its_column_is_not_mixed_with_the_next(tmp_path: Path) -> None:
    wide = 'IO.puts("' + "wide " * 16 + 'end")'
    sheet = Sheet(width=620, columns=2)
    sheet.heading("Columns")
    for _ in range(4):
        sheet.paragraph(PARAGRAPH)
    sheet.code(wide)
    for _ in range(16):
        sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path)
    assert code_of(book) == [wide]
    assert book.chapters[0].text.count(PARAGRAPH) == 20


def test_headings_without_an_outline_are_told_by_their_fonts(tmp_path: Path) -> None:
    sheet = Sheet()
    for chapter in ("Lists", "Maps"):
        sheet.heading(chapter)
        sheet.paragraph(PARAGRAPH)
        for section in ("Reading", "Writing"):
            sheet.heading(f"{section} {chapter}", 2)
            sheet.paragraph(PARAGRAPH)
            sheet.heading("Notes", 3)
            sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path, outline=False)
    tree = [
        (c.title, [(s.title, s.level, [t.title for t in s.sections]) for s in c.sections])
        for c in book.chapters
    ]
    assert tree == [
        (name, [(f"{section} {name}", 2, ["Notes"]) for section in ("Reading", "Writing")])
        for name in ("Lists", "Maps")
    ]


def test_parts_hold_chapters_and_contents_are_left_out(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Contents")
    sheet.paragraph("Lists 3")
    sheet.heading("Part I. Data")
    sheet.heading("Lists", 2)
    sheet.paragraph(PARAGRAPH)
    sheet.heading("Part II. Processes")
    sheet.heading("Agents", 2)
    sheet.paragraph(PARAGRAPH)
    book = read(sheet, tmp_path)
    assert [(c.part, c.title) for c in book.chapters] == [
        ("Part I. Data", "Lists"),
        ("Part II. Processes", "Agents"),
    ]


def test_numbers_of_lines_are_no_code(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Numbered")
    sheet.paragraph(PARAGRAPH)
    sheet.code(COUNTER, numbers=True)
    sheet.paragraph(PARAGRAPH)
    sheet.code("iex> 1 + 1\n2", numbers=True)
    assert code_of(read(sheet, tmp_path)) == [COUNTER, "iex> 1 + 1\n2"]


def test_code_that_is_numbers_stays(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Counting")
    sheet.paragraph(PARAGRAPH)
    sheet.code("1\n2\n3\n4")
    assert code_of(read(sheet, tmp_path)) == ["1\n2\n3\n4"]


def test_callouts_are_no_code(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Callouts")
    sheet.paragraph(PARAGRAPH)
    sheet.down(20)
    end = sheet.put(sheet.left, "list = [1, 2]", "cour", 9)
    sheet.put(end + 8, "(1)", BOLD, 8)
    sheet.down(11)
    sheet.put(sheet.left, "Enum.sum(list)", "cour", 9)
    sheet.paragraph("(1) A list.")
    assert code_of(read(sheet, tmp_path)) == ["list = [1, 2]\nEnum.sum(list)"]


def test_code_in_a_list_or_a_quote_keeps_its_own_margin(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Lists")
    sheet.paragraph(PARAGRAPH)
    sheet.code("first = 1")
    sheet.paragraph(PARAGRAPH, indent=30)
    sheet.code(COUNTER, indent=30)
    assert code_of(read(sheet, tmp_path)) == ["first = 1", COUNTER]


def test_a_block_indented_in_its_source_stays_indented(tmp_path: Path) -> None:
    inner = "  def value do\n    0\n  end"
    sheet = Sheet()
    sheet.heading("Inside")
    for _ in range(3):
        sheet.paragraph(PARAGRAPH)
        sheet.code("x = 1")
    sheet.paragraph(PARAGRAPH)
    sheet.down(20)
    for n, line in enumerate(inner.split("\n")):
        if n:
            sheet.down(11)
        sheet.put(sheet.left, line, "cour", 9)
    sheet.paragraph(PARAGRAPH)
    assert code_of(read(sheet, tmp_path))[-1] == inner


def test_words_broken_at_a_line_end_are_whole(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Hyphens")
    sheet.down(20)
    sheet.put(sheet.left, "Processes are used through-")
    sheet.down(12)
    sheet.put(sheet.left, "out Elixir. A fault-tolerant sys-")
    sheet.down(12)
    sheet.put(sheet.left, "tem is fault-")
    sheet.down(12)
    sheet.put(sheet.left, "tolerant.")
    (chapter,) = read(sheet, tmp_path).chapters
    assert chapter.text.split("\n\n")[1] == (
        "Processes are used throughout Elixir. A fault-tolerant system is fault-tolerant."
    )


def test_a_line_of_inline_code_stays_in_its_paragraph(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Inline")
    sheet.down(20)
    sheet.put(sheet.left, "The functions that the module exports by itself are named here")
    sheet.down(12)
    sheet.put(sheet.left, "Enum.chunk_every/3", "cour", 9)
    sheet.paragraph("Another paragraph.")
    (chapter,) = read(sheet, tmp_path).chapters
    assert "named here `Enum.chunk_every/3`\n" in chapter.text


def test_tables_and_figures_leave_a_mark(tmp_path: Path) -> None:
    import pymupdf

    sheet = Sheet()
    sheet.heading("Marks")
    sheet.paragraph(PARAGRAPH)
    sheet.down(30)
    top = sheet.y
    rows = [("Type", "Size"), ("tuple", "constant"), ("list", "linear")]
    for row in rows:
        sheet.put(sheet.left, row[0])
        sheet.put(sheet.left + 150, row[1])
        sheet.down(14)
    for y in (top - 11, top + 4, sheet.y - 9):
        sheet.page.draw_line((sheet.left, y), (sheet.left + 250, y))
    sheet.paragraph("Between them.")
    sheet.down(10)
    picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40))
    box = pymupdf.Rect(sheet.left, sheet.y, sheet.left + 200, sheet.y + 90)
    sheet.page.insert_image(box, pixmap=picture)
    sheet.y += 100
    sheet.paragraph("The end.")
    (chapter,) = read(sheet, tmp_path).chapters
    assert chapter.text == (
        f"# Marks\n\n{PARAGRAPH}\n\n[table]\n\nBetween them.\n\n[figure]\n\nThe end.\n\n"
    )


def test_the_front_tells_title_authors_and_isbn(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.new_page()
    sheet.column = 0
    sheet.put(sheet.left, "Elixir by Example", BOLD, 28)
    sheet.new_page()
    sheet.put(sheet.left, "ISBN: 978-3-16-148410-0", PROSE)
    sheet.new_page()
    sheet.heading("One")
    sheet.paragraph(PARAGRAPH)
    sheet.document.set_metadata({"author": "Ada Lovelace and Joe Armstrong"})
    book = read(sheet, tmp_path)
    assert (book.title, book.authors, book.isbn) == (
        "Elixir by Example",
        ("Ada Lovelace", "Joe Armstrong"),
        "9783161484100",
    )
    assert [chapter.title for chapter in book.chapters] == ["One"]


def test_the_same_file_gives_the_same_book(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Same")
    sheet.paragraph(PARAGRAPH)
    sheet.code(COUNTER)
    path = sheet.save(tmp_path / "book.pdf")
    assert read_book(path) == read_book(path)


def test_a_footnote_comes_after_the_section_that_it_interrupts(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Notes")
    sheet.down(20)
    end = sheet.put(sheet.left, "Processes are cheap")
    sheet.y -= 4
    end = sheet.put(end, "1", PROSE, 6)
    sheet.y += 4
    sheet.put(end, " and this paragraph goes on")
    sheet.down(400)
    end = sheet.put(sheet.left, "Its last line on this page ends without a full")
    sheet.y = sheet.height - 60
    sheet.y -= 3
    end = sheet.put(sheet.left, "1", PROSE, 5)
    sheet.y += 3
    sheet.put(end + 2, "A few hundred words of memory.", PROSE, 8)
    sheet.new_page()
    sheet.put(sheet.left, "stop on the next.")
    sheet.heading("Others", 2)
    sheet.paragraph(PARAGRAPH)
    (chapter,) = read(sheet, tmp_path).chapters
    assert chapter.text == (
        "# Notes\n\nProcesses are cheap[^1] and this paragraph goes on\n\n"
        "Its last line on this page ends without a full stop on the next.\n\n"
        "[^1]: A few hundred words of memory.\n\n"
        f"## Others\n\n{PARAGRAPH}\n\n"
    )


def test_a_caption_belongs_to_its_mark(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Captions")
    sheet.paragraph(PARAGRAPH)
    sheet.paragraph("Figure 1.2: How a supervisor starts its children.")
    sheet.paragraph("Figure 1 shows that.")
    (chapter,) = read(sheet, tmp_path).chapters
    assert chapter.text.split("\n\n")[2:] == [
        "[figure: Figure 1.2: How a supervisor starts its children.]",
        "Figure 1 shows that.",
        "",
    ]


def test_lists_and_quotes(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.heading("Lists")
    sheet.paragraph(PARAGRAPH)
    sheet.paragraph("• Keys are atoms.", indent=12)
    sheet.paragraph("• Keys are ordered.", indent=12)
    sheet.paragraph(PARAGRAPH)
    sheet.paragraph(f"Let it crash. {PARAGRAPH}", indent=30)
    sheet.paragraph(PARAGRAPH)
    (chapter,) = read(sheet, tmp_path).chapters
    assert chapter.text == (
        f"# Lists\n\n{PARAGRAPH}\n\n- Keys are atoms.\n\n- Keys are ordered.\n\n{PARAGRAPH}\n\n"
        f"> Let it crash. {PARAGRAPH}\n\n{PARAGRAPH}\n\n"
    )
