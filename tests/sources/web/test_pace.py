"""Rate limits as Hex and GitHub play them, on a clock that only sleeping moves."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.web import Web, WebError
from sources.web.pace import Limit, Pace
from tests.loopback import Answer, Loopback, Request
from tests.sources.web.conftest import EPOCH, Client, Time, Told


class Limited:
    """A server with `budget` requests a window of 60 s, as Hex has it: 429 without Retry-After."""

    def __init__(self, time: Time, budget: int) -> None:
        self._time, self._budget = time, budget
        self._lock = threading.Lock()
        self._window, self._used = 0, 0
        self.refused = 0

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            window = int(self._time.now // 60)
            if window != self._window:
                self._window, self._used = window, 0
            self._used += 1
            left = max(0, self._budget - self._used)
            headers = {
                "x-ratelimit-limit": str(self._budget),
                "x-ratelimit-remaining": str(left),
                "x-ratelimit-reset": str((window + 1) * 60),
            }
            if self._used > self._budget:
                self.refused += 1
                return Answer(429, b'{"status":429}', headers)
            return Answer(200, b"x", headers)


def test_a_used_up_limit_is_waited_out_and_said_once(
    client: Client, time: Time, told: Told
) -> None:
    time.now = EPOCH + 17
    limited = Limited(time, 5)
    with Loopback(limited) as server:
        web = client(server.url)
        for n in range(12):
            web.get(str(n))
        assert server.count() == 12
    assert limited.refused == 0
    assert time.slept == [43.0, 60.0]
    assert told.lines == [
        "hex: the rate limit is used up; going on in 43 s",
        "hex: the rate limit is used up; going on in 60 s",
    ]
    assert web.counts.retried == 0
    assert web.counts.waited_seconds == 103


def test_threads_stop_before_the_limit_together(client: Client, time: Time, told: Told) -> None:
    limited = Limited(time, 20)
    with Loopback(limited) as server:
        web = client(server.url, concurrency=6)
        web.get("first")
        web.each(lambda n: web.get(str(n)), range(60), stage="s", unit="u")
    assert limited.refused == 0
    assert 3 <= len(told.lines) <= 5


def test_429_without_retry_after_waits_for_the_reset(
    client: Client, time: Time, told: Told
) -> None:
    limited = Limited(time, 0)
    with Loopback(limited) as server:
        with pytest.raises(WebError, match="too many requests") as caught:
            client(server.url, attempts=3).get("a")
        assert server.count() == 3
    assert caught.value.status == 429
    assert time.slept == [60.0, 60.0]


def once(*answers: Answer) -> Loopback:
    """A server that gives these answers and then a good one."""
    left = list(answers)
    return Loopback(lambda _: left.pop(0) if left else Answer(200, b"x"))


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"retry-after": "20"}, 20.0),
        (403, {"retry-after": "20"}, 20.0),
        (429, {"retry-after": formatdate(EPOCH + 90, usegmt=True)}, 90.0),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(EPOCH) + 33)}, 33.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(EPOCH) + 33)}, 33.0),
        (429, {"x-ratelimit-reset": str(int(EPOCH) + 33)}, 33.0),
        (429, {"x-ratelimit-reset": "12"}, 12.0),
        # The server's clock is an hour ahead of ours: only the difference counts.
        (
            429,
            {
                "date": formatdate(EPOCH + 3600, usegmt=True),
                "x-ratelimit-reset": str(int(EPOCH) + 3633),
            },
            33.0,
        ),
    ],
)
def test_a_refusal_says_how_long(
    client: Client, time: Time, status: int, headers: dict[str, str], wait: float
) -> None:
    with once(Answer(status, headers=headers)) as server:
        assert client(server.url).get("a").body == b"x"
    assert time.slept == [wait]


@pytest.mark.parametrize(
    ("status", "body", "least"),
    [
        (403, b'{"message":"You have exceeded a secondary rate limit."}', 60),
        (429, b'{"message":"You have exceeded a secondary rate limit."}', 60),
        (429, b"slow down", 0.5),
    ],
)
def test_a_refusal_that_says_nothing_is_met_with_growing_waits(
    client: Client, time: Time, status: int, body: bytes, least: float
) -> None:
    """What is left of the ordinary limit, and until when, has nothing to do with it."""
    headers = {"x-ratelimit-remaining": "4711", "x-ratelimit-reset": str(int(EPOCH) + 3000)}
    with once(*[Answer(status, body, headers)] * 3) as server:
        assert client(server.url).get("a").body == b"x"
    for doublings, slept in enumerate(time.slept):
        assert least * 2**doublings <= slept <= 2 * least * 2**doublings
    assert len(time.slept) == 3


def test_a_forbidden_that_is_no_limit_is_raised(client: Client) -> None:
    with once(Answer(403, b"no", {"x-ratelimit-remaining": "9"})) as server:
        with pytest.raises(WebError, match="403 Forbidden; the token may not see this"):
            client(server.url).get("a")
        assert server.count() == 1


def test_nobody_waits_for_half_a_day(client: Client, time: Time, told: Told) -> None:
    with once(Answer(429, headers={"retry-after": "40000"})) as server:
        web = client(server.url)
        for _ in range(2):
            with pytest.raises(WebError, match=r"no request for 11\.1 h; run the same command"):
                web.get("a")
        assert server.count() == 1
    assert time.slept == []
    assert told.lines == []


def test_after_an_answer_waits_begin_small_again(client: Client, time: Time) -> None:
    """Any answer that is no refusal: a good one, and one that says that there is nothing."""
    refused = Answer(403, b"You have exceeded a secondary rate limit.")
    with once(refused, Answer(200), refused, Answer(404), refused, Answer(200)) as server:
        web = client(server.url)
        web.get("a")
        with pytest.raises(WebError, match="404"):
            web.get("b")
        web.get("c")
    assert len(time.slept) == 3
    assert all(60 <= slept <= 120 for slept in time.slept)


def test_refusals_of_one_moment_are_one() -> None:
    """Eight threads are refused together: that is no reason to wait 128 times as long."""
    limit = Limit()
    for _ in range(8):
        limit.close({}, EPOCH, 0.5)
    assert 0.5 <= limit.until - EPOCH <= 1
    limit.close({}, EPOCH + 1, 0.5)
    assert 1 <= limit.until - EPOCH - 1 <= 2


def test_what_is_left_is_never_taken_for_more(time: Time) -> None:
    """Requests on their way may not be counted yet, and answers overtake each other."""
    limit = Limit()
    for remaining, others, left in [(10, 3, 7), (12, 0, 7), (9, 3, 6)]:
        headers = {"x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": "60"}
        limit.hear(headers, EPOCH, others)
        assert limit.left == left
    limit.hear({"x-ratelimit-remaining": "99", "x-ratelimit-reset": "60"}, EPOCH + 61, 3)
    assert limit.left == 96
    limit.hear({"x-ratelimit-remaining": "2", "x-ratelimit-reset": "1"}, EPOCH + 61, 0)
    assert limit.left == 96


def test_all_who_wait_say_it_once(told: Told) -> None:
    """The second comes while the first still waits."""
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            with pace.turn(("server", "")):
                pass

    pace = Pace("hex", lambda: EPOCH, sleep, told.say)
    with pace.turn(("server", "")) as limit:
        limit.close({"retry-after": "43"}, EPOCH, 1)
    with pace.turn(("server", "")):
        pass
    assert slept == [43.0, 43.0]
    assert told.lines == ["hex: the rate limit is used up; going on in 43 s"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining": "0"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "nan"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "-5"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 40},
        {"x-ratelimit-remaining": "²", "x-ratelimit-reset": "60"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(EPOCH) - 5)},
    ],
)
def test_headers_that_mean_nothing_hold_nobody_up(
    client: Client, time: Time, headers: dict[str, str]
) -> None:
    with Loopback(lambda _: Answer(200, b"x", headers)) as server:
        web = client(server.url)
        web.get("a")
        web.get("b")
    assert time.slept == []


def test_the_first_refusal_of_a_resource_is_obeyed(client: Client, time: Time) -> None:
    core = {"x-ratelimit-resource": "core", "x-ratelimit-remaining": "9"}
    search = {"x-ratelimit-resource": "search", "x-ratelimit-remaining": "0", "retry-after": "8"}
    with once(Answer(200, headers=core), Answer(403, headers=search)) as server:
        web = client(server.url)
        web.get("repos/a")
        web.get("search/repositories")
        assert server.count() == 3
    assert time.slept == [8.0]


@settings(max_examples=30)
@given(
    others=st.lists(st.sampled_from(["repos/a", "users/b", "orgs/c"]), min_size=1, max_size=9),
    budget=st.integers(1, 4),
)
def test_a_resource_is_one_limit_wherever_it_is_asked(others: list[str], budget: int) -> None:
    """GitHub's core limit holds for repositories and users together: no order of them is ever
    refused, save by the first request to a part not asked before, whose limit nobody knows."""
    time = Time()
    limited = Limited(time, budget)

    def handle(request: Request) -> Answer:
        answer = limited(request)
        return replace(answer, headers={**answer.headers, "x-ratelimit-resource": "core"})

    with (
        tempfile.TemporaryDirectory() as folder,
        Loopback(handle) as server,
        Web(Path(folder), "x", base=server.url, sleep=time.sleep, clock=time.clock) as web,
    ):
        for path in others:
            web.get(path)
    assert limited.refused <= len(set(others)) - 1


def test_a_limit_of_one_resource_leaves_the_others_open(client: Client, time: Time) -> None:
    """GitHub counts searches and other requests apart, and says which is which."""

    def handle(request: Request) -> Answer:
        search = request.path.startswith("/api/v3/search")
        headers = {
            "x-ratelimit-resource": "search" if search else "core",
            "x-ratelimit-remaining": "0" if search else "4999",
            "x-ratelimit-reset": str(int(EPOCH) + (30 if search else 3000)),
        }
        return Answer(200, b"x", headers)

    with Loopback(handle) as server:
        web = client(server.url + "/api/v3")
        web.get("search/repositories")
        for n in range(5):
            web.get(f"repos/{n}")
        assert time.slept == []
        web.get("search/code")
    assert time.slept == [30.0]
