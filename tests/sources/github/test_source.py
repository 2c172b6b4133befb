"""The source as a build uses it: which repositories become releases, and what a second run asks."""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from factory.errors import RequestError, SourceError
from factory.records import Failed, Release, Signals, about
from sources.github.source import GitHub
from tests.loopback import Answer
from tests.sources.github.graphql_server import HTML, TOKEN, GitHubServer
from tests.sources.github.searching import search
from tests.sources.github.world import Repository, World, made

CHOICE: dict[str, Any] = {
    "languages": ["Elixir", "Erlang"],
    "min_stars": 3,
    "pushed_after": "2015-06-01",
    "max_size_mb": 2,
    "exclude": ["forks", "mirrors", "archived", "templates"],
    "require": ["licence", "tests"],
}


class Warped:
    """A clock on which whoever waits is the only one for whom time passes."""

    def __init__(self) -> None:
        self._now = time.time()
        self._lock = threading.Lock()

    def time(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


@pytest.fixture
def warped(monkeypatch: pytest.MonkeyPatch) -> Warped:
    clock = Warped()
    monkeypatch.setattr(GitHub, "clock", staticmethod(clock.time))
    monkeypatch.setattr(GitHub, "sleep", staticmethod(clock.sleep))
    return clock


class Heard:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def start(self, stage: str, total: int, unit: str) -> None:
        self.lines.append(f"{stage}: {total} {unit}")

    def advance(self, amount: int, size: int = 0) -> None: ...

    def finish(self) -> None: ...


def has_tests(r: Repository) -> bool:
    return any("test" in path.split("/")[:-1] for path in r.files)


def chosen(world: World) -> dict[str, Repository]:
    """What CHOICE means, said plainly."""
    return {
        f"{r.full_name}@{r.commit(r.total).oid[:12]}": r
        for r in world.repositories
        if r.language in CHOICE["languages"]
        and r.stars >= 3
        and r.pushed.date() >= date(2015, 6, 1)
        and r.kilobytes <= 2000
        and r.total
        and r.licence
        and has_tests(r)
        and not (r.fork or r.mirror or r.archived or r.template or r.private or r.disabled)
    }


def test_a_release_is_a_commit_with_what_is_known_of_its_repository(tmp_path: Path) -> None:
    world = made(1, fork=False, private=False, archived=False, mirror=False, template=False)
    (there,) = world.repositories
    there.owner, there.name, there.stars, there.language = "Plug", "Cart.ex", 12_345, "Elixir"
    there.licence, there.total, there.people, there.kilobytes = "MIT", 400, 4, 1500
    there.files = ("mix.exs", "test/a_test.exs", ".github/workflows/ci.yaml")
    head = there.commit(400)
    with GitHubServer(world) as server:
        found, failed = server.listed(tmp_path, languages=["Elixir"])
    (release,) = found.values()
    people: dict[str, int] = {}
    for number in range(301, 401):
        commit = there.commit(number)
        if "[bot]" not in commit.name:
            people[commit.email] = people.get(commit.email, 0) + 1
    share = max(people.values()) / sum(people.values())
    assert failed == []
    assert release == Release(
        source="github",
        name="Plug/Cart.ex",
        version=head.oid[:12],
        checksum=f"sha1:{head.oid}",
        family="plug/cart.ex",
        origin=f"https://127.0.0.1/Plug/Cart.ex@{head.oid}",
        released=head.at.date().isoformat(),
        size=1_500_000,
        signals=Signals(
            stars=12_000,
            contributors=len(people),
            top_share=round(round(share * 20) / 20, 2),
            ci=True,
            tests=True,
            updated=there.pushed.strftime("%Y-%m"),
        ),
    )
    assert 0.4 < share < 0.8 and len(people) == 4


def test_just_what_the_options_select(tmp_path: Path) -> None:
    world = made(1500, longest=8)
    with GitHubServer(world) as server:
        found, failed = server.listed(tmp_path, **CHOICE)
    expected = chosen(world)
    assert 100 < len(expected) < 500
    assert sorted(found) == sorted(expected)
    assert failed == []
    for key, release in found.items():
        there = expected[key]
        assert release.signals.stars == about(there.stars)
        assert release.signals.tests is True
        assert release.signals.ci == any(
            path == ".travis.yml" or path.startswith(".github/workflows/") for path in there.files
        )


def test_every_way_to_leave_out_leaves_out(tmp_path: Path) -> None:
    """Each repository of the world differs in one thing from what is wanted."""
    kinds: dict[str, dict[str, object]] = {
        "good": {},
        "fork": {"fork": True},
        "mirror": {"mirror": True},
        "archived": {"archived": True},
        "template": {"template": True},
        "large": {"kilobytes": 2001},
        "unlicensed": {"licence": ""},
        "untested": {"files": ("mix.exs", "lib/a.ex")},
        "without-ci": {"files": ("mix.exs", "test/a.exs")},
        "unreleased": {"releases": ()},
        "blocked": {"disabled": True},
        "empty": {"total": 0},
        "unknown": {"stars": 2},
    }
    plain: dict[str, object] = {
        "stars": 5, "language": "Elixir", "fork": False, "mirror": False, "archived": False,
        "template": False, "private": False, "disabled": False, "kilobytes": 100, "licence": "MIT",
        "files": ("mix.exs", "test/a.exs", ".travis.yml"), "releases": ("v1",), "total": 5,
    }  # fmt: skip
    world = made(len(kinds), **plain)
    for repository, (name, other) in zip(world.repositories, kinds.items(), strict=True):
        repository.name = name
        for attribute, value in other.items():
            setattr(repository, attribute, value)
    wanted = {**CHOICE, "require": ["licence", "tests", "ci", "releases"], "pushed_after": None}
    heard = Heard()
    with GitHubServer(world) as server:
        found, failed = server.listed(tmp_path, **wanted, progress=heard)
        everything, _ = server.listed(
            tmp_path, **{**wanted, "exclude": [], "require": [], "min_stars": 0, "max_size_mb": 9}
        )
    assert [r.name.partition("/")[2] for r in found.values()] == ["good"]
    assert failed == []
    assert {r.name.partition("/")[2] for r in everything.values()} == set(kinds) - {
        "blocked", "empty"
    }  # fmt: skip
    assert heard.lines[-1] == (
        "github: repositories taken: 1; left out: 1 blocked by GitHub, 1 empty, "
        "1 without a licence file, 1 without a published release, "
        "1 without continuous integration, 1 without tests"
    )


def test_tests_of_umbrellas_and_of_applications_below_lib_are_seen(tmp_path: Path) -> None:
    world = made(4, fork=False, private=False, archived=False, mirror=False, template=False,
                 stars=50, language="Elixir", licence="MIT", total=3, disabled=False)  # fmt: skip
    umbrella, elixir, erlang, bare = world.repositories
    umbrella.files = ("mix.exs", "apps/a/lib/a.ex", "apps/b/test/b_test.exs")
    elixir.files = ("Makefile", "lib/elixir/test/a_test.exs")
    erlang.files = ("rebar.config", "test/a_SUITE.erl")
    bare.files = ("mix.exs", "lib/test.ex", "apps/test/lib/x.ex")
    with GitHubServer(world) as server:
        found, _ = server.listed(tmp_path, languages=["Elixir"], require=["tests"])
        asked = dict(server.asked)
    assert {r.name for r in found.values()} == {r.full_name for r in (umbrella, elixir, erlang)}
    assert asked == {"Search": 1, "Details": 1, "Parts": 1}


def test_the_same_world_gives_the_same_releases(tmp_path: Path) -> None:
    """…in the same order, whatever comes first and however many are asked at once."""
    world = made(400, longest=8)
    lists = []
    for threads in (1, 8):
        world.repositories.reverse()
        with GitHubServer(world) as server:
            folder = tmp_path / str(threads)
            lists.append(list(server.source(folder, **CHOICE, concurrency=threads).releases()))
    assert lists[0] == lists[1] != []


def test_a_second_run_asks_for_no_repository_that_did_not_change(tmp_path: Path) -> None:
    """GraphQL is asked by POST and knows no conditional requests, so searches are made again; what
    a search tells of each repository's commit spares the rest."""
    world = made(600, longest=8)
    with GitHubServer(world) as server:
        first, _ = server.listed(tmp_path, **CHOICE)
        asked = dict(server.asked)
        server.forget()
        second, _ = server.listed(tmp_path, **CHOICE)
        assert second == first
        assert dict(server.asked) == {"Search": asked["Search"]}

        server.forget()
        pushed, starred, gone, archived, renamed = list(chosen(world).values())[:5]
        world.push(pushed, 2)
        starred.stars += 10
        world.delete(gone)
        archived.archived = True
        world.rename(renamed, "another-name")
        third, _ = server.listed(tmp_path, **CHOICE)
    assert third.keys() == chosen(world).keys()
    assert dict(server.asked) == {"Search": asked["Search"], "Details": 1}
    details = [a for a in server.loopback.requests if b"query Details" in a.body]
    variables = json.loads(details[0].body)["variables"]
    # Only what was pushed to. That another was renamed needs no question: it kept its id.
    assert [v for name, v in variables.items() if name.startswith("i")] == [pushed.id]
    new = next(r for r in third.values() if r.name == pushed.full_name)
    assert new.checksum == f"sha1:{pushed.commit(pushed.total).oid}"
    assert {r.name for r in third.values()} == {r.full_name for r in chosen(world).values()}


def test_with_a_fifth_of_all_requests_failing_the_result_is_the_same(
    tmp_path: Path, warped: Warped
) -> None:
    world = made(900, longest=8)
    with GitHubServer(world) as calm:
        expected, _ = calm.listed(tmp_path / "calm", **CHOICE)
    with GitHubServer(world, faults=0.2, seed=3) as rough:
        found, failed = rough.listed(tmp_path / "rough", **CHOICE)
        faults = [asked.fault for asked in rough.loopback.requests if asked.fault]
    assert (found, failed) == (expected, [])
    assert len(faults) > 5 and len(set(faults)) > 3


def test_points_that_run_out_in_the_middle_are_waited_for(tmp_path: Path, warped: Warped) -> None:
    world = made(600, longest=8)
    with GitHubServer(world, points=8, renewed=3600) as server:
        server.now = warped.time
        found, _ = server.listed(tmp_path, **CHOICE)
        assert sorted(found) == sorted(chosen(world))
        assert server.spent > 16 and server.rate_limited == 0


def test_the_token_is_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = made(150, longest=8)
    heard = Heard()
    words = [TOKEN, TOKEN.removeprefix("ghp_")]
    with GitHubServer(world, faults=0.3, seed=9) as server:
        source = server.source(
            tmp_path, **CHOICE, repositories=["no/body", "x/y@v1"], progress=heard
        )
        releases = list(source.releases())
        good = [each for each in releases if isinstance(each, Release)]
        said = [repr(releases), repr(source.check()), repr(source.options)]
        server.loopback.faults, server.others = 0, None
        source.fetch(good[:3])  # this server has no tarballs: each fails
        for release in good[:3]:
            with pytest.raises(SourceError) as refused:
                list(source.documents(release))
            said.append(str(refused.value))
    said += [caplog.text, *heard.lines, repr(pickle.dumps(source)), repr(vars(source))]
    said += [path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    said += [str(path) for path in tmp_path.rglob("*")]
    assert any("github" in text for text in said)
    for word in words:
        assert not any(word in text for text in said)


def test_without_a_token_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in ("", "  "):
        monkeypatch.setenv("GITHUB_TOKEN", value)
        with GitHubServer(made(1)) as server:
            with pytest.raises(RequestError) as refused:
                server.listed(tmp_path, languages=["Elixir"])
            assert server.loopback.requests == []
        assert "GITHUB_TOKEN" in str(refused.value) and "--without github" in str(refused.value)


def test_offline_takes_the_last_listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made(200, longest=8)
    with GitHubServer(world) as server:
        found, failed = server.listed(tmp_path, **CHOICE, repositories=["no/body"])
        monkeypatch.delenv("GITHUB_TOKEN")
        server.forget()
        assert server.listed(tmp_path, **CHOICE, repositories=["no/body"], offline=True) == (
            found,
            failed,
        )
        assert len(failed) == 1 and len(found) > 10
        with pytest.raises(RequestError, match="never listed here"):
            server.listed(tmp_path, **{**CHOICE, "min_stars": 4}, offline=True)
        source = server.source(tmp_path, **CHOICE, offline=True)
        release = next(iter(found.values()))
        source.fetch([release])
        with pytest.raises(SourceError, match="never fetched here"):
            list(source.documents(release))
        assert server.loopback.requests == []


def test_repositories_by_name_are_taken_whatever_the_search_asks_for(tmp_path: Path) -> None:
    world = made(60, longest=30, fork=False, disabled=False)
    small, forked, old, private, empty, large = world.repositories[:6]
    small.stars, small.total = 0, 9
    forked.fork, forked.parent, forked.total = True, world.repositories[20], 9
    old.former, old.total = ("was/here",), 9
    private.private, private.total = True, 9
    empty.total = 0
    large.kilobytes, large.total = 500_000, 9
    small.tags = {"v1.0": (3, True), "v1.1": (4, False)}
    named = [
        small.full_name,
        f"{small.full_name}@v1.0",
        f"{small.full_name}@v1.1",
        f"{small.full_name}@{small.commit(5).oid}",
        forked.full_name.upper(),
        {"name": "was/here"},
        f"https://github.com/{private.full_name}.git",
        empty.full_name,
        large.full_name,
        f"{small.full_name}@v9",
        "no/body",
        f"{small.full_name}@main",
    ]
    with GitHubServer(world) as server:
        found, failed = server.listed(tmp_path, repositories=named)
        assert server.asked["Lookup"] == 1
    expected = {(small.full_name, n) for n in (9, 3, 4, 5)}
    expected |= {(r.full_name, 9) for r in (forked, old, private)}
    by_name = {r.full_name: r for r in world.repositories}
    assert sorted(found) == sorted(
        f"{name}@{by_name[name].commit(number).oid[:12]}" for name, number in expected
    )
    families = {r.name: r.family for r in found.values()}
    assert families[forked.full_name] == world.repositories[20].full_name.lower()
    assert families[old.full_name] == old.full_name.lower()
    assert failed == sorted(
        [
            Failed(f"github:{empty.full_name}", "it is empty"),
            Failed(
                f"github:{large.full_name}@{large.commit(9).oid[:12]}",
                "too large: 500 MB (`max_size_mb` allows it)",
            ),
            Failed(f"github:{small.full_name}@v9", "it has no branch, tag or commit v9"),
            Failed(
                "github:no/body",
                "Could not resolve to a Repository with the name 'no/body'. "
                "(look at `repositories`)",
            ),
        ],
        key=lambda f: f.name,
    )


def test_a_revision_that_is_named_stands_for_its_repository(tmp_path: Path) -> None:
    """What a search finds of it besides is left out: it was pinned."""
    world = made(40, longest=8, fork=False, archived=False, language="Elixir", stars=90)
    pinned = next(r for r in chosen(world).values() if r.total > 3)
    pinned.tags = {"v1": (2, False)}
    with GitHubServer(world) as server:
        found, _ = server.listed(tmp_path, **CHOICE, repositories=[f"{pinned.full_name}@v1"])
    versions = [r.version for r in found.values() if r.name == pinned.full_name]
    assert versions == [pinned.commit(2).oid[:12]]
    assert len(found) == len(chosen(world))


@pytest.mark.parametrize("most", [3, 30])
def test_of_all_that_match_those_with_the_most_stars(most: int, tmp_path: Path) -> None:
    world = made(600, longest=8)
    ranked = sorted(chosen(world).values(), key=lambda r: (-r.stars, r.full_name.lower()))
    with GitHubServer(world) as server:
        found, _ = server.listed(tmp_path, **CHOICE, max_repositories=most)
        # No more is asked for than it takes to find so many that have tests.
        assert server.asked["Details"] <= most // 20 + 3
    assert [r.name for r in found.values()] == [r.full_name for r in ranked[:most]]


def test_topics_are_alternatives(tmp_path: Path) -> None:
    world = made(200, longest=5, fork=False)
    with GitHubServer(world) as server:
        found, _ = server.listed(
            tmp_path, topics=["plug", "graph"], min_stars=0, require=[], max_size_mb=10_000
        )
    expected = search(world, "is:public archived:false mirror:false template:false stars:>=0")
    assert {r.name for r in found.values()} == {
        r.full_name
        for r in expected
        if {"plug", "graph"} & set(r.topics) and r.total and not r.disabled
    }


def test_a_repository_that_github_cannot_tell_of_fails_alone(tmp_path: Path) -> None:
    """Its history alone is over GitHub's ten seconds: the others are told of, in halves."""
    world = made(40, longest=8, fork=False, private=False, archived=False, mirror=False,
                 template=False, disabled=False, total=3, licence="MIT", language="Elixir",
                 stars=90, kilobytes=1)  # fmt: skip
    heavy = world.repositories[7]
    with GitHubServer(world) as server:
        real = server._run

        def slow(document: Any, variables: Any, cost: int) -> Any:
            if heavy.id in variables.values():
                return Answer(502, HTML, {"content-type": "text/html"})
            return real(document, variables, cost)

        server._run = slow  # type: ignore[method-assign]
        found, failed = server.listed(tmp_path, languages=["Elixir"])
    assert {r.name for r in found.values()} == {
        r.full_name for r in world.repositories if r is not heavy
    }
    assert [f.name for f in failed] == [f"github:{heavy.full_name}@{heavy.commit(3).oid[:12]}"]
    assert "took too long" in failed[0].reason


def test_a_commit_that_was_pushed_over_meanwhile_fails_alone(tmp_path: Path) -> None:
    world = made(10, longest=8, fork=False, private=False, archived=False, mirror=False,
                 template=False, disabled=False, total=3, licence="MIT", language="Elixir",
                 stars=90, kilobytes=1)  # fmt: skip
    moved = world.repositories[2]
    with GitHubServer(world) as server:
        real, before = server._run, moved.commit(1)

        def pushing(*arguments: Any) -> Any:
            answer = real(*arguments)
            moved.known, moved.total = (replace(before, oid="d" * 40),), 1
            return answer

        server._run = pushing  # type: ignore[method-assign]
        found, failed = server.listed(tmp_path, languages=["Elixir"])
    assert len(found) == 9
    assert [f.reason for f in failed] == [
        "GitHub does not have its commit any more; it was pushed over or deleted"
    ]


RUN = """
import sys
from pathlib import Path
from factory.plugins import SourceContext
from sources.github.source import GitHub
cache, options = Path(sys.argv[1]), GitHub.Options.model_validate_json(sys.argv[2])
print(len(list(GitHub(options, SourceContext(cache)).releases())))
"""


def test_killed_and_run_again_it_goes_on(tmp_path: Path) -> None:
    world = made(800, longest=8)
    options = {**CHOICE, "concurrency": 1}
    with GitHubServer(world) as server:
        given = json.dumps({**options, "api_url": server.api_url})
        cache = tmp_path / "cache"
        cache.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(cache), given], env=dict(os.environ)
        )
        deadline = time.monotonic() + 60
        while server.asked["Details"] < 4:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        before = server.asked["Details"]
        server.forget()
        found, failed = server.listed(cache, **options)
        after = server.asked["Details"]
    assert (sorted(found), failed) == (sorted(chosen(world)), [])
    with GitHubServer(world) as fresh:
        assert fresh.listed(tmp_path / "fresh", **options)[0].keys() == found.keys()
        whole = fresh.asked["Details"]
    # What was told before is not asked again, but for the question that was cut off.
    assert before + after <= whole + 1 and before >= 4


def test_names_of_people_are_not_kept(tmp_path: Path) -> None:
    world = made(30, longest=50, fork=False)
    with GitHubServer(world) as server:
        server.listed(tmp_path, **CHOICE)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
    assert b"example.org" not in written and b"headlines" in written


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "name languages, topics or repositories"),
        ({"languages": ['Eli"xir']}, "no language as GitHub names them"),
        ({"topics": ["a b"]}, "no topic"),
        ({"repositories": ["plug"]}, "no repository"),
        ({"repositories": ["../etc"]}, "no repository"),
        ({"repositories": ["a/.."]}, "no repository"),
        ({"repositories": ["a/b@-x"]}, "no branch, tag or commit"),
        ({"repositories": ["a/b@x..y"]}, "no branch, tag or commit"),
        ({"repositories": ["a/b@x:y"]}, "no branch, tag or commit"),
        ({"languages": ["Elixir"], "api_url": "http://github.example.org/api/v3"}, "in the clear"),
        ({"languages": ["Elixir"], "api_url": "https://github.com"}, "no address of GitHub's API"),
        ({"languages": ["Elixir"], "api_url": "ftp://api.github.com"}, "is no address"),
        ({"languages": ["Elixir"], "api_url": "https://u:p@api.github.com"}, "no user"),
        ({"languages": ["Elixir"], "stars": 1}, "Extra inputs"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        GitHub.Options.model_validate(options)


def test_the_addresses_that_follow_from_one() -> None:
    from sources.github.endpoints import Endpoints, endpoints

    assert endpoints("https://api.github.com/") == Endpoints(
        "https://api.github.com", "https://api.github.com/graphql", "https://github.com"
    )
    assert endpoints("https://git.corp.example/api/v3") == Endpoints(
        "https://git.corp.example/api/v3",
        "https://git.corp.example/api/graphql",
        "https://git.corp.example",
    )
    assert endpoints("https://api.acme.ghe.com") == Endpoints(
        "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", "https://acme.ghe.com"
    )
    assert endpoints("http://127.0.0.1:8080/api/graphql").rest == "http://127.0.0.1:8080/api/v3"
    assert endpoints("https://api.github.com").origin("a/b", "c0ffee") == (
        "https://github.com/a/b@c0ffee"
    )


def test_what_is_about_this_machine_is_no_part_of_the_dataset(tmp_path: Path) -> None:
    from factory.spec import meaning

    options = GitHub.Options.model_validate({**CHOICE, "concurrency": 7})
    assert {"api_url", "concurrency"}.isdisjoint(meaning(options))
    with GitHubServer(made(1)) as server:
        source = server.source(tmp_path, **CHOICE, commits=5)
    assert source.reading().keys() == {"files", "commits"}


def test_when_github_is_slow_less_is_asked_at_once_until_it_is_not(tmp_path: Path) -> None:
    world = made(400, longest=8, fork=False, private=False, archived=False, mirror=False,
                 template=False, disabled=False, total=3, licence="MIT", language="Elixir",
                 stars=90, kilobytes=1)  # fmt: skip
    with GitHubServer(world) as server:
        real = server._run

        def slow(document: Any, variables: Any, cost: int) -> Any:
            if "i9" in variables and "c0" in variables:
                return Answer(502, HTML, {"content-type": "text/html"})
            return real(document, variables, cost)

        server._run = slow  # type: ignore[method-assign]
        found, failed = server.listed(tmp_path / "slow", languages=["Elixir"], concurrency=1)
        gave_up = sum(asked.status == 502 for asked in server.loopback.requests)
    assert (len(found), failed) == (400, [])
    # It has patience for nine at once. Were nothing learned, each of the twenty batches would be
    # given up whole and in both halves: 60 times.
    assert gave_up < 25


@pytest.mark.parametrize("kind", ["502", "504"])
def test_one_bad_moment_does_not_change_what_is_known(kind: str, tmp_path: Path) -> None:
    """Of a repository alone, a history sampled shorter is another result: it is asked again as it
    was before that."""
    world = made(1, fork=False, private=False, archived=False, mirror=False, template=False,
                 disabled=False, total=300, people=8, licence="MIT", language="Elixir", stars=90,
                 kilobytes=1)  # fmt: skip
    with GitHubServer(world) as server:
        calm, _ = server.listed(tmp_path / "calm", languages=["Elixir"])
        # The search, then the details three times in vain.
        server.loopback.script["/api/graphql"] = ["ok", kind, kind, kind]
        assert server.listed(tmp_path / "rough", languages=["Elixir"]) == (calm, [])
