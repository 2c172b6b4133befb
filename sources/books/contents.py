"""What a book's chapters are, by its table of contents.

They are its highest entries, or those below where the highest are parts, or the book itself. A book
without a usable table has its headings for one. Entries that stand in no order are put into that of
the text; an entry that leads nowhere stands where the next one below it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
INTRODUCTION = 300
"""Characters of text; a part may have so many before its first chapter, a chapter has more."""


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
class Place:
    """An entry with the piece that it leads to."""

    label: str
    at: int
    depth: int
    own: str = ""
    """The label with its number."""


@dataclass(frozen=True)
class Range:
    """A chapter's pieces, from `start` to before `end`, and the entries below it."""

    title: str
    start: int
    end: int
    part: str
    inner: tuple[Place, ...]


def ranges(
    files: Sequence[File], entries: Sequence[Entry], pieces: Sequence[Piece], title: str
) -> list[Range]:
    """The pieces of each chapter that has something to read. `pieces` are those of all files, and
    `title` is the book's."""
    places = _places(files, entries)
    if not places or len(places) == 1 < sum(p.kind == "heading" and p.level == 1 for p in pieces):
        places = _from_headings(pieces)
    if not places and any(piece.kind != "heading" for piece in pieces):
        places = [Place(title, 0, 1)]
    places = _without_numbers(_with_back_matter(places, files))
    labels = frozenset(key(place.label) for place in places)
    found = _ranges(places, pieces, title)
    return [each for each in found if _teaches(each, pieces, title, labels)]


def _with_back_matter(places: Sequence[Place], files: Sequence[File]) -> list[Place]:
    """The entries, and one for each file that is an index or the like and has none."""
    known = {place.at for place in places}
    depth = min((place.depth for place in places), default=1)
    found = list(places)
    at = 0
    for file in files:
        first = file.pieces[0] if file.pieces else None
        if first and first.kind == "heading" and FRONT_AND_BACK.fullmatch(first.text):
            found += [] if at in known else [Place(first.text, at, depth)]
        at += len(file.pieces)
    return sorted(found, key=lambda place: place.at)


def _without_numbers(places: Sequence[Place]) -> list[Place]:
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


def _places(files: Sequence[File], entries: Sequence[Entry]) -> list[Place]:
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
    found: list[Place] = []
    waiting: list[Entry] = []
    for entry in entries:
        place = index.get((entry.path, entry.anchor), index.get((entry.path, "")))
        if place is None or not entry.path:
            waiting = [above for above in waiting if above.depth < entry.depth] + [entry]
            continue
        above = [e for e in waiting if e.depth < entry.depth]
        found += [Place(e.label, place, e.depth) for e in above]
        waiting = []
        found.append(Place(entry.label, place, entry.depth))
    return sorted(found, key=lambda place: place.at)


def _from_headings(pieces: Sequence[Piece]) -> list[Place]:
    """Headings as a table of contents."""
    return [Place(p.text, at, p.level) for at, p in enumerate(pieces) if p.kind == "heading"]


def _ranges(places: Sequence[Place], pieces: Sequence[Piece], title: str) -> list[Range]:
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
            found.append(Range(place.label, place.at, end, part, inner))
    return found


def _below(place: Place, inner: Sequence[Place]) -> tuple[Place, ...]:
    """The entries below a chapter's, their depth counted from it. An entry that only says the
    chapter's title once more is none, and those below it move up."""
    depth = place.depth
    if inner and key(inner[0].label) == key(place.label):
        if all(each.depth > inner[0].depth for each in inner[1:]):
            depth = inner[0].depth
        inner = inner[1:]
    return tuple(replace(each, depth=each.depth - depth) for each in inner)


def _choose(
    places: Sequence[Place],
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
        is_book = alone and key(places[at].label) == key(title) and len(below) > 1
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


def _may_be_part(places: Sequence[Place], at: int, end: int, pieces: Sequence[Piece]) -> bool:
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
    highest = min(depths)
    chapters = [n for n, depth in enumerate(depths) if depth == highest]
    deeper = sum(n + 1 < len(depths) and depths[n + 1] > depths[n] for n in chapters)
    labels = [places[at + 1 + n].own for n in chapters]
    named = sum(bool(re.match(r"(?:chapter|kapitel)\s+\w", label, re.I)) for label in labels)
    return named == len(chapters) or (len(chapters) > 1 and deeper * 2 > len(chapters))


def _teaches(found: Range, pieces: Sequence[Piece], title: str, labels: frozenset[str]) -> bool:
    """Whether there is anything to read in a chapter, and it is no table of contents or title."""
    inside = pieces[found.start : found.end]
    texts = [piece for piece in inside if piece.kind in ("text", "code")]
    items = [
        _ITEM.sub("", piece.text).replace("\\", "") for piece in texts if _ITEM.match(piece.text)
    ]
    if sum(key(unnumbered(item)) in labels for item in items) * 2 > len(texts):
        return False  # a list of chapters
    size = sum(len(piece.text) for piece in inside if piece.kind in ("text", "code"))
    is_title = key(found.title) == key(title) and size < INTRODUCTION
    return size > 0 and not is_title and not FRONT_AND_BACK.fullmatch(found.title)


def key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
