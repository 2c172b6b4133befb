"""Which commits the tags of many repositories lead to, in few questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sources.github.api import Api
from sources.github.tags import Tags, resolve
from tests.sources.github.graphql_server import GitHubServer
from tests.sources.github.world import made


@contextmanager
def api(server: GitHubServer, folder: Path) -> Iterator[Api]:
    source = server.source(folder, languages=["Elixir"])
    with source._web() as web:
        yield source.api(web)


def test_tags_lead_to_commits_whether_annotated_or_not(tmp_path: Path) -> None:
    world = made(3, longest=20)
    plug, other, empty = world.repositories
    plug.total, other.total, empty.total = 9, 9, 0
    plug.tags = {"v1.0": (3, True), "1.1": (4, False)}
    other.tags, empty.tags = {}, {}
    asked = [
        Tags(plug.full_name, ("v1.0", "1.0", "1.1", "weird tag\n")),
        Tags("no/body", ("v1.0",)),
        Tags(other.full_name.upper(), ("v1.0",)),
        Tags("not a name", ("v1.0",)),
        Tags(empty.full_name, ("v1",)),
    ]
    with GitHubServer(world) as server, api(server, tmp_path) as here:
        found = resolve(here, asked)
        assert server.asked == {"Tags": 1}
        assert b"not a name" not in server.loopback.requests[0].body
    assert found == [
        {"v1.0": plug.commit(3).oid, "1.1": plug.commit(4).oid},
        None,
        {},
        None,
        {},
    ]


def test_hundreds_of_repositories_take_few_questions(tmp_path: Path) -> None:
    world = made(500, longest=5)
    asked = [
        Tags(r.full_name, ("v0.0.0", "0.0.0", "v0.1.0", "nothing")) for r in world.repositories
    ]
    with GitHubServer(world) as server, api(server, tmp_path) as here:
        found = resolve(here, asked)
        assert server.asked["Tags"] == 20
        assert server.spent == 20
    for repository, commits in zip(world.repositories, found, strict=True):
        assert commits == {
            tag: repository.commit(number).oid
            for tag, (number, _) in repository.tags.items()
            if tag in ("v0.0.0", "v0.1.0")
        }


def test_a_question_that_is_too_much_is_halved(tmp_path: Path) -> None:
    world = made(40, longest=5)
    asked = [Tags(r.full_name, ("v0.0.0",)) for r in world.repositories]
    with GitHubServer(world) as server, api(server, tmp_path) as here:
        expected = resolve(here, asked)
        server.loopback.script["/api/graphql"] = ["502", "504", "502"]
        assert resolve(here, asked) == expected
