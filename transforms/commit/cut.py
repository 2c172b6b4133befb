"""The part of a file that a change is about, before and after, cut at syntax boundaries.

A `Cut` shows whole items (`transforms.commit.items`) around every changed line, within the frame of
the modules that hold them; what is left out between them leaves a mark, `# ...`. Both sides have
the same marks in the same order, and what a mark stands for is the same on both, so that the code
after can be put in the place of the code before exactly (`Cut.applied` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from transforms.commit.items import Item
from transforms.commit.patch import Hunk

MARKS = {"elixir": "# ...", "erlang": "%% ..."}
WHOLE = 40
"""Lines up to which a file is shown whole."""
GAP = 4
"""Lines up to which what lies between two shown parts is shown too."""
ANCHOR = 24
"""Lines up to which a neighbour is shown where there is nothing before, or nothing after."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that are shown: of the file before, and of the file after."""

    before: Range
    after: Range


@dataclass(frozen=True)
class Cut:
    """The shown parts of a file, in order, and the lines of both its sides."""

    parts: tuple[Part, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    mark: str

    @property
    def marked(self) -> bool:
        """Whether something between two parts is left out."""
        return any(self._is_marked(a, b) for a, b in pairwise(self.parts))

    def shown(self, *, after: bool) -> str:
        """The code of one side, as it is shown."""
        lines = self.after if after else self.before
        said: list[str] = []
        for at, part in enumerate(self.parts):
            if at:
                said += self._between(self.parts[at - 1], part)
            start, end = part.after if after else part.before
            said += lines[start:end]
        return "".join(said)

    def applied(self, shown: str) -> str:
        """The file before with `shown` (`shown(after=True)`, or somebody's answer) in the place of
        what was shown of it. Raises ValueError when the marks are not those that were asked for."""
        lines = [f"{line}\n" for line in shown.removesuffix("\n").split("\n")]
        whole = list(self.before[: self.parts[0].before[0]])
        for last, part in pairwise(self.parts):
            gap = self.before[last.before[1] : part.before[0]]
            stands_for = self._between(last, part)
            at = _found(lines, stands_for)
            whole += [*lines[:at], *gap]
            lines = lines[at + len(stands_for) :]
        if any(line.strip() == self.mark for line in lines):
            raise ValueError("there are more marks than were asked for")
        rest = self.before[self.parts[-1].before[1] :]
        if not rest and self.before and not self.before[-1].endswith("\n"):
            lines[-1:] = [line.removesuffix("\n") for line in lines[-1:]]
        return "".join([*whole, *lines, *rest])

    def _is_marked(self, one: Part, other: Part) -> bool:
        return any(line.strip() for line in self.before[one.before[1] : other.before[0]])

    def _between(self, one: Part, other: Part) -> list[str]:
        """What stands in the place of a gap: itself when it is blank, else the mark, with a blank
        line where the gap begins or ends with one."""
        gap = self.before[one.before[1] : other.before[0]]
        if not self._is_marked(one, other):
            return list(gap)
        indents = [line[: len(line) - len(line.lstrip())] for line in gap if line.strip()]
        above = [] if gap[0].strip() else ["\n"]
        below = [] if gap[-1].strip() else ["\n"]
        return [*above, f"{min(indents, key=len)}{self.mark}\n", *below]


def _found(lines: Sequence[str], wanted: Sequence[str]) -> int:
    for at in range(len(lines) - len(wanted) + 1):
        if list(lines[at : at + len(wanted)]) == list(wanted):
            return at
    raise ValueError("a mark that was asked for is missing")


def cut(
    before: Sequence[str],
    after: Sequence[str],
    hunks: Sequence[Hunk],
    items: tuple[Sequence[Item], Sequence[Item]],
    language: str,
) -> Cut:
    """The cut of a file whose lines and items before and after are these."""
    if max(len(before), len(after)) <= WHOLE:
        parts = [Part((0, len(before)), (0, len(after)))]
    else:
        regions = _grown([Part(*hunk) for hunk in hunks], items)
        regions = _grown(_anchored(regions, items, before, after), items)
        parts = _joined([*regions, *_frames(regions, items[0])], before)
    return Cut(tuple(parts), tuple(before), tuple(after), MARKS[language])


def _grown(regions: list[Part], items: tuple[Sequence[Item], Sequence[Item]]) -> list[Part]:
    """Regions widened until they begin and end with whole items on both sides."""
    mirrored = [Part(region.after, region.before) for region in regions]
    while True:
        wanted = []
        for region in regions:
            low, high = _widened(items[0], *region.before)
            low_after, high_after = _widened(items[1], *region.after)
            low = min(low, _across(mirrored, low_after, end=False))
            high = max(high, _across(mirrored, high_after, end=True))
            wanted.append((low, high))
        wider = _merged(regions, wanted)
        if wider == regions:
            return regions
        regions = wider
        mirrored = [Part(region.after, region.before) for region in regions]


def _across(regions: Sequence[Part], line: int, *, end: bool) -> int:
    """Where a line of the file before is in the file after, as the `end` of a range or as its
    start. Lines between regions are equal; one inside of a region is where that ends, or starts."""
    shift = 0
    for region in regions:
        low, high = region.before
        if high <= line and (low < line or not end):
            shift = region.after[1] - high
        elif low < line:
            return region.after[1 if end else 0]
        else:
            break
    return line + shift


def _merged(regions: Sequence[Part], wanted: Sequence[Range]) -> list[Part]:
    """The regions with these lines of the file before; those that meet become one."""
    groups: list[tuple[Range, list[Part]]] = []
    for region, (low, high) in sorted(zip(regions, wanted, strict=True), key=lambda pair: pair[1]):
        if groups and low < groups[-1][0][1]:
            (start, end), members = groups.pop()
            groups.append(((start, max(end, high)), [*members, region]))
        else:
            groups.append(((low, high), [region]))
    return [
        Part(
            (low, high),
            (
                min(_across(regions, low, end=False), *(m.after[0] for m in members)),
                max(_across(regions, high, end=True), *(m.after[1] for m in members)),
            ),
        )
        for (low, high), members in groups
    ]


def _widened(items: Sequence[Item], low: int, high: int) -> Range:
    """The lines of the items that these lines touch, as deep inside as they lie."""
    while True:
        touched = [
            item
            for item in items
            if (item.start < high and low < item.end)
            or (low == high and item.start < low < item.end)
        ]
        if not touched:
            return low, high
        only = touched[0]
        if len(touched) == 1 and only.inner and only.head <= low and high <= only.tail:
            items = only.inner
            continue
        return min(low, touched[0].start), max(high, touched[-1].end)


def _anchored(
    regions: list[Part],
    items: tuple[Sequence[Item], Sequence[Item]],
    before: Sequence[str],
    after: Sequence[str],
) -> list[Part]:
    """Regions that are blank on one side, with a neighbour beside them to tell their place."""
    wanted = []
    for region in regions:
        low, high = region.before
        blank = [
            not any(line.strip() for line in lines[start:end])
            for lines, (start, end) in ((before, region.before), (after, region.after))
        ]
        up, down = _neighbour(items[0], low, high) if any(blank) else (0, 0)
        wanted.append((low - up, high + down))
    return _merged(regions, wanted)


def _neighbour(items: Sequence[Item], low: int, high: int) -> tuple[int, int]:
    """How many lines up, or down, the item next to these lines reaches; (0, 0) for none."""
    for item in items:
        if item.inner and item.head <= low and high <= item.tail:
            return _neighbour(item.inner, low, high)
    above = [item for item in items if item.end <= low and not item.inner]
    below = [item for item in items if item.start >= high and not item.inner]
    if above and above[-1].lines <= ANCHOR:
        return low - above[-1].start, 0
    if below and below[0].lines <= ANCHOR:
        return 0, below[0].end - high
    return 0, 0


def _frames(regions: Sequence[Part], items: Sequence[Item]) -> list[Part]:
    """The first and last lines of the modules that hold regions."""
    frames: dict[Range, Part] = {}
    for region in regions:
        inside = items
        while True:
            low, high = region.before
            around = [i for i in inside if i.inner and i.head <= low and high <= i.tail]
            if not around:
                break
            for start, end in ((around[0].start, around[0].head), (around[0].tail, around[0].end)):
                shift = sum(
                    (r.after[1] - r.after[0]) - (r.before[1] - r.before[0])
                    for r in regions
                    if r.before[1] <= start
                )
                frames[start, end] = Part((start, end), (start + shift, end + shift))
            inside = around[0].inner
    return list(frames.values())


def _joined(parts: list[Part], before: Sequence[str]) -> list[Part]:
    """Parts in order; those with few lines between them, or blank ones alone, become one."""
    joined: list[Part] = []
    for part in sorted(parts, key=lambda part: (part.before, part.after)):
        last = joined[-1] if joined else None
        if last is not None:
            gap = before[last.before[1] : part.before[0]]
            if len(gap) <= GAP or not any(line.strip() for line in gap):
                joined[-1] = Part(
                    (last.before[0], max(last.before[1], part.before[1])),
                    (last.after[0], max(last.after[1], part.after[1])),
                )
                continue
        joined.append(part)
    return joined
