"""Asking GraphQL: points, limits, time-outs, half answers, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from factory.errors import RequestError, SourceError
from sources.github import queries
from sources.github.api import Answer, Api, Budget, Problem, TooHeavyError
from sources.web import Web
from tests.loopback import Answer as Reply
from tests.sources.github.graphql_server import HTML, TOKEN, GitHubServer, secondary
from tests.sources.github.world import World, made

SEARCH = {"query": "stars:>=0 is:public", "first": 10}


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def time(self) -> float:
        return self.now

    @property
    def long_waits(self) -> list[int]:
        """Those that are no backoff, in whole seconds."""
        return [round(wait) for wait in self.waits if wait > 10]


class Asking:
    def __init__(self, server: GitHubServer, web: Web, clock: Clock) -> None:
        self.server, self.clock, self.web = server, clock, web
        self.said: list[str] = []
        budget = Budget(clock.sleep, clock.time, self.said.append)
        self.api = Api(web, f"{server.loopback.url}/api/graphql", budget, self.said.append)

    def search(self) -> Answer:
        return self.api.ask("search", queries.SEARCH, SEARCH)


@contextmanager
def asking(folder: Path, token: str = TOKEN, **how: Any) -> Iterator[Asking]:
    clock = Clock()
    world = how.pop("world", None) or made(30, fork=False, private=False)
    with GitHubServer(world, **how) as server:
        server.now = clock.time
        secrets = {"authorization": f"Bearer {token}"}
        with Web(
            folder, "github", base=server.api_url, secrets=secrets, attempts=1,
            sleep=clock.sleep, clock=clock.time,
        ) as web:  # fmt: skip
            yield Asking(server, web, clock)


def test_a_question_and_its_answer(tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        answer = here.search()
    assert answer.data["search"]["repositoryCount"] == 30
    assert answer.data["rateLimit"]["cost"] == 1
    assert answer.problems == ()
    (asked,) = here.server.loopback.requests
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["user-agent"].startswith("elixir-factory/")
    assert here.said == [] and here.clock.waits == []


def test_what_the_points_do_not_pay_for_waits_until_there_are_new_ones(tmp_path: Path) -> None:
    """5 points, 2 a question: the third would be the one too many, and is not sent in vain."""
    dear = {"query": "stars:>=0", "first": 100}
    with asking(tmp_path, points=5, renewed=600.0) as here:
        for _ in range(5):
            here.api.ask("search", queries.SEARCH, dear)
    assert here.server.rate_limited == 0
    assert here.clock.long_waits == [600, 600]
    assert (
        here.said
        == ["github: 1 points left and 2 needed: waiting 600 s until GitHub gives new ones"] * 2
    )


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_points_that_somebody_else_spent(kind: str, tmp_path: Path) -> None:
    """Another program with the same token can use up the points: GitHub then says so in words that
    have changed, with status 200."""
    error = b'{"errors":[{"type":"%s","message":"API rate limit exceeded."}]}' % kind.encode()
    with asking(tmp_path) as here:
        reset = str(int(here.clock.now) + 1200)
        headers = {"x-ratelimit-remaining": "3", "x-ratelimit-reset": reset}
        here.server.secondary = [Reply(200, error, headers)]
        answer = here.search()
    assert answer.data["search"]["repositoryCount"] == 30
    assert here.clock.long_waits == [1200]
    assert len(here.server.loopback.requests) == 2


def test_a_clock_that_is_wrong_here_does_no_harm(tmp_path: Path) -> None:
    """Three hours ahead, and the reset seems long past: GitHub's own `Date` tells."""
    error = b'{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded."}]}'
    with asking(tmp_path) as here:
        there = here.clock.now - 3 * 3600
        headers = {"date": formatdate(there, usegmt=True), "x-ratelimit-remaining": "3"}
        headers["x-ratelimit-reset"] = str(int(there) + 900)
        here.server.secondary = [Reply(200, error, headers)]
        here.search()
    assert here.clock.long_waits == [900]


def test_a_secondary_limit_is_waited_for_as_long_as_it_says(tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        here.server.secondary = [secondary(200, "30"), secondary(403, "45")]
        here.search()
    assert here.clock.long_waits == [30, 45]


def test_a_secondary_limit_that_does_not_say_is_a_minute_then_two(tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        here.server.secondary = [secondary(), secondary()]
        here.search()
    assert here.clock.long_waits == [60, 120]
    assert here.said[0] == "github: asked too often (a secondary limit): waiting 60 s"


def test_a_limit_that_does_not_end_is_given_up_by_name(tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        here.server.secondary = [secondary()] * 20
        with pytest.raises(SourceError, match=r"asked 8 times .* secondary rate limit"):
            here.search()


TOO_MUCH = [
    Reply(502, HTML, {"content-type": "text/html"}),
    Reply(504, HTML, {"content-type": "text/html"}),
    Reply(
        502,
        b'{"data":null,"errors":[{"message":"Something went wrong while executing your query. '
        b'This may be the result of a timeout, or it could be a GitHub bug."}]}',
    ),
    Reply(
        200,
        b'{"data":{"user":null},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","path":["user"],'
        b'"message":"Resource limits for this query exceeded."}]}',
    ),
]


@pytest.mark.parametrize("reply", TOO_MUCH, ids=["502", "504", "502 JSON", "resources"])
def test_what_takes_too_long_is_not_asked_twice(reply: Reply, tmp_path: Path) -> None:
    """Each time-out costs points of its own, so the very same question is not sent again."""
    with asking(tmp_path) as here:
        here.server.secondary = [reply]
        with pytest.raises(TooHeavyError):
            here.search()
    assert len(here.server.loopback.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b'{"data":{"search":', b"", b"[1]", b"null", b"<html>", b'{"data"' + b"[" * 100_000],
)
def test_half_an_answer_is_asked_for_again(body: bytes, tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        here.server.secondary = [Reply(200, body)] * 3
        answer = here.search()
    assert answer.data["search"]["repositoryCount"] == 30


def test_what_passes_is_tried_again_with_pauses(tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        here.server.loopback.script["/api/graphql"] = ["500", "reset", "truncate", "503", "break"]
        answer = here.search()
    assert answer.data["search"]["repositoryCount"] == 30
    assert len(here.clock.waits) == 5 and max(here.clock.waits) <= 8


def test_a_bad_token_is_said_once_and_not_shown(tmp_path: Path) -> None:
    refusal = pytest.raises(RequestError, match=r"token in GITHUB_TOKEN \(401\)")
    with asking(tmp_path, token="ghp_wrong0wrong0wrong") as here, refusal as refused:
        here.search()
    assert "ghp_wrong" not in str(refused.value)
    assert len(here.server.loopback.requests) == 1


def test_what_github_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    with asking(tmp_path) as here:
        with pytest.raises(SourceError, match="Cannot query field 'nonsense'"):
            here.api.ask("nonsense", "{ viewer { nonsense } }", {})
        assert here.server.refused
        here.server.refused.clear()
        assert len(here.server.loopback.requests) == 1


def test_a_part_that_is_missing_leaves_the_others(tmp_path: Path) -> None:
    world: World = made(2, fork=False, private=False)
    there = world.repositories[0]
    variables = {"o0": there.owner, "n0": there.name, "e0": "HEAD"}
    variables |= {"o1": "no", "n1": "body", "e1": "HEAD"}
    with asking(tmp_path, world=world) as here:
        answer = here.api.ask("lookup", queries.lookup(2), variables)
    assert answer.data["r0"]["nameWithOwner"] == there.full_name
    assert answer.data["r1"] is None
    assert answer.problem("r0") is None
    assert answer.problem("r1") == Problem(
        "NOT_FOUND", ("r1",), "Could not resolve to a Repository with the name 'no/body'."
    )


def test_where_limits_are_switched_off_nothing_is_waited_for() -> None:
    """GitHub Enterprise Server counts no points unless its owner wants it to."""
    clock = Clock()
    budget = Budget(clock.sleep, clock.time, print)
    for _ in range(100):
        budget.take("search")
        budget.note("search", None)
    assert clock.waits == []


def test_an_answer_of_the_last_hour_does_not_take_points_from_this_one() -> None:
    clock = Clock()
    budget = Budget(clock.sleep, clock.time, print)
    budget.note("a", {"cost": 1, "remaining": 5000, "resetAt": "2027-01-15T09:00:00Z"})
    budget.note("a", {"cost": 1, "remaining": 0, "resetAt": "2027-01-15T08:00:00Z"})
    budget.take("a")
    assert clock.waits == []


def test_answers_that_overtake_one_another_are_counted_at_their_lowest() -> None:
    clock = Clock()
    budget = Budget(clock.sleep, clock.time, lambda _line: None)
    reset = "2027-01-15T09:00:00Z"
    budget.note("a", {"cost": 10, "remaining": 9, "resetAt": reset})
    budget.note("a", {"cost": 10, "remaining": 19, "resetAt": reset})
    budget.take("a")
    assert len(clock.waits) == 1


@pytest.mark.parametrize("reset", ["2027-01-15T12:30:00Z", "9999-12-31T23:59:59Z"])
def test_nobody_waits_for_half_a_day(reset: str) -> None:
    clock = Clock()
    budget = Budget(clock.sleep, clock.time, print)
    budget.note("a", {"cost": 1, "remaining": 0, "resetAt": reset})
    for _ in range(2):
        with pytest.raises(SourceError, match=r"GitHub takes no question for .* h "):
            budget.take("a")
    budget.pause(10.0**12)
    with pytest.raises(SourceError, match="or it was asked too often"):
        budget.take("b")
    assert clock.waits == []
