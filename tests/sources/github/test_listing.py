"""Searching: every repository that matches is found, each once, however many there are."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sources.github.listing import Listing
from sources.web import Web
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.searching import search
from tests.sources.github.world import NOW, Repository, World, made
from tests.sources.web.conftest import Told

WORDS = "language:Elixir is:public sort:stars-asc"


@contextmanager
def listing(server: GitHubServer, folder: Path) -> Iterator[tuple[Listing, Told]]:
    told = Told()
    source = server.source(folder, languages=["Elixir"])
    secrets = {"authorization": f"Bearer {TOKEN}"}
    with Web(folder / "web", "github", base=server.api_url, secrets=secrets, attempts=1) as web:
        yield Listing(source.api(web), told, NOW.timestamp), told


def by_stars(make: Callable[[int], int], count: int = 3000, seed: int = 2) -> World:
    world = made(count, seed, fork=False, private=False, language="Elixir")
    for number, repository in enumerate(world.repositories):
        repository.stars = make(number)
    return world


WORLDS = {
    "as stars are spread": lambda: made(4000, 3),
    "a tail": lambda: by_stars(lambda n: 1_000_000 // (n + 1)),
    "all with the same stars": lambda: by_stars(lambda _: 7),
    "two crowds": lambda: by_stars(lambda n: 0 if n % 2 else 4000),
    "exactly a thousand": lambda: by_stars(lambda n: n % 5, 1000),
    "one more than a thousand": lambda: by_stars(lambda n: n % 5, 1001),
    "none": lambda: by_stars(lambda _: 1, 0),
}


@pytest.mark.parametrize("kind", WORLDS)
def test_everything_that_matches_is_found_once(kind: str, tmp_path: Path) -> None:
    world = WORLDS[kind]()
    expected = sorted(r.id for r in search(world, f"{WORDS} stars:>=0"))
    with GitHubServer(world) as server, listing(server, tmp_path) as (here, told):
        found = here.find(WORDS, 0)
    assert [each.id for each in found] == expected
    assert told.lines == []
    begun, *steps, ended = told.events
    assert begun == ("start", "github: searching", len(expected), "repositories")
    assert sum(step[1] for step in steps) == len(expected)
    assert ended == ("finish",)
    # No more than some pages besides the full ones: windows are not cut finer than they must be.
    assert server.asked["Search"] <= 3 * len(expected) // 100 + 10
    assert server.spent == 2 * server.asked["Search"]


def test_a_crowd_born_in_one_second_is_all_that_can_be_missed(tmp_path: Path) -> None:
    world = by_stars(lambda _: 7, 1200)
    for repository in world.repositories:
        repository.created = datetime(2020, 1, 1, tzinfo=UTC)
    with GitHubServer(world) as server, listing(server, tmp_path) as (here, told):
        found = here.find(WORDS, 0)
    assert len(found) == 1000
    assert told.lines == [
        "github: 1,200 repositories match stars:7 created:2020-01-01T00:00:00Z and GitHub shows "
        "1,000 of them at most"
    ]


def test_repositories_that_win_stars_meanwhile_are_not_missed(tmp_path: Path) -> None:
    """Between any two pages some rise to anywhere above."""
    world = by_stars(lambda n: n % 400)
    always = {r.id for r in world.repositories}
    rng = random.Random(5)
    with GitHubServer(world) as server, listing(server, tmp_path) as (here, _told):
        real = server._run

        def moving(*arguments: object) -> object:
            for repository in rng.sample(world.repositories, 12):
                repository.stars += rng.randrange(200)
            return real(*arguments)

        server._run = moving  # type: ignore[method-assign,assignment]
        found = here.find(WORDS, 0)
    assert {each.id for each in found} == always


def test_pages_over_which_github_gives_up_are_halved_and_stay_so(tmp_path: Path) -> None:
    world = by_stars(lambda n: n % 50, 900)
    # A page of 100 with 20 languages and 20 topics each is 4,100 nodes.
    with GitHubServer(world, patience=1200) as server, listing(server, tmp_path) as (here, _):
        found = here.find(WORDS, 0)
    assert len(found) == 900
    gave_up = [asked for asked in server.loopback.requests if asked.status == 502]
    assert len(gave_up) == 2  # 100 and 50
    # Each page begins one result before the end of the last one.
    assert server.asked["Search"] == math.ceil((900 - 1) / (25 - 1)) + len(gave_up)


def test_results_that_are_counted_and_not_shown_are_no_reason_to_go_on_forever(
    tmp_path: Path,
) -> None:
    world = by_stars(lambda n: n, 50)
    hidden = world.repositories[3]
    with GitHubServer(world) as server, listing(server, tmp_path) as (here, told):
        hide(server, hidden)
        found = here.find(WORDS, 0)
    assert {each.id for each in found} == {r.id for r in world.repositories} - {hidden.id}
    assert told.lines == ["github: the search for stars:>=0 counts 1 more than it shows"]
    assert server.asked["Search"] == 3


def hide(server: GitHubServer, hidden: Repository) -> None:
    """Let the search count a repository and never show it, as an index that lags behind does."""
    import json

    real = server._run

    def hiding(*arguments: object) -> object:
        answer = real(*arguments)  # type: ignore[arg-type]
        content = json.loads(answer.body)
        for edge in content["data"]["search"]["edges"]:
            if edge["node"]["id"] == hidden.id:
                edge["node"] = None
        return type(answer)(answer.status, json.dumps(content).encode(), answer.headers)

    server._run = hiding  # type: ignore[method-assign,assignment]


def test_a_repository_made_while_it_is_listed_is_found(tmp_path: Path) -> None:
    """The last window has no end: clocks differ, and the world goes on."""
    world = by_stars(lambda _: 7, 2000)
    world.repositories[0].created = NOW + timedelta(days=1)
    with GitHubServer(world) as server, listing(server, tmp_path) as (here, _):
        found = here.find(WORDS, 0)
    assert len(found) == 2000
