"""Two texts as one list of lines, as a diff has them, in bounded time.

Lines that stand once in both texts, in the same order, are anchors (Cohen's patience diff); between
two of them `difflib` finds what is equal. Where there are too many lines without an anchor, all of
them count as replaced: texts made to take long cost a diff that is less neat, and no time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

LARGEST_MATCH = 250_000
"""Lines before times lines after, between two anchors, up to which they are compared."""


def lines_of(text: str) -> list[str]:
    """Lines with their ends; only a newline ends a line."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def compared(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Both texts as one list of lines, each with ` `, `-` or `+` before it."""
    at, into = 0, 0
    for a, b in [*_anchors(before, after), (len(before), len(after))]:
        yield from _between(before[at:a], after[into:b])
        yield from ((" ", line) for line in before[a : a + 1])
        at, into = a + 1, b + 1


def _between(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    start, end = 0, 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    same = [Match(len(old), len(new), 0)]
    if len(old) * len(new) <= LARGEST_MATCH:
        same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    yield from ((" ", line) for line in before[:start])
    at, into = 0, 0
    for a, b, size in same:
        yield from (("-", line) for line in old[at:a])
        yield from (("+", line) for line in new[into:b])
        yield from ((" ", line) for line in old[a : a + size])
        at, into = a + size, b + size
    yield from ((" ", line) for line in before[len(before) - end :])


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The longest row of lines that stand once in each text, rising in both: their places."""
    once = {line for line, count in Counter(before).items() if count == 1}
    once &= {line for line, count in Counter(after).items() if count == 1}
    where = {line: at for at, line in enumerate(after) if line in once}
    pairs = [(at, where[line]) for at, line in enumerate(before) if line in once]
    tops: list[int] = []  # the smallest end, in `after`, of a rising row of each length
    last: list[int] = []  # which pair that end is
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        previous.append(last[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        last[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]
