"""What is listed from a registry of many packages: selections, pages, versions, requests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from factory.plugins import SourceContext
from factory.records import Failed, Release
from sources.hex.api import Api, Described
from sources.hex.source import Hex
from sources.web import Web
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.tarball import Metadata, Requirement, build
from tests.sources.hex_server.world import Advisory, World
from tests.sources.web.conftest import Told

COUNT = 230
"""Packages: three pages of the API."""

VERSIONS = ("1.0.0", "1.1.0", "1.1.1", "1.9.0", "1.10.0", "2.0.0-rc.1")


def published(world: World, name: str, *versions: str, downloads: int = 0, **told: object) -> None:
    for version in versions:
        metadata = Metadata(name, version, "A demo", licenses=("MIT",), **told)  # type: ignore[arg-type]
        files = {"mix.exs": b"# mix\n", "lib/a.ex": f"# {name} {version}\n".encode()}
        world.hexpm.publish(build(metadata, files), downloads=downloads)


@pytest.fixture(scope="module")
def server() -> Iterator[HexServer]:
    world = World()
    for number in range(COUNT):
        world.tick(hours=1)
        published(world, f"demo_{number:03}", "1.0.0", downloads=1000 - number // 2)
    published(world, "many", *VERSIONS)
    with HexServer(world) as server:
        yield server


@pytest.fixture(autouse=True)
def quiet(server: HexServer) -> None:
    server.log.forget()


def source(cache: Path, server: HexServer, **options: object) -> Hex:
    cache.mkdir(parents=True, exist_ok=True)
    key = cache / "key.pem"
    key.write_text(server.world.hexpm.key.spki)
    given = {"repo_url": server.repo_url, "api_url": server.api_url, "public_key": str(key)}
    return Hex(Hex.Options.model_validate({**given, **options}), SourceContext(cache))


def listed(cache: Path, server: HexServer, **options: object) -> dict[str, Release]:
    """The releases by name and version."""
    found = list(source(cache, server, **options).releases())
    releases = [each for each in found if isinstance(each, Release)]
    assert found == releases
    assert found == sorted(found, key=lambda r: r.name)
    return {f"{r.name} {r.version}": r for r in releases}


def names(found: dict[str, Release]) -> set[str]:
    return {label.split()[0] for label in found}


@pytest.mark.parametrize(("top", "steps"), [(150, [100, 50]), ("all", [100, 100, 31])])
def test_reading_the_list_shows_how_far_it_is(
    tmp_path: Path, server: HexServer, top: object, steps: list[int]
) -> None:
    told = Told()
    asking = source(tmp_path, server, top=top)
    list(Hex(asking.options, SourceContext(tmp_path, progress=told)).releases())
    total = top if isinstance(top, int) else 0
    assert told.events[: len(steps) + 2] == [
        ("start", "hex: list of packages", total, "packages"),
        *(("advance", step, 0) for step in steps),
        ("finish",),
    ]


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_of_equals_the_first_by_name_are_taken(
    server: HexServer, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    """Hex.pm gives packages of as many downloads in any order."""
    page = [Described(name, downloads=5) for name in order]
    with Web(Path(), "hex", base=server.api_url) as web:
        api = Api(web, "hexpm", "")
        monkeypatch.setattr(api, "page", lambda number, _sort: page if number == 1 else [])
        assert [package.name for package in api.ranked(2, 0)] == ["a", "b"]


def test_the_most_downloaded_over_several_pages(tmp_path: Path, server: HexServer) -> None:
    found = listed(tmp_path, server, top=150)
    assert names(found) == {f"demo_{n:03}" for n in range(150)}
    assert server.log.count("/api/") == 2
    assert server.log.count("/repo/packages/") == 150
    assert len(server.log.requests) == 152
    assert found["demo_007 1.0.0"].signals.downloads == 1000  # 997, rounded


def test_ties_are_broken_by_name(tmp_path: Path, server: HexServer) -> None:
    assert names(listed(tmp_path, server, top=3)) == {"demo_000", "demo_001", "demo_002"}


def test_no_fewer_downloads_than_asked_for(tmp_path: Path, server: HexServer) -> None:
    found = listed(tmp_path, server, min_downloads=990)
    assert names(found) == {f"demo_{n:03}" for n in range(22)}
    assert server.log.count("/api/") == 1


def test_only_what_changed_since_a_day(tmp_path: Path, server: HexServer) -> None:
    day = server.world.hexpm.packages["demo_200"].updated.date().isoformat()
    found = listed(tmp_path, server, top=1000, updated_after=day)
    assert "demo_229" in names(found) and "demo_150" not in names(found)


def test_every_package_with_and_without_the_api(tmp_path: Path, server: HexServer) -> None:
    everything = {f"demo_{n:03}" for n in range(COUNT)} | {"many"}
    with_api = listed(tmp_path / "a", server, top="all")
    assert names(with_api) == everything
    server.log.forget()
    without = listed(tmp_path / "b", server, top="all", api_url="", updated_after="2024-06-29")
    assert server.log.count("/api/") == 0
    assert names(without) < everything
    assert {r.checksum for r in without.values()} <= {r.checksum for r in with_api.values()}


@pytest.mark.parametrize(
    ("options", "versions"),
    [
        ({}, {"1.10.0"}),
        ({"versions": "minors"}, {"1.0.0", "1.1.1", "1.9.0", "1.10.0"}),
        ({"versions": "all"}, {"1.0.0", "1.1.0", "1.1.1", "1.9.0", "1.10.0"}),
        ({"packages": {"many": "~> 1.1.0"}}, {"1.1.1"}),
        ({"packages": {"many": "< 1.9.0"}, "versions": "minors"}, {"1.0.0", "1.1.1"}),
        ({"packages": {"many": "~> 2.0-rc"}}, {"2.0.0-rc.1"}),
    ],
)
def test_versions(
    tmp_path: Path, server: HexServer, options: dict[str, object], versions: set[str]
) -> None:
    found = listed(tmp_path, server, **{"packages": ["many"], **options})
    assert {r.version for r in found.values()} == versions
    assert server.log.count("/repo/packages/") == 1


def test_what_is_named_and_is_not_there_is_said(tmp_path: Path, server: HexServer) -> None:
    chosen = source(tmp_path, server, packages={"nobody": "", "many": "~> 9.0", "demo_001": ""})
    found = list(chosen.releases())
    assert [r.name for r in found if isinstance(r, Release)] == ["demo_001"]
    reasons = {f.name: f.reason for f in found if isinstance(f, Failed)}
    assert "no package nobody" in reasons["nobody"]
    assert "~> 9.0" in reasons["many"]


def test_a_retired_or_advised_release_gives_way_to_the_one_before(tmp_path: Path) -> None:
    world = World()
    published(world, "many", *VERSIONS, downloads=5)
    world.hexpm.retire("many", "1.10.0", "invalid", "broken")
    world.hexpm.advise("many", Advisory("GHSA-1", "bad", ("1.9.0",)))
    with HexServer(world) as server:
        assert listed(tmp_path / "a", server, top=9).keys() == {"many 1.1.1"}
        only_security = listed(tmp_path / "b", server, top=9, exclude=["security"])
        assert only_security.keys() == {"many 1.10.0"}
        everything = listed(tmp_path / "c", server, top=9, exclude=[])
        assert everything.keys() == {"many 1.10.0"}


def test_a_release_published_anew_is_another(tmp_path: Path) -> None:
    world = World()
    published(world, "many", "1.0.0", downloads=5)
    with HexServer(world) as server:
        before = listed(tmp_path, server, top=9)["many 1.0.0"]
        world.tick(minutes=30)
        published(world, "many", "1.0.0", requirements=(Requirement("x", "~> 1.0"),))
        after = listed(tmp_path, server, top=9)["many 1.0.0"]
    assert before.checksum != after.checksum


def test_more_downloads_make_no_other_release_within_the_rounding(tmp_path: Path) -> None:
    world = World()
    published(world, "many", "1.0.0", downloads=123_456)
    with HexServer(world) as server:
        before = listed(tmp_path / "a", server, top=9)
        world.hexpm.packages["many"].downloads = 124_000
        assert listed(tmp_path / "b", server, top=9) == before
        world.hexpm.packages["many"].downloads = 150_000
        assert listed(tmp_path / "c", server, top=9) != before


@pytest.mark.parametrize("missing", [403, 404])
def test_a_package_that_was_named_and_is_gone(tmp_path: Path, missing: int) -> None:
    world = World()
    published(world, "stays", "1.0.0", downloads=5)
    published(world, "goes", "1.0.0", downloads=4)
    with HexServer(world, missing=missing) as server:
        assert len(listed(tmp_path, server, top=9)) == 2
        world.hexpm.remove("goes", "1.0.0")
        found = list(source(tmp_path, server, packages=["goes", "stays"]).releases())
    assert [r.name for r in found if isinstance(r, Release)] == ["stays"]
    assert [f.name for f in found if isinstance(f, Failed)] == ["goes"]


def test_the_key_of_an_organisation_goes_nowhere_else(
    tmp_path: Path, server: HexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEX_API_KEY", "acme-5ecret-key")
    chosen = source(tmp_path, server, top=3)
    chosen.fetch([each for each in chosen.releases() if isinstance(each, Release)])
    assert server.log.count("/repo/tarballs/") == 3
    assert "acme-5ecret-key" not in repr([dict(a.headers) for a in server.log.requests])
