"""Difficulty: how hard a row is to answer, from the structure of the code it is about.

Points for the length of what has to be written, for how deep control structures nest, for how many
kinds of construct take part, for processes and for metaprogramming; the sum decides the level.
The steps of each measure are quantiles over the 60,000 functions and tests of 16 Debian packages
(Elixir 1.18, RabbitMQ, ejabberd, ExDoc, …), as noted beside them, and the levels' bounds lie
so that 58 %, 28 %, 11 % and 3 % of those fall into the four levels. It measures structure, not
ideas: a short function that needs one clever thought counts as easy.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from factory.records import Quality

Level = Literal["easy", "medium", "hard", "expert"]
LEVELS: tuple[Level, ...] = ("easy", "medium", "hard", "expert")

ANSWER = (200, 400, 800, 1600)
"""Characters to write: the 45th, 70th, 87th and 96th percentile of functions; a point for each."""
REQUEST = (4_000, 12_000)
"""Characters to read first: a screen or two of context, and a long file."""
NESTING = (1, 2, 3)
"""The 63rd, 89th and 98th percentile."""
CONSTRUCTS = (2, 4, 6)
"""The 57th, 89th and 98th percentile."""
PROCESSES = (1, 1, 3)
"""The 91st percentile, twice because concurrency is a step of thought of its own; the 98th."""
MACROS = (1, 4)
"""The 81st and 97th percentile."""
BOUNDS = (3, 6, 9)
"""The least sum for medium, hard and expert."""


def level(quality: Quality, request: int, answer: int) -> Level:
    """The level of a row whose request and answer have so many characters."""
    return LEVELS[bisect_right(BOUNDS, points(quality, request, answer))]


def points(quality: Quality, request: int, answer: int) -> int:
    """The sum that `level` grades, from 0 to 17."""
    return (
        bisect_right(ANSWER, answer)
        + bisect_right(REQUEST, request)
        + bisect_right(NESTING, quality.nesting)
        + bisect_right(CONSTRUCTS, quality.constructs)
        + bisect_right(PROCESSES, quality.processes)
        + bisect_right(MACROS, quality.macros)
    )
