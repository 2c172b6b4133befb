"""Pairing a release with its tag at GitHub: one question, one tarball, both kept."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from factory.errors import ArchiveRefusedError, RequestError, SourceError
from factory.plugins import SourceContext
from sources.github.place import GitHubPlace
from sources.repository_tags import Package, Tag, Unpaired, find
from tests.loopback import Answer
from tests.sources import checkouts
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.hosted import hosted, repository
from tests.sources.hex_server.repack import Project, project
from tests.sources.test_repository_tests import read


@dataclass
class Forge:
    """A GitHub of the repositories in a folder; `broken` commits have another answer than their
    tarball."""

    root: Path
    server: GitHubServer
    broken: dict[str, Answer] = field(default_factory=dict)

    def add(self, name: str, files: Mapping[str, bytes], *tags: str) -> str:
        folder = checkouts.repository(self.root / name, files)
        for tag in tags:
            checkouts.git(folder, "tag", tag)
        self.server.world.repositories.append(repository(folder))
        return checkouts.git(folder, "rev-parse", "HEAD")


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with hosted(tmp_path / "forge") as server:
        forge = Forge(tmp_path / "forge", server)
        sound = server.others
        assert sound
        server.others = lambda r: forge.broken.get(r.path.rpartition("/")[2]) or sound(r)
        yield forge
        assert server.refused == []


def no_sleep(_seconds: float) -> None:
    pass


def place(tmp_path: Path, forge: Forge, *, offline: bool = False) -> GitHubPlace:
    return GitHubPlace(
        SourceContext(tmp_path / "cache", offline),
        tmp_path / "cache" / "tests",
        api_url=forge.server.api_url,
        sleep=no_sleep,
    )


@pytest.fixture(scope="module")
def makeup(corpus: Path) -> Project:
    return project(corpus / "elixir-makeup")


def packages(of: Project) -> list[Package]:
    told = of.metadata
    return [
        Package(told.name, told.version, told.links or {}),
        Package("other", "2.0.0", {"GitHub": "https://github.com/o/other"}),
        Package("gone", "3.0.0", {"GitHub": "https://github.com/o/gone"}),
        Package("lab", "1.0.0", {"GitLab": "https://gitlab.com/o/lab"}),
    ]


def test_a_release_and_its_tests(tmp_path: Path, forge: Forge, makeup: Project) -> None:
    commit = forge.add("elixir-makeup/makeup", makeup.all, "v1.2.1", "v1.2.0")
    forge.add("o/other", {"mix.exs": b""}, "v1.0.0")
    here = place(tmp_path, forge)
    tag, *rest = find(packages(makeup), here)
    assert isinstance(tag, Tag)
    assert (tag.name, tag.commit) == ("v1.2.1", commit)
    assert [each.reason for each in rest if isinstance(each, Unpaired)] == [
        "github.com/o/other has no tag called after 2.0.0",
        "github.com/o/gone is not at GitHub",
        "gitlab.com/o/lab is not on github.com",
    ]
    assert forge.server.asked == {"Tags": 2}  # usual names, and rare ones of o/other
    here.fetch([tag])
    documents, left = read(tmp_path, makeup, pickle.loads(pickle.dumps(here)), tag)
    assert documents["test/makeup_test.exs"].origin == (
        f"github:elixir-makeup/makeup@{commit}:test/makeup_test.exs"
    )
    assert left == {}

    # what was found is not asked for again, and is there without the network
    forge.server.forget()
    again = place(tmp_path, forge)
    assert find(packages(makeup)[:1], again) == [tag]
    again.fetch([tag])
    assert forge.server.loopback.requests == []
    offline = place(tmp_path, forge, offline=True)
    known, unknown, *_ = find(packages(makeup), offline)
    assert known == tag
    assert isinstance(unknown, Unpaired) and "without --offline" in unknown.reason
    assert read(tmp_path, makeup, offline, tag)[0] == documents
    assert forge.server.loopback.requests == []


def test_a_tag_that_comes_later_is_found_later(
    tmp_path: Path, forge: Forge, makeup: Project
) -> None:
    forge.add("elixir-makeup/makeup", makeup.all)
    assert isinstance(find(packages(makeup)[:1], place(tmp_path, forge))[0], Unpaired)
    forge.server.world.repositories[0].tags["1.2.1"] = (1, False)
    (tag,) = find(packages(makeup)[:1], place(tmp_path, forge))
    assert isinstance(tag, Tag) and tag.name == "1.2.1"


def test_what_will_never_do_is_left_out_and_what_may_is_an_error(
    tmp_path: Path, forge: Forge, makeup: Project
) -> None:
    commit = forge.add("elixir-makeup/makeup", makeup.all, "v1.2.1")
    here = place(tmp_path, forge)
    (tag,) = find(packages(makeup)[:1], here)
    assert isinstance(tag, Tag)
    with pytest.raises(SourceError, match=commit):
        read(tmp_path, makeup, here, tag)  # never fetched
    for answer, limit, may_pass in (
        (Answer(404), 10_000_000, False),
        (Answer(200, b"x" * 2000), 1000, False),
        (Answer(200, b"no archive"), 10_000_000, False),
        (Answer(503), 10_000_000, True),
    ):
        forge.broken[commit], here.limit = answer, limit
        here.fetch([tag])
        if may_pass:
            with pytest.raises(SourceError, match="503") as raised:
                read(tmp_path, makeup, here, tag)
            assert not isinstance(raised.value, ArchiveRefusedError)
        else:
            documents, left = read(tmp_path, makeup, here, tag)
            assert not documents
            assert "elixir-makeup/makeup" in left["test/"]
    forge.broken.clear()
    here.fetch([tag])
    assert read(tmp_path, makeup, here, tag)[0]


def test_without_a_token_nothing_is_asked(
    tmp_path: Path, forge: Forge, makeup: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(RequestError, match="GITHUB_TOKEN"):
        find(packages(makeup), place(tmp_path, forge))
    assert find(packages(makeup)[3:], place(tmp_path, forge))  # nothing of GitHub's in it
    assert forge.server.loopback.requests == []
