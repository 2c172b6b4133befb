"""The signed registry: what it says is read, and what nobody signed is refused and never kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import RequestError, SourceError
from sources.hex import keys, messages
from sources.hex.registry import Indexed, RefusedError, Registry, payload
from sources.web import Web, WebError
from tests.sources.hex.world import package
from tests.sources.hex_server import protobuf, registry
from tests.sources.hex_server.keys import key
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.world import Advisory, World


@pytest.fixture
def world() -> World:
    world = World()
    for version in ("1.0.0-rc.1", "1.0.0", "1.10.0", "1.2.0"):
        world.hexpm.publish(package("plug", version))
        world.tick(days=1)
    world.hexpm.publish(package("cowboy", "2.12.0"))
    world.hexpm.retire("plug", "1.0.0", "security", "CVE-1")
    world.hexpm.retire("plug", "1.2.0", "renamed")
    world.hexpm.advise("plug", Advisory("GHSA-1", "bad", ("1.0.0",)))
    world.hexpm.advise("plug", Advisory("GHSA-2", "worse", ("1.0.0", "1.10.0")))
    return world


@pytest.fixture
def server(world: World) -> Iterator[HexServer]:
    with HexServer(world) as server:
        yield server


def reader(server: HexServer, folder: Path, *, pem: str = "", name: str = "hexpm") -> Registry:
    path = folder / "key.pem"
    path.write_text(pem or server.world.hexpm.key.spki)
    web = Web(folder / "web", "hex", base=server.repo_url, sleep=lambda _seconds: None)
    return Registry(web, keys.load(str(path)), name)


@pytest.mark.parametrize("form", ["spki", "pkcs1"])
def test_a_package_in_its_registry(
    server: HexServer, world: World, tmp_path: Path, form: str
) -> None:
    found = reader(server, tmp_path, pem=getattr(world.hexpm.key, form)).package("plug")
    assert [
        (str(r.version), r.retired, r.advisories, r.published, r.is_insecure) for r in found
    ] == [
        ("1.0.0-rc.1", "", (), "2024-06-20", False),
        ("1.0.0", "security", ("GHSA-1", "GHSA-2"), "2024-06-21", True),
        ("1.2.0", "renamed", (), "2024-06-23", False),
        ("1.10.0", "", ("GHSA-2",), "2024-06-22", True),
    ]
    released = world.hexpm.packages["plug"].releases["1.10.0"].tarball
    assert (found[-1].outer, found[-1].inner) == (released.outer.hex(), released.inner.hex())


def test_the_indexes(server: HexServer, tmp_path: Path) -> None:
    own = reader(server, tmp_path)
    assert own.names() == {"cowboy": "2024-06-24", "plug": "2024-06-24"}
    assert own.versions() == [
        Indexed("cowboy", ("2.12.0",), frozenset(), frozenset()),
        Indexed(
            "plug",
            ("1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0"),
            frozenset({"1.0.0", "1.2.0"}),
            frozenset({"1.0.0", "1.10.0"}),
        ),
    ]


def test_a_package_that_is_not_there(server: HexServer, tmp_path: Path) -> None:
    with pytest.raises(WebError) as caught:
        reader(server, tmp_path).package("nobody")
    assert caught.value.status == 404


BAD = {
    "unsigned": "its signature is not that of the repository's public key",
    "signature": "its signature is not that of the repository's public key",
    "repository": "it is of the repository 'acme', not of 'hexpm'",
    "name": "it is about the package 'cowboy'",
    "garbage": "it is no Signed message of a Hex registry",
    "cut": "it ends in the middle",
    "bomb": "unpacked it is larger than 4,194,304 bytes",
    "broken": "it cannot be unpacked",
}


@pytest.mark.parametrize("lie", BAD)
def test_a_lie_is_asked_for_twice_refused_and_never_kept(
    server: HexServer, world: World, tmp_path: Path, lie: str
) -> None:
    path, lies = "packages/plug", world.hexpm.lies
    whole = registry.resource(world.hexpm, path)
    assert whole is not None
    if lie in ("unsigned", "signature"):
        getattr(lies, lie).add(path)
    elif lie == "repository":
        lies.repository[path] = "acme"
    elif lie == "name":
        lies.name[path] = "cowboy"
    else:
        lies.body[path] = {
            "garbage": gzip.compress(b"\xff\xff garbage"),
            "cut": whole[:-20],
            "bomb": gzip.compress(b"\0" * (9 << 20)),
            "broken": whole[:12] + b"\xff\xff\xff\xff" + whole[16:],
        }[lie]
    with pytest.raises(RefusedError) as caught:
        reader(server, tmp_path).package("plug")
    assert str(caught.value).startswith("the registry's /packages/plug was refused, twice: ")
    assert BAD[lie] in str(caught.value)
    assert server.log.count("/repo/packages/plug") == 2
    assert not [each for each in (tmp_path / "web").rglob("*") if each.is_file()]
    lies.__init__()  # type: ignore[misc]  # the truth again
    assert len(reader(server, tmp_path).package("plug")) == 4


def test_what_was_kept_under_another_key_counts_no_more(
    server: HexServer, world: World, tmp_path: Path
) -> None:
    reader(server, tmp_path).package("plug")
    world.hexpm.change_key(7)
    assert len(reader(server, tmp_path).package("plug")) == 4
    assert [asked.status for asked in server.log.requests] == [200, 200]


def test_another_repositorys_key_is_refused(server: HexServer, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="Is the public key that of this repository"):
        reader(server, tmp_path, pem=key(99).spki).package("plug")


def signed(content: bytes) -> bytes:
    return protobuf.message((1, content), (2, key(1).sign(content)))


def test_a_reason_and_fields_of_tomorrow_are_read(tmp_path: Path, server: HexServer) -> None:
    retired = protobuf.message((1, 17), (2, "why"), (9, b"new"))
    release = protobuf.message(
        (1, "1.0.0"), (2, b"\1" * 32), (4, retired), (6, 5), (12, "new"), (13, 1)
    )
    odd = protobuf.message((1, "not a version"), (2, b"\1" * 32))
    content = protobuf.message((1, release), (1, odd), (2, "next"), (3, "hexpm"), (20, 1.5))
    server.world.hexpm.publish(package("next"))
    server.world.hexpm.lies.body["packages/next"] = gzip.compress(signed(content))
    (found,) = reader(server, tmp_path).package("next")
    assert (found.retired, found.outer, found.advisories) == ("reason 17", "", ())


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("Package", protobuf.message((2, "demo"))),
        ("Package", protobuf.message((1, b""), (2, "demo"), (3, "hexpm"))),
        ("Names", protobuf.message((1, protobuf.message((1, "demo"))))),
        ("Signed", protobuf.message((2, b"signature alone"))),
    ],
)
def test_a_message_must_be_whole(kind: str, content: bytes) -> None:
    with pytest.raises(messages.MessageError, match=f"it is a {kind} message that lacks"):
        messages.decode(kind, content)


def test_hexpm_signs_with_the_key_that_its_clients_carry() -> None:
    assert keys.fingerprint(keys.hexpm()) == "SHA256:f137a9cdf0665cc355cfe330013760e5"
    assert keys.hexpm().key_size == 2048


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no public key in PEM"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "holds no public key"),
    ],
)
def test_a_file_that_is_no_key(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(RequestError, match=reason):
        keys.load(str(tmp_path / "key.pem"))
    with pytest.raises(RequestError, match="cannot be read: No such file"):
        keys.load(str(tmp_path / "none.pem"))


@given(st.binary(max_size=300) | st.binary(max_size=300).map(gzip.compress))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused(noise: bytes) -> None:
    with pytest.raises(SourceError):
        payload(noise, 1 << 20, keys.hexpm())


@given(st.sampled_from(["Names", "Versions", "Package"]), st.binary(max_size=200))
@settings(max_examples=400, deadline=None)
def test_any_payload_is_a_message_or_refused(kind: str, noise: bytes) -> None:
    try:
        assert messages.decode(kind, noise) is not None
    except messages.MessageError as error:
        assert f"{kind} message" in str(error)
