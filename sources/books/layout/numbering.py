"""Numbers before lines of code, callouts after them and signs that a line goes on: what is the
typesetter's goes.

Numbers are told by counting: three or more below each other, flush with one another, that go up by
the same step. Their face (font and size) is then known, and single ones in it go as well, so that a
block of one line loses its number. Where every line has one, a line keeps its number as a fact
(`Line.number`): it says what distances only let guess, which lines are blank and which go on. A
callout is a circled number, or one in parentheses or a font of its own behind code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sources.books.layout.glyphs import Font, Run
from sources.books.layout.grid import WRAPPED
from sources.books.layout.lines import Line, line_of
from sources.books.layout.measure import CODE, place, usual

FLUSH = 1.6
"""Points by which numbers' right or left edges differ at most."""
CHAIN = 3
APART = 0.3
"""Of the size: what stands behind a number is at least so far from it."""
COMPOSED = "→⇒֒˓\ufffd"
"""Parts of such a sign where no one character is it, and arrows in a font that is not code's."""
MARGIN = 2.0
"""Points left of the text: a number there is no text."""
CIRCLED = re.compile(r"^[①-⑳❶-❿➀-➓⓫-⓴⓵-⓾㉑-㉟]+$")
CALLOUT = re.compile(r"^(?:\(\d{1,2}\)|\d{1,2})$")

Face = tuple[int, float]


@dataclass(frozen=True)
class _Number:
    """A number at the start of a line: which line of the page, how many runs it has, its value."""

    at: int
    runs: int
    value: int
    left: float
    right: float
    face: Face
    differs: bool


def without_numbers(pages: Sequence[list[Line]], fonts: Sequence[Font]) -> list[list[Line]]:
    """The pages' lines without numbers of lines and callouts."""
    lefts = usual(pages).lefts
    found = [_numbers(lines) for lines in pages]
    chained = [_chained(numbers, lines) for numbers, lines in zip(found, pages, strict=True)]
    faces = Counter(number.face for numbers in chained for number in numbers)
    texts = Counter(
        (run.font, round(run.size, 1)) for lines in pages for line in lines for run in line.runs
    )
    known = {face for face, count in faces.items() if count > 0.5 * texts[face]}
    margin = {
        number.face
        for lines, numbers in zip(pages, found, strict=True)
        for number in numbers
        if _in_margin(number, lines, lefts) and _has_text(number, lines)
    }
    steps = Counter(
        after.value - before.value
        for sure in chained
        for before, after in pairwise(sorted(sure, key=lambda number: number.at))
    )
    every = 0 < 0.5 * steps.total() < steps[1]
    out = []
    for lines, numbers, sure in zip(pages, found, chained, strict=True):
        gone = {
            number.at: number
            for number in numbers
            if number in sure
            or (number.differs and number.face in known)
            or (number.face in margin and _in_margin(number, lines, lefts))
        }
        out.append(_without(lines, gone, fonts, every))
    return out


def _in_margin(
    number: _Number, lines: Sequence[Line], lefts: Mapping[tuple[int, int], float]
) -> bool:
    """Whether a number stands left of all text."""
    return number.differs and number.right < lefts.get(place(lines[number.at]), 0.0) - MARGIN


def _numbers(lines: Sequence[Line]) -> list[_Number]:
    found = []
    for at, line in enumerate(lines):
        text = ""
        for nth, run in enumerate(line.runs, 1):
            count = nth
            text += run.text.strip()
            if not text.isdecimal() or len(text) > 4:
                break
            while count < len(line.runs) - 1 and not line.runs[count].text.strip():
                count += 1
            following = line.runs[count] if count < len(line.runs) else None
            near = following is not None and _ink(following) - run.right < APART * run.size
            if near and following is not None and following.text[:1].isdecimal():
                continue
            if near:
                break
            face = (run.font, round(run.size, 1))
            differs = following is None or (following.font, round(following.size, 1)) != face
            differs = differs or following is None or following.colour != run.colour
            found.append(_Number(at, count, int(text), line.x0, run.right, face, differs))
            break
    return found


def _chained(numbers: Sequence[_Number], lines: Sequence[Line]) -> set[_Number]:
    sure: set[_Number] = set()
    chain: list[_Number] = []
    for number in numbers:
        if chain and not _next(chain, number, lines):
            _close(chain, lines, sure)
            chain = []
        chain.append(number)
    _close(chain, lines, sure)
    return sure


def _next(chain: Sequence[_Number], number: _Number, lines: Sequence[Line]) -> bool:
    last = chain[-1]
    step = number.value - last.value
    flush = abs(number.right - last.right) < FLUSH or abs(number.left - last.left) < FLUSH
    return (
        number.face == last.face
        and flush
        and 0 < step <= 10
        and (len(chain) < 2 or step == last.value - chain[-2].value)
        and lines[number.at].column == lines[last.at].column
        and lines[number.at].y > lines[last.at].y
    )


def _close(chain: Sequence[_Number], lines: Sequence[Line], sure: set[_Number]) -> None:
    """Take a chain for numbers of lines, unless they may be the code itself."""
    if len(chain) < CHAIN:
        return
    followed = [number for number in chain if _has_text(number, lines)]
    if len(followed) < 0.4 * len(chain):
        return
    beside = [_text_left(number, lines) for number in followed]
    clear = all(number.right < min(beside) for number in chain)
    if clear and all(number.differs for number in followed):
        sure.update(chain)


def _has_text(number: _Number, lines: Sequence[Line]) -> bool:
    line = lines[number.at]
    if number.runs < len(line.runs):
        return True
    return number.at + 1 < len(lines) and abs(lines[number.at + 1].y - line.y) < 0.3 * line.size


def _text_left(number: _Number, lines: Sequence[Line]) -> float:
    line = lines[number.at]
    if number.runs < len(line.runs):
        return _ink(line.runs[number.runs])
    return lines[number.at + 1].x0


def _ink(run: Run) -> float:
    """Where a run's first character that is no blank begins."""
    places = zip(run.text, run.lefts, strict=True)
    return next((left for char, left in places if not char.isspace()), run.right)


def _without(
    lines: Sequence[Line], gone: dict[int, _Number], fonts: Sequence[Font], every: bool
) -> list[Line]:
    """The lines, each with its number where `every` line has one."""
    out = []
    goes_on = signed = False
    waiting: tuple[int, float] | None = None
    for at, line in enumerate(lines):
        runs = line.runs[gone[at].runs :] if at in gone else line.runs
        number = gone[at].value if every and at in gone else 0
        if not runs:
            waiting = (number, line.y)
            continue
        if waiting and not number and abs(waiting[1] - line.y) < 0.3 * line.size:
            number = waiting[0]
        waiting = None
        if all(_is_sign(run, fonts) for run in runs) and (beside := _beside(lines, at)):
            goes_on = goes_on or beside < 0
            signed = signed or beside > 0
            continue
        arrows = _arrows(runs, fonts)
        kept = _without_callouts(runs[arrows:], fonts)
        wrapped = bool(arrows) or goes_on or signed
        signed = False
        goes_on = len(kept) > 1 and _is_sign(kept[-1], fonts)
        kept = kept[:-1] if goes_on else kept
        if len(kept) == len(line.runs) and not wrapped:
            out.append(replace(line, number=number) if number else line)
        elif kept:
            new = line_of(kept, line.page, fonts)
            new = replace(new, column=line.column, mark=line.mark)
            out.append(replace(new, wrapped=wrapped, number=number))
    return out


def _beside(lines: Sequence[Line], at: int) -> int:
    """Whether code stands behind a line (1), before it (-1) or neither (0)."""
    for step in (1, -1):
        if 0 <= at + step < len(lines):
            other = lines[at + step]
            if other.mono >= CODE and abs(other.y - lines[at].y) < 0.3 * other.size:
                return step
    return 0


def _arrows(runs: Sequence[Run], fonts: Sequence[Font]) -> int:
    """How many runs before a line of code say that it is the rest of the one above."""
    count = 0
    while count < len(runs) - 1 and _is_sign(runs[count], fonts):
        count += 1
    return count if all(fonts[run.font].mono for run in runs[count:]) else 0


def _is_sign(run: Run, fonts: Sequence[Font]) -> bool:
    text = run.text.strip()
    if not text or (fonts[run.font].mono and len(text) > 1):
        return False
    signs = WRAPPED if fonts[run.font].mono else WRAPPED + COMPOSED
    return all(char in signs for char in text)


def _without_callouts(runs: tuple[Run, ...], fonts: Sequence[Font]) -> tuple[Run, ...]:
    """Runs of a line of code without callouts at its end, nor the sign of a comment that held
    nothing else."""
    code = [run for run in runs if fonts[run.font].mono]
    if not code or not runs[0].text.strip():
        return runs
    end = len(runs)
    while end > 1 and _is_callout(runs, end - 1, fonts):
        end -= 1
    if not "".join(run.text for run in runs[end:]).strip():
        return runs
    if sum(fonts[run.font].mono for run in runs[:end]) < end:
        return runs
    while end > 1 and runs[end - 1].text.strip() in ("#", "//", "%", "%%", "--", ""):
        end -= 1
    return (*runs[: end - 1], _bare(runs[end - 1]))


def _bare(run: Run) -> Run:
    """A run without blanks at its end: before a callout they do not say that a line is broken."""
    length = len(run.text.rstrip())
    if not 0 < length < len(run.text):
        return run
    return replace(
        run, text=run.text[:length], lefts=run.lefts[:length], rights=run.rights[:length]
    )


def _is_callout(runs: Sequence[Run], at: int, fonts: Sequence[Font]) -> bool:
    run = runs[at]
    text = run.text.strip()
    if not text or CIRCLED.match(text):
        return bool(text) or at == len(runs) - 1
    if not CALLOUT.match(text):
        return False
    before = runs[at - 1]
    far = run.left - before.right > 0.4 * run.size or before.text.endswith(" ")
    return far and not fonts[run.font].mono
