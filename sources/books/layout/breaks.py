"""Blank lines where a block of code runs over a page's end, which no distance tells.

At the top of a page a blank line leaves its space. At the bottom it looks like a page that ended a
line early, so a book is asked how it writes: between lines like these two, does a blank line mostly
stand? Only pages that always end at the same height need no asking.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

ENOUGH = 3
"""Times that a pair of lines was seen before it decides."""

KINDS = re.compile(
    r"(?P<prompt>(?:iex|\.\.\.)(?:\(\d+\))?>|\$ )"
    r"|(?P<comment>#(?!=>|\{|PID)|%%|//)|(?P<result>\#=>)"
    r"|(?P<attribute>@\w+)|(?P<define>def\w*\b)|(?P<test>(?:test|describe|setup\w*)\b)"
    r"|(?P<directive>(?:use|import|alias|require)\b)|(?P<branch>(?:else|rescue|after|catch)\b)"
    r"|(?P<end>end\b)|(?P<close>[)\]}>])|(?P<pipe>\|)|(?P<heredoc>\"\"\")|(?P<list>[*+-] )"
    r"|(?P<upper>[A-Z])|(?P<open>[\[{(%<\"'])|(?P<word>\w)|(?P<atom>:)"
)
ENDINGS = re.compile(
    r"(?P<do>\bdo$)|(?P<arrow>->$)|(?P<comma>,$)|(?P<opens>[(\[{]$)|(?P<stop>[.:]$)"
)


def _kind(text: str) -> str:
    found = KINDS.match(text.strip())
    return (found.lastgroup or "other") if found else "other"


def _ending(text: str) -> str:
    found = ENDINGS.search(text.rstrip())
    return (found.lastgroup or "") if found else ""


def _keys(above: str, below: str) -> tuple[tuple[str, ...], ...]:
    """What a pair of lines is like, from exactly to roughly."""
    deeper = (len(below) - len(below.lstrip())) - (len(above) - len(above.lstrip()))
    sign = "in" if deeper > 0 else "out" if deeper < 0 else "same"
    one, other, end = _kind(above), _kind(below), _ending(above)
    return (one, end, other, sign), (one, other, sign), (end, other, sign), (other, sign)


class Habits:
    """How often a blank line stands between lines of some kinds, in a document's own code."""

    def __init__(self, blocks: Sequence[Sequence[str]]) -> None:
        self._blank: Counter[tuple[str, ...]] = Counter()
        self._every: Counter[tuple[str, ...]] = Counter()
        for lines in blocks:
            above = ""
            blank = False
            for line in lines:
                if not line.strip():
                    blank = True
                    continue
                if above:
                    for key in _keys(above, line):
                        self._every[key] += 1
                        self._blank[key] += blank
                above = line
                blank = False

    def likely_blank(self, above: str, below: str) -> bool:
        for key in _keys(above, below):
            if self._every[key] >= ENOUGH:
                return self._blank[key] > 0.5 * self._every[key]
        return False
