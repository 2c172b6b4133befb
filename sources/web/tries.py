"""How often a request is tried: again while it fails in a way that may pass, after a wait that
chance chooses and that grows.

Once a server could not be reached at all by so many attempts, what is asked next makes one each,
until one gets through: a machine that lost its network hears it soon, however much there is to ask.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from sources.web.exchange import Exchange
from sources.web.reply import Counts, PassingError, WebError

T = TypeVar("T")

BACKOFF = wait_random_exponential(multiplier=0.5, max=20)
"""Full jitter: anything between nothing and 0.5 s, 1 s, 2 s, and so on."""


class Tries:
    """The attempts of one client; `name` stands in front of what it says."""

    def __init__(
        self,
        name: str,
        most: int,
        exchange: Exchange,
        counts: Counts,
        sleep: Callable[[float], None],
        say: Callable[[str], None],
    ) -> None:
        self._name, self._most, self._exchange, self._counts = name, most, exchange, counts
        self._sleep, self._say = sleep, say
        self._lock = threading.Lock()
        self._told = False

    def __call__(self, once: Callable[[], T]) -> T:
        """What one attempt gives. Raises `WebError` as the last attempt does."""
        attempts = self._most if self._exchange.reached else 1
        retrying = Retrying(
            stop=stop_after_attempt(attempts),
            wait=_pause,
            retry=retry_if_exception_type(PassingError),
            sleep=self._sleep,
            before_sleep=self._again,
            reraise=True,
        )
        try:
            return retrying(once)
        except PassingError as error:
            times = f" (after {attempts} attempts)" if attempts > 1 else ""
            raise WebError(f"{error}{times}", status=error.status, url=error.url) from None

    def _again(self, state: RetryCallState) -> None:
        """Count it; and where nobody is there, say once why nothing moves."""
        reached = self._exchange.reached
        with self._lock:
            self._counts.retried += 1
            tell = not reached and not self._told
            self._told = not reached
        if tell and state.outcome:
            self._say(f"{self._name}: {state.outcome.exception()}; trying again")


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, PassingError) and error.after is not None:
        return error.after
    return BACKOFF(state)
