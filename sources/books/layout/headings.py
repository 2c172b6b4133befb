"""Which lines are headings, and of what level: from the outline where the file has one, from fonts
where not, and from fonts for what is below the outline's depth.

A heading found by its font is a line (or a few) of its own in a face that the text does not have:
larger, or bold and short with space above. Faces are ranked by size; a bold face of the text's own
size ranks last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sources.books.layout.glyphs import Bookmark, Font
from sources.books.layout.lines import Line
from sources.books.layout.measure import CODE, Usual
from sources.books.layout.prose import line_text

LARGER = 1.08
"""Of the text's size: from here on a line is larger."""
LONG = 160
"""Characters, without spaces, that no title has."""
LONGEST = 4
"""Lines of a heading."""
NUMBERED = re.compile(
    r"^(?:(?:chapter|appendix|part|kapitel|anhang|teil|section)\s+)?"
    r"(?:\d{1,3}(?:\.\d{1,3})*|[A-Z](?:\.\d{1,3})+|[IVXLC]{1,6}(?=[.:)]))[.:)]?\s+(?=\S)",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"^(?:chapter|appendix|part|kapitel|anhang|teil)\s+(?:\d{1,3}|[A-Z]|[IVXLC]{1,6}|[a-z]+)"
    r"[.:]?\s*(?:[—–:-]\s*)?",
    re.IGNORECASE,
)
PART = re.compile(
    r"^(?:part|teil)\s+(?:\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten)\b", re.I
)
NUMBER_ALONE = re.compile(
    r"(?:chapter|appendix|kapitel|anhang)(?:\d{1,3}|[A-Z]|[IVXLC]{1,6}|[a-z]{3,12})[.:]?|\d{1,3}"
    r"|(?:twenty|thirty|forty|fifty)?(?:one|two|three|four|five|six|seven|eight|nine)?"
    r"|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen",
    re.IGNORECASE,
)
SMALL_NUMBER = 0.5
"""Of its title's size: no chapter's number above it is smaller."""
SAME = 1.025
"""Sizes that differ by no more are the same."""
INSIDE = 6.0
"""Points right of where text begins."""
TITLE_LINES = 5
FRONT = 200
"""Characters on a title page below its title at most: an author, a date, a publisher."""
LEFT_OUT = re.compile(
    r"^(?:(?:table of )?contents|inhalt(?:sverzeichnis)?|index|stichwortverzeichnis|cover|"
    r"title page|copyright.*|colophon|"
    r"list of (?:figures|tables|listings).*|dedication|half title|imprint)$",
    re.I,
)
"""Titles of what belongs to a book and is none of its chapters."""
ENDS_NO_HEADING = (".", ",", ";", ":")
HEADING_GAP = 1.25
"""Of the usual step: a heading of the text's size has so much space above."""


@dataclass(frozen=True)
class Heading:
    """`count` lines from `index` on are a heading of `level` (1 is the outline's highest)."""

    index: int
    count: int
    level: int
    title: str


class Face(NamedTuple):
    """How a heading looks: size to half a point, and whether text goes on beside it."""

    size: float
    bold: bool
    italic: bool
    mono: bool
    run_in: bool


def headings(
    lines: Sequence[Line], fonts: Sequence[Font], outline: Sequence[Bookmark], usual: Usual
) -> list[Heading]:
    """The headings in the order of the lines."""
    faces = _with_numbers(_even(_candidates(lines, fonts, usual)), lines)
    found = _from_outline(lines, outline, faces)
    if len(found) >= 2 and len(found) >= 0.5 * len(outline):
        return _deepened(found, _placed(faces, found, lines, usual), lines, fonts)
    return _from_fonts(_alike(faces, lines), lines, fonts)


def _face(line: Line, fonts: Sequence[Font]) -> Face:
    sizes: Counter[float] = Counter()
    bold = italic = every = 0
    mono = line.mono >= CODE
    for run in line.runs:
        if fonts[run.font].mono and not mono:
            continue
        count = len(run.text) - run.text.count(" ")
        sizes[round(run.size * 2) / 2] += count
        every += count
        bold += count * fonts[run.font].bold
        italic += count * fonts[run.font].italic
    size = max(sizes, key=lambda s: (sizes[s], s), default=round(line.size * 2) / 2)
    return Face(size, bold > 0.8 * every, italic > 0.8 * every, mono, line.run_in)


@dataclass(frozen=True)
class _Candidate:
    """`lead` of its lines are a number alone ("Chapter 3"), before the title."""

    index: int
    count: int
    face: Face
    lead: int = 0


def _candidates(lines: Sequence[Line], fonts: Sequence[Font], usual: Usual) -> list[_Candidate]:
    """Groups of lines that look like a heading."""
    found: list[_Candidate] = []
    index = 0
    while index < len(lines):
        face = _face(lines[index], fonts)
        if not _stands_out(lines, index, face, usual):
            index += 1
            continue
        count = 1
        while index + count < len(lines) and _goes_on(
            lines[index + count - 1], lines[index + count], face, fonts
        ):
            count += 1
        last = lines[index + count - 1]
        if count > LONGEST or _is_sentence(lines[index : index + count], usual):
            index += count
            continue
        if face.size > usual.body * LARGER or not last.raw.rstrip().endswith(ENDS_NO_HEADING):
            found.append(_Candidate(index, count, face))
        index += count
    return found


def _even(found: Sequence[_Candidate]) -> list[_Candidate]:
    """Candidates with sizes that differ by next to nothing as one: some files scale each line."""
    sizes: dict[float, float] = {}
    last = 0.0
    for size in sorted({candidate.face.size for candidate in found}):
        last = last if last and size < SAME * last else size
        sizes[size] = last
    return [replace(c, face=c.face._replace(size=sizes[c.face.size])) for c in found]


def _with_numbers(found: Sequence[_Candidate], lines: Sequence[Line]) -> list[_Candidate]:
    """Candidates with a chapter's number that stands above its title as a part of that title's."""
    out: list[_Candidate] = []
    for candidate in found:
        above = out[-1] if out else None
        if (
            above is not None
            and above.index + above.count == candidate.index
            and lines[above.index].page == lines[candidate.index].page
            and NUMBER_ALONE.fullmatch("".join(lines[above.index].raw.split()))
            and above.face.size > SMALL_NUMBER * candidate.face.size
        ):
            out[-1] = replace(
                candidate,
                index=above.index,
                count=above.count + candidate.count,
                lead=above.count,
            )
        else:
            out.append(candidate)
    return out


def _alike(found: Sequence[_Candidate], lines: Sequence[Line]) -> list[_Candidate]:
    """Candidates with those taken for headings in the line that are called as such ones are: what
    a block of code follows has no text beside it."""
    called = {lines[c.index].raw for c in found if c.face.run_in}
    faces = {c.face for c in found if c.face.run_in}
    out = []
    for candidate in found:
        face = candidate.face._replace(run_in=True)
        same = face in faces and lines[candidate.index].raw in called
        out.append(replace(candidate, face=face) if same else candidate)
    return out


def _is_sentence(lines: Sequence[Line], usual: Usual) -> bool:
    """Whether lines in another face are a paragraph of it: they fill a line and end a sentence, or
    are more than a title."""
    ends = lines[-1].raw.rstrip().endswith((".", ":", "!", ","))
    fills = any(line.x1 > usual.right(line) - 4 * line.size for line in lines)
    return sum(len(line.raw) for line in lines) > LONG or (ends and fills)


def _stands_out(lines: Sequence[Line], index: int, face: Face, usual: Usual) -> bool:
    line = lines[index]
    size, bold = face.size, face.bold
    if line.mark:
        return False
    if not any(c.isalnum() for c in line.raw) or len(line.raw) > 200:
        return False
    if size > usual.body * LARGER:
        return line.mono < CODE or bold
    if not bold or size < 0.93 * usual.body or face.mono:
        return False
    if not line.run_in and _runs_on(lines, index, usual):
        return False
    if line.x0 > usual.left(line) + 1.5 and line.column >= 0:
        centre = (usual.left(line) + usual.right(line)) / 2
        wide = line.x1 - line.x0 > 0.7 * (usual.right(line) - usual.left(line))
        if wide or abs((line.x0 + line.x1) / 2 - centre) > 3:
            return False
    if index and lines[index - 1].page == line.page and lines[index - 1].column == line.column:
        above = line.y - lines[index - 1].y
        if abs(above) < 0.3 * size or above < HEADING_GAP * usual.step(size):
            return False
    if index + 1 < len(lines) and lines[index + 1].page == line.page and not line.run_in:
        return abs(lines[index + 1].y - line.y) > 0.3 * size
    return True


def _runs_on(lines: Sequence[Line], index: int, usual: Usual) -> bool:
    """Whether a bold line is a paragraph's: long, and gone on by the next at the usual step."""
    line = lines[index]
    if index + 1 == len(lines) or line.x1 - usual.left(line) < 0.75 * (
        usual.right(line) - usual.left(line)
    ):
        return False
    following = lines[index + 1]
    down = following.y - line.y
    return (
        following.page == line.page
        and following.column == line.column
        and 0 < down < 1.12 * usual.step(line.size)
    )


def _goes_on(line: Line, following: Line, face: Face, fonts: Sequence[Font]) -> bool:
    down = following.y - line.y
    return (
        following.page == line.page
        and following.column == line.column
        and 0 < down < 1.65 * face.size
        and _face(following, fonts) == face
    )


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _from_outline(
    lines: Sequence[Line],
    outline: Sequence[Bookmark],
    faces: Sequence[_Candidate],
) -> list[Heading]:
    starts: dict[int, int] = {}
    for index, line in enumerate(lines):
        starts.setdefault(line.page, index)
    marked = {candidate.index for candidate in faces}
    keys = [_key(line.raw) for line in lines]
    found: list[Heading] = []
    at = 0
    for entry in outline:
        wanted = {_key(entry.title), _key(NUMBERED.sub("", entry.title))} - {""}
        place = _place(lines, keys, starts, entry.page, max(at, 0), wanted, marked)
        if place is None:
            continue
        index, count = place
        title = _title(entry.title)
        found.append(Heading(index, count, entry.level, title or entry.title))
        at = index + count
    return found


def _place(
    lines: Sequence[Line],
    keys: Sequence[str],
    starts: dict[int, int],
    page: int,
    at: int,
    wanted: set[str],
    marked: set[int],
) -> tuple[int, int] | None:
    """Where a title stands on its page or the next, and in how many lines."""
    options: list[tuple[bool, int, int]] = []
    for number in (page, page + 1):
        index = max(starts.get(number, len(lines)), at)
        while index < len(lines) and lines[index].page == number:
            joined = ""
            for count in range(1, LONGEST + 1):
                if index + count > len(lines) or lines[index + count - 1].page != number:
                    break
                joined += keys[index + count - 1]
                if joined in wanted or _numberless(joined) in wanted:
                    options.append((index not in marked, index, count))
                    break
            index += 1
        if options:
            _, index, count = min(options)
            return index, count
    return None


def _numberless(key: str) -> str:
    return re.sub(
        r"^(?:chapter|appendix|part|kapitel|anhang|teil)?(?:\d+|[ivxlc]+|[a-z](?=\d))\d*", "", key
    )


def _title(text: str) -> str:
    text = " ".join(text.split())
    if PART.match(text):
        return text
    return NAMED.sub("", NUMBERED.sub("", text)) or text


def _placed(
    faces: Sequence[_Candidate], found: Sequence[Heading], lines: Sequence[Line], usual: Usual
) -> list[_Candidate]:
    """Candidates that begin where the text does, if the outline's headings do: others are titles of
    boxes."""

    def inside(index: int) -> bool:
        line = lines[index]
        return line.column >= 0 and line.x0 > usual.left(line) + INSIDE

    known = {heading.index for heading in found}
    if sum(map(inside, known)) > 0.05 * len(known):
        return list(faces)
    return [face for face in faces if face.index in known or not inside(face.index)]


def _deepened(
    found: list[Heading], faces: Sequence[_Candidate], lines: Sequence[Line], fonts: Sequence[Font]
) -> list[Heading]:
    """The outline's headings and, below them, those that only their faces tell."""
    at = {heading.index: heading for heading in found}
    covered = {h.index + n for h in found for n in range(h.count)}
    votes: dict[Face, Counter[int]] = {}
    for candidate in faces:
        if candidate.index in at:
            votes.setdefault(candidate.face, Counter())[at[candidate.index].level] += 1
    level_of = {face: counts.most_common(1)[0][0] for face, counts in votes.items()}
    faces = _alike([c for c in faces if c.index not in covered], lines)
    deepest = max(heading.level for heading in found)
    smallest = min((face.size for face in level_of), default=0.0)
    first = min(heading.index for heading in found)
    others = Counter(c.face for c in faces if c.index > first and c.face not in level_of)
    below = sorted((f for f in others if f.size <= smallest and not f.mono), key=_rank)
    for step, face in enumerate(below):
        level_of[face] = deepest + 1 + step
    for face in others:
        if face.mono:
            level_of[face] = _level_of_mono(face, level_of)
    added = [
        Heading(c.index, c.count, level_of[c.face], _title(_text(lines, c, fonts)))
        for c in faces
        if c.index > first
        and covered.isdisjoint(range(c.index, c.index + c.count))
        and level_of.get(c.face, 0) > 1
    ]
    return sorted([*found, *added], key=lambda heading: heading.index)


def _text(lines: Sequence[Line], candidate: _Candidate, fonts: Sequence[Font]) -> str:
    own = range(candidate.index + candidate.lead, candidate.index + candidate.count)
    parts = [line_text(lines[index], fonts, None) for index in own]
    text = parts[0]
    for part in parts[1:]:
        text = text[:-1] + part if text.endswith("-") and part[:1].islower() else f"{text} {part}"
    return text


def _rank(face: Face) -> tuple[float, bool, bool, bool]:
    return -face.size, not face.bold, face.italic, face.run_in


def _level_of_mono(face: Face, level_of: Mapping[Face, int]) -> int:
    """A heading all of code is set smaller than its level's others, or as large."""
    others = [other for other in level_of if not other.mono and other.size >= face.size - 0.25]
    if not others:
        return 1
    return level_of[min(others, key=lambda other: (other.size, level_of[other]))]


def _without_title(faces: Sequence[_Candidate], lines: Sequence[Line]) -> Sequence[_Candidate]:
    """Candidates without the book's own title and what is said below it: in the largest face, on
    the first pages, with no text of its own but contents."""
    if len(faces) < 2 or lines[faces[0].index].page > 2:
        return faces
    if len(faces) == 2 and lines[faces[0].index].page == lines[faces[1].index].page:
        return faces
    times = Counter(candidate.face for candidate in faces)
    largest = max(candidate.face.size for candidate in faces if not candidate.face.mono)
    if faces[0].face.size < largest:
        return faces
    last = 1
    while last < len(faces) - 1 and times[faces[last].face] == 1 and last < TITLE_LINES:
        last += 1
    if times[faces[0].face] > 1 and not LEFT_OUT.match(lines[faces[last].index].raw.strip()):
        return faces
    listed = {_key(lines[candidate.index].raw) for candidate in faces}
    front = lines[faces[0].index + faces[0].count : faces[last].index]
    said = [line for line in front if re.sub(r"\d+$", "", _key(line.raw)) not in listed]
    return faces if sum(len(line.raw) for line in said) > FRONT else faces[last:]


def _from_fonts(
    faces: Sequence[_Candidate], lines: Sequence[Line], fonts: Sequence[Font]
) -> list[Heading]:
    faces = _without_title(faces, lines)
    ranked = sorted({c.face for c in faces if not c.face.mono}, key=_rank)
    level_of = {face: level for level, face in enumerate(ranked, 1)}
    for face in {c.face for c in faces if c.face.mono}:
        level_of[face] = _level_of_mono(face, level_of)
    return [
        Heading(c.index, c.count, level_of[c.face], _title(_text(lines, c, fonts))) for c in faces
    ]
