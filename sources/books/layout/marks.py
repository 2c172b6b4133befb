"""What is left out of the text, with a mark in its place: tables and figures.

A table is told by its lines: two or more of the same extent, the first two of which hold a row, or
all of which hold rows. What stands between goes, to the column's end where no last line closes it
(a table that runs over). Images of some size are figures. Frames around code are neither.

Not covered: tables without lines, figures drawn from lines and text (their text stays).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sources.books.layout.glyphs import Box, Page, Run
from sources.books.layout.lines import Line

SAME = 2.5
"""Points by which the ends of a table's lines differ at most."""
NARROWEST = 50.0
HEAD = 60.0
"""Points between the first two lines of a table at most."""
FIGURE = 0.015
"""Of the page's area: images below this are signs and rulings."""
BACKGROUND = 0.85
MONO = 0.95


def with_marks(
    pages: Sequence[Page], lines: Sequence[list[Line]], gutters: Sequence[float]
) -> list[list[Line]]:
    """Each page's lines, in reading order, with a line for each table and figure left out."""
    usual = _page_rules(pages)
    return [
        _figures(page, _tables(page, of_page, usual, gutter), gutter)
        for page, of_page, gutter in zip(pages, lines, gutters, strict=True)
    ]


def _page_rules(pages: Sequence[Page]) -> frozenset[int]:
    """Heights at which many pages have a line across: below running heads, above feet."""
    counts = Counter(height for page in pages for height in {round(rule.y0) for rule in page.rules})
    return frozenset(y for y, count in counts.items() if count > max(2, 0.25 * len(pages)))


def _across(page: Page, usual: frozenset[int]) -> list[Box]:
    """Lines drawn across, pieces that touch as one, from top to bottom."""
    found: list[Box] = []
    for rule in sorted(page.rules, key=lambda rule: (round(rule.y0), rule.x0)):
        if round(rule.y0) in usual:
            continue
        last = found[-1] if found else None
        if last and abs(last.y0 - rule.y0) < 1.5 and rule.x0 <= last.x1 + SAME:
            found[-1] = Box(last.x0, last.y0, max(last.x1, rule.x1), last.y1)
        else:
            found.append(rule)
    return [rule for rule in found if rule.width > NARROWEST]


def _tables(page: Page, lines: list[Line], usual: frozenset[int], gutter: float) -> list[Line]:
    rules = _across(page, usual)
    while rules:
        first = rules[0]
        same = [
            rule
            for rule in rules
            if abs(rule.x0 - first.x0) < SAME and abs(rule.x1 - first.x1) < SAME
        ]
        rules = [rule for rule in rules if rule not in same]
        if len(same) == 1:
            lines = _under_head(page, lines, same[0])
        while len(same) >= 2:
            end = _table_end(same, lines)
            if end <= 0:
                same = same[1 - end :]
                continue
            bottom = same[end].y0 if end < len(same) else page.height
            box = Box(same[0].x0, same[0].y0, same[0].x1, bottom)
            lines = _replaced(page, lines, _within(box, lines, gutter))
            same = same[end + 1 :]
    return lines


def _under_head(page: Page, lines: list[Line], rule: Box) -> list[Line]:
    """Lines without the table whose one line stands below its head."""
    left, right = rule.x0 - 6, rule.x1
    head = [li for li in lines if rule.y0 - 2.2 * li.size < li.y < rule.y0 and li.x0 > left]
    starts = _cells(head)
    if len(starts) < 2 or any(line.x0 > right for line in head):
        return lines
    bottom = rule.y0
    rows = 0
    for line in sorted(lines, key=lambda line: line.y):
        if line.y <= rule.y0 or not left < line.x0 < right:
            continue
        cells = _cells([line])
        aligned = all(any(abs(cell - start) <= 1 for start in starts) for cell in cells)
        beside = len(cells) > 1 or min(cells) > min(starts) + 1 or line.y - bottom < 0.5 * line.size
        beside = beside or any(
            other is not line and abs(other.y - line.y) < 0.5 * line.size for other in lines
        )
        if line.y - bottom > 3.2 * line.size or not aligned or not beside:
            break
        bottom = line.y
        rows += 1
    if rows < 2:
        return lines
    top = min(line.y - line.size for line in head)
    return _replaced(page, lines, Box(rule.x0, top, rule.x1, bottom))


def _within(box: Box, lines: Sequence[Line], gutter: float) -> Box:
    """The part of a table's box that is its own: one too wide for its column lies over the next."""
    if not box.x0 < gutter - SAME < box.x1:
        return box
    beside = [line for line in _between(lines, box, box.y1) if abs(line.x0 - gutter) < 1.5]
    return Box(box.x0, box.y0, gutter - SAME, box.y1) if len(beside) > 1 else box


def _between(lines: Sequence[Line], above: Box, bottom: float) -> list[Line]:
    return [
        line
        for line in lines
        if above.y0 < line.y <= bottom + 1 and above.x0 - 6 <= line.x0 <= above.x1
    ]


def _table_end(rules: Sequence[Box], lines: Sequence[Line]) -> int:
    """Which of the lines closes the table that the first opens: its number, their count when none
    of them does, 0 when the first opens no table, -1 when the second opens none either."""
    head = _between(lines, rules[0], rules[1].y0)
    if head and all(line.mono > MONO for line in head):
        return -1
    if rules[1].y0 - rules[0].y0 > HEAD or len(_cells(head)) < 2:
        return 0
    at = 1
    while at + 1 < len(rules):
        inside = _between(lines, rules[at], rules[at + 1].y0)
        if at > 1 and (
            not inside or rules[at + 1].y0 - rules[at].y0 > HEAD or len(_cells(inside)) < 2
        ):
            return at
        at += 1
    if at > 1:
        return at
    rest = _between(lines, rules[1], float("inf"))
    return len(rules) if len(_cells(rest)) > 1 and len(_cells(head)) > 1 else 0


def _cells(lines: Sequence[Line]) -> set[int]:
    """Where cells begin, as far as distances tell."""
    starts: set[int] = set()
    for line in lines:
        end = line.x0 - 100
        for run in line.runs:
            if run.left - end > 0.9 * run.size:
                starts.add(round(run.left / 4))
            end = run.right
    return starts


def _replaced(page: Page, lines: list[Line], box: Box) -> list[Line]:
    gone = {id(line) for line in _between(lines, box, box.y1)}
    kept: list[Line] = []
    for line in lines:
        if id(line) not in gone:
            kept.append(line)
        elif not kept or kept[-1].mark != "table":
            kept.append(_mark(page, "table", box.x0, box.y0 + 8, line.column))
    return kept


def _figures(page: Page, lines: list[Line], gutter: float) -> list[Line]:
    area = page.width * page.height
    for image in page.images:
        share = image.width * image.height / area if area else 0.0
        if FIGURE < share < BACKGROUND:
            column = int(bool(gutter) and image.x0 > gutter - 3.0)
            after = [
                at
                for at, line in enumerate(lines)
                if line.column == column and line.y > image.y1 - 2
            ]
            at = after[0] if after else len(lines)
            lines = [*lines[:at], _mark(page, "figure", image.x0, image.y1, column), *lines[at:]]
    return lines


def _mark(page: Page, kind: str, x: float, y: float, column: int) -> Line:
    run = Run("\ufffc", [x], [x + 1.0], min(y, page.height - 1), 10.0, 0, 0, 1 << 30)
    return Line((run,), page.number, 0.0, column, kind)
