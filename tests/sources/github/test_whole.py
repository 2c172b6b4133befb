"""From a search to documents: real packages in real repositories, listed, fetched and read."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from factory.errors import SourceError
from factory.plugins import SourceContext
from factory.records import Document, LeftOut, Release
from sources.github.clone import clone
from sources.github.source import GitHub
from sources.local import Local
from tests.loopback import Answer, Request
from tests.sources.github.git_server import history
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.hosted import hosted

PACKAGES = {
    "dashbitco/nimble_parsec": "elixir-nimble-parsec",
    "elixir-makeup/makeup": "elixir-makeup",
    "processone/p1_mysql": "erlang-p1-mysql",
}

ONE = "defmodule One do\n  def one, do: 1\nend\n"

Found = dict[str, list[Document | LeftOut]]


@pytest.fixture(scope="module")
def root(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as repositories: all of a package, then a change, then another."""
    folder = tmp_path_factory.mktemp("hosted")
    for name, package in PACKAGES.items():
        history(
            folder / name,
            ("Everything", files(corpus / package)),
            ("Count from one, as people do", {"lib/one.ex": ONE.replace("1", "0")}),
            ("Return one where one is asked for", {"lib/one.ex": ONE}),
        )
    return folder


def files(folder: Path) -> Mapping[str, str | bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def listed(source: GitHub) -> list[Release]:
    releases = list(source.releases())
    assert all(isinstance(each, Release) for each in releases)
    return [each for each in releases if isinstance(each, Release)]


def read(server: GitHubServer, cache: Path, **options: object) -> Found:
    """What a build does: list, fetch, and read in another process."""
    source = server.source(cache, languages=["Elixir"], **options)
    releases = listed(source)
    source.fetch(releases)
    packed = pickle.dumps(source)
    assert TOKEN.encode() not in packed
    worker = pickle.loads(packed)
    return {release.name: list(worker.documents(release)) for release in releases}


def test_the_documents_are_those_of_a_checkout(root: Path, tmp_path: Path) -> None:
    with hosted(root) as server:
        found = read(server, tmp_path)
    assert sorted(found) == sorted(PACKAGES)
    for name, items in found.items():
        (tmp_path / "local").mkdir(exist_ok=True)
        local = Local(
            Local.Options.model_validate({"paths": [str(root / name)]}),
            SourceContext(tmp_path / "local"),
        )
        (release,) = local.releases()
        expected = [d for d in local.documents(release) if isinstance(d, Document)]
        documents = [d for d in items if isinstance(d, Document)]
        assert len(documents) > 5
        assert [
            replace(d, source="", release="", version="", family="", released="") for d in documents
        ] == [
            replace(d, source="", release="", version="", family="", released="") for d in expected
        ]
        assert {d.source for d in documents} == {"github"}
        assert {d.family for d in documents} == {name}


def test_a_second_run_fetches_nothing(root: Path, tmp_path: Path) -> None:
    with hosted(root) as server:
        first = read(server, tmp_path)
        server.forget()
        assert read(server, tmp_path) == first
        asked = [each.path for each in server.loopback.requests]
        assert asked == ["/api/graphql"]  # one search, and that is all
        assert read(server, tmp_path, offline=True) == first


def test_with_commits_each_telling_one_is_a_document(root: Path, tmp_path: Path) -> None:
    with hosted(root) as server:
        found = read(server, tmp_path, commits=2)
        again = read(server, tmp_path / "again", commits=2)
    assert found == again
    for items in found.values():
        patches = [d for d in items if isinstance(d, Document) and d.language == "patch"]
        assert len(patches) == 2
        assert "Return one where one is asked for" in patches[0].text
        assert any(isinstance(d, Document) and d.path == "lib/one.ex" for d in items)


@pytest.mark.parametrize("commits", [0, 2])
def test_a_fifth_of_all_requests_may_fail(
    commits: int, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clone.__kwdefaults__ is not None
    monkeypatch.setitem(clone.__kwdefaults__, "sleep", lambda _seconds: None)
    with hosted(root) as calm:
        expected = read(calm, tmp_path / "calm", commits=commits)
    with hosted(root, faults=0.2, seed=4) as rough:
        assert read(rough, tmp_path / "rough", commits=commits) == expected


def test_a_repository_that_cannot_be_fetched_fails_alone(root: Path, tmp_path: Path) -> None:
    with hosted(root) as server:
        source = server.source(tmp_path, languages=["Elixir"])
        releases = listed(source)
        lost = next(r for r in releases if r.name == "processone/p1_mysql")
        other = next(r for r in releases if r is not lost)
        commit = lost.checksum.partition(":")[2]
        real = server.others
        assert real is not None

        def losing(request: Request) -> Answer:
            return Answer(404, b"{}") if commit in request.path else real(request)

        server.others = losing
        source.fetch(releases)
        worker = pickle.loads(pickle.dumps(source))
        with pytest.raises(SourceError, match="p1_mysql"):
            list(worker.documents(lost))
        assert list(worker.documents(other))
        server.others = real
        source.fetch([lost])
        assert list(source.documents(lost))
