"""A chapter's XHTML as a flow of pieces: headings, paragraphs, code, marks for what is left out.

Paragraphs come as Markdown on one line: code in backticks, emphasis with stars, links as their
text, notes as `[^1]`. Code comes as it was typed (`listings`). Figures and tables leave a mark with
their caption. What stands aside (tips, warnings, sidebars) comes as a quotation.

Not covered: what a style sheet alone says (a heading that is a paragraph in a large font), and
formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sources.books import code, listings
from sources.books.elements import (
    BLOCKS,
    CARRIERS,
    HEADINGS,
    SILENT,
    explains_callouts,
    goes_on,
    is_aside,
    is_inline_code,
    is_number_of_heading,
    leads_about,
)
from sources.books.listings import DEEPEST
from sources.books.markup import (
    attribute,
    children,
    descendants,
    is_taken,
    name,
    types,
    words,
)
from sources.books.prose import clean, line, safe, ticked, wrapped

Kind = Literal["heading", "text", "code", "mark"]


@dataclass(frozen=True)
class Piece:
    """A block. `level` is a heading's (1 to 6), `language` a code block's (as in
    `sources.books.model`), `anchors` the names by which links find the piece, `notes` the notes
    that it refers to, and `page` the last number of a printed page that came before its end."""

    kind: Kind
    text: str
    level: int = 0
    language: str = ""
    anchors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    page: int = 0
    quote: int = 0
    """The number of the quotation that it is in, 0 for none."""


NoteOf = Callable[[Any], str]
"""The name of the note that a link leads to, "" for other links."""


def flow(root: Any, note_of: NoteOf) -> list[Piece]:
    """All pieces of a chapter's file, in reading order."""
    bodies = descendants(root, "body")
    return flow_of(bodies[0] if bodies else root, note_of)


def flow_of(element: Any, note_of: NoteOf) -> list[Piece]:
    """The pieces in an element."""
    return _Reader(note_of).read(element)


@dataclass
class _Prefix:
    """What stands before the lines of a paragraph: `first` before the first one, `rest` after."""

    first: str = ""
    rest: str = ""

    def take(self) -> str:
        first, self.first = self.first, self.rest
        return first


@dataclass
class _Reader:
    note_of: NoteOf
    pieces: list[Piece] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    page: int = 0
    aside: int = 0
    quotes: int = 0
    broken: bool = False
    """Whether code stood in the outermost list: it stands at the line's start, and ends the list,
    so that what follows is no longer indented."""

    def read(self, element: Any) -> list[Piece]:
        self._container(element, _Prefix(), 0)
        if self.anchors and self.pieces:
            last = self.pieces[-1]
            self.pieces[-1] = replace(last, anchors=(*last.anchors, *self.anchors))
        return self.pieces

    # Blocks

    def _container(self, element: Any, prefix: _Prefix, depth: int) -> None:
        """An element's text and children: runs of inline content become paragraphs."""
        self._meet(element)
        run = [clean(element.text)]
        for child in element:
            if self._is_block(child, depth):
                self._paragraph("".join(run), prefix)
                run = []
                if not goes_on(child):
                    self._block(child, prefix, depth + 1)
            else:
                run.append(self._inline(child, depth + 1))
            run.append(clean(child.tail))
        self._paragraph("".join(run), prefix)

    def _is_block(self, element: Any, depth: int) -> bool:
        tag = name(element)
        if tag in BLOCKS or tag in SILENT:
            return True
        if tag not in CARRIERS or not len(element) or depth > DEEPEST:
            return False
        return any(name(below) in BLOCKS for below in element.iterdescendants())

    def _block(self, element: Any, prefix: _Prefix, depth: int) -> None:
        tag = name(element)
        if tag in SILENT or is_taken(element) or leads_about(element):
            self._pages(element)
            return
        if depth > DEEPEST:
            self._meet(element)
            self._paragraph(words(element), prefix)
        elif tag in HEADINGS:
            self._heading(element, prefix, depth)
        elif listings.is_listing(element):
            self._code(element)
        elif tag in ("ul", "ol"):
            self._list(element, tag, prefix, depth)
        elif tag == "dl":
            self._definitions(element, prefix, depth)
        elif tag == "table":
            self._table(element, prefix, depth)
        elif tag == "figure":
            self._figure(element, prefix, depth)
        elif tag == "blockquote" or is_aside(element, tag):
            self._quoted(element, prefix, depth)
        elif tag in ("p", "div") and self._is_picture(element):
            self._picture(element, words(element))
        else:
            self._container(element, prefix, depth)

    def _heading(self, element: Any, prefix: _Prefix, depth: int) -> None:
        self._meet(element)
        text = line("".join(self._inlines(element, depth, plain=True)))
        if not text:
            return
        if self.aside or prefix.first or prefix.rest:
            self._paragraph(f"**{text}**", prefix)
        else:
            self._emit(Piece("heading", text, level=HEADINGS[name(element)]))

    def _paragraph(self, text: str, prefix: _Prefix) -> None:
        text = line(text)
        if text:
            before = prefix.take()
            before = before.lstrip(" ") if self.broken else before
            self._emit(Piece("text", before + safe(text)))

    def _code(self, element: Any) -> None:
        """A listing, with the paragraphs that go on with it where each of its lines is one."""
        lines = [element]
        while (following := lines[-1].getnext()) is not None and goes_on(following):
            lines.append(following)
        for each in lines:
            self._pages(each)
        self._listing("\n".join(map(listings.text_of, lines)), element)

    def _listing(self, text: str, element: Any) -> None:
        text = code.typed(text)
        if text.strip():
            language = code.language_of(text, listings.hint(element))
            self._emit(Piece("code", text, language=language))
            self.broken = True

    def _list(self, element: Any, tag: str, prefix: _Prefix, depth: int) -> None:
        self._meet(element)
        self.broken = self.broken and bool(prefix.rest)
        number = int(start) if (start := attribute(element, "start")).isdecimal() else 1
        for item in children(element):
            if name(item) != "li":
                self._block(item, prefix, depth + 1)
                continue
            if is_taken(item):
                continue
            marker = f"{number}. " if tag == "ol" else "- "
            inner = _Prefix(prefix.take() + marker, prefix.rest + " " * len(marker))
            self._container(item, inner, depth + 1)
            number += 1

    def _definitions(self, element: Any, prefix: _Prefix, depth: int) -> None:
        self._meet(element)
        for item in children(element):
            if name(item) == "dt":
                self._meet(item)
                self._paragraph(f"**{line(''.join(self._inlines(item, depth)))}**", prefix)
            elif name(item) == "div":
                self._definitions(item, prefix, depth + 1)
            else:
                self._container(item, prefix, depth + 1)

    def _table(self, element: Any, prefix: _Prefix, depth: int) -> None:
        rows = descendants(element, "tr")
        wraps = bool(descendants(element, "pre"))
        if rows and not wraps and listings.called_code(element):
            self._pages(element)
            self._listing("\n".join(listings.text_of(row).strip("\n") for row in rows), element)
        elif explains_callouts(element):
            self._pages(element)
            for number, row in enumerate(rows, 1):
                text = words(children(row)[-1]) if children(row) else ""
                self._paragraph(text, _Prefix(f"{prefix.take()}{number}. ", prefix.rest))
        elif wraps or len(descendants(element, "td")) == 1:
            for cell in (cell for row in rows for cell in children(row)):
                if not listings.is_number(cell):
                    self._container(cell, prefix, depth + 1)
        else:
            self._pages(element)
            captions = descendants(element, "caption")
            self._mark("table", words(captions[0]) if captions else "")

    def _figure(self, element: Any, prefix: _Prefix, depth: int) -> None:
        if any(listings.is_listing(below) for below in element.iterdescendants()):
            self._container(element, prefix, depth)
        elif descendants(element, "table"):
            captions = descendants(element, "figcaption") or descendants(element, "caption")
            self._pages(element)
            self._mark("table", words(captions[0]) if captions else "")
        elif descendants(element, "img") or descendants(element, "svg"):
            captions = descendants(element, "figcaption")
            self._picture(element, words(captions[0]) if captions else "")
        else:
            self._container(element, prefix, depth)

    def _is_picture(self, element: Any) -> bool:
        if any(text.strip() for text in element.itertext()):
            return False
        return any(name(below) in ("img", "svg") for below in element.iterdescendants())

    def _picture(self, element: Any, caption: str) -> None:
        self._pages(element)
        pictures = descendants(element, "img")
        self._mark("figure", caption or (attribute(pictures[0], "alt") if pictures else ""))

    def _mark(self, what: str, caption: str) -> None:
        caption = line(clean(caption).replace("]", ")").replace("[", "("))
        self._emit(Piece("mark", f"[{what}: {caption}]" if caption else f"[{what}]"))

    def _quoted(self, element: Any, prefix: _Prefix, depth: int) -> None:
        self.quotes += not self.aside
        self.aside += 1
        title = attribute(element, "title") if name(element) == "aside" else ""
        inner = _Prefix(prefix.take() + "> ", prefix.rest + "> ")
        if title:
            self._paragraph(f"**{title}**", inner)
        self._container(element, inner, depth)
        self.aside -= 1

    # Inside a line

    def _inlines(self, element: Any, depth: int, *, plain: bool = False) -> Iterator[str]:
        yield clean(element.text)
        for child in element:
            yield self._inline(child, depth + 1, plain=plain)
            yield clean(child.tail)

    def _inline(self, element: Any, depth: int, *, plain: bool = False) -> str:
        tag = name(element)
        self._meet(element)
        if depth > DEEPEST:
            return clean(words(element))
        if not tag or tag in SILENT or tag in ("img", "svg") or leads_about(element):
            return ""
        if tag == "br":
            return " "
        if plain and is_number_of_heading(element):
            return " "
        if tag == "math":
            return attribute(element, "alttext") or words(element)
        if tag == "a":
            note = self.note_of(element)
            if note:
                if not plain:
                    self.notes.append(note)
                return "" if plain else f"[^{note}]"
        if is_inline_code(element, tag):
            text = line(clean("".join(map(str, element.itertext()))))
            return f"{ticked(text)}" if text else " "
        inner = "".join(self._inlines(element, depth, plain=plain))
        if plain:
            return inner
        if tag in ("em", "i", "cite", "dfn", "var"):
            return wrapped(inner, "*")
        if tag in ("strong", "b"):
            return wrapped(inner, "**")
        if tag in BLOCKS:
            return f" {inner} "
        return inner

    # Places

    def _meet(self, element: Any) -> None:
        """Note the names by which links find an element, and the page that begins with it."""
        for key in ("id", "name"):
            anchor = attribute(element, key)
            if anchor and (key == "id" or name(element) == "a"):
                self.anchors.append(anchor)
        if "pagebreak" in types(element):
            label = (
                attribute(element, "title") or attribute(element, "aria-label") or words(element)
            )
            found = re.search(r"\d{1,5}", label or words(element))
            if found:
                self.page = int(found[0])

    def _pages(self, element: Any) -> None:
        for inner in element.iter():
            if name(inner):
                self._meet(inner)

    def _emit(self, piece: Piece) -> None:
        self.pieces.append(
            replace(
                piece,
                anchors=tuple(self.anchors),
                notes=tuple(self.notes),
                page=self.page,
                quote=self.quotes if self.aside else 0,
            )
        )
        self.anchors, self.notes = [], []
