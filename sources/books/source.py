"""`books`: PDF, EPUB and Markdown that the user owns, one document a chapter.

A release is a book's file as it is, with what its owner says of it: the checksum is the file's
digest, the version a digest of both, so that another licence makes another edition. Nothing of this
machine but the file's own name is kept.

Books are read in worker processes; listing them opens each file for its title and no more. A book
in the folder that is not listed with its licence is named and left out, and so is one that is
listed and not there. No book at all is no error: who has none goes on without.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar

from factory.errors import SourceError
from factory.plugins import Check, Finding, Source, SourceContext
from factory.records import Document, Failed, LeftOut, Release
from factory.syntax.reader import MAX_BYTES
from sources.books import shelf
from sources.books.model import Book
from sources.books.naming import slug, unnumbered
from sources.books.options import BookFile, BooksOptions, line_to_add
from sources.members import shown

SHORT = 16
"""Hex digits of a digest in a version."""

STATED = "stated in the dataset's registry"


@dataclass(frozen=True)
class Place:
    """Where a release's book lies, and what is said of it."""

    path: Path
    kind: shelf.Kind
    stated: BookFile
    facts: shelf.Facts


class Books(Source):
    """Releases from a folder of books."""

    name: ClassVar[str] = "books"
    version: ClassVar[int] = 1
    Options = BooksOptions

    def __init__(self, options: BooksOptions, context: SourceContext) -> None:
        super().__init__(options, context)
        self._places: dict[str, Place] = {}

    def reading(self) -> dict[str, Any]:
        """The libraries that decide a book's text; what is said of a book is in its version."""
        kinds = {Path(book.file).suffix.lower() for book in self.options.files}
        return {
            package: _installed(package)
            for ending, package in ((".epub", "lxml"), (".pdf", "pymupdf"))
            if ending in kinds
        }

    def releases(self) -> Iterable[Release | Failed]:
        """One release for each listed book that is there, in the order of the list. Raises
        `RequestError` when what reads one is not installed."""
        self._places = {}
        found: list[Release | Failed] = []
        for stated in self.options.files:
            path = self._folder / stated.file
            try:
                found.append(self._release(stated, path))
            except SourceError as error:
                found.append(Failed(stated.file, str(error)))
        found += [
            Failed(name, f"its licence is not stated: add {line_to_add(name)}, or take it away")
            for name in self._unlisted()
        ]
        if not found:
            state = "is empty" if self._folder.is_dir() else "is not there"
            self.context.say(
                f"books: none are listed and the folder {shown(self._folder.name)} {state}; "
                "going on without"
            )
        return found

    def documents(self, release: Release) -> Iterator[Document | LeftOut]:
        if release.label not in self._places:
            list(self.releases())
        place = self._places.get(release.label)
        if place is None or f"sha256:{shelf.digest(place.path)}" != release.checksum:
            raise SourceError(f"{release.label} changed since it was listed; run the build again")
        book = shelf.read(place.path, place.kind, self._password(place.stated))
        own = shelf.own_paths(place.path, place.kind)
        width = max(2, len(str(len(book.chapters))))
        for number, chapter in enumerate(book.chapters, 1):
            title = unnumbered(chapter.title)
            path = f"{number:0{width}}-{slug(title, 'chapter')}.md"
            path = own[number - 1] if own else path
            if len(chapter.text.encode()) > MAX_BYTES:
                yield LeftOut(path, f"larger than {MAX_BYTES:,} bytes", self.name)
                continue
            yield release.document(
                path=path,
                language="markdown",
                licence=place.stated.licence,
                text=chapter.text,
                origin=_citation(release.book, place, book),
                licence_note=STATED,
                chapter=title,
                pages=chapter.pages,
            )

    def check(self) -> Check:
        """Every book is read, to tell what a build would find in it and how long that takes."""
        findings: list[Finding] = []
        started = time.monotonic()
        listed = list(self.releases())
        releases = [release for release in listed if isinstance(release, Release)]
        self.context.progress.start("reading books", len(releases), "book")
        for release in releases:
            findings.append(self._finding(release))
            self.context.progress.advance(1)
        self.context.progress.finish()
        findings += [Finding(f.name, False, f.reason) for f in listed if isinstance(f, Failed)]
        if not listed:
            where = shown(self.options.folder)
            findings.append(Finding(where, None, "no book is listed and none lies here"))
        return Check(
            tuple(findings),
            releases=len(releases),
            requests=0,
            bytes=sum(release.size for release in releases),
            seconds=time.monotonic() - started,
        )

    @property
    def _folder(self) -> Path:
        return Path(self.options.folder).expanduser().absolute()

    def _password(self, stated: BookFile) -> str:
        return self.context.secret(stated.password_env) if stated.password_env else ""

    def _unlisted(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return shelf.unlisted(self._folder, [book.file for book in self.options.files])

    def _release(self, stated: BookFile, path: Path) -> Release:
        if not path.exists():
            raise SourceError(
                f"it is listed and not in the folder {shown(self._folder.name)}: put it there, or "
                "take its line out of sources.books.files"
            )
        kind = shelf.kind_of(path)
        if kind is None:
            raise SourceError("it is neither PDF, EPUB nor Markdown")
        shelf.require(kind)
        if stated.password_env and not self._password(stated):
            raise SourceError(f"the environment variable {stated.password_env} is not set")
        try:
            facts = shelf.facts(path, kind, self._password(stated))
            digest, size = shelf.digest(path), shelf.size(path)
        except OSError as error:
            raise SourceError(f"it cannot be read: {error.strerror}") from error
        title = stated.title or facts.title
        name = slug(title) or slug(path.stem, "book")
        said = [stated.licence, title, *stated.authors, stated.isbn]
        edition = hashlib.sha256(json.dumps([digest, *said]).encode()).hexdigest()
        release = Release(
            source=self.name,
            name=name,
            version=edition[:SHORT],
            checksum=f"sha256:{digest}",
            family=name,
            origin=f"{self.name}:{shown(path.name)}",
            size=size,
            book=title,
        )
        self._places[release.label] = Place(path, kind, stated, facts)
        return release

    def _finding(self, release: Release) -> Finding:
        place = self._places[release.label]
        try:
            book = shelf.read(place.path, place.kind, self._password(place.stated))
        except SourceError as error:
            return Finding(place.stated.file, False, str(error))
        authors, isbn = _authors(place, book), _isbn(place, book)
        blocks = _blocks(book)
        pages = max((p for c in book.chapters for _, p in c.pages), default=0)
        told = [
            f"{release.book}" + (f" by {', '.join(authors)}" if authors else ""),
            f"licence {place.stated.licence}",
            *([f"{pages:,} pages"] if pages else []),
            f"{len(book.chapters):,} chapters",
            "code: " + (", ".join(f"{n:,} {what}" for what, n in blocks) or "none"),
            *([f"ISBN {isbn}"] if isbn else []),
        ]
        lacking = [what for what, there in (("authors", authors), ("ISBN", isbn)) if not there]
        if lacking:
            told.append(f"not found: {', '.join(lacking)} (may be stated beside the licence)")
        return Finding(place.stated.file, bool(book.chapters), "; ".join(told))


def _authors(place: Place, book: Book) -> tuple[str, ...]:
    return place.stated.authors or place.facts.authors or book.authors


def _isbn(place: Place, book: Book) -> str:
    return place.stated.isbn or place.facts.isbn or book.isbn


def _citation(title: str, place: Place, book: Book) -> str:
    """`Author, Author: Title. ISBN …`, as far as it is known; "" when only the title is."""
    authors, isbn = ", ".join(_authors(place, book)), _isbn(place, book)
    if not authors and not isbn:
        return ""
    return (f"{authors}: " if authors else "") + title + (f". ISBN {isbn}" if isbn else "")


def _blocks(book: Book) -> list[tuple[str, int]]:
    """Fenced blocks by language, the most frequent first."""
    counts: Counter[str] = Counter()
    for chapter in book.chapters:
        fence = ""
        for line in chapter.text.split("\n"):
            if fence:
                fence = "" if line.strip() == fence else fence
            elif line.lstrip().startswith("```"):
                mark = line.strip()
                language = mark.lstrip("`")
                fence = mark[: len(mark) - len(language)]
                counts[language.strip() or "unnamed"] += 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
