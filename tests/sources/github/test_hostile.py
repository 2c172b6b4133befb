"""A server that answers anything: errors have words and names have bounds, whatever it says."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import FactoryError
from factory.plugins import SourceContext
from factory.records import Failed, Release
from sources.github import repository
from sources.github.source import GitHub
from sources.web import Reply
from tests.loopback import Request
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.world import made

ANYTHING: list[Any] = [
    None, True, 0, -1, 10**30, 1.5, "", "x", "../../etc/passwd", "a/b\n", "\ud800", "0" * 40,
    [], [1], [None], [[]], {}, {"a": 1}, {"nodes": 5}, {"__typename": "Commit", "oid": "../x"},
    {"target": {"target": {"target": {"target": {}}}}}, "9999-99-99T99:99:99Z", "Tree",
]  # fmt: skip


class Liar:
    """In place of `Web`: what the server would say, with something in it replaced."""

    def __init__(self, server: GitHubServer, spoil: Callable[[Any], Any]) -> None:
        self._server, self._spoil = server, spoil

    def post(self, _url: str, *, json: Any, limit: int) -> Reply:
        return self._reply(json)

    def _reply(self, question: Any) -> Reply:
        headers = {"authorization": f"Bearer {TOKEN}", "user-agent": "test"}
        body = json.dumps(question).encode()
        answer = self._server._answer(Request("POST", "/api/graphql", {}, headers, body))
        spoilt = json.dumps(self._spoil(json.loads(answer.body))).encode()
        return Reply(200, spoilt, dict(answer.headers))

    def each(self, function: Any, items: Sequence[Any], *, stage: str, unit: str) -> list[Any]:
        return [function(item) for item in items]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from places(item, (*path, at))


def spoiling(seed: int) -> Callable[[Any], Any]:
    rng = random.Random(seed)

    def spoil(content: Any) -> Any:
        if rng.random() < 0.3:
            return content
        every = list(places(content))
        path = rng.choice(every)
        value = copy.deepcopy(rng.choice(ANYTHING))
        if not path:
            return value
        inner = content
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        return content

    return spoil


@pytest.fixture(scope="module")
def server() -> GitHubServer:
    world = made(12, longest=5, fork=False, private=False, archived=False, stars=50,
                 language="Elixir", licence="MIT")  # fmt: skip
    return GitHubServer(world, points=10**9)


@settings(max_examples=80)
@given(st.integers(0, 2**32))
def test_whatever_a_server_says_ends_in_releases_or_an_error_with_words(
    server: GitHubServer, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    try:
        found = list(lied_to(server, folder, spoiling(seed)).releases())
    except FactoryError as error:
        assert str(error)
        return
    for each in found:
        if isinstance(each, Release):
            assert repository.NAME.match(each.name)
            assert repository.COMMIT.match(each.checksum.partition(":")[2])
            assert each.size >= 0 and len(each.released) in (0, 10)
        else:
            assert isinstance(each, Failed) and each.reason


def lied_to(server: GitHubServer, folder: Path, spoil: Callable[[Any], Any]) -> GitHub:
    named = server.world.repositories[0].full_name
    given = {"languages": ["Elixir"], "repositories": [named, f"{named}@main"]}
    options = GitHub.Options.model_validate({**given, "api_url": "http://localhost/api/v3"})
    source = Deceived(options, SourceContext(folder))
    source.liar = Liar(server, spoil)
    return source


class Deceived(GitHub):
    sleep = staticmethod(lambda _seconds: None)
    liar: Liar

    @contextmanager
    def _web(self, attempts: int = 1) -> Iterator[Any]:  # type: ignore[override]
        yield self.liar


def test_an_honest_server_gives_releases_this_way_too(server: GitHubServer, tmp_path: Path) -> None:
    found = list(lied_to(server, tmp_path, lambda content: content).releases())
    assert len([each for each in found if isinstance(each, Release)]) >= 8


@pytest.mark.parametrize(
    "name", ["../x", "a/..", "a/.", "/b", "a/", "a/b/c", "a b/c", "-a/b", "a/b\n", "a/b?x", ""]
)
def test_a_name_that_could_lead_elsewhere_is_no_repository(name: str) -> None:
    assert not repository.NAME.match(name)


@pytest.mark.parametrize("name", ["a/b", "elixir-lang/elixir", "A_b/c.ex", "o/.github", "x/-y"])
def test_names_that_github_has(name: str) -> None:
    assert repository.NAME.match(name)
