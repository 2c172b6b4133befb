"""A search in windows that GitHub's 1,000 results are enough for.

A search gives 1,000 results at most, whatever its number of matches. So the matches are cut into
windows, by stars and, where one number of stars alone has too many, by the second of creation,
until each holds no more.

What moves while it is read: a repository that wins a star rises from one window into the next, so
windows are to be read from few stars to many and it is met twice, not missed.

Not covered: more than 1,000 repositories of equal stars made in the same second; and reading
(`listing`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

MOST = 1000
"""Results that GitHub gives of a search."""

FIRST = 1_167_609_600
"""2007-01-01 in seconds since 1970: GitHub has no older repository."""

LONGEST = 70
"""Characters of the longest window, as a search writes it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A range of stars, and of seconds since 1970 at which a repository was created; both ends
    belong to it, and None is no end."""

    least: int
    most: int | None = None
    since: int | None = None
    until: int | None = None

    def __str__(self) -> str:
        """As GitHub's search writes it."""
        words = [f"stars:{_range(str(self.least), None if self.most is None else str(self.most))}"]
        if self.since is not None:
            until = None if self.until is None else _stamp(self.until)
            words.append(f"created:{_range(_stamp(self.since), until)}")
        return " ".join(words)

    def split(self, now: int) -> tuple[Window, Window] | None:
        """Two windows that make up this one, fewer stars or earlier creation first; None when it
        cannot be cut."""
        if self.most is None:
            middle = self.least * 2 + 10
        elif self.most > self.least:
            # There are far more repositories with few stars than with many.
            middle = math.isqrt((self.least + 1) * (self.most + 1)) - 1
            middle = min(max(middle, self.least), self.most - 1)
        else:
            return self._split_by_age(now)
        return replace(self, most=middle), replace(self, least=middle + 1)

    def _split_by_age(self, now: int) -> tuple[Window, Window] | None:
        since = FIRST if self.since is None else self.since
        until = now if self.until is None else self.until
        if since >= until:
            return None
        middle = (since + until) // 2
        return (
            replace(self, since=since, until=middle),
            replace(self, since=middle + 1, until=self.until),
        )


def _range(low: str, high: str | None) -> str:
    return f">={low}" if high is None else low if low == high else f"{low}..{high}"


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
