"""What a user says of the books: where they lie, and of each its licence."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from factory.plugins import Options
from factory.spec import MACHINE
from sources.books import naming
from sources.licence_files import spdx
from sources.members import name_fault


def line_to_add(file: str) -> str:
    """The line of the registry that is missing for a file."""
    return f"`- {{file: {file}, licence: …}}` under sources.books.files"


class BookFile(Options):
    """A book: its file in the folder, and what its owner says of it. What is not said is taken from
    the file where it tells."""

    file: str = Field(
        description="a PDF, an EPUB, a Markdown file, or a folder of Markdown, inside the folder"
    )
    licence: str = Field(
        "",
        validate_default=True,
        description="the SPDX expression the book is under; nothing is guessed. LicenseRef-… for "
        "terms of its own (say LicenseRef-bought)",
    )
    title: str = Field("", description="the book's title, where the file's own is none")
    authors: tuple[str, ...] = Field((), description="who wrote it; one alone needs no list")
    isbn: str = Field("", description="ISBN, 10 or 13 digits")
    password_env: str = Field(
        "",
        description="the environment variable that holds an encrypted PDF's password",
        json_schema_extra=MACHINE,
    )

    @field_validator("file")
    @classmethod
    def _inside(cls, value: str) -> str:
        fault = name_fault(value)
        if not value.strip("/. ") or fault:
            raise ValueError(
                f"{value!r} is no file inside the folder of books"
                + (f" ({fault})" if fault else "")
                + "; another folder is named by sources.books.folder"
            )
        return str(PurePosixPath(value))

    @field_validator("authors", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("isbn", mode="before")
    @classmethod
    def _checked(cls, value: Any) -> Any:
        found = naming.isbn(str(value)) if value else ""
        if value and not found:
            raise ValueError(f"{value!r} is no ISBN (its check digit is wrong)")
        return found

    @field_validator("password_env")
    @classmethod
    def _variable(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError(
                "it is the name of an environment variable that holds the password, not the "
                "password itself"
            )
        return value

    @field_validator("licence")
    @classmethod
    def _licensed(cls, value: str, info: ValidationInfo) -> str:
        file = info.data.get("file", "this book")
        if not value.strip():
            raise ValueError(
                f"{file} has no licence: state it as an SPDX expression, say "
                f"`{{file: {file}, licence: CC-BY-4.0}}`, or LicenseRef-bought for a book whose "
                "terms are its own; nothing is guessed"
            )
        expression = spdx(value)
        if not expression:
            raise ValueError(
                f"{value!r} is no SPDX licence expression (say CC-BY-SA-4.0, or "
                "LicenseRef-bought for a book whose terms are its own)"
            )
        return expression


class BooksOptions(Options):
    """Which books, each with its licence."""

    folder: str = Field(
        "books",
        description="where they lie, relative to the working directory",
        json_schema_extra=MACHINE,
    )
    files: tuple[BookFile, ...] = Field((), description="the books; each states its licence")

    @field_validator("files")
    @classmethod
    def _each_once(cls, value: tuple[BookFile, ...]) -> tuple[BookFile, ...]:
        seen: set[str] = set()
        for book in value:
            if book.file in seen:
                raise ValueError(f"{book.file} is listed twice")
            seen.add(book.file)
        return value
