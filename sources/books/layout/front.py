"""What a book says of itself before its first chapter: ISBN, and title where the file has none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sources.books.layout.glyphs import Font
from sources.books.layout.lines import Line
from sources.books.layout.prose import line_text

PAGES = 12
"""The first pages, where title and imprint are; the imprint is looked for on the last two, too."""
ISBN = re.compile(
    r"ISBN(?:-1[03])?(?:\s*\((?:print|ebook|e-book|pdf|epub)\))?\s*:?\s*([\dX\-‐–\s]{10,20})", re.I
)
ANY_13 = re.compile(r"\b97[89][\-‐– ]?(?:\d[\-‐– ]?){9}\d\b")


def isbn(texts: Sequence[str]) -> str:
    """The first valid ISBN in texts, as digits; "" without one."""
    for text in texts:
        for found in (*ISBN.findall(text), *ANY_13.findall(text)):
            digits = re.sub(r"[^\dXx]", "", found).upper()
            for length in (13, 10):
                if _is_valid(digits[:length]):
                    return digits[:length]
    return ""


def _is_valid(digits: str) -> bool:
    if len(digits) == 13 and digits.isdecimal() and digits.startswith(("978", "979")):
        return sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10 == 0
    if len(digits) == 10 and digits[:9].isdecimal():
        values = [10 if d == "X" else int(d) for d in digits]
        return sum((10 - n) * value for n, value in enumerate(values)) % 11 == 0
    return False


def imprint(pages: Sequence[Sequence[Line]], fonts: Sequence[Font]) -> list[str]:
    """The text of the pages where an ISBN may stand."""
    near = [*pages[:PAGES], *pages[max(PAGES, len(pages) - 2) :]]
    return [" ".join(line_text(line, fonts, None) for line in page) for page in near]


def title(pages: Sequence[Sequence[Line]], fonts: Sequence[Font], until: int) -> str:
    """The largest words on the pages before `until`, where the first chapter begins."""
    lines = [line for page in pages[: min(3, max(0, until - 1))] for line in page if not line.mark]
    if not lines:
        return ""
    largest = max(line.size for line in lines)
    parts = [line_text(line, fonts, None) for line in lines if line.size > 0.97 * largest]
    return " ".join(parts[:3])
