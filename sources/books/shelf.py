"""The folder of books: which of its files are books, what they say of themselves, their digests."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from factory.errors import RequestError, SourceError
from sources.books import epub, markdown, naming
from sources.books.model import Book

Kind = Literal["pdf", "epub", "markdown"]
_KINDS: dict[str, Kind] = {
    ".pdf": "pdf",
    ".epub": "epub",
    **dict.fromkeys(markdown.SUFFIXES, "markdown"),
}
_NEEDS = {"pdf": "pymupdf", "epub": "lxml"}
FRONT = 10
"""Pages of a PDF in which an ISBN is looked for."""
DEEPEST = 6
"""Folders inside each other in which books are looked for."""


@dataclass(frozen=True)
class Facts:
    """What a book's file says of itself, without reading its text."""

    title: str = ""
    authors: tuple[str, ...] = ()
    isbn: str = ""


def kind_of(path: Path) -> Kind | None:
    """What reads a file; a folder is Markdown. None for what is no book."""
    return "markdown" if path.is_dir() else _KINDS.get(path.suffix.lower())


def unlisted(folder: Path, listed: Collection[str]) -> list[str]:
    """Books that lie in the folder and are not among `listed` (paths inside it), sorted. Markdown
    in a folder of its own is one book; files about the folder itself (README) are none."""
    found: set[str] = set()
    for at, folders, files in os.walk(folder):
        place = Path(at).relative_to(folder)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and len(place.parts) < DEEPEST
        )
        for name in files:
            path = (place / name).as_posix()
            kind = _KINDS.get(Path(name).suffix.lower())
            if kind is None or name.startswith(".") or _is_listed(path, listed):
                continue
            if kind == "markdown":
                if Path(name).stem.lower() in {"readme", *markdown.ABOUT_THE_FILES}:
                    continue
                path = place.parts[0] if place.parts else path
                if any(each.startswith(f"{path}/") for each in listed):
                    continue  # some of that folder is listed: its owner has chosen
            found.add(path)
    return sorted(found)


def _is_listed(path: str, listed: Collection[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in listed)


def require(kind: Kind) -> None:
    """Raises `RequestError` naming the extra when what reads such books is not installed."""
    package = _NEEDS.get(kind)
    if package and find_spec(package) is None:
        raise RequestError(
            f"reading {kind.upper()} needs the package {package}: "
            "install it with `pip install 'elixir-factory[books]'`"
        )


def digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files in reading order with their paths."""
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    lines = [
        f"{digest(each)}  {each.relative_to(path).as_posix()}" for each in markdown.files(path)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def size(path: Path) -> int:
    places = markdown.files(path) if path.is_dir() else [path]
    return sum(each.stat().st_size for each in places)


def facts(path: Path, kind: Kind, password: str = "") -> Facts:
    """Raises `SourceError` for a file that is damaged or locked."""
    if kind == "epub":
        package = epub.about(path)
        found = Facts(package.title, package.authors, package.isbn)
    elif kind == "pdf":
        found = _pdf_facts(path, password)
    else:
        book = markdown.read_markdown(path)
        found = Facts(book.title, book.authors, book.isbn)
    stem = path.name if path.is_dir() else path.stem
    title = (
        found.title if naming.is_title(found.title) else " ".join(stem.replace("_", "-").split("-"))
    )
    return Facts(title, found.authors, found.isbn)


def own_paths(path: Path, kind: Kind) -> tuple[str, ...]:
    """What the chapters of a book are called where their files have names and nobody says in which
    order they are to be read; () for every other book, whose chapters are numbered."""
    return markdown.own_paths(path) if kind == "markdown" and path.is_dir() else ()


def _pdf_facts(path: Path, password: str) -> Facts:
    pymupdf: Any = import_module("pymupdf")
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            if document.needs_pass and not (password and document.authenticate(password)):
                raise SourceError(
                    f"{path.name}: its password is wrong; see the environment variable that its "
                    "`password_env` names"
                    if password
                    else f"{path.name}: it is encrypted; put its password into an environment "
                    "variable and name that with `password_env` beside the file's licence"
                )
            meta = document.metadata or {}
            front = [document[at].get_text() for at in range(min(FRONT, document.page_count))]
    except (RuntimeError, ValueError) as error:
        raise SourceError(f"{path.name}: it is no PDF, or too damaged to be read") from error
    authors = [part.strip() for part in re.split(r";| and ", meta.get("author") or "")]
    title = " ".join((meta.get("title") or "").split())
    said = [meta.get("subject") or "", meta.get("keywords") or ""]
    said += [text[text.find("ISBN") :] for text in front if "ISBN" in text]
    found = next(filter(None, map(naming.isbn, said)), "")
    return Facts(title, tuple(filter(None, authors)), found)


def read(path: Path, kind: Kind, password: str = "") -> Book:
    """The whole book. Raises `SourceError`."""
    if kind == "epub":
        return epub.read_epub(path)
    if kind == "markdown":
        return markdown.read_markdown(path)
    from sources.books.layout import read_pdf

    return read_pdf(path, password)
