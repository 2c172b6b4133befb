"""Text of lines that are no code: words from distances, inline code, words broken at line ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sources.books.layout.characters import Typed, plain
from sources.books.layout.glyphs import Font
from sources.books.layout.lines import Line

SPACE = 0.13
"""Of the size: runs and characters farther apart are two words."""
MONO_SPACE = 0.3
"""The same for monospaced characters, of the size."""
BROKEN = re.compile(r"([^\W\d_]+)-$")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def line_text(line: Line, fonts: Sequence[Font], typed: Typed | None, *, notes: bool = True) -> str:
    """The line as Markdown: inline code between backticks, numbers of footnotes as `[^1]`. Without
    `typed` as bare text."""
    parts: list[tuple[bool, str]] = []
    end = line.x0
    main = line.main
    for run in line.runs:
        mono = fonts[run.font].mono and typed is not None
        if notes and typed is not None and _is_note(run.text, run.size, run.y, main.size, main.y):
            parts.append((False, f"[^{run.text.strip()}]"))
            end = run.right
            continue
        text: list[str] = []
        limit = MONO_SPACE if fonts[run.font].mono else SPACE
        for x, right, char in zip(run.lefts, run.rights, run.text, strict=True):
            if char.isspace():
                text.append(" ")
            else:
                apart = limit if text else min(limit, SPACE)
                if x - end > apart * run.size and (text or parts):
                    if not text and parts and parts[-1][0] != mono:
                        parts.append((False, " "))
                    else:
                        text.append(" ")
                text.append(char)
            end = max(end, right)
        parts.append((mono, "".join(text)))
    return _spans(parts, typed)


def _is_note(text: str, size: float, y: float, main_size: float, main_y: float) -> bool:
    return (
        size < 0.82 * main_size
        and y < main_y - 0.15 * main_size
        and text.strip().isdecimal()
        and len(text.strip()) < 4
    )


def _spans(parts: Sequence[tuple[bool, str]], typed: Typed | None) -> str:
    out: list[str] = []
    code: list[str] = []

    def close() -> None:
        if code and typed is not None:
            text = typed.read(plain("".join(code)))
            bare = text.strip()
            lead = text[: len(text) - len(text.lstrip())]
            if bare:
                out.append(lead + ticked(bare) + text[len(text.rstrip()) :])
            else:
                out.append(text)
            code.clear()

    for mono, text in parts:
        if mono or (not text.strip() and code):
            code.append(text)
        else:
            close()
            out.append(plain(text))
    close()
    return re.sub(r" {2,}", " ", "".join(out)).strip()


def ticked(code: str) -> str:
    """Inline code between as many backticks as it needs."""
    runs = {len(found) for found in re.findall(r"`+", code)}
    count = 1
    while count in runs:
        count += 1
    fence = "`" * count
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence}{pad}{code}{pad}{fence}"


def words(texts: Sequence[str]) -> frozenset[str]:
    """All words that stand whole on a line, in lower case."""
    return frozenset(word.lower() for text in texts for word in WORD.findall(text))


def join(left: str, right: str, known: frozenset[str]) -> str:
    """Two lines of a paragraph as one text. A hyphen at the end goes where the word is known
    without it, or is known in no form and goes on in lower case."""
    if not left or not right:
        return left + right
    if left.endswith("\u00ad"):
        return left[:-1] + right
    broken = BROKEN.search(left)
    rest = WORD.match(right)
    if broken and rest and right[0].islower() and not left.endswith("`"):
        whole = (broken.group(1) + rest.group(0)).lower()
        hyphened = f"{broken.group(1)}-{rest.group(0)}".lower()
        if whole in known or hyphened not in known:
            return left[:-1] + right
        return left + right
    if broken and rest:
        return left + right
    if left.endswith("`") and right.startswith("`") and not left.endswith("``"):
        return f"{left[:-1]} {right[1:]}"
    return f"{left} {right}"
