"""Pieces of text as Markdown of one line each."""

from __future__ import annotations

import re

_STRUCTURE = re.compile(
    r"(?:#{1,6}(?:\s|$)|>|[-+*](?:\s|$)|```|~~~|<[A-Za-z/!?]|(?:=+|-+|_{3,}|\*{3,})\s*$|\|"
    r"|\[\^?[^\]]{1,40}\]:|\[(?:figure|table)\b)"
)
_ITEM = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u2002-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"), None)


def ticked(text: str) -> str:
    """Inline code between as many backticks as it needs."""
    runs = {len(run) for run in re.findall(r"`+", text)}
    count = next(size for size in range(1, len(runs) + 2) if size not in runs)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{'`' * count}{pad}{text}{pad}{'`' * count}"


def clean(text: str | None) -> str:
    return (text or "").translate(_INVISIBLE)


def line(text: str) -> str:
    """The text on one line, each run of blanks as one."""
    return _SPACE.sub(" ", text).strip()


def wrapped(inner: str, mark: str) -> str:
    """Emphasis hugs its words: the blanks at its ends stand outside."""
    bare = inner.strip()
    if not bare or "*" in bare:
        return inner
    lead = inner[: len(inner) - len(inner.lstrip())]
    return f"{lead}{mark}{bare}{mark}{inner[len(inner.rstrip()) :]}"


def safe(text: str) -> str:
    """A paragraph that begins as something else would in Markdown gets a backslash."""
    item = _ITEM.match(text)
    if item:
        return f"{item[1]}\\{text[item.end(1) :]}"
    return f"\\{text}" if _STRUCTURE.match(text) and not text.startswith(("**", "`")) else text
