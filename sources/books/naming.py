"""What books and chapters are called: titles as words, as parts of a path, and ISBNs."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
"""Characters of a name made from a title."""

_GAP = r"[ \u2010-\u2013-]?"
_ISBN = re.compile(
    rf"(?<![\dA-Za-z])(97[89]{_GAP}(?:\d{_GAP}){{9}}\d|(?:\d{_GAP}){{9}}[\dXx])(?![\dA-Za-z])"
)
_NUMBER = re.compile(
    r"(?:chapter|appendix|kapitel|anhang)\s+(?:\d{1,3}|[A-Z]|[IVXLC]{1,6})\s*(?:[.:–—-]\s*|\s)"
    r"|\d{1,3}(?:\.\d{1,3})*[.:)]\s+|(?:\d{1,3}|[A-Z])(?:\.\d{1,3})+\s+",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"(?:\d{1,3}|[A-Z])\s+(?=\S)")
_NO_TITLE = re.compile(
    r"(?:untitled|unknown|document\d*|title|book|microsoft word.*"
    r"|.*\.(?:docx?|tex|dvi|indd|md|html?|pdf))",
    re.IGNORECASE,
)


def slug(title: str, otherwise: str = "") -> str:
    """A title as part of a path: lower-case ASCII letters, digits and hyphens. A title without any
    such letter gives `otherwise`."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", plain.decode().lower().replace("'", ""))
    name = ""
    for word in words:
        if name and len(name) + 1 + len(word) > LONGEST:
            break
        name = f"{name}-{word}" if name else word[:LONGEST]
    return name or otherwise


def is_title(text: str) -> bool:
    """Whether what a file gives as its title is one, no leftover of the program that made it."""
    return bool(text.strip()) and not _NO_TITLE.fullmatch(text.strip())


def unnumbered(title: str, bare: bool = False) -> str:
    """A title without its number ("Chapter 3: Processes", "3.1 Links"); with `bare` also without
    one that nothing parts from the words ("3 Processes", but "3 ways to wait" too)."""
    title = title.strip()
    found = _NUMBER.match(title) or (_BARE_NUMBER.match(title) if bare else None)
    return (title[found.end() :] if found else title) or title


def has_bare_number(title: str) -> bool:
    return bool(re.match(r"\d{1,3}\s+\S", title))


def isbn(text: str) -> str:
    """The first ISBN in a text whose check digit is right, as 13 digits; "" without one."""
    for match in _ISBN.finditer(text):
        digits = re.sub(r"[^\dX]", "", match[1].upper())
        if len(digits) == 13 and _sum13(digits) == 0:
            return digits
        if len(digits) == 10 and _sum10(digits) == 0:
            body = "978" + digits[:9]
            return body + str(-_sum13(body + "0") % 10)
    return ""


def _sum13(digits: str) -> int:
    return sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10


def _sum10(digits: str) -> int:
    values = [10 if d == "X" else int(d) for d in digits]
    return sum(value * (10 - at) for at, value in enumerate(values)) % 11
