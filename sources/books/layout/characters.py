"""Characters as an author typed them, from those that a typesetter put in their place."""

from __future__ import annotations

from collections.abc import Iterable

LIGATURES = {
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st", "Ĳ": "IJ",
    "ĳ": "ij",
}  # fmt: skip
INVISIBLE = "\u200b\u200c\u2060\ufeff\u200e\u200f"
SPACES = "\t\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
PLAIN = str.maketrans(LIGATURES | dict.fromkeys(INVISIBLE, "") | dict.fromkeys(SPACES, " "))

TYPOGRAPHIC = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'",
    "″": '"', "‐": "-", "‑": "-", "‒": "-", "−": "-", "–": "-", "…": "...", "\u00ad": "-",
    "ʼ": "'", "´": "'", "ˋ": "`", "∗": "*", "⁎": "*", "∼": "~", "˜": "~", "ˆ": "^", "∣": "|",
    "⟨": "<", "⟩": ">", "〈": "<", "〉": ">", "¦": "|",
}  # fmt: skip
ARROWS = {
    "→": "->", "←": "<-", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=", "⟶": "-->", "⟵": "<--",
    "⟹": "==>", "≡": "==", "▷": "|>", "—": "--", "⧺": "++", "≔": ":=", "∷": "::", "↦": "|->",
    "⩵": "==", "⩶": "===",
}  # fmt: skip
"""Ligatures of programming fonts that a file may name by the sign they look like."""


def plain(text: str) -> str:
    """Ligatures spelled out, all spaces plain, nothing invisible."""
    return text.translate(PLAIN)


class Typed:
    """How a document's code is to be read back, told from all of it.

    A book whose code has no straight quote had them all made typographic; where straight ones are
    usual, a typographic one is what the author wrote. TeX without `upquote` prints a backtick as ‘
    and an apostrophe as ’.
    """

    def __init__(self, code: Iterable[str], tex: bool) -> None:
        counts: dict[str, int] = {}
        for text in code:
            for char in text:
                counts[char] = counts.get(char, 0) + 1
        self._map: dict[str, str] = {}
        for char, typed in TYPOGRAPHIC.items():
            if char not in counts:
                continue
            straight = counts.get(typed[0], 0)
            if typed in "\"'`":
                keep = straight > 4 * counts[char]
            elif typed == "..." or char in "–−":
                keep = straight > 20 * counts[char]
            else:
                keep = False
            if not keep:
                self._map[char] = typed
        if tex and "‘" in self._map and counts.get("`", 0) == 0:
            self._map["‘"] = "`"

    def read(self, text: str) -> str:
        for char, typed in self._map.items():
            if char in text:
                text = text.replace(char, typed)
        return text
