"""Books in Markdown: files and folders of the kinds that authors keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.errors import SourceError
from sources.books.markdown import own_paths, read_markdown
from sources.books.model import Book, Section


def write(folder: Path, **files: str) -> Path:
    """Files by name, `__` for a folder and `.md` left out."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").replace("_", "-") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_file_is_cut_at_its_highest_headings(tmp_path: Path):
    text = (
        "---\ntitle: 'By Hand'\nauthors: [Ada, Bob]\nisbn: 9780306406157\n---\n"
        "# One {#one}\n\na\n\n"
        "```elixir\n# no heading\n```\n\n## In\n\nb\n\nTwo\n===\n\n> # quoted\n\nc\n"
    )
    (tmp_path / "b.md").write_text(text)
    book = read_markdown(tmp_path / "b.md")
    one, two = book.chapters
    assert book == Book("By Hand", (one, two), ("Ada", "Bob"), "9780306406157")
    assert one.title == "One"
    assert one.text == ("# One {#one}\n\na\n\n```elixir\n# no heading\n```\n\n## In\n\nb\n\n")
    assert one.sections == (Section("In", 2, one.text.index("## In"), len(one.text)),)
    assert (two.title, two.text, two.sections) == ("Two", "Two\n===\n\n> # quoted\n\nc\n", ())


def test_a_single_highest_heading_is_the_books_title(tmp_path: Path):
    (tmp_path / "b.md").write_text(
        "# Süßes\n\n## A\r\n\r\nä\n\n### B\n\nb\n\n## Index\n\nx\n\n## C\n\nc\n"
    )
    book = read_markdown(tmp_path / "b.md")
    assert book.title == "Süßes"
    assert [(c.title, c.text) for c in book.chapters] == [
        ("A", "## A\r\n\r\nä\n\n### B\n\nb\n\n"),
        ("C", "## C\n\nc\n"),
    ]
    (section,) = book.chapters[0].sections
    assert book.chapters[0].text.encode()[section.start :] == b"### B\n\nb\n\n"


def test_a_file_without_headings_is_one_chapter(tmp_path: Path):
    (tmp_path / "my-notes.md").write_text("Just text.\n")
    book = read_markdown(tmp_path / "my-notes.md")
    assert [(c.title, c.text) for c in book.chapters] == [("my notes", "Just text.\n")]


def test_a_folder_is_read_by_numbers(tmp_path: Path):
    write(tmp_path, _10_last="# Last\n\nz\n", _2_next="next\n", _1_first="# First\n\na\n")
    for path in tmp_path.iterdir():
        path.rename(path.with_name(path.name.removeprefix("-")))
    assert [c.title for c in read_markdown(tmp_path).chapters] == ["First", "next", "Last"]
    assert own_paths(tmp_path) == ()


def test_a_summary_tells_the_order(tmp_path: Path):
    write(
        tmp_path,
        src__SUMMARY="# Summary\n- [B](b.md)\n  - [A](deep/a.md#x)\n- [Out](../../x.md)\n"
        "- [B](b.md)\n",
        src__b="# B\n\nb\n",
        src__deep__a="# A\n\na\n",
        src__draft="# Draft\n\nd\n",
    )
    assert [c.title for c in read_markdown(tmp_path).chapters] == ["B", "A"]
    assert own_paths(tmp_path) == ()


def test_guides_without_an_order_keep_their_names(tmp_path: Path):
    write(tmp_path, b="# B\n\nb\n", a__c="# C\n\nc\n", CHANGELOG="# 1.0\n\nx\n", empty="# E\n")
    (tmp_path / "link.md").symlink_to(tmp_path / "b.md")
    assert [c.title for c in read_markdown(tmp_path).chapters] == ["C", "B"]
    assert own_paths(tmp_path) == ("a/c.md", "b.md")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", b"x" * 4_000_001])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes):
    (tmp_path / "b.md").write_bytes(data)
    with pytest.raises(SourceError, match=r"^b\.md: "):
        read_markdown(tmp_path / "b.md")
    with pytest.raises(SourceError, match=f"^{tmp_path.name}/b.md: "):
        read_markdown(tmp_path)


def test_a_folder_without_text_is_refused(tmp_path: Path):
    write(tmp_path, a="# Only a heading\n")
    with pytest.raises(SourceError, match="holds no Markdown with text"):
        read_markdown(tmp_path)


def test_what_has_thousands_of_chapters_is_no_book(tmp_path: Path):
    (tmp_path / "b.md").write_text("# x\n\ny\n\n" * 2_001)
    with pytest.raises(SourceError, match="more than 2,000 chapters"):
        read_markdown(tmp_path / "b.md")
