"""Shapes that Hex's own programs make, found by trying those programs and written again here: what
hexpm's views render, what hex_core unpacks, the static repository of `mix hex.registry build`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from factory.plugins import Finding
from sources.hex import keys, tarball
from sources.hex.registry import Listed, Registry
from sources.web import Web
from tests.loopback import Answer, Request
from tests.sources import packing
from tests.sources.hex.world import hex_at, labels, listed, package, world_of
from tests.sources.hex_server import tarball as theirs
from tests.sources.hex_server.protobuf import message
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.world import World

MEMBERS = theirs.members_of(package("demo").data)
CONFIG, CONTENTS = MEMBERS["metadata.config"], MEMBERS["contents.tar.gz"]


def opened(folder: Path, data: bytes) -> tarball.Tarball:
    path = folder / "demo.tar"
    path.write_bytes(data)
    return tarball.read(path, "demo", "1.0.0", "", lambda _path, _size: True)


def rewritten(server: HexServer, change: Callable[[dict[str, Any]], None]) -> None:
    """Have each package in the API's answers changed before it is sent."""
    genuine = server.log.handle

    def handle(request: Request) -> Answer:
        plain = {
            name: value for name, value in request.headers.items() if name != "accept-encoding"
        }
        answer = genuine(replace(request, headers=plain))
        if not request.path.startswith("/api/") or answer.status != 200:
            return answer
        told = json.loads(answer.body)
        for each in told if isinstance(told, list) else [told]:
            change(each)
        return replace(answer, body=json.dumps(told).encode())

    server.log.handle = handle


@pytest.mark.parametrize(
    "field",
    [
        {"docs_html_url": None, "latest_stable_version": None, "security_advisories": []},
        {"meta": {"description": None, "licenses": [], "links": {}, "maintainers": []}},
        {"meta": {"description": "\u2028\0", "licenses": None, "links": None}},
        {"retirements": {"1.0.0": {"reason": "other", "message": None}}},
        {"downloads": {"all": 5, "recent": None}},
        {"downloads": {}},
        {"inserted_at": "2014-05-01T12:00:00.123456Z", "updated_at": "2014-05-01T12:00:00.000000Z"},
        {"configs": {"mix.exs": '{:a, "~> 1.0"}', "gleam.toml": None}, "owners": [{}]},
    ],
)
def test_what_the_api_renders_where_there_is_nothing(tmp_path: Path, field: dict[str, Any]) -> None:
    with HexServer(world_of(3)) as server:
        rewritten(server, lambda each: each.update(field))
        releases, failed = listed(hex_at(server, tmp_path, top=3))
    assert failed == {}
    assert [release.name for release in releases] == ["demo_001", "demo_002", "demo_003"]
    downloads = field.get("downloads", {"all": None}).get("all")
    if "downloads" in field:
        assert {release.signals.downloads for release in releases} == {downloads or 0}
    if "updated_at" in field:
        assert {release.signals.updated for release in releases} == {"2014-05"}


def test_packages_of_as_many_downloads_may_stand_on_two_pages(tmp_path: Path) -> None:
    """Hex.pm orders by downloads alone, so among equals each page has an order of its own; all
    packages are therefore read by name."""
    with HexServer(world_of(230)) as server:
        rewritten(server, lambda each: each.update(downloads={"all": 5}))
        genuine = server.log.handle

        def handle(request: Request) -> Answer:
            if request.query.get("sort") != "name" and request.query.get("page") == "2":
                return genuine(replace(request, query={**request.query, "page": "1"}))
            return genuine(request)

        server.log.handle = handle
        found = labels(hex_at(server, tmp_path, top="all"))
    assert found == [f"demo_{number:03} 1.0.0" for number in range(1, 231)]


@pytest.mark.parametrize("spelt", [str.lower, str.upper, "{}\n".format, " {} ".format])
def test_a_checksum_in_any_spelling(tmp_path: Path, spelt: Callable[[str], str]) -> None:
    digest = hashlib.sha256(b"3" + CONFIG + CONTENTS).hexdigest()
    data = theirs.outer(CONFIG, CONTENTS, checksum=spelt(digest).encode())
    with opened(tmp_path, data) as found:
        assert found.inner == digest


def test_of_a_file_that_is_there_twice_the_last_counts(tmp_path: Path) -> None:
    contents = packing.tar(
        packing.member("lib/a.ex", b"the first, longer"),
        packing.member("mix.exs", b"project"),
        packing.member("lib/a.ex", b"the last"),
    )
    with opened(tmp_path, theirs.outer(CONFIG, theirs.gzip(contents))) as found:
        assert [(entry.path, entry.size) for entry in found.contents.entries] == [
            ("lib/a.ex", 8),
            ("mix.exs", 7),
        ]
        assert found.contents.read("lib/a.ex") == b"the last"


def test_of_the_tarball_itself_nothing_may_be_there_twice(tmp_path: Path) -> None:
    members = [packing.member(name, data) for name, data in MEMBERS.items()]
    data = packing.tar(*members, packing.member("metadata.config", CONFIG))
    with pytest.raises(Exception, match=r"member metadata\.config: it is there twice"):
        opened(tmp_path, data)


def test_a_registry_of_tomorrow_and_one_of_yesterday(tmp_path: Path) -> None:
    """Fields and reasons that are not known, an advisory of which only the id is told, and
    releases without outer checksum, dates or retirement."""
    world = World()
    inner, outer = b"\1" * 32, b"\2" * 32
    told = message(
        (1, message((1, "1.0.0"), (2, inner))),
        (1, message((1, "1.1.0"), (2, inner), (5, outer), (4, message((1, 9), (77, b"new"))))),
        (1, message((1, "1.2.0"), (2, inner), (5, outer), (6, 0), (6, 7), (99, "new"), (98, 1.5))),
        (2, "demo"),
        (3, "hexpm"),
        (4, message((1, "GHSA-1"))),
        (50, "new"),
    )
    signed = message((1, told), (2, world.hexpm.key.sign(told)))
    world.hexpm.lies.body["packages/demo"] = theirs.gzip(signed)
    key = tmp_path / "key.pem"
    key.write_text(world.hexpm.key.spki)
    with (
        HexServer(world) as server,
        Web(tmp_path / "web", "hex", base=server.repo_url) as web,
    ):
        found = Registry(web, keys.load(str(key)), "hexpm").package("demo")
    assert [(str(r.version), r.outer, r.retired, r.advisories, r.published) for r in found] == [
        ("1.0.0", "", "", (), ""),
        ("1.1.0", outer.hex(), "reason 9", (), ""),
        ("1.2.0", outer.hex(), "", ("GHSA-1",), ""),
    ]
    assert all(isinstance(r, Listed) and r.inner == inner.hex() for r in found)


@pytest.fixture
def acme() -> World:
    """As `mix hex.registry build --name=acme` makes it: at the root of its address."""
    world = world_of(3)
    world.hexpm.name = "acme"
    return world


def test_check_of_a_repository_without_an_api_reads_its_index(
    acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEX_API_KEY", raising=False)
    own = {"repository": "acme", "at_root": True, "api_url": "", "top": "all"}
    with HexServer(acme) as server:
        found = hex_at(server, tmp_path, **own).check()
        assert sorted(r.path for r in server.log.requests) == [
            "/repo/packages/demo_001",
            "/repo/versions",
        ]
    assert found.findings[2:5] == (
        Finding("index of packages", True, "signed; 3 packages"),
        Finding("registry of acme", True, "signed; demo_001 has 1 release"),
        Finding("HEX_API_KEY", None, "not set, and not needed"),
    )
    assert (found.releases, found.requests) == (3, 6)


def test_a_repository_of_ones_own_that_lies_wants_no_key(
    acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEX_API_KEY", raising=False)
    acme.hexpm.lies.signature.add("versions")
    own = {"repository": "acme", "at_root": True, "api_url": "", "top": "all"}
    with HexServer(acme) as server:
        findings = {each.what: each for each in hex_at(server, tmp_path, **own).check().findings}
    assert findings["index of packages"].ok is False
    assert "its signature is not that of" in findings["index of packages"].detail
    assert findings["HEX_API_KEY"].ok is None


def test_a_repository_that_is_not_where_organisations_are(
    acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEX_API_KEY", raising=False)
    own = {"repository": "acme", "api_url": ""}
    with HexServer(acme) as server:
        found = hex_at(server, tmp_path, top="all", **own).check()
        _, failed = listed(hex_at(server, tmp_path, packages="demo_001", **own))
    (index,) = [each for each in found.findings if each.what == "index of packages"]
    assert index.ok is False
    assert index.detail.endswith("set at_root to true")
    assert failed["demo_001"].endswith("set at_root to true")
    assert found.releases is None


@pytest.mark.parametrize("whole", [("repo_url",), ("api_url",), ("repo_url", "api_url")])
def test_an_address_may_lead_to_the_organisation_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: tuple[str, ...]
) -> None:
    """As `mix hex.repo add acme https://hex.example/repos/acme` has it."""
    monkeypatch.setenv("HEX_API_KEY", "s3cret-of-acme")
    world = World()
    acme = world.organisation("acme", "s3cret-of-acme")
    acme.publish(package("inside"), downloads=3)
    (tmp_path / "acme.pem").write_text(acme.key.pkcs1)
    with HexServer(world) as server:
        where = {name: f"{getattr(server, name)}/repos/acme" for name in whole}
        source = hex_at(
            server,
            tmp_path,
            repository="acme",
            public_key=str(tmp_path / "acme.pem"),
            top=1,
            **where,
        )
        assert labels(source) == ["inside 1.0.0"]
