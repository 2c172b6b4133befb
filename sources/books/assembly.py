"""From the flow of a book's files and its table of contents to chapters.

The table of contents decides what a chapter is: its highest entries, or those below where the
highest are parts, or the book itself. Headings get the level that the table gives them; those below
the table's depth follow by the number in their tag. A book without a usable table has its headings
for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sources.books.fences import fence
from sources.books.model import Chapter, Section
from sources.books.naming import has_bare_number, unnumbered
from sources.books.xhtml import Piece

FRONT_AND_BACK = re.compile(
    r"(?:(?:(?:table of|brief|full) )?contents|index|cover|title ?page|half ?title(?: page)?"
    r"|copyright.*|colophon|list of (?:figures|tables|listings|examples).*|dedication|imprint"
    r"|praise(?: for .*)?|inhalt(?:sverzeichnis)?|stichwortverzeichnis)",
    re.IGNORECASE,
)
"""Titles of what belongs to a book and teaches nothing."""

_PART = re.compile(
    r"(?:[ivxlc]+\.?\s+)?(?:part|teil)\s+"
    r"(?:\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r" *(?:-|\d+\.) ")
_ROMAN = re.compile(r"^[IVXLC]{1,6}\.\s+")
_NUMBER_ALONE = re.compile(
    r"(?:chapter|appendix|part|kapitel|teil)?\s*(?:\d{1,3}|[ivxlc]{1,6}|[A-Z]|one|two|three|four"
    r"|five|six|seven|eight|nine|ten|eleven|twelve)?[.:]?",
    re.IGNORECASE,
)
INTRODUCTION = 300
"""Characters of text; a part may have so many before its first chapter, a chapter has more."""
NEAR = 4
"""Pieces after the place an entry leads to in which its heading is looked for."""


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents: what it leads to ("" for nothing) and how deep it stands."""

    label: str
    path: str
    anchor: str
    depth: int


@dataclass(frozen=True)
class File:
    path: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class _Place:
    """An entry with the piece that it leads to."""

    label: str
    at: int
    depth: int
    own: str = ""
    """The label with its number."""


@dataclass(frozen=True)
class _Range:
    """A chapter's pieces, from `start` to before `end`, and the entries below it."""

    title: str
    start: int
    end: int
    part: str
    inner: tuple[_Place, ...]


def assembled(
    files: Sequence[File], entries: Sequence[Entry], notes: Mapping[str, str], title: str = ""
) -> tuple[Chapter, ...]:
    """The book's chapters. `notes` are the texts of notes by the names that pieces refer to."""
    pieces = [piece for file in files for piece in file.pieces]
    places = _places(files, entries)
    if not places or len(places) == 1 < sum(p.kind == "heading" and p.level == 1 for p in pieces):
        places = _from_headings(pieces)
    if not places and any(piece.kind != "heading" for piece in pieces):
        places = [_Place(title, 0, 1)]
    places = _without_numbers(_with_back_matter(places, files))
    labels = frozenset(_key(place.label) for place in places)
    ranges = _ranges(places, pieces, title)
    chapters = (
        _chapter(each, pieces, notes) for each in ranges if _teaches(each, pieces, title, labels)
    )
    return tuple(chapter for chapter in chapters if _has_text(chapter.text))


def _has_text(markdown: str) -> bool:
    """Whether there is anything but headings."""
    return any(line and not line.startswith("#") for line in markdown.split("\n"))


def _with_back_matter(places: Sequence[_Place], files: Sequence[File]) -> list[_Place]:
    """The entries, and one for each file that is an index or the like and has none."""
    known = {place.at for place in places}
    depth = min((place.depth for place in places), default=1)
    found = list(places)
    at = 0
    for file in files:
        first = file.pieces[0] if file.pieces else None
        if first and first.kind == "heading" and FRONT_AND_BACK.fullmatch(first.text):
            found += [] if at in known else [_Place(first.text, at, depth)]
        at += len(file.pieces)
    return sorted(found, key=lambda place: place.at)


def _without_numbers(places: Sequence[_Place]) -> list[_Place]:
    """Entries without the numbers of chapters and sections. A number that nothing parts from the
    words is one when most entries of that depth have it."""
    numbered = {
        depth
        for depth in {place.depth for place in places}
        if _share([has_bare_number(p.label) for p in places if p.depth == depth]) > 0.5
    }
    return [
        replace(place, label=unnumbered(place.label, place.depth in numbered), own=place.label)
        for place in places
    ]


def _share(answers: Sequence[bool]) -> float:
    return sum(answers) / max(1, len(answers))


def _teaches(found: _Range, pieces: Sequence[Piece], title: str, labels: frozenset[str]) -> bool:
    """Whether there is anything to read in a chapter, and it is no table of contents or title."""
    inside = pieces[found.start : found.end]
    texts = [piece for piece in inside if piece.kind in ("text", "code")]
    items = [
        _ITEM.sub("", piece.text).replace("\\", "") for piece in texts if _ITEM.match(piece.text)
    ]
    if sum(_key(unnumbered(item)) in labels for item in items) * 2 > len(texts):
        return False  # a list of chapters
    size = sum(len(piece.text) for piece in inside if piece.kind in ("text", "code"))
    is_title = _key(found.title) == _key(title) and size < INTRODUCTION
    return size > 0 and not is_title and not FRONT_AND_BACK.fullmatch(found.title)


def _places(files: Sequence[File], entries: Sequence[Entry]) -> list[_Place]:
    """Entries with the index of the piece each leads to, in the order of the text. One that leads
    nowhere stands where the next one below it does."""
    index: dict[tuple[str, str], int] = {}
    at = 0
    for file in files:
        if file.pieces:
            index.setdefault((file.path, ""), at)
        for piece in file.pieces:
            for anchor in piece.anchors:
                index.setdefault((file.path, anchor), at)
            at += 1
    found: list[_Place] = []
    waiting: list[Entry] = []
    for entry in entries:
        place = index.get((entry.path, entry.anchor), index.get((entry.path, "")))
        if place is None or not entry.path:
            waiting = [above for above in waiting if above.depth < entry.depth] + [entry]
            continue
        above = [e for e in waiting if e.depth < entry.depth]
        found += [_Place(e.label, place, e.depth) for e in above]
        waiting = []
        found.append(_Place(entry.label, place, entry.depth))
    return sorted(found, key=lambda place: place.at)


def _from_headings(pieces: Sequence[Piece]) -> list[_Place]:
    """Headings as a table of contents."""
    return [_Place(p.text, at, p.level) for at, p in enumerate(pieces) if p.kind == "heading"]


def _ranges(places: Sequence[_Place], pieces: Sequence[Piece], title: str) -> list[_Range]:
    """Where each chapter begins and ends."""
    starts: list[tuple[int, str, bool]] = []  # index into places, the part it is in, is a chapter
    _choose(places, 0, len(places), "", pieces, title, starts)
    found = []
    for nth, (at, part, chapter) in enumerate(starts):
        following = starts[nth + 1][0] if nth + 1 < len(starts) else len(places)
        end = places[following].at if following < len(places) else len(pieces)
        place = places[at]
        if chapter and end > place.at:
            inner = tuple(p for p in places[at + 1 : following] if p.at < end)
            inner = _below(place, inner)
            found.append(_Range(place.label, place.at, end, part, inner))
    return found


def _below(place: _Place, inner: Sequence[_Place]) -> tuple[_Place, ...]:
    """The entries below a chapter's, their depth counted from it. An entry that only says the
    chapter's title once more is none, and those below it move up."""
    depth = place.depth
    if inner and _key(inner[0].label) == _key(place.label):
        if all(each.depth > inner[0].depth for each in inner[1:]):
            depth = inner[0].depth
        inner = inner[1:]
    return tuple(replace(each, depth=each.depth - depth) for each in inner)


def _choose(
    places: Sequence[_Place],
    first: int,
    last: int,
    part: str,
    pieces: Sequence[Piece],
    title: str,
    starts: list[tuple[int, str, bool]],
) -> None:
    """Which entries are chapters, in a stretch of siblings with what is below them."""
    if first >= last:
        return
    depth = min(place.depth for place in places[first:last])
    tops = [at for at in range(first, last) if places[at].depth == depth]
    ends = [*tops[1:], last]
    alone = len([t for t in tops if not FRONT_AND_BACK.fullmatch(places[t].label)]) == 1
    holding = [(at, end) for at, end in zip(tops, ends, strict=True) if end > at + 1]
    unnamed = _share([_may_be_part(places, at, end, pieces) for at, end in holding]) > 0.8
    for at, end in zip(tops, ends, strict=True):
        below = range(at + 1, end)
        is_book = alone and _key(places[at].label) == _key(title) and len(below) > 1
        said = (places[at].own, pieces[places[at].at].text)
        is_part = bool(below) and (
            any(map(_PART.match, said))
            or (unnamed and len(holding) > 1 and _may_be_part(places, at, end, pieces))
        )
        if is_book or (not part and is_part):
            own = pieces[places[at].at : places[at + 1].at]
            starts.append((at, "", sum(len(p.text) for p in own) > INTRODUCTION))
            name = "" if is_book else _ROMAN.sub("", places[at].label)
            _choose(places, at + 1, end, name, pieces, title, starts)
        else:
            starts.append((at, part, True))


def _may_be_part(places: Sequence[_Place], at: int, end: int, pieces: Sequence[Piece]) -> bool:
    """Whether an entry that is not called a part could be one: it has next to no text of its own,
    and the entries below it are called chapters or have further ones below them."""
    place = places[at]
    if re.match(r"\d", place.own) and places[at + 1].own.startswith(place.own.split()[0] + "."):
        return False
    own = pieces[place.at : places[at + 1].at]
    if any(piece.kind == "code" for piece in own):
        return False
    if sum(len(piece.text) for piece in own if piece.kind != "heading") > INTRODUCTION:
        return False
    depths = [inner.depth for inner in places[at + 1 : end]]
    chapters = [n for n, depth in enumerate(depths) if depth == min(depths)]
    deeper = sum(n + 1 < len(depths) and depths[n + 1] > depths[n] for n in chapters)
    labels = [places[at + 1 + n].own for n in chapters]
    named = sum(bool(re.match(r"(?:chapter|kapitel)\s+\w", label, re.I)) for label in labels)
    return named == len(chapters) or (len(chapters) > 1 and deeper * 2 > len(chapters))


def _chapter(found: _Range, pieces: Sequence[Piece], notes: Mapping[str, str]) -> Chapter:
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
    found: _Range, pieces: Sequence[Piece]
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
        at = _heading_of(place, pieces, found, skipped | set(listed))
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


def _title(found: _Range, pieces: Sequence[Piece]) -> tuple[str, set[int], int]:
    """The chapter's title, the pieces that say it, and the level of their tag. A title may be set
    as two headings ("Chapter 3", then its name), or with its number in a line of its own."""
    wanted = _key(unnumbered(found.title))
    near = range(found.start, min(found.end, found.start + NEAR))
    for at in near:
        piece = pieces[at]
        if piece.kind != "heading":
            if not _NUMBER_ALONE.fullmatch(piece.text):
                break
            continue
        bare = unnumbered(piece.text)
        if _key(bare) == wanted or _key(piece.text).endswith(wanted) or not wanted:
            before = {n for n in range(found.start, at) if len(pieces[n].text) < 40}
            again = next((n for n in near if n > at and pieces[n].kind != "mark"), at)
            if pieces[again].kind == "heading" and _key(unnumbered(pieces[again].text)) == wanted:
                before.add(again)
                return bare, before | {at}, pieces[again].level
            return bare, before | {at}, piece.level
        if not _NUMBER_ALONE.fullmatch(piece.text):
            break
    first = pieces[found.start]
    title = unnumbered(found.title) or (first.text if first.kind == "heading" else "")
    if first.kind == "heading" and (not found.title or _key(first.text) in _key(found.title)):
        return title or first.text, {found.start}, first.level
    tag = first.level - 1 if first.kind == "heading" else 1
    return title, set(), tag


def _heading_of(
    place: _Place, pieces: Sequence[Piece], found: _Range, taken: set[int]
) -> int | None:
    """The piece that is an entry's heading: the one it leads to, or one near it of the same
    words."""
    near = range(place.at, min(found.end, place.at + NEAR))
    same = _key(unnumbered(place.label))
    for at in near:
        piece = pieces[at]
        if at not in taken and len(piece.text) < 300 and piece.kind in ("heading", "text"):
            bare = piece.text.strip("*").removeprefix("\\")
            if _key(unnumbered(bare)) == same and (piece.kind == "heading" or at == place.at):
                return at
    first = pieces[place.at]
    return place.at if first.kind == "heading" and place.at not in taken else None


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


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
