"""The source `hex` against a Hex server: what is listed, asked, fetched and read."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from factory.errors import RequestError, SourceError
from factory.plugins import Finding, SourceContext
from factory.records import LeftOut, Release, Signals
from sources.hex import Hex
from tests.loopback import Answer, Request
from tests.sources import checkouts
from tests.sources.hex.world import (
    files,
    hex_at,
    labels,
    listed,
    package,
    read,
    said,
    world_of,
)
from tests.sources.hex_server import protobuf
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.tarball import members_of, outer
from tests.sources.hex_server.world import World


@pytest.fixture
def world() -> World:
    return world_of(7)


@pytest.fixture
def server(world: World) -> Iterator[HexServer]:
    with HexServer(world) as server:
        yield server


def paths(server: HexServer) -> list[str]:
    """What was asked since the last look, sorted."""
    asked = sorted(each.path for each in server.log.requests)
    server.log.forget()
    return asked


def test_a_release_says_where_it_is_from(server: HexServer, world: World, tmp_path: Path) -> None:
    world.tick(days=3)
    world.hexpm.publish(package("plug", "1.16.1"), downloads=123_456)
    released = world.hexpm.packages["plug"].releases["1.16.1"].tarball
    assert listed(hex_at(server, tmp_path, packages="plug")) == (
        [
            Release(
                source="hex",
                name="plug",
                version="1.16.1",
                checksum=f"sha256:{released.outer.hex()}",
                family="demo/plug",
                origin="https://hex.pm/packages/plug/1.16.1",
                released="2024-06-23",
                signals=Signals(downloads=120_000, updated="2024-06"),
            )
        ],
        {},
    )


def test_packages_by_downloads_and_by_name(server: HexServer, tmp_path: Path) -> None:
    source = hex_at(server, tmp_path, top=2, packages=["demo_001", "demo_007"])
    assert labels(source) == ["demo_001 1.0.0", "demo_006 1.0.0", "demo_007 1.0.0"]
    assert paths(server) == [
        "/api/packages/demo_001",
        "/api/packages?sort=total_downloads&page=1",
        "/repo/packages/demo_001",
        "/repo/packages/demo_006",
        "/repo/packages/demo_007",
    ]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"min_downloads": 6_000}, ["demo_006", "demo_007"]),
        ({"top": 3, "min_downloads": 6_000}, ["demo_006", "demo_007"]),
        ({"top": 3, "min_downloads": 1}, ["demo_005", "demo_006", "demo_007"]),
        ({"top": 100}, [f"demo_{n:03}" for n in range(1, 8)]),
        ({"top": "all"}, [f"demo_{n:03}" for n in range(1, 8)]),
        (
            {"top": "all", "min_downloads": 6_500, "packages": ["demo_001"]},
            ["demo_001", "demo_007"],
        ),
        ({"top": "all", "api_url": ""}, [f"demo_{n:03}" for n in range(1, 8)]),
    ],
)
def test_who_is_chosen(
    server: HexServer, tmp_path: Path, given: dict[str, object], names: list[str]
) -> None:
    assert [label.split()[0] for label in labels(hex_at(server, tmp_path, **given))] == names


def test_many_pages_are_read_as_far_as_needed(tmp_path: Path) -> None:
    with HexServer(world_of(230)) as server:
        first = hex_at(server, tmp_path, top=150, min_downloads=1)
        assert len(labels(first)) == 150
        asked = paths(server)
        assert len([path for path in asked if path.startswith("/api/")]) == 2
        assert len(asked) == 152
        assert len(labels(hex_at(server, tmp_path, min_downloads=1))) == 230
        assert len([path for path in paths(server) if path.startswith("/api/")]) == 3


@pytest.mark.parametrize("known", ["downloads", "nothing"])
def test_a_server_that_sorts_otherwise_gives_the_same_packages(tmp_path: Path, known: str) -> None:
    """One that knows the order by its other name alone, and one that sorts by name whatever is
    asked."""
    world = world_of(230)
    world.hexpm.publish(package("zebra"), downloads=10**7)
    with HexServer(world) as server:
        genuine = server.log.handle

        def handle(request: Request) -> Answer:
            sort = request.query.get("sort", "")
            return genuine(
                replace(request, query={**request.query, "sort": sort if sort == known else "name"})
            )

        server.log.handle = handle
        found = labels(hex_at(server, tmp_path, top=3))
        assert found == ["demo_229 1.0.0", "demo_230 1.0.0", "zebra 1.0.0"]
        asked = [path for path in paths(server) if path.startswith("/api/")]
    assert len(asked) == (2 if known == "downloads" else 4)


def test_a_key_never_travels_in_the_clear(
    server: HexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEX_API_KEY", "s3cret-of-acme")
    where = {"repository": "acme", "repo_url": "http://hex.example", "packages": "inside"}
    with pytest.raises(RequestError, match="would travel there in the clear"):
        hex_at(server, tmp_path, **where).releases()


def test_only_packages_that_changed_since(server: HexServer, world: World, tmp_path: Path) -> None:
    world.tick(days=30)
    world.hexpm.publish(package("demo_003", "1.1.0"))
    since = {"updated_after": "2024-07-01", "packages": ["demo_001"]}
    assert labels(hex_at(server, tmp_path, top=7, **since)) == ["demo_001 1.0.0", "demo_003 1.1.0"]
    assert labels(hex_at(server, tmp_path, top="all", updated_after="2024-07-01")) == [
        "demo_003 1.1.0"
    ]
    assert labels(hex_at(server, tmp_path, top="all", updated_after="2024-07-01", api_url="")) == [
        "demo_003 1.1.0"
    ]


def test_licences_are_chosen_before_anything_is_fetched(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    world.hexpm.publish(package("free", licenses=("Apache License 2.0",)), downloads=10**6)
    source = hex_at(server, tmp_path, top=3, licences="Apache-2.0")
    assert labels(source) == ["free 1.0.0"]
    assert "/repo/packages/demo_007" not in paths(server)
    bare = hex_at(server, tmp_path, packages=["free", "demo_001"], licences="MIT", api_url="")
    assert labels(bare) == ["demo_001 1.0.0"]


def test_what_was_named_and_is_not_there_is_a_failure(server: HexServer, tmp_path: Path) -> None:
    source = hex_at(server, tmp_path, packages={"demo_001": "~> 2.0", "nobody": "", "demo_002": ""})
    releases, failed = listed(source)
    assert [release.name for release in releases] == ["demo_002"]
    assert failed == {
        "demo_001": "no release of demo_001 matches '~> 2.0'; there is 1.0.0",
        "nobody": "the repository hexpm has no package nobody",
    }


def test_storage_that_refuses_what_it_has_not_says_the_same(world: World, tmp_path: Path) -> None:
    """Behind Hex.pm's delivery network lies a store that answers 403 for what is not there."""
    with HexServer(world, missing=403) as server:
        _, failed = listed(hex_at(server, tmp_path, packages=["nobody"]))
    assert failed == {"nobody": "the repository hexpm has no package nobody"}


def test_a_package_whose_releases_are_all_excluded_is_said_to_be_so(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    world.hexpm.retire("demo_007", "1.0.0", "security")
    source = hex_at(server, tmp_path, top=2, packages=["demo_007"])
    assert labels(source) == ["demo_006 1.0.0"]
    assert said(source)[-1] == (
        "hex: 1 of 2 packages have no release that the options let in (demo_007)"
    )


def test_nothing_chosen_is_a_request_that_cannot_work(server: HexServer, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="give top, min_downloads or packages"):
        hex_at(server, tmp_path).releases()


def test_a_tarball_is_fetched_once(server: HexServer, tmp_path: Path) -> None:
    source = hex_at(server, tmp_path, packages=["demo_001", "demo_002"])
    releases, _ = listed(source)
    paths(server)
    source.fetch(releases)
    assert paths(server) == [
        "/repo/tarballs/demo_001-1.0.0.tar",
        "/repo/tarballs/demo_002-1.0.0.tar",
    ]
    source.fetch(releases)
    assert paths(server) == []


def test_documents_of_a_release_are_read_without_the_network(
    server: HexServer, tmp_path: Path
) -> None:
    source = hex_at(server, tmp_path, packages="demo_001")
    ((release,), _) = listed(source)
    source.fetch([release])
    paths(server)
    worker = pickle.loads(pickle.dumps(source))
    documents, left_out = read(worker, release)
    assert {d.path: d.text.encode() for d in documents} == {
        path: text for path, text in files("Demo001").items() if path != "LICENSE"
    }
    assert {(d.licence, d.licence_note, d.family) for d in documents} == {
        ("MIT", "", "demo/demo_001")
    }
    assert left_out == [LeftOut("*", "a licence's text: 1 file", "hex")]
    assert paths(server) == []


def test_what_was_assumed_of_the_licence_stands_on_the_root_s_documents(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    header = b"# SPDX-License-Identifier: ISC\n"
    content = {"lib/a.ex": b"1\n", "lib/b.ex": header + b"2\n"}
    world.hexpm.publish(package("assumed", content=content, licenses=("Apache 2.0",)))
    source = hex_at(server, tmp_path, packages="assumed")
    ((release,), _) = listed(source)
    source.fetch([release])
    documents, _ = read(source, release)
    assert {d.path: (d.licence, d.licence_note) for d in documents} == {
        "lib/a.ex": ("Apache-2.0", "'Apache 2.0' in its metadata was read as Apache-2.0"),
        "lib/b.ex": ("ISC", ""),
    }


def test_files_are_chosen_by_their_own_options(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    """What is excluded of releases (retired, security) says nothing of files called so."""
    content = {"lib/security/key.ex": b"1\n", "lib/retired.ex": b"2\n", "src/a.erl": b"a() -> 1.\n"}
    world.hexpm.publish(package("guard", content=content))
    for given, found in [
        ({}, [*content]),
        ({"files": {"exclude": ["lib/security/"]}}, ["lib/retired.ex", "src/a.erl"]),
        ({"files": {"languages": ["erlang"]}}, ["src/a.erl"]),
    ]:
        source = hex_at(server, tmp_path, packages="guard", **given)
        ((release,), _) = listed(source)
        source.fetch([release])
        documents, _ = read(source, release)
        assert sorted(document.path for document in documents) == sorted(found)


def test_releases_of_other_build_tools_are_left_out(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    world.hexpm.publish(package("erl", build_tools=("rebar3", "make")))
    world.hexpm.publish(package("glm", build_tools=("gleam",)))
    source = hex_at(server, tmp_path, packages=["erl", "glm"], build_tools=["mix", "rebar3"])
    ((erlang, gleam), _) = listed(source)
    source.fetch([erlang, gleam])
    assert len(read(source, erlang)[0]) == 2
    assert read(source, gleam) == (
        [],
        [LeftOut("*", "built by gleam, not by mix or rebar3", "hex")],
    )


def test_an_organisation_has_its_own_paths_and_key(
    server: HexServer, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = world.organisation("acme", "s3cret-of-acme")
    acme.publish(package("inside"), downloads=3)
    monkeypatch.setenv("HEX_API_KEY", "s3cret-of-acme")
    (tmp_path / "acme.pem").write_text(acme.key.pkcs1)
    own = {"repository": "acme", "public_key": str(tmp_path / "acme.pem")}
    source = hex_at(server, tmp_path, top=5, **own)
    ((release,), failed) = listed(source)
    assert (release.origin, failed) == ("pkg:hex/acme/inside@1.0.0", {})
    source.fetch([release])
    assert len(read(source, release)[0]) == 2
    assert paths(server) == [
        "/api/repos/acme/packages?sort=total_downloads&page=1",
        "/api/repos/acme/packages?sort=total_downloads&page=2",
        "/repo/repos/acme/packages/inside",
        "/repo/repos/acme/tarballs/inside-1.0.0.tar",
    ]
    assert b"s3cret" not in pickle.dumps(source)


def test_without_an_api_the_tarballs_say_the_rest(server: HexServer, tmp_path: Path) -> None:
    with_api, _ = listed(hex_at(server, tmp_path / "a", packages="demo_003"))
    paths(server)
    without, _ = listed(hex_at(server, tmp_path / "b", packages="demo_003", api_url=""))
    assert paths(server) == ["/repo/packages/demo_003", "/repo/tarballs/demo_003-1.0.0.tar"]
    (release,) = with_api
    assert without == [replace(release, signals=Signals(updated="2024-06"))]


def test_offline_gives_the_last_look(server: HexServer, tmp_path: Path) -> None:
    options = {"top": 2, "packages": "demo_001"}
    source = hex_at(server, tmp_path, **options)
    releases, _ = listed(source)
    source.fetch(releases[:1])
    paths(server)
    offline = Hex(source.options, SourceContext(tmp_path / "cache", offline=True))
    assert listed(offline) == (releases, {})
    offline.fetch(releases)
    assert read(offline, releases[0])[0]
    with pytest.raises(SourceError, match=r"demo_006 1\.0\.0 was never fetched here: .*--offline"):
        read(offline, releases[1])
    assert paths(server) == []


def test_a_tarball_damaged_on_this_disk_is_fetched_anew(server: HexServer, tmp_path: Path) -> None:
    source = hex_at(server, tmp_path, packages="demo_001")
    ((release,), _) = listed(source)
    source.fetch([release])
    (tarball,) = (tmp_path / "cache" / "tarballs").rglob("*.tar")
    tarball.write_bytes(tarball.read_bytes()[:3000])
    with pytest.raises(SourceError, match="was damaged on this disk and has been removed"):
        read(source, release)
    source.fetch([release])
    assert len(read(source, release)[0]) == 2


def test_a_tarball_that_is_unsound_is_named_and_never_kept(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    """The registry has its checksum, but it is a package of another format."""
    members = members_of(package("demo_002").data)
    old = outer(members["metadata.config"], members["contents.tar.gz"], version=b"2")
    release = world.hexpm.packages["demo_002"].releases["1.0.0"]
    release.tarball = replace(release.tarball, data=old)
    source = hex_at(server, tmp_path, packages=["demo_001", "demo_002"])
    releases, _ = listed(source)
    source.fetch(releases)
    assert read(source, releases[0])[0]
    with pytest.raises(SourceError, match=r"demo_002-1\.0\.0\.tar: member VERSION"):
        read(pickle.loads(pickle.dumps(source)), releases[1])
    assert len(list((tmp_path / "cache").rglob("*.tar"))) == 1


def answering(server: HexServer, body: bytes) -> None:
    """Let the list of packages be this body from now on."""
    genuine = server.log.handle

    def handle(request: Request) -> Answer:
        listing = request.path.endswith("/api/packages")
        return Answer(body=body) if listing else genuine(request)

    server.log.handle = handle


def old_entry(world: World, name: str) -> None:
    """Let the registry tell of a package as it did before outer checksums and dates."""
    inner = world.hexpm.packages[name].releases["1.0.0"].tarball.inner
    release = protobuf.message((1, "1.0.0"), (2, inner))
    content = protobuf.message((1, release), (2, name), (3, "hexpm"))
    signed = protobuf.message((1, content), (2, world.hexpm.key.sign(content)))
    world.hexpm.lies.body[f"packages/{name}"] = gzip.compress(signed)


def test_an_older_registry_has_the_inner_checksum_alone(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    tarball = world.hexpm.packages["demo_001"].releases["1.0.0"].tarball
    old_entry(world, "demo_001")
    source = hex_at(server, tmp_path, packages="demo_001")
    ((release,), _) = listed(source)
    assert release.checksum == f"sha256:{tarball.inner.hex()}"
    assert release.released == "2024-06-20"  # as the API has it
    source.fetch([release])
    assert len(read(source, release)[0]) == 2


@pytest.mark.parametrize("times", [1, 2])
def test_a_tarball_without_outer_checksum_is_fetched_twice_before_it_is_refused(
    server: HexServer, world: World, tmp_path: Path, times: int
) -> None:
    noise = Random(1).randbytes(40_000)  # so that the damage in the middle is in the contents
    world.hexpm.publish(package("noisy", content={**files(), "priv/noise": noise}))
    old_entry(world, "noisy")
    world.hexpm.lies.tarballs["tarballs/noisy-1.0.0.tar"] = times
    source = hex_at(server, tmp_path, packages="noisy")
    ((release,), _) = listed(source)
    paths(server)
    source.fetch([release])
    assert paths(server) == ["/repo/tarballs/noisy-1.0.0.tar"] * 2
    if times == 1:
        assert len(read(source, release)[0]) == 2
        return
    with pytest.raises(SourceError, match=r"noisy-1\.0\.0\.tar: member CHECKSUM"):
        read(source, release)
    assert not list((tmp_path / "cache").rglob("*.tar"))
    source.fetch([release])  # and the next time it is sound
    assert len(read(source, release)[0]) == 2


def test_a_package_that_the_api_cannot_tell_of_fails_alone(world: World, tmp_path: Path) -> None:
    """What it lacks would change the dataset, so it is not taken without."""
    script = {"/api/packages/demo_002": ["500"] * 50}
    with HexServer(world, script=script) as server:
        source = hex_at(server, tmp_path, packages=["demo_001", "demo_002"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sources.web.tries.BACKOFF", lambda _state: 0.0)
            releases, failed = listed(source)
    assert [release.name for release in releases] == ["demo_001"]
    assert failed.keys() == {"demo_002"}
    assert "500" in failed["demo_002"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "its root"),
        (b'{"a": 1}', "its root"),
        (b'[{"name": 1}]', r"0\.name"),
        (b"", "its root"),
    ],
)
def test_an_answer_of_the_api_that_is_none_is_refused_and_not_kept(
    server: HexServer, tmp_path: Path, body: bytes, where: str
) -> None:
    genuine = server.log.handle
    answering(server, body)
    with pytest.raises(SourceError, match=f"is not what Hex's API gives: {where}: "):
        hex_at(server, tmp_path, top=1).releases()
    server.log.handle = genuine
    assert len(paths(server)) == 2
    assert labels(hex_at(server, tmp_path, top=1)) == ["demo_007 1.0.0"]


ODD = [
    {
        "name": "demo_007",
        "repository": "hexpm",
        "updated_at": 5,
        "meta": {"licenses": [1, "MIT"], "links": {"a": None, "GitHub": "https://github.com/a/b"}},
        "downloads": {"all": "many"},
        "releases": [{"version": "1.0.0", "inserted_at": None}],
        "unheard": {"of": []},
    },
    {"name": "demo_006", "meta": None, "downloads": None},
    {"name": "../../etc/passwd"},
    {"name": "demo_005", "repository": "acme", "downloads": {"all": 10**9}},
]


def test_odd_parts_of_an_answer_are_left_out(server: HexServer, tmp_path: Path) -> None:
    answering(server, json.dumps(ODD).encode())
    releases, failed = listed(hex_at(server, tmp_path, top=9))
    assert failed == {}
    assert {r.name: (r.family, r.signals) for r in releases} == {
        "demo_006": ("demo_006", Signals(downloads=0)),
        "demo_007": ("a/b", Signals(downloads=0)),
    }


def test_tests_of_a_mirror_are_part_of_the_release(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    own = files("Demo001")
    test = b"defmodule Demo001Test do\n  use ExUnit.Case\nend\n"
    root = checkouts.repository(
        tmp_path / "mirror/github.com/demo/demo_001", {**own, "test/a_test.exs": test}
    )
    checkouts.git(root, "tag", "v1.0.0")
    names = ["demo_001", "demo_002"]
    mirror = {"tests_from": "mirror", "mirror": str(tmp_path / "mirror"), "packages": names}
    source = hex_at(server, tmp_path, **mirror)
    ((paired, alone), _) = listed(source)
    plain, _ = listed(hex_at(server, tmp_path, packages=names))
    assert paired.checksum != plain[0].checksum
    assert alone == plain[1]
    assert said(source)[-2:] == [
        "hex: 1 of 2 releases have tests in their repository",
        "hex: demo_002 1.0.0: github.com/demo/demo_002 is not in the mirror",
    ]
    source.fetch([paired, alone])
    worker = pickle.loads(pickle.dumps(source))
    documents, _ = read(worker, paired)
    (found,) = [document for document in documents if document.path == "test/a_test.exs"]
    assert found.origin.startswith("github:demo/demo_001@")
    assert (found.text.encode(), found.licence) == (test, "MIT")
    assert read(worker, alone)[1][-1] == LeftOut(
        "test/", "no tests: none were found in its repository", "hex"
    )


def test_a_mirror_that_is_not_there_is_a_mistake(server: HexServer, tmp_path: Path) -> None:
    mirror = {"tests_from": "mirror", "mirror": str(tmp_path / "nowhere")}
    with pytest.raises(RequestError, match=r"there is no folder .*nowhere"):
        hex_at(server, tmp_path, packages="demo_001", **mirror).releases()


def test_without_a_token_github_is_not_asked(
    server: HexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    source = hex_at(server, tmp_path, packages="demo_001", tests_from="github")
    plain, _ = listed(hex_at(server, tmp_path, packages="demo_001"))
    assert listed(source) == (plain, {})
    assert any("GITHUB_TOKEN" in line for line in said(source))


def test_check_says_what_a_build_would_do(
    server: HexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("HEX_API_KEY", raising=False)
    source = hex_at(server, tmp_path, top=5, packages={"demo_002": "~> 1.0"}, tests_from="github")
    found = source.check()
    assert paths(server) == [
        "/api/packages?sort=total_downloads&page=1",
        "/repo/packages/demo_002",
    ]
    key, *rest = found.findings
    assert (key.what, key.ok) == ("public key", True)
    assert rest == [
        Finding("HTTP API", True, "most downloads: demo_007, demo_006, demo_005"),
        Finding("registry of hexpm", True, "signed; demo_002 has 1 release"),
        Finding("demo_002", True, "1.0.0"),
        Finding("HEX_API_KEY", None, "not set, and not needed"),
        Finding("GITHUB_TOKEN", False, "not set"),
    ]
    assert (found.releases, found.requests, found.bytes) == (6, 14, None)
    assert found.seconds is not None


def test_check_of_what_cannot_be_reached(server: HexServer, tmp_path: Path) -> None:
    source = hex_at(server, tmp_path, top=5, api_url=f"{server.url}/nowhere")
    server.world.hexpm.lies.signature.add("packages/jason")
    findings = {finding.what: finding for finding in source.check().findings}
    assert findings["HTTP API"].ok is False
    assert "404" in findings["HTTP API"].detail
    assert findings["registry of hexpm"].ok is False
