"""PDFs that are not read: each is refused with one message that names it and says what to do."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("pymupdf")

import pymupdf

from factory.errors import SourceError
from sources.books.layout import pdf, read_pdf
from sources.books.layout.reading import read_book
from tests.sources.books.layout.typeset import Sheet


def small(path: Path, **options: object) -> Path:
    sheet = Sheet()
    sheet.heading("One")
    sheet.paragraph("A few words that are enough to be the text of a page, and no more than that.")
    return sheet.save(path, **options)


def test_a_password_opens_an_encrypted_book(tmp_path: Path) -> None:
    path = small(
        tmp_path / "locked.pdf",
        encryption=pymupdf.PDF_ENCRYPT_AES_256,
        user_pw="secret",
        owner_pw="owner",
    )
    with pytest.raises(
        SourceError, match=r"locked\.pdf: it is encrypted; name the variable with its password"
    ):
        read_pdf(path)
    with pytest.raises(SourceError, match="does not open it") as refused:
        read_pdf(path, "wrong")
    assert "wrong" not in str(refused.value)
    assert read_pdf(path, "secret").chapters[0].title == "One"


def test_a_scan_is_told_to_be_one(tmp_path: Path) -> None:
    document = pymupdf.open()
    for _ in range(3):
        page = document.new_page()
        picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 60))
        page.insert_image(page.rect, pixmap=picture)
    document.save(tmp_path / "scan.pdf")
    with pytest.raises(SourceError, match=r"scan\.pdf: its 3 pages hold next to no text: it is a"):
        read_pdf(tmp_path / "scan.pdf")


@pytest.mark.parametrize("content", [b"", b"no PDF at all", b"%PDF-1.7\n" + b"\0" * 2000])
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"^broken\.pdf: "):
        read_pdf(path)
    with pytest.raises(SourceError, match=r"^gone\.pdf: there is no such file"):
        read_pdf(tmp_path / "gone.pdf")


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small(tmp_path / "huge.pdf")
    for limit, value in (("MAX_BYTES", 100), ("MAX_PAGES", 0), ("MAX_CHARACTERS", 10)):
        with monkeypatch.context() as patch:
            patch.setattr(pdf, limit, value)
            with pytest.raises(SourceError, match=r"^huge\.pdf: it "):
                read_book(path)


def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((50, 50), "x")
    (contents,) = page.get_contents()
    drawing = b"".join(
        b"%d %d m %d %d l S\n" % (n % 500, n % 700, n % 300, n % 200) for n in range(999)
    )
    document.update_stream(contents, drawing * 4000)
    document.save(tmp_path / "endless.pdf", deflate=True)
    with pytest.raises(SourceError, match=r"endless\.pdf: it could not be read with the time"):
        read_pdf(tmp_path / "endless.pdf", seconds=2)


def test_damaged_books_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    whole = small(tmp_path / "whole.pdf").read_bytes()
    chance = random.Random(4)
    for n in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        if n % 3 == 0:
            del broken[chance.randrange(len(broken)) :]
        path = tmp_path / f"damaged{n}.pdf"
        path.write_bytes(broken)
        try:
            read_book(path)
        except SourceError as error:
            assert str(error).startswith(path.name)
