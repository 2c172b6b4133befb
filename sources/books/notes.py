"""A book's notes: found by the links that lead to them, and taken out of the text.

A link leads to a note when its type says so (`noteref`), or when it is a small raised number; the
note is the block that its target stands in. Notes get numbers through the whole book.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from sources.books.elements import HEADINGS
from sources.books.markup import (
    attribute,
    children,
    classes,
    descendants,
    is_taken,
    name,
    take,
    types,
    words,
)
from sources.books.prose import line, ticked
from sources.books.xhtml import NoteOf, flow_of

_NOTES = frozenset(["footnote", "endnote", "rearnote"])
_TEXT_OF_NOTE = re.compile(r"[\[(]?(?:\d{1,3}|[*†‡§]{1,3})[\])]?")
_OWN_NUMBER = re.compile(r"^(?:\\?\[?\^?\d{1,3}\\?\]?\\?[.:)]?|[*†‡§]+)\s+")
_BACK = re.compile(r"[\s↩︎↵⏎^]+$")


class Notes:
    """The notes of a book whose files' roots are given by path. `follow` tells where a link of a
    file leads. `texts` are the notes by their names."""

    def __init__(self, roots: dict[str, Any], follow: Callable[[str, str], str]) -> None:
        self._follow = follow
        self._names: dict[tuple[str, str], str] = {}
        self.texts: dict[str, str] = {}
        bodies = {
            (path, anchor): element
            for path, root in roots.items()
            for element in root.iter()
            if name(element) and (anchor := attribute(element, "id"))
        }
        for path, root in roots.items():
            for link in descendants(root, "a"):
                if refers_to_note(link):
                    self._take(path, link, bodies)
        for element in bodies.values():
            if is_note(element):
                take(element)

    def of(self, base: str, link: Any) -> str:
        return self._names.get(self._target(base, link), "")

    def _target(self, base: str, link: Any) -> tuple[str, str]:
        href = attribute(link, "href")
        return self._follow(base, href), unquote(urlsplit(href).fragment)

    def _take(self, base: str, link: Any, bodies: dict[tuple[str, str], Any]) -> None:
        target = self._target(base, link)
        body = bodies.get(target)
        if body is None or target in self._names:
            return
        if any(is_note(above) or is_taken(above) for above in link.iterancestors()):
            return  # a note's way back
        note = _whole(body)
        if note is None or is_taken(note) or note in list(link.iterancestors()):
            return
        number = str(len(self._names) + 1)
        self._names[target] = number
        self.texts[number] = note_text(note, lambda _link: "")
        take(note)


def _whole(element: Any) -> Any:
    """The block that a note's anchor stands in: it, or its nearest ancestor that is one."""
    for place in (element, *list(element.iterancestors())[:4]):
        if name(place) in ("aside", "li", "p", "div", "dd", "td", "section"):
            return place
        if name(place) in ("body", *HEADINGS):
            return None
    return None


def note_text(element: Any, note_of: NoteOf) -> str:
    """A note on one line, without its own number and the link back."""
    pieces = flow_of(element, note_of)
    text = " ".join(ticked(p.text) if p.kind == "code" else p.text for p in pieces)
    return _BACK.sub("", _OWN_NUMBER.sub("", line(text)))


def is_note(element: Any) -> bool:
    """Whether the element says of itself that it is a note."""
    return bool(types(element) & _NOTES)


def refers_to_note(element: Any) -> bool:
    """Whether a link looks as those to notes do: by its type, or a small raised number."""
    named = " ".join([*types(element), *classes(element)]).lower()
    if "noteref" in named or "footnote-ref" in named:
        return True
    if not _TEXT_OF_NOTE.fullmatch(words(element)):
        return False
    above = element.getparent()
    raised = any(name(child) == "sup" for child in children(element))
    return raised or (above is not None and name(above) == "sup")
