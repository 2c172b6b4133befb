"""Searching for repositories as GitHub documents it: qualifiers, ranges, 256 characters at most.

A word that is no documented qualifier of a repository search raises `RefusedError`: the client
under test has no use for one, so it would be a mistake of its.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.sources.github.world import Repository, World

WORD = re.compile(r'([a-z]+):("[^"]*"|\S+)')
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")

Judge = Callable[[Repository], bool]


class RefusedError(Exception):
    pass


def search(world: World, query: str) -> list[Repository]:
    """The repositories that match, in the order asked for (any other is arbitrary)."""
    if len(query) > 256:
        raise RefusedError("The search is longer than 256 characters.")
    words = query.split() if '"' not in query else re.findall(r'(?:[^\s"]|"[^"]*")+', query)
    judges: list[Judge] = []
    order, forks = "", "false"
    for word in words:
        found = WORD.fullmatch(word)
        if found is None:
            raise RefusedError(f"{word!r} is no qualifier")
        name, value = found[1], found[2].strip('"')
        if name == "sort":
            order = value
        elif name == "fork":
            forks = value
        else:
            judges.append(_judge(name, value))
    judges.append({"false": lambda r: not r.fork, "true": lambda _: True}[forks])
    matches = [r for r in world.repositories if all(judge(r) for judge in judges)]
    if order in ("stars-asc", "stars-desc", "stars"):
        matches.sort(key=lambda r: (r.stars if order.endswith("asc") else -r.stars, r.id))
    elif order:
        raise RefusedError(f"repositories cannot be sorted by {order}")
    else:
        matches.sort(key=lambda r: r.id[::-1])
    return matches


def _judge(name: str, value: str) -> Judge:
    flags: dict[str, Judge] = {
        "archived": lambda r: r.archived is (value == "true"),
        "mirror": lambda r: r.mirror is (value == "true"),
        "template": lambda r: r.template is (value == "true"),
    }
    if name in flags and value in ("true", "false"):
        return flags[name]
    if name == "language":
        return lambda r: r.language.lower() == value.lower()
    if name == "topic":
        return lambda r: value in r.topics
    if name == "is" and value == "public":
        return lambda r: not r.private
    if name in ("stars", "size"):
        low, high = _numbers(value)
        return lambda r: low <= (r.stars if name == "stars" else r.kilobytes) <= high
    if name in ("created", "pushed"):
        since, until = _dates(value)
        return lambda r: since <= (r.created if name == "created" else r.pushed) <= until
    raise RefusedError(f"{name}:{value} is not documented")


def _numbers(value: str) -> tuple[float, float]:
    low, high = _ends(value)
    for sign, ends in (
        (">=", (low, "*")),
        ("<=", ("*", low)),
        (">", (low, "*")),
        ("<", ("*", low)),
    ):
        if value.startswith(sign):
            step = {">": 1, "<": -1}.get(sign, 0)
            first, last = (end.removeprefix(sign) for end in ends)
            return (
                float("-inf") if first == "*" else int(first) + step,
                float("inf") if last == "*" else int(last) + step,
            )
    return (
        float("-inf") if low == "*" else int(low),
        float("inf") if high == "*" else int(high),
    )


def _dates(value: str) -> tuple[datetime, datetime]:
    earliest, latest = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
    for sign in (">=", "<=", ">", "<"):
        if value.startswith(sign):
            first, last = _day(value.removeprefix(sign))
            moment = timedelta(microseconds=1)
            return {
                ">=": (first, latest),
                "<=": (earliest, last),
                ">": (last + moment, latest),
                "<": (earliest, first - moment),
            }[sign]
    low, high = _ends(value)
    return (
        earliest if low == "*" else _day(low)[0],
        latest if high == "*" else _day(high)[1],
    )


def _ends(value: str) -> tuple[str, str]:
    low, dots, high = value.partition("..")
    return (low, high) if dots else (value, value)


def _day(value: str) -> tuple[datetime, datetime]:
    """The first and the last moment that a date or time stands for."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise RefusedError(f"{value!r} is no date") from error
    if DAY.match(value):
        at = at.replace(tzinfo=UTC)
        return at, at + timedelta(days=1, microseconds=-1)
    if at.tzinfo is None:
        raise RefusedError(f"{value!r} has no time zone")
    return at, at + timedelta(seconds=1, microseconds=-1)
