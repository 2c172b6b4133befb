"""An EPUB as a book: `read_epub` (EPUB 2 and 3).

The package file says what the book is called and in which order its files are read; the table of
contents (EPUB 3's `nav`, else EPUB 2's `ncx`) says what its chapters are. Both are strangers'
files: the archive is read by the house's safe reader, markup by `markup`, and a path that leads out
of the archive leads nowhere.

A book under DRM is refused: nothing here breaks a lock. Fonts that are only obfuscated are no lock.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from factory.errors import FactoryError, SourceError
from sources.archive import read_archive
from sources.books import markup, xhtml
from sources.books.assembly import assembled
from sources.books.contents import Entry, File
from sources.books.markup import MAX_BYTES, attribute, children, descendants, name, types, words
from sources.books.model import Book
from sources.books.naming import isbn
from sources.books.notes import Notes
from sources.members import Contents, Limits

LIMITS = Limits(packed=500_000_000, unpacked=1_000_000_000, files=20_000)
MAX_TEXT = 120_000_000
"""Bytes of markup in one book; a thousand pages have three million."""
MAX_ENTRIES = 20_000
"""Of a table of contents."""

_MARKUP = re.compile(r"\.(?:x?html?|xml|opf|ncx)$", re.IGNORECASE)
_CONTAINER = "META-INF/container.xml"
_OBFUSCATED = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_LOCKS = {
    "META-INF/rights.xml": "Adobe's",
    "META-INF/license.lcpl": "Readium LCP",
    "META-INF/sinf.xml": "Apple's",
}


@dataclass(frozen=True)
class Package:
    """What the package file says. `spine` are paths of chapters' files in reading order, `contents`
    the path of the table of contents ("" without one)."""

    title: str
    authors: tuple[str, ...]
    isbn: str
    language: str
    spine: tuple[str, ...]
    nav: str
    ncx: str


def read_epub(path: Path) -> Book:
    """The book in an EPUB file.

    Raises `SourceError`, naming the file and what to do, for one that is no EPUB, is damaged,
    hostile, under DRM, or has no reading order; `RequestError` when lxml is not installed.
    """
    with _opened(path) as contents:
        try:
            return _Reading(path.name, contents).book()
        except FactoryError:
            raise
        except Exception as error:  # markup of a kind that nobody has thought of
            raise SourceError(
                f"{path.name}: it could not be made out ({type(error).__name__}: {error}); please "
                "report it with the book's first chapter, and leave it out meanwhile"
            ) from error


def about(path: Path) -> Package:
    """What the package file says, without reading any chapter. Raises as `read_epub` does."""
    with _opened(path) as contents:
        return _Reading(path.name, contents).package


def _opened(path: Path) -> Contents:
    return read_archive(
        path,
        lambda name, size: size <= MAX_BYTES and (bool(_MARKUP.search(name)) or _is_meta(name)),
        LIMITS,
    )


def _is_meta(path: str) -> bool:
    return path.startswith("META-INF/") or path == "mimetype"


class _Reading:
    """One EPUB that is open. `file` is its name for people."""

    def __init__(self, file: str, contents: Contents) -> None:
        self.file = file
        self._contents = contents
        self._paths = {entry.path for entry in contents.entries if entry.kind == "file"}
        self._text = 0
        self._refuse_locked()
        self.package = self._package()

    def _refuse(self, why: str) -> SourceError:
        return SourceError(f"{self.file}: {why}")

    def _bytes(self, path: str) -> bytes:
        try:
            data = self._contents.read(path)
        except KeyError:
            raise self._refuse(
                f"{path} is missing or larger than {MAX_BYTES:,} bytes; the EPUB is damaged"
            ) from None
        self._text += len(data)
        if self._text > MAX_TEXT:
            raise self._refuse(f"it holds more than {MAX_TEXT:,} bytes of text: no book does")
        return data

    def _xml(self, path: str) -> Any:
        return markup.xml(self._bytes(path), f"{self.file}: {path}")

    def _xhtml(self, path: str) -> Any:
        return markup.xhtml(self._bytes(path), f"{self.file}: {path}")

    def _refuse_locked(self) -> None:
        for path, whose in _LOCKS.items():
            if path in self._paths:
                raise self._refuse(
                    f"it is locked by {whose} DRM, which is not opened here; buy or ask for a copy "
                    "without it"
                )
        if "META-INF/encryption.xml" not in self._paths:
            return
        for entry in descendants(self._xml("META-INF/encryption.xml"), "encrypteddata"):
            ways = [attribute(way, "Algorithm") for way in descendants(entry, "encryptionmethod")]
            if not ways or any(way not in _OBFUSCATED for way in ways):
                raise self._refuse(
                    "its chapters are encrypted (DRM), which is not opened here; buy or ask for a "
                    "copy without it"
                )

    # The package file

    def _package(self) -> Package:
        if _CONTAINER not in self._paths:
            raise self._refuse(f"it is no EPUB: it has no {_CONTAINER}")
        roots = descendants(self._xml(_CONTAINER), "rootfile")
        paths = [unquote(attribute(root, "full-path")) for root in roots]
        path = next((p for p in paths if p in self._paths), "")
        if not path:
            raise self._refuse("it is no EPUB: its container names no package file that is there")
        root = self._xml(path)
        manifest = {
            attribute(item, "id"): item
            for item in descendants(root, "item")
            if attribute(item, "id")
        }

        def place(item: Any) -> str:
            return self._path(path, attribute(item, "href"))

        spines = descendants(root, "spine")
        items = [manifest.get(attribute(ref, "idref")) for ref in descendants(root, "itemref")
                 if attribute(ref, "linear").lower() != "no"]  # fmt: skip
        spine = tuple(dict.fromkeys(place(item) for item in items if item is not None))
        spine = tuple(found for found in spine if found in self._paths and _MARKUP.search(found))
        if not spine:
            raise self._refuse(
                "its package file has no spine (the order in which to read its files); mend it "
                "with an EPUB editor, or leave it out"
            )
        nav = next((place(item) for item in manifest.values()
                    if "nav" in attribute(item, "properties").split()), "")  # fmt: skip
        named = manifest.get(attribute(spines[0], "toc")) if spines else None
        ncx = place(named) if named is not None else next(
            (place(item) for item in manifest.values()
             if attribute(item, "media-type") == "application/x-dtbncx+xml"), "")  # fmt: skip
        return Package(
            title=_title(root),
            authors=_authors(root),
            isbn=next(filter(None, (isbn(words(i)) for i in descendants(root, "identifier"))), ""),
            language=next((words(found) for found in descendants(root, "language")), ""),
            spine=spine,
            nav=nav if nav in self._paths else "",
            ncx=ncx if ncx in self._paths else "",
        )

    def _path(self, base: str, href: str) -> str:
        """Where a link of the file `base` leads inside the archive, "" when it leads out of it."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return ""
        if not parts.path:
            return base
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(parts.path)))
        return "" if joined.startswith(("..", "/")) else joined

    # The table of contents

    def _contents_list(self) -> list[Entry]:
        entries: list[Entry] = []
        if self.package.nav:
            entries = self._nav(self.package.nav)
        if not entries and self.package.ncx:
            entries = self._ncx(self.package.ncx)
        return entries[:MAX_ENTRIES]

    def _nav(self, path: str) -> list[Entry]:
        navs = descendants(self._xhtml(path), "nav")
        chosen = next((nav for nav in navs if "toc" in types(nav)), navs[0] if navs else None)
        if chosen is None:
            return []
        lists = descendants(chosen, "ol")
        return list(self._items(lists[0], path, 1)) if lists else []

    def _items(self, listed: Any, base: str, depth: int) -> Iterator[Entry]:
        for item in children(listed):
            label = next((c for c in children(item) if name(c) in ("a", "span")), None)
            if label is not None:
                links = [label] if name(label) == "a" else descendants(label, "a")
                yield self._entry(
                    words(label), attribute(links[0], "href") if links else "", base, depth
                )
            for inner in children(item):
                if name(inner) == "ol" and depth < 20:
                    yield from self._items(inner, base, depth + 1)

    def _ncx(self, path: str) -> list[Entry]:
        maps = descendants(self._xml(path), "navmap")
        return list(self._points(maps[0], path, 1)) if maps else []

    def _points(self, above: Any, base: str, depth: int) -> Iterator[Entry]:
        for point in children(above):
            if name(point) != "navpoint":
                continue
            label = next((words(c) for c in children(point) if name(c) == "navlabel"), "")
            target = next(
                (attribute(c, "src") for c in children(point) if name(c) == "content"), ""
            )
            yield self._entry(label, target, base, depth)
            if depth < 20:
                yield from self._points(point, base, depth + 1)

    def _entry(self, label: str, href: str, base: str, depth: int) -> Entry:
        path = self._path(base, href) if href else ""
        return Entry(label, path, unquote(urlsplit(href).fragment) if path else "", depth)

    # Chapters

    def book(self) -> Book:
        package = self.package
        skipped = {package.nav} - {""}
        roots = {path: self._xhtml(path) for path in package.spine}
        notes = Notes(roots, self._path)
        files = []
        for path, root in roots.items():
            if path in skipped and len(roots) > 1:
                continue
            pieces = xhtml.flow(root, partial(notes.of, path))
            files.append(File(path, tuple(pieces)))
        chapters = assembled(files, self._contents_list(), notes.texts, package.title)
        if not chapters:
            raise self._refuse("it holds no chapter with text in it")
        return Book(
            title=package.title or Path(self.file).stem,
            chapters=chapters,
            authors=package.authors,
            isbn=package.isbn,
            language=package.language,
        )


def _title(root: Any) -> str:
    """The main title: the one that says so, else the first."""
    titles = descendants(root, "title")
    main = {
        attribute(meta, "refines").removeprefix("#")
        for meta in descendants(root, "meta")
        if attribute(meta, "property") == "title-type" and words(meta) == "main"
    }
    chosen = [title for title in titles if attribute(title, "id") in main and main] or titles
    return words(chosen[0]) if chosen else ""


def _authors(root: Any) -> tuple[str, ...]:
    """Creators whose role is author, or is not said."""
    roles = {
        attribute(meta, "refines").removeprefix("#"): words(meta)
        for meta in descendants(root, "meta")
        if attribute(meta, "property") == "role"
    }
    found = []
    for creator in descendants(root, "creator"):
        role = attribute(creator, "role", "http://www.idpf.org/2007/opf")
        role = role or roles.get(attribute(creator, "id"), "")
        if role.lower() in ("", "aut") and words(creator):
            found.append(words(creator))
    return tuple(dict.fromkeys(found))
