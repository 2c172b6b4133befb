"""Rate limits: when the next request may go.

What is known: `x-ratelimit-remaining` and `x-ratelimit-reset` (Hex, GitHub; seconds since 1970, or
seconds from now when small), `Retry-After` (seconds or a date), GitHub's secondary limits (403 or
429, with `Retry-After` or without; its documentation asks for a minute at least then). Limits are
kept by server and by GitHub's `x-ratelimit-resource`, so that a used-up search does not hold up
the rest. All threads of a client wait together, and it is said once.

A time given by the server is measured against its own `Date`, so a wrong clock here does no harm.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from sources.web.reply import WebError

Lane = tuple[object, ...]

LONGEST = 3900.0
"""Seconds: GitHub's limits reset within the hour; who asks for more is not waited for."""
EPOCH = 10**8
"""A reset above this is a date."""
SECONDARY = 60.0
BACKOFF = 60.0


def refuses(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer says "too many requests" (GitHub says it with 403, too)."""
    if status == 429:
        return True
    return status == 403 and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining", "").strip() == "0"
        or b"rate limit" in body.lower()
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


@dataclass
class _State:
    until: float = 0.0
    told: float = 0.0
    refusals: int = field(default=0)
    secondary: bool = False


class Pace:
    """When the requests of one client may go."""

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        say: Callable[[str], None],
    ) -> None:
        self._name, self._clock, self._sleep, self._say = name, clock, sleep, say
        self._lock = threading.Lock()
        self._states: dict[Lane, _State] = {}
        self._resources: dict[Lane, str] = {}

    def hold(self, place: Lane) -> None:
        """Wait until a request to this place may go.

        Raises `WebError` when that is more than an hour and five minutes from now.
        """
        with self._lock:
            state = self._state(place)
        while (left := (until := state.until) - self._clock()) > 0:
            if left > LONGEST:
                raise WebError(
                    f"{self._name}: the server wants no request for {duration(left)}; "
                    "run the same command again then"
                )
            self._tell(state, until, left)
            self._sleep(left)
            with self._lock:
                if state.until == until:
                    state.until = 0.0

    def note(self, place: Lane, headers: Mapping[str, str], refused: bool) -> None:
        """Learn from an answer's headers, and wait before the next request if they say so."""
        now = self._clock()
        with self._lock:
            if resource := headers.get("x-ratelimit-resource"):
                self._resources[place] = resource
            state = self._state(place)
            if refused:
                state.refusals += 1
                state.until = max(state.until, now + self._penance(state, headers, now))
                return
            state.refusals = 0
            if headers.get("x-ratelimit-remaining", "").strip() == "0":
                state.until = max(state.until, now + (until_reset(headers, now) or 0.0))

    def _penance(self, state: _State, headers: Mapping[str, str], now: float) -> float:
        """How long to wait after a refusal."""
        if "retry-after" in headers:
            asked = seconds_of(headers["retry-after"], server_time(headers, now))
            if asked:
                return asked
        used_up = headers.get("x-ratelimit-remaining", "0").strip() == "0"
        if used_up and (reset := until_reset(headers, now)):
            return reset
        least = SECONDARY if "x-ratelimit-remaining" in headers and not used_up else 0.5
        return float(least * 2 ** min(state.refusals - 1, 6) * random.uniform(1, 2))  # noqa: S311

    def _state(self, place: Lane) -> _State:
        lane = (place[0], self._resources.get(place, ""))
        return self._states.setdefault(lane, _State())

    def _tell(self, state: _State, until: float, left: float) -> None:
        with self._lock:
            told, state.told = state.told, max(state.told, until)
        if left >= 1 and until > told + 2:
            self._say(f"{self._name}: the rate limit is used up; going on in {duration(left)}")


def duration(seconds: float) -> str:
    """A time as people say it: 43 s, 12 min, 2.5 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
