"""What `factory sources check github` finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.plugins import Check
from sources.github.source import GitHub
from tests.sources.github.graphql_server import GitHubServer
from tests.sources.github.searching import search
from tests.sources.github.test_source import CHOICE
from tests.sources.github.world import made


def found(check: Check) -> dict[str, bool | None]:
    return {finding.what.partition(" ")[0]: finding.ok for finding in check.findings}


def test_all_is_well(tmp_path: Path) -> None:
    world = made(1600, longest=5)
    with GitHubServer(world) as server:
        server.scopes = "repo, gist"
        check = server.source(tmp_path, **CHOICE, repositories=["a/b"]).check()
        assert dict(server.asked) == {"Viewer": 1, "Search": 2}
        listed, _ = server.listed(tmp_path, **CHOICE, repositories=["a/b"])
        asked = sum(server.asked.values()) - 3
    assert found(check) == {
        "reachable": True, "token": True, "points": None, "search": True, "named": None,
    }  # fmt: skip
    details = " ".join(finding.detail for finding in check.findings)
    assert "its scopes (repo, gist) are not needed" in details
    assert "4999 of 5000 left" in details
    searches = [f for f in check.findings if f.what.startswith("search")]
    assert [f.what for f in searches] == ["search language:Elixir", "search language:Erlang"]
    matches = []
    for finding in searches:
        count, _, words = finding.detail.partition(" repositories match ")
        matches.append(len(search(world, words)))
        assert count == f"{matches[-1]:,}"
    assert check.releases == sum(matches) + 1
    assert len(listed) < check.releases
    # The estimate counts every match as if nothing were left out: never too few by much.
    assert check.requests is not None and check.bytes and check.seconds is not None
    assert asked <= check.requests - check.releases <= 3 * asked


def test_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with GitHubServer(made(1)) as server:
        check = server.source(tmp_path, **CHOICE).check()
        assert [asked.path for asked in server.loopback.requests] == ["/api/v3"]
    assert found(check) == {"reachable": True, "token": False}
    assert "--without github" in check.findings[1].detail
    source = server.source(tmp_path, **CHOICE)
    assert found(source.check()) == {"reachable": False, "token": False}


def test_a_bad_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_another0token")
    with GitHubServer(made(1)) as server:
        check = server.source(tmp_path, **CHOICE).check()
    assert found(check) == {"reachable": True, "token": False}
    assert "ghp_another" not in repr(check)


def test_nobody_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GitHub, "sleep", staticmethod(lambda _seconds: None))
    with GitHubServer(made(1)) as server:
        source = server.source(tmp_path, **CHOICE)
    check = source.check()
    assert found(check) == {"reachable": False}
    assert "asked 2 times" in check.findings[0].detail


def test_who_asks_does_not_wait_for_new_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(GitHub, "sleep", staticmethod(waits.append))
    with GitHubServer(made(1)) as server:
        server.points = 0
        check = server.source(tmp_path, **CHOICE).check()
    assert found(check) == {"reachable": False}
    assert "GitHub takes no question for 60 min" in check.findings[0].detail
    assert sum(waits) < 10


def test_a_search_that_finds_nothing_is_pointed_out(tmp_path: Path) -> None:
    with GitHubServer(made(50, longest=5)) as server:
        check = server.source(tmp_path, languages=["Elixr"]).check()
    assert found(check)["search"] is False
    assert check.releases == 0
