"""A search cut into windows: nothing is in two, nothing in none."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sources.github.windows import FIRST, LONGEST, Window

NOW = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())

stars = st.integers(0, 300_000)
ages = st.integers(FIRST, NOW)


def holds(window: Window, stars: int, created: int) -> bool:
    return (
        window.least <= stars
        and (window.most is None or stars <= window.most)
        and (window.since is None or window.since <= created)
        and (window.until is None or created <= window.until)
    )


@st.composite
def windows(draw: st.DrawFn) -> Window:
    least = draw(stars)
    most = draw(st.none() | st.integers(least, 400_000))
    if least != most:
        return Window(least, most)
    since = draw(st.none() | ages)
    until = draw(st.none() | st.integers(since or FIRST, NOW))
    return Window(least, most, since, until if since is not None else None)


@given(windows(), stars, ages)
def test_a_window_is_cut_into_two_that_make_it_up(window: Window, star: int, age: int) -> None:
    halves = window.split(NOW)
    if halves is None:
        assert window.least == window.most
        assert (window.since or FIRST) == (NOW if window.until is None else window.until)
        return
    assert sum(holds(half, star, age) for half in halves) == holds(window, star, age)


@given(windows())
def test_cutting_comes_to_an_end(window: Window) -> None:
    for pick in (0, 1):
        now, steps = window, 0
        while (halves := now.split(NOW)) is not None and steps < 100:
            now, steps = halves[pick], steps + 1
            if pick and now.most is None:
                break  # above the most stars there are, nothing is left to cut
        assert steps < 100


def test_a_window_is_written_as_a_search_has_it() -> None:
    at = int(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp())
    written = [
        str(Window(50)),
        str(Window(50, 110)),
        str(Window(7, 7)),
        str(Window(7, 7, at, at + 86_400)),
        str(Window(7, 7, at)),
    ]
    assert written == [
        "stars:>=50",
        "stars:50..110",
        "stars:7",
        "stars:7 created:2020-01-02T03:04:05Z..2020-01-03T03:04:05Z",
        "stars:7 created:>=2020-01-02T03:04:05Z",
    ]
    assert len(str(Window(1_000_000, 1_000_000, at, at + 1))) <= LONGEST


def test_windows_go_from_few_stars_to_many() -> None:
    """A repository that wins stars meanwhile is met again, not missed."""
    first, second = Window(50).split(NOW) or (Window(0), Window(0))
    assert (first, second) == (Window(50, 110), Window(111))
    assert Window(50, 110).split(NOW) == (Window(50, 74), Window(75, 110))
