"""What a page holds, as this package sees it: runs of characters with their places, lines and
boxes drawn, images.

Units are points, y grows downwards, and a run's `y` is its baseline. Spaces are no characters here
unless the file has them as such: what is between two characters is told by the distance, for prose
in `prose` and for code in `grid`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Font:
    """A font of the document. `mono` says that all its characters are equally wide."""

    name: str
    mono: bool
    bold: bool
    italic: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in one font and size on one baseline, as they came, each with its left and right
    edge; `order` counts runs as the page draws them."""

    text: str
    lefts: Sequence[float]
    rights: Sequence[float]
    y: float
    size: float
    font: int
    colour: int
    order: int

    @property
    def left(self) -> float:
        return self.lefts[0]

    @property
    def right(self) -> float:
        return self.rights[-1]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: of a fill, an image, a line drawn (then it is thin)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def holds(self, x: float, y: float, slack: float = 0.0) -> bool:
        return self.x0 - slack <= x <= self.x1 + slack and self.y0 - slack <= y <= self.y1 + slack


@dataclass(frozen=True, slots=True)
class Link:
    """Where a page has a link to another place of the same document."""

    box: Box
    page: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `number` counts from 1 and `label` is what the file says is printed on it ("")."""

    number: int
    width: float
    height: float
    runs: tuple[Run, ...]
    rules: tuple[Box, ...] = ()
    fills: tuple[Box, ...] = ()
    images: tuple[Box, ...] = ()
    links: tuple[Link, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline: its level from 1, and where it points (page 0: nowhere)."""

    level: int
    title: str
    page: int
    y: float


@dataclass(frozen=True, slots=True)
class Pdf:
    """All of a file that the rest of this package looks at."""

    pages: tuple[Page, ...]
    fonts: tuple[Font, ...]
    outline: tuple[Bookmark, ...]
    title: str = ""
    author: str = ""
    language: str = ""
    producer: str = ""
    about: str = ""
    """Subject and keywords, where an ISBN may stand."""
