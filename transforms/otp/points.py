"""Points of a nested list in Markdown, and how a head and what follows it become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Point:
    """A line of a list with what stands below it. A point that stands `alone` is a branch: it is
    never joined with its neighbours on one line."""

    text: str
    below: tuple[Point, ...] = ()
    alone: bool = False


def headed(head: str, points: Sequence[Point], *, alone: bool = False) -> Point:
    """One point that begins with `head`: short ones on its line, a branch at the end below it,
    and everything below it when branches stand in between."""
    points = _level(points)
    if not points:
        return Point(head, (), alone)
    flat = all(not point.below and not point.alone for point in points[:-1])
    last = points[-1]
    if flat and not last.alone:
        text = "; ".join(point.text for point in points)
        return Point(f"{head}: {text}", last.below, alone)
    if len(points) == 1:
        return Point(f"{head}: {last.text}", last.below, alone)
    return Point(head, tuple(points), alone)


def _level(points: Sequence[Point]) -> list[Point]:
    """Points without text stand for what is below them."""
    found: list[Point] = []
    for point in points:
        found += [point] if point.text else [replace(p, alone=True) for p in point.below]
    return found


def rendered(points: Iterable[Point], margin: str = "") -> str:
    """The list as text: `- ` before each point, two columns more for each level."""
    lines: list[str] = []
    for point in points:
        end = ":" if point.below else "."
        text = point.text if point.text.endswith((".", "!", "?", ":")) else point.text + end
        lines.append(f"{margin}- {text}")
        if point.below:
            lines.append(rendered(point.below, margin + "  "))
    return "\n".join(lines)


def count(points: Iterable[Point]) -> int:
    """How many lines the list takes."""
    return sum(1 + count(point.below) for point in points)
