"""From a Hex server to a dataset: whole builds, their bytes, their requests and what disturbs them.

The server is written from Hex's specifications by itself; the packages are real ones.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from factory.errors import FactoryError
from factory.store import Store
from factory.version import opened, read
from tests.factory.building import published, run
from tests.sources.github.graphql_server import TOKEN
from tests.sources.github.hosted import hosted
from tests.sources.hex.crawling import Market, made, market, started
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.world import Advisory

pytestmark = pytest.mark.xdist_group("hex")
"""The builds that all tests compare with are made once."""

SECRET = "acme-5ecret-key"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Market:
    return market(tmp_path_factory.mktemp("market"), corpus)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, shop: Market) -> Path:
    """What an undisturbed build gives."""
    with HexServer(shop.world()) as server:
        return made(tmp_path_factory.mktemp("built"), server, shop.mirror).folder


def rows(folder: Path) -> list[dict[str, Any]]:
    with opened(read(folder)) as connection:
        found: list[dict[str, Any]] = (
            connection.sql("SELECT * FROM rows").to_arrow_table().to_pylist()
        )
    return found


def releases(folder: Path) -> dict[str, str]:
    return {r["name"]: r["version"] for r in read(folder).manifest["releases"]}


def ids(folder: Path) -> list[str]:
    return sorted(row["id"] for row in rows(folder))


def test_a_crawl_becomes_a_dataset(built: Path, shop: Market) -> None:
    manifest = read(built).manifest
    assert manifest["failed"] == {}
    versions = {name: each.metadata.version for name, each in shop.projects.items()}
    assert releases(built) == versions
    tasks = {count["task"] for count in manifest["counts"]["by_task"]}
    assert tasks == {"document", "doctest", "implement", "pretrain", "test_driven", "test_writing"}
    licences = {row["provenance"]["release"]: row["licence"] for row in rows(built)}
    assert (licences["makeup"], licences["greeter3"]) == ("BSD-2-Clause", "MIT")


def test_tests_come_from_the_repository_at_the_tag(built: Path) -> None:
    found = [row for row in rows(built) if row["task"] in ("test_writing", "test_driven")]
    of = {row["provenance"]["release"] for row in found}
    assert {"makeup", "nimble_parsec", "greeter0", "greeter1"} <= of
    assert "greeter2" not in of  # it links no repository, and its tarball has no tests
    origins = [row["provenance"]["origin"] for row in rows(built)]
    paired = [origin for origin in origins if origin]
    assert paired
    paired += [each for row in found for each in row["provenance"]["related"] if "@" in each]
    driven = [row for row in found if row["task"] == "test_driven"]
    assert driven and all(row["provenance"]["related"][0] in paired for row in driven)
    for origin in paired:
        assert re.fullmatch(r"github:[\w-]+/[\w-]+@[0-9a-f]{40}:test/[\w/.]+", origin), origin


@pytest.mark.parametrize(
    ("workers", "concurrency"), [(2, 1), pytest.param(1, 16, marks=pytest.mark.slow)]
)
def test_the_same_registry_gives_the_same_bytes(
    tmp_path: Path, shop: Market, built: Path, workers: int, concurrency: int
) -> None:
    with HexServer(shop.world()) as server:
        again = made(
            tmp_path, server, shop.mirror, f"sources.hex.concurrency={concurrency}", workers=workers
        )
        assert server.log.most_at_once <= concurrency
    assert published(again.folder) == published(built)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_fifth_of_the_requests_fails_and_the_bytes_are_the_same(
    tmp_path: Path, shop: Market, built: Path, seed: int
) -> None:
    with HexServer(shop.world(), faults=0.2, seed=seed) as server:
        again = made(tmp_path, server, shop.mirror).folder
        failed = [asked for asked in server.log.requests if asked.fault not in ("", "delay")]
    assert len(failed) >= 4
    assert published(again) == published(built)


def test_a_second_run_asks_only_whether_anything_changed_and_offline_nothing(
    tmp_path: Path, shop: Market, built: Path
) -> None:
    with HexServer(shop.world()) as server:
        made(tmp_path, server, shop.mirror)
        first = server.log.requests
        server.log.forget()
        again = made(tmp_path, server, shop.mirror)
        second = server.log.requests
        server.log.forget()
        offline = made(tmp_path, server, shop.mirror, offline=True)
        assert server.log.requests == []
    assert (again.fresh, offline.fresh) == (0, 0)
    assert published(again.folder) == published(offline.folder) == published(built)
    assert {asked.status for asked in second} == {304}
    assert not [asked for asked in second if "/tarballs/" in asked.path]
    assert len(second) == len([a for a in first if "/tarballs/" not in a.path])
    # one page, and a registry file and a tarball for each package: nothing is asked twice
    assert len({asked.path for asked in first}) == len(first) <= 2 * len(shop.projects) + 4


def test_kill_9_in_the_middle_of_the_crawl(tmp_path: Path, shop: Market, built: Path) -> None:
    chance = random.Random(9)
    with HexServer(shop.world(), latency=0.03, faults=0.2, seed=3) as server:
        killed = 0
        for _ in range(3):
            before = len(server.log.requests)
            process = started(tmp_path, server, shop.mirror)
            wanted = chance.randint(1, 25)
            while process.poll() is None and len(server.log.requests) < before + wanted:
                time.sleep(0.01)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
            process.communicate()
        assert killed >= 2
        assert Store(tmp_path / "store").names() in ([], ["crawl-v1"])
        again = made(tmp_path, server, shop.mirror).folder
    assert published(again) == published(built)


def test_what_happens_upstream_is_seen_in_the_next_version(tmp_path: Path, shop: Market) -> None:
    world = shop.world()
    with HexServer(world) as server:
        first = made(tmp_path, server, shop.mirror).folder
        world.tick(days=1)
        greeter = shop.projects["greeter1"]
        world.hexpm.publish(
            greeter.at("0.2.0", {"lib/new.ex": NEW.encode()}).tarball(), downloads=9_000
        )
        world.hexpm.retire("greeter2", "0.2.1", "security", "CVE-2024-1")
        world.hexpm.retire("greeter3", "0.3.1", "deprecated")
        world.hexpm.remove("greeter4", "0.4.1")
        world.hexpm.advise("greeter5", Advisory("GHSA-1", "bad", ("0.5.1",)))
        server.log.forget()
        second = made(tmp_path, server, shop.mirror)
        fetched = [a.path for a in server.log.requests if "/tarballs/" in a.path]
        assert fetched == ["/repo/tarballs/greeter1-0.2.0.tar"]
        assert second.fresh == 1

        before, after = releases(first), releases(second.folder)
        gone = {"greeter2", "greeter3", "greeter4", "greeter5"}
        assert before.keys() - after.keys() == gone
        assert (before["greeter1"], after["greeter1"]) == ("0.1.1", "0.2.0")
        told = diff(tmp_path, first, second.folder)
        assert all(name in told for name in [*gone, "greeter1", "0.2.0"])
        assert not {row["provenance"]["release"] for row in rows(second.folder)} & gone

        world.tick(days=1)
        world.hexpm.unretire("greeter2", "0.2.1")
        world.hexpm.unretire("greeter3", "0.3.1")
        server.log.forget()
        third = made(tmp_path, server, shop.mirror)
        assert not [a.path for a in server.log.requests if "/tarballs/" in a.path]
        assert releases(third.folder).keys() - after.keys() == {"greeter2", "greeter3"}


NEW = """defmodule Greeter1.New do
  @moduledoc "What is new in this release."

  @doc "Doubles a number that was given, for the sake of having something new."
  @spec double(integer()) :: integer()
  def double(number) do
    number
    |> Kernel.+(number)
    |> max(0)
  end
end
"""


def diff(folder: Path, one: Path, other: Path) -> str:
    words = [f"crawl-v1@{each.name}" for each in (one, other)]
    done = run(folder, "diff", *words, "--store", folder / "store", "--json")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    return done.stdout


def test_a_tarball_damaged_on_its_way_is_fetched_once_more(
    tmp_path: Path, shop: Market, built: Path
) -> None:
    world = shop.world()
    world.hexpm.lies.tarballs = {"tarballs/makeup-1.2.1.tar": 1, "tarballs/greeter7-0.7.1.tar": 1}
    with HexServer(world) as server:
        again = made(tmp_path, server, shop.mirror).folder
        assert server.log.count("/repo/tarballs/makeup-") == 2
    assert published(again) == published(built)


def test_what_a_registry_tells_falsely_is_named_and_never_kept(
    tmp_path: Path, shop: Market
) -> None:
    world = shop.world()
    lies = world.hexpm.lies
    lies.tarballs["tarballs/greeter0-0.0.1.tar"] = -1
    lies.body["tarballs/greeter1-0.1.1.tar"] = (
        world.hexpm.packages["greeter2"].releases["0.2.1"].tarball.data
    )
    lies.signature.add("packages/greeter3")
    lies.unsigned.add("packages/greeter4")
    lies.repository["packages/greeter5"] = "another"
    lies.name["packages/greeter6"] = "greeter7"
    lies.body["packages/greeter8"] = b"\x1f\x8b nonsense"
    with HexServer(world) as server:
        report = made(tmp_path, server, shop.mirror)
        for name in ("tarballs/greeter0-0.0.1.tar", "packages/greeter3", "packages/greeter8"):
            assert server.log.count(f"/repo/{name}") == 2, name
        with pytest.raises(FactoryError, match="greeter"):
            made(tmp_path / "strict", server, shop.mirror, strict=True)
    failed = read(report.folder).manifest["failed"]
    bad = {f"greeter{n}" for n in (0, 1, 3, 4, 5, 6, 8)}
    assert {name for name in shop.projects if any(name in label for label in failed)} == bad
    assert releases(report.folder).keys() == shop.projects.keys() - bad
    said = {re.search(r"greeter\d+", label)[0]: why for label, why in failed.items()}  # type: ignore[index]
    assert "SHA-256" in said["greeter0"] and "SHA-256" in said["greeter1"]
    assert "signature" in said["greeter3"] and "signature" in said["greeter4"]
    assert "another" in said["greeter5"]
    assert "greeter7" in said["greeter6"]
    kept = [path for path in (tmp_path / "store").rglob("*greeter0*") if path.is_file()]
    assert not [path for path in kept if path.suffix == ".tar"]


def test_another_key_fails_all_and_says_what_to_look_at(tmp_path: Path, shop: Market) -> None:
    world = shop.world()
    with HexServer(world) as server:
        process = started(tmp_path, server, shop.mirror)  # it has the key of now
        world.hexpm.change_key(99)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "public key" in said
    assert "Traceback" not in said
    assert Store(tmp_path / "store").names() == []


def test_the_rate_limit_is_kept(tmp_path: Path, shop: Market, built: Path) -> None:
    names = sorted(shop.projects)
    by_name = ["sources.hex.top=null", f"sources.hex.packages=[{', '.join(names)}]"]
    with HexServer(shop.world(), limit=5, window=2) as server:
        again = made(tmp_path, server, shop.mirror, *by_name, "sources.hex.concurrency=4")
        asked = [a for a in server.log.requests if a.path.startswith("/api/")]
    assert len({a.path for a in asked}) == len(names)  # each by its name: three windows at least
    assert server.refused <= 4  # those that were on their way when the limit was met
    assert ids(again.folder) == ids(built)


def test_tests_come_from_github_as_from_a_mirror(
    tmp_path: Path, shop: Market, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with (
        HexServer(shop.world()) as server,
        hosted(shop.mirror / "github.com", faults=0.2, seed=2) as github,
    ):
        at_github = [
            "sources.hex.tests_from=github",
            f"sources.hex.github_api_url={github.api_url}",
        ]
        report = made(tmp_path, server, shop.mirror, *at_github)
        assert github.refused == []
        assert rows(report.folder) == rows(built)
        github.forget()
        made(tmp_path, server, shop.mirror, *at_github)
        asked = [a.path for a in github.loopback.requests]
        assert asked == []  # tags do not move, and tarballs are here
    kept = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]


def test_a_private_repository_is_crawled_with_its_key(
    tmp_path: Path, shop: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shop.world()
    acme = world.organisation("acme", SECRET)
    acme.publish(shop.projects["greeter9"].tarball(), downloads=5)
    with HexServer(world) as server:
        with pytest.raises(FactoryError, match="HEX_API_KEY"):
            made(tmp_path / "without", server, shop.mirror, repository="acme")
        monkeypatch.setenv("HEX_API_KEY", SECRET)
        report = made(tmp_path, server, shop.mirror, repository="acme")
        for asked in server.log.requests:
            assert SECRET not in asked.path
    assert releases(report.folder) == {"greeter9": "0.9.1"}
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if SECRET.encode() in path.read_bytes()]
