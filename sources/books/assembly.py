"""From the flow of a book's files and its table of contents to chapters.

`contents` says what a chapter is. Its headings get the level that the table of contents gives them;
those below the table's depth follow by the number in their tag.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from sources.books.contents import Entry, File, Place, Range, key, ranges
from sources.books.fences import fence
from sources.books.model import Chapter, Section
from sources.books.naming import unnumbered
from sources.books.xhtml import Piece

_NUMBER_ALONE = re.compile(
    r"(?:chapter|appendix|part|kapitel|teil)?\s*(?:\d{1,3}|[ivxlc]{1,6}|[A-Z]|one|two|three|four"
    r"|five|six|seven|eight|nine|ten|eleven|twelve)?[.:]?",
    re.IGNORECASE,
)
NEAR = 4
"""Pieces after the place an entry leads to in which its heading is looked for."""


def assembled(
    files: Sequence[File], entries: Sequence[Entry], notes: Mapping[str, str], title: str = ""
) -> tuple[Chapter, ...]:
    """The book's chapters. `notes` are the texts of notes by the names that pieces refer to."""
    pieces = [piece for file in files for piece in file.pieces]
    chapters = (_chapter(each, pieces, notes) for each in ranges(files, entries, pieces, title))
    return tuple(chapter for chapter in chapters if _has_text(chapter.text))


def _has_text(markdown: str) -> bool:
    """Whether there is anything but headings."""
    return any(line and not line.startswith("#") for line in markdown.split("\n"))


def _chapter(found: Range, pieces: Sequence[Piece], notes: Mapping[str, str]) -> Chapter:
    levels, title, skipped = _levels(found, pieces)
    out = _Writer()
    out.heading(title, 1, pieces[found.start].page)
    waiting: list[str] = []
    before: Piece | None = None
    for at in range(found.start, found.end):
        piece = pieces[at]
        if at in skipped:
            continue
        for label, level in levels.get(at, ()):
            out.notes(waiting, notes)
            out.heading(label or unnumbered(piece.text), level, piece.page)
            before = None
        if at not in levels or levels[at][-1][0]:
            out.piece(piece, before)
            before = piece
        waiting += [note for note in piece.notes if note not in waiting]
    out.notes(waiting, notes)
    return out.chapter(title, found.part)


def _levels(
    found: Range, pieces: Sequence[Piece]
) -> tuple[dict[int, list[tuple[str, int]]], str, set[int]]:
    """What becomes a heading of which level, by piece: a label where the table of contents has a
    line and the text no heading ("" where the piece itself is the heading). Also the chapter's
    title, and the pieces that it is made of."""
    title, skipped, tag = _title(found, pieces)
    level = 1
    chapter = tag
    labels: dict[int, list[tuple[str, int]]] = {}
    listed: dict[int, int] = {}
    for place in found.inner:
        at = _heading_of(place, pieces, found, (skipped, listed))
        if at is not None:
            listed[at] = min(6, 1 + max(1, place.depth))
        elif place.at > found.start and place.label:
            labels.setdefault(place.at, []).append((place.label, min(6, 1 + max(1, place.depth))))
    if _tags_agree({at: listed[at] for at in listed if pieces[at].kind == "heading"}, pieces, tag):
        listed = {
            at: min(6, 1 + pieces[at].level - chapter) if pieces[at].kind == "heading" else depth
            for at, depth in listed.items()
        }
    for at in range(found.start, found.end):
        piece = pieces[at]
        if at in skipped or (piece.kind != "heading" and at not in listed):
            continue
        if at in listed:
            own = level = listed[at]
            tag = piece.level or tag + 1
        else:
            own = max(2, min(6, level + piece.level - tag))
        labels.setdefault(at, []).append(("", own))
    return labels, title, skipped


def _tags_agree(listed: Mapping[int, int], pieces: Sequence[Piece], chapter: int) -> bool:
    """Whether the tags of listed headings say the same as the table of contents: one tag for each
    depth, deeper ones below. Then they are believed, for they know of levels left out."""
    tags: dict[int, set[int]] = {}
    for at, depth in listed.items():
        tags.setdefault(depth, set()).add(pieces[at].level)
    ordered = [tags[depth] for depth in sorted(tags)]
    if any(len(each) > 1 for each in ordered):
        return False
    levels = [chapter, *(min(each) for each in ordered)]
    return all(above < below for above, below in pairwise(levels))


def _title(found: Range, pieces: Sequence[Piece]) -> tuple[str, set[int], int]:
    """The chapter's title, the pieces that say it, and the level of their tag. A title may be set
    as two headings ("Chapter 3", then its name), or with its number in a line of its own."""
    wanted = key(unnumbered(found.title))
    near = range(found.start, min(found.end, found.start + NEAR))
    for at in near:
        piece = pieces[at]
        if piece.kind != "heading":
            if not _NUMBER_ALONE.fullmatch(piece.text):
                break
            continue
        bare = unnumbered(piece.text)
        if key(bare) == wanted or key(piece.text).endswith(wanted) or not wanted:
            before = {n for n in range(found.start, at) if len(pieces[n].text) < 40}
            again = next((n for n in near if n > at and pieces[n].kind != "mark"), at)
            if pieces[again].kind == "heading" and key(unnumbered(pieces[again].text)) == wanted:
                before.add(again)
                return bare, before | {at}, pieces[again].level
            return bare, before | {at}, piece.level
        if not _NUMBER_ALONE.fullmatch(piece.text):
            break
    first = pieces[found.start]
    title = unnumbered(found.title) or (first.text if first.kind == "heading" else "")
    if first.kind == "heading" and (not found.title or key(first.text) in key(found.title)):
        return title or first.text, {found.start}, first.level
    tag = first.level - 1 if first.kind == "heading" else 1
    return title, set(), tag


def _heading_of(
    place: Place,
    pieces: Sequence[Piece],
    found: Range,
    taken: tuple[Collection[int], Collection[int]],
) -> int | None:
    """The piece that is an entry's heading: the one it leads to, or one near it of the same
    words."""

    def free(at: int) -> bool:
        return not any(at in each for each in taken)

    near = range(place.at, min(found.end, place.at + NEAR))
    same = key(unnumbered(place.label))
    for at in near:
        piece = pieces[at]
        if free(at) and len(piece.text) < 300 and piece.kind in ("heading", "text"):
            bare = piece.text.strip("*").removeprefix("\\")
            if key(unnumbered(bare)) == same and (piece.kind == "heading" or at == place.at):
                return at
    first = pieces[place.at]
    return place.at if first.kind == "heading" and free(place.at) else None


class _Writer:
    """A chapter's Markdown as it is written, with the places of headings and pages."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[tuple[str, int, int]] = []
        self._pages: list[tuple[int, int]] = []

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text.encode())

    def _page(self, page: int) -> None:
        last = self._pages[-1][1] if self._pages else 0
        if page > last:
            if self._pages and self._pages[-1][0] == self._length:
                self._pages.pop()
            self._pages.append((self._length, page))

    def heading(self, text: str, level: int, page: int) -> None:
        if self._parts:
            self._write("\n")
        self._page(page)
        text = text.strip("*") if text.startswith("**") else text
        self._headings.append((text, level, self._length))
        self._write(f"{'#' * level} {text}\n")

    def piece(self, piece: Piece, before: Piece | None) -> None:
        quoted = before is not None and before.quote == piece.quote != 0
        self._write(">\n" if quoted and before and before.kind == piece.kind == "text" else "\n")
        self._page(piece.page)
        if piece.kind == "code":
            self._write(fence(piece.text, piece.language))
        else:
            self._write(piece.text + "\n")

    def notes(self, waiting: list[str], texts: Mapping[str, str]) -> None:
        for note in waiting:
            if texts.get(note):
                self._write(f"\n[^{note}]: {texts[note]}\n")
        waiting.clear()

    def chapter(self, title: str, part: str) -> Chapter:
        sections = nested(self._headings[1:], self._length)
        return Chapter(title, "".join(self._parts), sections, tuple(self._pages), part)


def nested(headings: Sequence[tuple[str, int, int]], end: int) -> tuple[Section, ...]:
    """Headings (title, level, byte offset) as a tree, each to where the next of its level or above
    begins."""
    waiting: list[Section] = []  # those that no heading before them has taken yet, last one first
    for title, level, start in reversed(headings):
        below: list[Section] = []
        while waiting and waiting[-1].level > level:
            below.append(waiting.pop())
        stop = waiting[-1].start if waiting else end
        waiting.append(Section(title, level, start, stop, tuple(below)))
    return tuple(reversed(waiting))
