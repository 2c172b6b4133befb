"""What repeats on pages and is no text of the book: running heads, feet, page numbers.

A place (a baseline, from the page's top or bottom) is furniture's when on many pages the outermost
line stands there and what it says repeats or counts pages. Everything at that place is then left
out, so that a running head with the title of a short chapter goes as well.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from sources.books.layout.glyphs import Page
from sources.books.layout.lines import Line

EDGE = 0.22
"""Of the page's height: furniture is not farther from the edge."""
ALONE = 2.5
"""Of its size: how far a lone page number is below the text."""
DIGITS = re.compile(r"\d+")
NUMBER = re.compile(
    r"^\W*(?:page|seite)?\s*(\d{1,4}|[ivxlc]{1,8})\s*(?:(?:/|of|von)\s*\d+)?\W*$", re.I
)

CONTINUED = re.compile(r"\(?continue[sd](?:on|from)(?:the)?(?:next|previous)page\)?\.?", re.I)
"""What stands where a block of code or a table runs over, blanks left out."""


def without_furniture(
    pages: Sequence[Page], lines: Sequence[list[Line]]
) -> tuple[list[list[Line]], list[str]]:
    """The pages' lines without furniture, and the page number printed on each ("" for none)."""
    removed = [
        {id(line) for line in of_page if CONTINUED.fullmatch("".join(line.raw.split()))}
        for of_page in lines
    ]
    for side in (-1, 1):
        for _ in range(3):
            if not _strip(pages, lines, removed, side):
                break
    for index, page in enumerate(pages):
        _strip_number(page, lines[index], removed[index])
    labels = [
        _label([line for line in of_page if id(line) in gone])
        for of_page, gone in zip(lines, removed, strict=True)
    ]
    kept = [
        [line for line in of_page if id(line) not in gone]
        for of_page, gone in zip(lines, removed, strict=True)
    ]
    return kept, labels


def _strip_number(page: Page, lines: Sequence[Line], removed: set[int]) -> None:
    """Mark a page's own number where it stands alone below all text: a file of one page has
    nothing to compare it with."""
    left = sorted((line for line in lines if id(line) not in removed), key=lambda line: line.y)
    if len(left) < 2:
        return
    last = left[-1]
    alone = last.y - left[-2].y > ALONE * last.size
    if alone and last.raw.strip() == str(page.number) and page.height - last.y < EDGE * page.height:
        removed.add(id(last))


def _strip(
    pages: Sequence[Page], lines: Sequence[list[Line]], removed: list[set[int]], side: int
) -> bool:
    """Mark one layer of furniture at the top (-1) or bottom (1); whether there was one."""
    places: defaultdict[int, list[tuple[int, list[Line]]]] = defaultdict(list)
    for index, (page, of_page) in enumerate(zip(pages, lines, strict=True)):
        left = [line for line in of_page if id(line) not in removed[index]]
        if not left:
            continue
        y = (min if side < 0 else max)(line.y for line in left)
        distance = y if side < 0 else page.height - y
        if distance > EDGE * page.height:
            continue
        row = sorted((line for line in left if abs(line.y - y) < 2.0), key=lambda line: line.x0)
        places[round(distance)].append((index, row))
    found = False
    merged = Counter({place: len(rows) for place, rows in places.items()})
    for place, _ in merged.most_common():
        rows = [row for near in (place - 1, place, place + 1) for row in places.get(near, ())]
        if len(rows) < 2 or not _repeats(rows, len(pages)):
            continue
        for index, row in rows:
            removed[index].update(id(line) for line in row)
        for near in (place - 1, place, place + 1):
            places.pop(near, None)
        found = True
    return found


def _repeats(rows: Sequence[tuple[int, list[Line]]], count: int) -> bool:
    """Whether rows at one place are furniture: they count pages, or they say the same."""
    offsets = Counter(
        int(number) - index
        for index, row in rows
        for number in {found for line in row for found in DIGITS.findall(line.raw)}
        if len(number) < 5
    )
    if offsets and offsets.most_common(1)[0][1] >= max(2, 0.6 * len(rows)):
        return True
    roman = sum(len(row) == 1 and bool(NUMBER.match(row[0].raw)) for _, row in rows)
    if roman >= max(2, 0.8 * len(rows)):
        return True
    if len(rows) < max(3, 0.05 * count):
        return False
    # Code often begins or ends with the same line on many pages.
    if sum(line.mono > 0.9 for _, row in rows for line in row) > 0.5 * len(rows):
        return False
    says = Counter(words for _, row in rows for words in {DIGITS.sub("#", li.raw) for li in row})
    repeated = sum(any(says[DIGITS.sub("#", li.raw)] > 1 for li in row) for _, row in rows)
    return repeated >= 0.6 * len(rows)


def _label(row: Sequence[Line]) -> str:
    for line in row:
        words = ["".join(run.text for run in line.runs).strip()]
        for word in words:
            match = NUMBER.match(word)
            if match:
                return match.group(1)
    for line in row:
        ends = (line.runs[0].text.strip(), line.runs[-1].text.strip())
        for end in ends:
            if end.isdecimal() and len(end) < 5:
                return end
    return ""
