"""Crawling Hex: 250 releases from a server on this machine, the first time and again.

The server runs in a process of its own and serves real projects (Debian's packages, packed as Hex
tarballs) under many names and versions. What is measured is the adapter alone: listing and
fetching, no rows. Loopback answers at once, so each crawl is also measured with 30 ms to each
answer, which is what concurrency is for.
"""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.corpus import WORK
from benchmarks.results import Figure, table, write
from factory.plugins import SourceContext
from factory.records import Release
from sources.hex.source import Hex
from tests.loopback import Answer, Loopback, Request
from tests.sources.hex_server.repack import Project, fetched
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.world import World

RELEASES = 250
LATENCY = 0.03
PACKAGES = (
    "elixir-earmark-parser", "elixir-ex-doc", "elixir-makeup", "elixir-makeup-c",
    "elixir-makeup-elixir", "elixir-makeup-erlang", "elixir-nimble-parsec", "erlang-bbmustache",
    "erlang-getopt", "erlang-idna", "erlang-jose", "erlang-lager", "erlang-luerl",
    "erlang-p1-yaml", "erlang-poolboy", "erlang-proper",
)  # fmt: skip


def world(cache: Path) -> World:
    """250 packages of one release each."""
    projects = fetched(list(PACKAGES), "trixie", cache)
    made = World()
    for number in range(RELEASES):
        made.tick(minutes=1)
        project = _named(projects[number % len(projects)], number)
        made.hexpm.publish(project.tarball(), downloads=1_000_000 - number)
    return made


def _named(project: Project, number: int) -> Project:
    name = f"{project.metadata.name}_{number:03}"
    return replace(project, metadata=replace(project.metadata, name=name))


def serve(cache: str, latency: float) -> Loopback:
    """The server with one more address, `/asked`: what it was asked for since the last look."""
    server = HexServer(world(Path(cache)), latency=latency)
    log, answer = server.log, server.answer

    def handle(request: Request) -> Answer:
        if request.path == "/asked":
            requests = [asked for asked in log.requests if asked.path != "/asked"]
            log.forget()
            told = {
                "requests": len(requests),
                "unchanged": sum(asked.status == 304 for asked in requests),
                "tarballs": sum("/tarballs/" in asked.path for asked in requests),
                "key": server.world.hexpm.key.spki,
            }
            return Answer(200, json.dumps(told).encode())
        return answer(request)

    log.handle = handle
    return log


@dataclass(frozen=True)
class Crawl:
    seconds: float
    releases: int
    asked: dict[str, Any]


def crawl(url: str, cache: Path, concurrency: int) -> Crawl:
    """List and fetch all, as a build does before its workers start."""
    cache.mkdir(parents=True, exist_ok=True)
    key = cache / "key.pem"
    key.write_text(_asked(url)["key"])
    options = Hex.Options.model_validate(
        {
            "top": RELEASES,
            "repo_url": f"{url}/repo",
            "api_url": f"{url}/api",
            "public_key": str(key),
            "concurrency": concurrency,
        }
    )
    began = time.perf_counter()
    source = Hex(options, SourceContext(cache))
    listed = list(source.releases())
    releases = [release for release in listed if isinstance(release, Release)]
    assert releases == listed, listed
    source.fetch(releases)
    seconds = time.perf_counter() - began
    return Crawl(seconds, len(releases), _asked(url))


def _asked(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/asked") as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def main() -> None:
    debian = WORK / "debian"
    debian.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[object, ...]] = []
    figures: list[Figure] = []
    for latency in (0.0, LATENCY):
        with Loopback.process(serve, str(debian), latency) as url:
            slow: dict[int, Crawl] = {}
            for concurrency in (1, 8):
                cache = WORK / "hex"
                shutil.rmtree(cache, ignore_errors=True)
                cold, warm = (crawl(url, cache, concurrency) for _ in range(2))
                slow[concurrency] = cold
                took = f"{latency * 1000:.0f} ms"
                rows += [
                    _row(took, concurrency, "first", cold),
                    _row(took, concurrency, "second", warm),
                ]
                name = f"crawl of {RELEASES} releases, {took}, {concurrency} at a time"
                rate = cold.releases / cold.seconds
                gain = slow[1].seconds / cold.seconds if concurrency > 1 else None
                figures += [
                    Figure(name, rate, "releases/s", "one at a time" * (concurrency > 1), gain),
                    Figure(f"{name}: requests", cold.asked["requests"], "requests"),
                    Figure(
                        f"{name}: second run's requests",
                        warm.asked["requests"],
                        "requests",
                        "first run",
                        warm.asked["requests"] / cold.asked["requests"],
                    ),
                ]
    table(
        f"A crawl of {RELEASES} releases of Hex from a server on this machine",
        ("answer takes", "at a time", "run", "requests", "of them 304", "tarballs", "seconds",
         "releases a second"),
        rows,
    )  # fmt: skip
    write(figures)
    shutil.rmtree(WORK / "hex", ignore_errors=True)


def _row(latency: str, concurrency: int, run: str, of: Crawl) -> tuple[object, ...]:
    return (
        latency,
        concurrency,
        run,
        of.asked["requests"],
        of.asked["unchanged"],
        of.asked["tarballs"],
        f"{of.seconds:.1f}",
        f"{of.releases / of.seconds:.0f}",
    )


if __name__ == "__main__":
    main()
