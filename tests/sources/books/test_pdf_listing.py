"""What listing a PDF tells: title, authors, ISBN, and whether a password opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf
import pytest

from factory.plugins import SourceContext
from factory.records import Failed, Release
from sources.books import Books


def pdf(path: Path, meta: dict[str, str], password: str = "") -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "Printed in 2020\nISBN 978-0-306-40615-7")
    document.new_page().insert_text((72, 72), "Chapter")
    document.set_metadata(meta)
    locked = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": "o"}
    document.save(path, **(locked if password else {}))


def listed(folder: Path, **entry: Any) -> Release | Failed:
    options = Books.Options(folder=str(folder), files=[{"licence": "MIT", **entry}])
    (found,) = Books(options, SourceContext(folder / "cache")).releases()
    return found


def test_the_files_own_title_names_the_release(tmp_path: Path):
    pdf(tmp_path / "joy_of-elixir.pdf", {"title": "The Joy of Elixir", "author": "A One and B Two"})
    found = listed(tmp_path, file="joy_of-elixir.pdf")
    assert isinstance(found, Release)
    assert (found.name, found.book) == ("the-joy-of-elixir", "The Joy of Elixir")


@pytest.mark.parametrize("title", ["", "untitled", "Microsoft Word - book.doc", "main.tex"])
def test_a_title_that_a_program_left_gives_way_to_the_files_name(tmp_path: Path, title: str):
    pdf(tmp_path / "joy_of-elixir.pdf", {"title": title})
    found = listed(tmp_path, file="joy_of-elixir.pdf")
    assert isinstance(found, Release)
    assert (found.name, found.book) == ("joy-of-elixir", "joy of elixir")


def test_an_encrypted_book_asks_for_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pdf(tmp_path / "b.pdf", {"title": "Locked"}, password="sesame")
    found = listed(tmp_path, file="b.pdf")
    assert isinstance(found, Failed)
    assert "name that with `password_env`" in found.reason
    found = listed(tmp_path, file="b.pdf", password_env="BOOK_WORD")
    assert isinstance(found, Failed)
    assert found.reason == "the environment variable BOOK_WORD is not set"
    monkeypatch.setenv("BOOK_WORD", "wrong")
    found = listed(tmp_path, file="b.pdf", password_env="BOOK_WORD")
    assert isinstance(found, Failed)
    assert "its password is wrong" in found.reason
    monkeypatch.setenv("BOOK_WORD", "sesame")
    found = listed(tmp_path, file="b.pdf", password_env="BOOK_WORD")
    assert isinstance(found, Release)
    assert found.book == "Locked"
    assert "sesame" not in repr(found)


def test_what_is_no_pdf_fails_alone(tmp_path: Path):
    (tmp_path / "b.pdf").write_text("no pdf at all")
    found = listed(tmp_path, file="b.pdf")
    assert isinstance(found, Failed)
    assert "it is no PDF" in found.reason
