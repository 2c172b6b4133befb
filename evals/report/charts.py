"""Charts as inline SVG: points with their intervals, and shares of a whole. No script, no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.report.html import Html, join, tag
from evals.statistics import Interval

ROW = 30
LEFT = 170
WIDTH = 460
RIGHT = 190


@dataclass(frozen=True)
class Point:
    """A value from 0 to 1 with its interval; None is told as `instead`."""

    value: float | None
    interval: Interval | None
    instead: str = ""


def points(rows: Sequence[tuple[str, Sequence[Point]]], label: str) -> Html:
    """A row for each name, in it a dot with whiskers for each run, over an axis from 0 to 1."""
    runs = max((len(found) for _, found in rows), default=1)
    step = ROW if runs == 1 else ROW + 16
    height = step * len(rows) + 28
    parts = [
        join(
            (
                tag("line", x1=_x(i / 4), x2=_x(i / 4), y1=4, y2=height - 22, class_="grid"),
                tag("text", f"{i * 25} %", x=_x(i / 4), y=height - 6, text_anchor="middle"),
            )
        )
        for i in range(5)
    ]
    for number, (name, found) in enumerate(rows):
        middle = step * number + step / 2 + 2
        parts.append(tag("text", name, x=LEFT - 12, y=middle + 4, text_anchor="end", class_="name"))
        for run, point in enumerate(found):
            parts.append(_point(point, middle + 16 * (run - (len(found) - 1) / 2), run))
    size = {"viewBox": f"0 0 {LEFT + WIDTH + RIGHT} {height}", "role": "img", "aria_label": label}
    return tag("svg", *parts, class_="points", **size)


def _point(point: Point, y: float, run: int) -> Html:
    if point.value is None:
        return tag("text", point.instead or "not measured", x=LEFT + 8, y=y + 4, class_="none")
    told = f"{point.value:.1%}"
    whiskers = None
    if point.interval is not None:
        low, high = point.interval.low, point.interval.high
        told += f"  [{low:.1%}, {high:.1%}]"
        whiskers = join(
            (
                tag("line", x1=_x(low), x2=_x(high), y1=y, y2=y),
                tag("line", x1=_x(low), x2=_x(low), y1=y - 4, y2=y + 4),
                tag("line", x1=_x(high), x2=_x(high), y1=y - 4, y2=y + 4),
            )
        )
    return tag(
        "g",
        whiskers,
        tag("circle", cx=_x(point.value), cy=y, r=4.5),
        tag("text", told, x=LEFT + WIDTH + 14, y=y + 4),
        class_=f"run-{run}",
    )


def _x(value: float) -> str:
    return f"{LEFT + WIDTH * min(1.0, max(0.0, value)):.1f}"


def shares(counts: dict[str, int], label: str) -> Html:
    """One bar, in it a part for each name, as wide as its count; `.outcome-NAME` colours it."""
    total = sum(counts.values()) or 1
    width = LEFT + WIDTH + RIGHT
    at = 0.0
    parts = []
    for name, count in counts.items():
        part = width * count / total
        parts.append(
            tag(
                "rect",
                tag("title", f"{count} {name}"),
                x=f"{at:.1f}",
                y=0,
                width=f"{max(part - 1, 0.5):.1f}",
                height=18,
                class_=f"outcome-{name}",
            )
        )
        at += part
    return tag(
        "svg", *parts, viewBox=f"0 0 {width} 18", class_="shares", role="img", aria_label=label
    )
