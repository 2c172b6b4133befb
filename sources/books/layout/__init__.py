"""From a PDF to a book: `read_pdf`.

PyMuPDF gives every character with its font, size and box, the lines and images drawn, and the
outline; everything else is decided here from them. It is imported when a PDF is read and no sooner,
so that the rest of the factory works without the extra `books`.
"""

from __future__ import annotations

from pathlib import Path

from sources.books.model import Book


def read_pdf(path: Path, password: str = "") -> Book:
    """The book in a PDF file.

    Raises `SourceError`, naming the file and what to do, for one that is no PDF, is damaged, holds
    no text (a scan), is encrypted and `password` does not open it, or is larger than the limits;
    and `RequestError` when PyMuPDF is not installed.
    """
    from sources.books.layout.reading import read_book

    return read_book(path, password)
