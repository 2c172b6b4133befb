"""GitHub's GraphQL API, asked politely: one question in, its data out.

Points: GitHub gives so many an hour, and each answer says what it cost, how many are left and when
they are given anew. Before a question that the rest would not pay for, `Api` waits until then; the
cost is that of the last question of its kind.

Limits answered with status 200: `RATE_LIMITED` (also called `RATE_LIMIT`) waits until the reset, a
secondary limit as long as `Retry-After` says, else one minute, twice that the next time; meanwhile
no other thread asks either.

Too much at once: a query that runs over GitHub's ten seconds ends in 502 or 504 with a page of
HTML, or in data with `RESOURCE_LIMITS_EXCEEDED`. That is `TooHeavyError`: the caller asks for half.

What passes (a broken connection, 5xx, half an answer) is tried again with growing pauses. The
`Web` given makes one attempt at a time, so that a time-out is not repeated before it is halved.

Parts of an answer can be missing while others are there; each such place is a `Problem` with its
path, and it is the caller's to see whom it concerns.

Not covered: what HTTP itself can do wrong (`sources.web`), and which questions there are
(`queries`).
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from factory.errors import RequestError, SourceError
from sources.web import Reply, Web, WebError
from sources.web.pace import duration, server_time
from sources.web.patience import Patience
from sources.web.reply import StoppedError

TOKEN = "GITHUB_TOKEN"  # noqa: S105 (its name)

PATIENCE = 8
"""Times that one question is asked while GitHub says that it is too busy or asked too often."""

STEADY = 4
"""Times that a question may time out which is about one thing alone."""

MINUTE = 60.0
LARGEST = 50_000_000
"""Bytes of an answer; GitHub's are below 2 MB."""

_STAMP = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})\Z")

PASSING = frozenset({0, 408, 425})
"""Besides 5xx; 0 is a connection that gave no answer."""

RATE_LIMITS = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
TOO_MUCH = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT"})


class TooHeavyError(SourceError):
    """GitHub gave up on a question: it can be asked again for less at once."""


class _TryAgainError(SourceError):
    """An answer that is none; the same question may do better."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a part of the answer is missing: `kind` as GitHub names it ("" when it does not), `path`
    from the data's root."""

    kind: str
    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    data: Mapping[str, Any]
    problems: tuple[Problem, ...]
    headers: Mapping[str, str]

    def problem(self, alias: str) -> Problem | None:
        """What is wrong with the part of the answer under this name, if anything is."""
        return next((p for p in self.problems if p.path[:1] == (alias,)), None)


class Budget:
    """The points that are left, shared by all threads. `clock` gives seconds since 1970; `longest`
    is how many seconds are waited at most."""

    def __init__(
        self,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        say: Callable[[str], None],
        longest: float = Patience.wait,
    ) -> None:
        self._sleep, self._clock, self._say = sleep, clock, say
        self._longest = longest
        self._lock = threading.Lock()
        self._left: int | None = None
        self._ahead = 0.0
        self._reset = 0.0
        self._not_before = 0.0
        self._costs: dict[str, int] = {}

    def take(self, kind: str) -> None:
        """Wait until a question of this kind can be paid for. Raises `SourceError` when that would
        take too long."""
        with self._lock:
            cost = self._costs.get(kind, 1)
            now = self._now()
            poor = self._left is not None and self._left < cost
            until = max(self._not_before, self._reset) if poor else self._not_before
            if until - now > self._longest:
                raise SourceError(
                    f"GitHub takes no question for {duration(until - now)} (the token's points are "
                    "used up, or it was asked too often); run the same command again then"
                )
            if poor:
                if self._reset > now:
                    self._say(
                        f"github: {self._left} points left and {cost} needed: waiting "
                        f"{self._reset - now:.0f} s until GitHub gives new ones"
                    )
                self._left = None
            if until > now:
                self._sleep(until - now)
            if self._left is not None:
                self._left -= cost

    def set_clock(self, headers: Mapping[str, str]) -> None:
        """Learn GitHub's own time, in which it says when there are new points."""
        here = self._clock()
        self._ahead = server_time(headers, here) - here

    def _now(self) -> float:
        return self._clock() + self._ahead

    def note(self, kind: str, rate: object) -> None:
        """Learn from an answer's `rateLimit` (null where limits are switched off)."""
        if not isinstance(rate, dict):
            return
        cost, left, reset = rate.get("cost"), rate.get("remaining"), seconds(rate.get("resetAt"))
        with self._lock:
            if isinstance(cost, int):
                self._costs[kind] = max(1, cost)
            if not isinstance(left, int) or reset < self._reset:
                return  # an answer that was overtaken by one of the next hour
            same = reset == self._reset and self._left is not None
            self._left = min(left, self._left) if same and self._left is not None else left
            self._reset = reset

    def empty(self, reset: float) -> float:
        """Note that all points are spent; gives the time at which there are new ones."""
        with self._lock:
            self._left = 0
            self._reset = max(reset, self._reset, self._now() + 1)
            return self._reset

    def pause(self, seconds: float) -> None:
        """Let nobody ask for so long."""
        with self._lock:
            self._not_before = max(self._not_before, self._now() + seconds)

    def back_off(self, attempt: int) -> None:
        """Wait a little before another attempt: full jitter, up to twice as long each time."""
        self._sleep(random.uniform(0, min(8.0, 0.25 * 2**attempt)))  # noqa: S311


class Api:
    """Asks questions of GraphQL through a `Web` that holds the token, each `patience` times at
    most. Several threads may."""

    def __init__(
        self,
        web: Web,
        url: str,
        budget: Budget,
        say: Callable[[str], None],
        patience: int = PATIENCE,
    ) -> None:
        self._web, self._url, self._budget, self._say = web, url, budget, say
        self._patience = patience

    def ask(self, kind: str, text: str, variables: Mapping[str, Any], *, tries: int = 1) -> Answer:
        """The answer to a question. `kind` names its sort, for its cost and for messages; `tries`
        is how often it may time out: 1 when less can be asked for, more when it cannot.

        Raises `TooHeavyError` when less should be asked for, `RequestError` when the token is bad,
        `SourceError` when GitHub refuses the question or cannot be reached.
        """
        pause = MINUTE
        last = SourceError("")
        timed_out = 0
        for attempt in range(self._patience):
            self._budget.take(kind)
            try:
                reply = self._post(text, variables)
                self._budget.set_clock(reply.headers)
                content = _content(reply)
            except TooHeavyError as error:
                timed_out += 1
                if timed_out >= tries:
                    raise
                last = error
                self._budget.back_off(attempt)
                continue
            except _TryAgainError as error:
                last = error
                self._budget.back_off(attempt)
                continue
            data = content.get("data")
            found = _problems(content.get("errors"))
            if isinstance(data, dict):
                self._budget.note(kind, data.get("rateLimit"))
            if any(p.kind in RATE_LIMITS for p in found):
                self._budget.empty(_number(reply.headers.get("x-ratelimit-reset")))
                last = SourceError(f"GitHub's rate limit: {found[0].message}")
                continue
            if any("secondary rate limit" in p.message for p in found):
                wait = _number(reply.headers.get("retry-after")) or pause
                self._say(f"github: asked too often (a secondary limit): waiting {wait:.0f} s")
                self._budget.pause(wait)
                pause *= 2
                last = SourceError(f"GitHub's secondary rate limit: {found[0].message}")
                continue
            if any(map(_is_too_much, found)):
                last = TooHeavyError(f"GitHub gave up on the question {kind!r}: {found[0].message}")
                timed_out += 1
                if timed_out >= tries:
                    raise last
                continue
            if not isinstance(data, dict):
                why = found[0].message if found else "neither data nor a reason"
                raise SourceError(f"GitHub refused the question {kind!r}: {why}")
            return Answer(data, found, reply.headers)
        raise SourceError(f"GitHub was asked {self._patience} times ({kind}) in vain: {last}")

    def _post(self, text: str, variables: Mapping[str, Any]) -> Reply:
        body = {"query": text, "variables": dict(variables)}
        try:
            return self._web.post(self._url, json=body, limit=LARGEST)
        except StoppedError:
            raise
        except WebError as error:
            if error.status in (502, 504):
                raise TooHeavyError(f"GitHub took too long: {error}") from error
            if error.status == 401:
                bad_token()
            # A refusal for too many requests has its pause from `Web` before the next one.
            passes = error.status in PASSING or error.status >= 500 or _is_refusal(error)
            if passes:
                raise _TryAgainError(str(error)) from error
            raise


def bad_token() -> NoReturn:
    raise RequestError(
        f"GitHub refused the token in {TOKEN} (401): it is wrong, expired or revoked; make another "
        "at Settings > Developer settings > Personal access tokens (no scopes are needed), or "
        "build with --without github"
    )


def seconds(stamp: object) -> float:
    """A time as GitHub writes it (`2026-11-20T12:00:00Z`) in seconds since 1970; 0 when it is
    none."""
    if not isinstance(stamp, str) or not _STAMP.match(stamp):
        return 0.0
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def plain(text: str) -> str:
    """A text of a server's as it can be written down anywhere, cut short."""
    return text[:1000].encode("utf-8", "replace").decode("utf-8")


def _content(reply: Reply) -> dict[str, Any]:
    try:
        content = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise _TryAgainError("its answer was cut off or is no JSON") from error
    if not isinstance(content, dict):
        raise _TryAgainError("its answer is JSON and no GraphQL")
    return content


def _problems(errors: object) -> tuple[Problem, ...]:
    found = []
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            path = error.get("path")
            at = (
                tuple(p for p in path if isinstance(p, str | int)) if isinstance(path, list) else ()
            )
            message = plain(str(error.get("message") or "no reason given"))
            found.append(Problem(plain(str(error.get("type") or "")), at, message))
    return tuple(found)


def _is_too_much(problem: Problem) -> bool:
    return problem.kind in TOO_MUCH or (
        "Something went wrong while executing your query" in problem.message
        or "couldn't respond to your request in time" in problem.message
    )


def _is_refusal(error: WebError) -> bool:
    return error.status == 429 or (error.status == 403 and "too many requests" in str(error))


def _number(value: str | None) -> float:
    return float(value) if value and value.strip().isdigit() else 0.0
