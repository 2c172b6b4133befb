"""Rate limits: when the next request may go.

What is known: `x-ratelimit-remaining` and `x-ratelimit-reset` (Hex, GitHub; seconds since 1970, or
seconds from now when small), `Retry-After` (seconds or a date), GitHub's secondary limits (403 or
429, with `Retry-After` or without; its documentation asks for a minute at least then). Limits are
kept by server and by GitHub's `x-ratelimit-resource`, so that a used-up search does not hold up
the rest. All threads of a client wait together, and it is said once.

What is left is counted down as requests go, and those on their way are taken as not counted yet:
several threads at once stop before the limit, at the price of leaving a few requests unused.

A date given by the server is measured against its own `Date`, so a wrong clock here does no harm.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from sources.web.patience import Patience
from sources.web.reply import WebError

EPOCH = 10**8
"""A reset above this is a date."""
SECONDARY = 60.0
SOON = 0.5
DOUBLINGS = 6
SAME_WINDOW = 2.0
"""Two resets that differ by no more seconds are one."""

Place = tuple[object, str]
"""A server, and the part of it that may have a limit of its own."""


def refuses(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer says "too many requests" (GitHub says it with 403, too)."""
    if status == 429:
        return True
    return status == 403 and (
        "retry-after" in headers or _remaining(headers) == 0 or b"rate limit" in body.lower()
    )


def seconds_of(value: str, now: float) -> float | None:
    """How many seconds from now a `Retry-After` means; None when it means nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def server_time(headers: Mapping[str, str], now: float) -> float:
    """The server's own idea of now."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return now


def until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the limit is renewed; None when the answer does not say."""
    try:
        reset = float(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    if not 0 <= reset < 1e12:
        return None
    return max(0.0, reset - server_time(headers, now)) if reset > EPOCH else reset


def _remaining(headers: Mapping[str, str]) -> int | None:
    value = headers.get("x-ratelimit-remaining", "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None


@dataclass
class Limit:
    """One limit as it is known now. `until` closes it, whatever is left."""

    until: float = 0.0
    left: int | None = None
    renewed: float = 0.0
    """When `left` is renewed."""
    flying: int = 0
    """Requests on their way."""
    refusals: int = 0
    told: float = 0.0
    """The end of the longest wait that was announced."""

    def opens(self, now: float) -> float:
        """When the next request may go; not after `now` when at once."""
        if self.renewed <= now:
            self.left = None
        used_up = self.left is not None and self.left <= 0
        return max(self.until, self.renewed) if used_up else self.until

    def hear(self, headers: Mapping[str, str], now: float, others: int) -> None:
        """Take over what an answer says is left, less the other requests on their way."""
        remaining, reset = _remaining(headers), until_reset(headers, now)
        if remaining is None or reset is None:
            return
        left = remaining - others
        renewed = now + reset
        if self.left is None or renewed > self.renewed + SAME_WINDOW:
            self.left, self.renewed = left, renewed
        elif renewed > self.renewed - SAME_WINDOW:
            self.left = min(self.left, left)

    def close(self, headers: Mapping[str, str], now: float, least: float) -> None:
        """Wait after a refusal: as long as the answer asks for, else longer each time."""
        waiting = self.until > now
        self.refusals += not waiting
        asked = seconds_of(headers.get("retry-after", ""), server_time(headers, now))
        if not asked and _remaining(headers) in (0, None):
            asked = until_reset(headers, now)
        if not asked:
            if waiting:
                return
            doublings = 2 ** min(self.refusals - 1, DOUBLINGS)
            asked = least * doublings * random.uniform(1, 2)  # noqa: S311
        self.until = max(self.until, now + asked)


_BEGAN = time.time() - time.monotonic()


def steady_clock() -> float:
    """Seconds since 1970 by a clock that nobody sets while we run: a wait that was worked out
    before the machine learnt the time must not become one of years."""
    return _BEGAN + time.monotonic()


class Pace:
    """When the requests of one client may go."""

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        say: Callable[[str], None],
        longest: float = Patience.wait,
    ) -> None:
        """`longest` is how many seconds are waited at most."""
        self._longest = longest
        self._name, self._clock, self._sleep, self._say = name, clock, sleep, say
        self._lock = threading.Lock()
        self._limits: dict[Place, Limit] = {}
        self._resources: dict[Place, str] = {}

    @contextmanager
    def turn(self, place: Place) -> Iterator[Limit]:
        """Wait until a request to this place may go; it is on its way until the block ends.

        Raises `WebError` when that is longer from now than this waits.
        """
        with self._lock:
            resource = self._resources.get(place, "")
            limit = self._limits.setdefault((place[0], resource), Limit())
        while not self._go(limit):
            pass
        try:
            yield limit
        finally:
            with self._lock:
                limit.flying -= 1

    def hear(self, place: Place, turn: Limit, headers: Mapping[str, str]) -> Limit:
        """Learn from an answer's headers; the limit that it counts against."""
        with self._lock:
            limit, others = turn, turn.flying - 1
            if resource := headers.get("x-ratelimit-resource", ""):
                self._resources[place] = resource
                limit = self._limits.setdefault((place[0], resource), Limit())
                others = limit.flying - (limit is turn)
            limit.hear(headers, self._clock(), others)
            return limit

    def refused(self, limit: Limit, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Hold all requests to the place back after a refusal."""
        secondary = status == 403 or b"secondary rate limit" in body.lower()
        with self._lock:
            limit.close(headers, self._clock(), SECONDARY if secondary else SOON)

    def asked(self, headers: Mapping[str, str]) -> float | None:
        """How many seconds an answer asks to wait; None when it does not."""
        now = server_time(headers, self._clock())
        return seconds_of(headers.get("retry-after", ""), now)

    def answered(self, limit: Limit) -> None:
        """The place is open again."""
        with self._lock:
            limit.refusals = 0

    def _go(self, limit: Limit) -> bool:
        """Take a turn, or wait once and say no."""
        with self._lock:
            now = self._clock()
            until = limit.opens(now)
            wait = until - now
            if wait <= 0:
                limit.flying += 1
                if limit.left is not None:
                    limit.left -= 1
                return True
            announce = wait >= 1 and until > limit.told + SAME_WINDOW
            if announce:
                limit.told = until
        if wait > self._longest:
            raise WebError(
                f"{self._name}: the server wants no request for {duration(wait)}; "
                "run the same command again then"
            )
        if announce:
            self._say(f"{self._name}: the rate limit is used up; going on in {duration(wait)}")
        self._sleep(wait)
        with self._lock:
            # The wait is over by what we slept, whatever the clock says (it may be set back).
            if limit.until <= until:
                limit.until = 0.0
            if limit.renewed <= until:
                limit.left = None
        return False


def duration(seconds: float) -> str:
    """A time as people say it: 43 s, 12 min, 2.5 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
