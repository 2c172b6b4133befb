"""Notes at a page's foot, taken out of the text that they interrupt.

A note begins with a raised number or sign, in type smaller than the text, below all text of its
column. It comes back after the section that refers to it, as `[^1]: …`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sources.books.layout.characters import Typed
from sources.books.layout.glyphs import Font
from sources.books.layout.lines import Line
from sources.books.layout.measure import CODE, Usual
from sources.books.layout.prose import join, line_text

SMALLER = 0.94
"""Of the text's size: a note's is smaller."""
SIGNS = "*†‡§¶"


@dataclass(frozen=True)
class Note:
    label: str
    lines: tuple[Line, ...]


def split(pages: Sequence[Sequence[Line]], usual: Usual) -> tuple[list[list[Line]], list[Note]]:
    """The pages' lines without notes, and the notes in order."""
    kept: list[list[Line]] = []
    notes: list[Note] = []
    for lines in pages:
        gone: set[int] = set()
        for column in sorted({line.column for line in lines}):
            found = _of_column([line for line in lines if line.column == column], usual)
            notes += found
            gone |= {id(line) for note in found for line in note.lines}
        kept.append([line for line in lines if id(line) not in gone])
    return kept, notes


def _of_column(lines: Sequence[Line], usual: Usual) -> list[Note]:
    start = len(lines)
    while start and _is_small(lines[start - 1], usual):
        start -= 1
    while start < len(lines) and not _label(lines[start]):
        start += 1
    found: list[list[Line]] = []
    for line in lines[start:]:
        if _label(line):
            found.append([line])
        else:
            found[-1].append(line)
    return [Note(_label(group[0]), tuple(group)) for group in found]


def _is_small(line: Line, usual: Usual) -> bool:
    return line.size < SMALLER * usual.body and line.mono < CODE and not line.mark


def _label(line: Line) -> str:
    """The number or sign that a note begins with, "" where it is none or not raised."""
    first = line.runs[0]
    text = first.text.strip()
    raised = first.size < 0.9 * line.size and first.y < line.y - 0.1 * line.size
    if not raised or not text or len(line.runs) < 2:
        return ""
    if text.isdecimal() and len(text) < 4:
        return text
    return text if all(char in SIGNS for char in text) else ""


def text(note: Note, fonts: Sequence[Font], typed: Typed, known: frozenset[str]) -> str:
    """The note as Markdown has it."""
    said = ""
    for n, line in enumerate(note.lines):
        part = line_text(line, fonts, typed, notes=False)
        said = part.removeprefix(note.label).lstrip() if n == 0 else join(said, part, known)
    return f"[^{note.label}]: {said}"
