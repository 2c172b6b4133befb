"""The server itself: it gives out what Hex's specifications say, and plays what they warn of."""

from __future__ import annotations

import gzip
import http.client
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sources.hex_server.keys import key
from tests.sources.hex_server.repack import project
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.tarball import Metadata, Requirement, build, members_of
from tests.sources.hex_server.world import World

AGENT = {"user-agent": "a test"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(server: HexServer, path: str, headers: Mapping[str, str] = AGENT) -> Reply:
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def small(name: str = "demo", version: str = "1.0.0", **fields: object) -> Metadata:
    return Metadata(name, version, "A demo", ("MIT",), {}, **fields)  # type: ignore[arg-type]


def world_of(count: int) -> World:
    world = World()
    for number in range(count):
        world.hexpm.publish(
            build(small(f"demo_{number:03}"), {"lib/a.ex": b"1"}), downloads=1 + number * 7 % count
        )
    return world


@pytest.mark.skipif(shutil.which("escript") is None, reason="Erlang is not installed")
@pytest.mark.parametrize("tool", ["mix", "rebar3"])
def test_erlang_reads_it(tmp_path: Path, tool: str) -> None:
    needs = (
        Requirement("jason", "~> 1.4"),
        Requirement("decimal", "~> 2.0", app="dec", optional=True),
    )
    metadata = Metadata(
        "größe",
        "1.0.0",
        'Größe "q" \\ and \n ☃ ' + "long " * 30 + "\x00",
        ("Apache 2.0",),
        {"GitHub": "https://github.com/o/n"},
        requirements=needs,
    )
    tarball = build(metadata, {"lib/a/b.ex": b"1", "mix.exs": b"2"}, tool)  # type: ignore[arg-type]
    (tmp_path / "metadata.config").write_bytes(members_of(tarball.data)["metadata.config"])
    signing = key(7)
    (tmp_path / "pkcs1.pem").write_text(signing.pkcs1)
    (tmp_path / "spki.pem").write_text(signing.spki)
    (tmp_path / "payload").write_bytes(b"a payload")
    (tmp_path / "signature").write_bytes(signing.sign(b"a payload"))
    script = Path(__file__).with_name("verify.escript")
    done = subprocess.run(
        ["escript", str(script), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    jason = '{<<"app">>,<<"jason">>},{<<"optional">>,false},{<<"requirement">>,<<"~> 1.4">>}'
    if tool == "mix":
        assert f'[{{<<"name">>,<<"jason">>}},{jason},{{<<"repository">>,' in done.stdout
        assert '[<<"lib">>,<<"lib/a">>,<<"lib/a/b.ex">>,<<"mix.exs">>]' in done.stdout
    else:
        assert f'{{<<"jason">>,[{jason}]}}' in done.stdout
        assert '[<<"lib/a/b.ex">>,<<"mix.exs">>]' in done.stdout
    assert '{<<"name">>,<<"größe"/utf8>>}' in done.stdout


def test_a_real_project_is_packed_without_its_tests(corpus: Path) -> None:
    makeup = project(corpus / "elixir-makeup")
    told = makeup.metadata
    assert (told.name, told.version, told.licenses) == ("makeup", "1.2.1", ("BSD-2-Clause",))
    assert told.links and told.links["GitHub"] == "https://github.com/elixir-makeup/makeup"
    assert told.requirements == (Requirement("nimble_parsec", "~> 1.4"),)
    assert {"mix.exs", "lib/makeup.ex", "LICENSE", "README.md"} <= makeup.files.keys()
    assert not [path for path in makeup.files if path.startswith("test/")]
    assert "test/lexer_test.exs" in makeup.tests
    assert makeup.tarball().data == project(corpus / "elixir-makeup").tarball().data
    newer = makeup.at("1.3.0", {"lib/new.ex": b"# new"})
    assert newer.metadata.version == "1.3.0"
    assert b'@version "1.3.0"' in newer.files["mix.exs"]
    assert newer.files.keys() - makeup.files.keys() == {"lib/new.ex"}
    poolboy = project(corpus / "erlang-poolboy")
    assert (poolboy.tool, poolboy.metadata.licenses) == ("rebar3", ("Unlicense", "Apache 2.0"))
    assert poolboy.metadata.build_tools == ("rebar3",)
    assert "src/poolboy.app.src" in poolboy.files


def test_pages_of_a_hundred_in_the_order_asked_for() -> None:
    world = world_of(230)
    with HexServer(world) as server:
        pages = [ask(server, f"/api/packages?sort=downloads&page={n}") for n in (1, 2, 3, 4)]
        each = [json.loads(page.body) for page in pages]
        assert [len(page) for page in each] == [100, 100, 30, 0]
        counts = [package["downloads"]["all"] for page in each for package in page]
        assert counts == sorted(counts, reverse=True)
        names = [p["name"] for p in json.loads(ask(server, "/api/packages").body)]
        assert names == [f"demo_{n:03}" for n in range(100)]


def test_what_the_api_asks_of_its_clients() -> None:
    world = world_of(1)
    with HexServer(world, limit=3, window=1000) as server:
        path = "/api/packages/demo_000"
        assert ask(server, path, {}).status == 400
        assert ask(server, path, AGENT | {"authorization": "wrong"}).status == 401
        assert ask(server, path, AGENT | {"accept": "text/html"}).status == 415
        first = ask(server, path)
        etag = first.headers["etag"]
        assert len(etag) == 32 and '"' not in etag
        assert first.headers["x-ratelimit-remaining"] == "2"
        second = ask(server, path, AGENT | {"if-none-match": etag})
        assert (second.status, second.headers["x-ratelimit-remaining"]) == (304, "1")
        world.tick(days=1)
        world.hexpm.retire("demo_000", "1.0.0", "security", "CVE")
        third = ask(server, path, AGENT | {"if-none-match": etag})
        assert json.loads(third.body)["retirements"] == {
            "1.0.0": {"reason": "security", "message": "CVE"}
        }
        refused = ask(server, path)
        assert refused.status == 429
        assert "retry-after" not in refused.headers
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert server.refused == 1
        # the repository is a bucket behind a CDN and counts nothing
        assert ask(server, "/repo/names", {}).status == 200


def test_an_organisation_has_its_own_repository() -> None:
    world = world_of(1)
    acme = world.organisation("acme", "acme-key")
    acme.publish(build(small("secret"), {"lib/a.ex": b"1"}))
    mine = AGENT | {"authorization": "acme-key"}
    world.organisation("other", "other-key")
    with HexServer(world) as server:
        assert ask(server, "/repo/repos/acme/names").status == 401
        theirs = AGENT | {"authorization": "other-key"}
        assert ask(server, "/repo/repos/acme/names", theirs).status == 403
        assert ask(server, "/repo/repos/acme/names", mine).status == 200
        assert ask(server, "/repo/repos/acme/tarballs/secret-1.0.0.tar", mine).status == 200
        assert ask(server, "/repo/tarballs/secret-1.0.0.tar", mine).status == 404
        assert ask(server, "/api/repos/acme/packages/secret").status == 404
        found = json.loads(ask(server, "/api/repos/acme/packages/secret", mine).body)
        assert found["repository"] == "acme"
        names = {p["name"] for p in json.loads(ask(server, "/api/packages", mine).body)}
        assert names == {"demo_000", "secret"}
        assert len(json.loads(ask(server, "/api/packages").body)) == 1


def test_registry_files_are_gzip_and_say_nothing_of_it() -> None:
    world = world_of(3)
    with HexServer(world) as server:
        found = ask(server, "/repo/versions")
        assert "content-encoding" not in found.headers
        assert found.headers["etag"].startswith('"')
        assert b"demo_002" in gzip.decompress(found.body)
        again = ask(server, "/repo/versions", {"if-none-match": found.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        assert ask(server, "/repo/packages/nobody").status == 404
        assert ask(server, "/repo/public_key").body.decode() == world.hexpm.key.spki


def test_a_tarball_comes_in_parts_and_can_be_damaged() -> None:
    world = world_of(1)
    path = "tarballs/demo_000-1.0.0.tar"
    data = world.hexpm.packages["demo_000"].releases["1.0.0"].tarball.data
    with HexServer(world) as server:
        rest = ask(server, f"/repo/{path}", {"range": "bytes=100-"})
        assert (rest.status, rest.body) == (206, data[100:])
        assert rest.headers["content-range"] == f"bytes 100-{len(data) - 1}/{len(data)}"
        world.hexpm.lies.tarballs[path] = 1
        damaged = ask(server, f"/repo/{path}").body
        assert damaged != data and len(damaged) == len(data)
        assert ask(server, f"/repo/{path}").body == data


def test_the_same_world_tells_the_same_bytes() -> None:
    bodies = []
    for _ in range(2):
        with HexServer(world_of(5)) as server:
            paths = ("/repo/names", "/repo/versions", "/repo/packages/demo_003")
            bodies.append([ask(server, path).body for path in paths])
    assert bodies[0] == bodies[1]


def test_versions_are_in_order_and_the_newest_stable_one_is_known() -> None:
    world = World()
    for version in ("1.10.0", "1.9.0", "2.0.0-rc.2", "2.0.0-rc.10", "1.10.0-beta"):
        world.hexpm.publish(build(small(version=version), {"a": b"1"}))
    package = world.hexpm.packages["demo"]
    assert [r.version for r in package.ordered] == [
        "1.9.0",
        "1.10.0-beta",
        "1.10.0",
        "2.0.0-rc.2",
        "2.0.0-rc.10",
    ]
    assert package.latest.version == "1.10.0"
