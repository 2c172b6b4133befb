"""Package tarballs: what is sound is read, what is not is refused with what is wrong with it."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import ArchiveRefusedError, SourceError
from sources.hex import tarball
from tests.sources import packing
from tests.sources.hex.world import files, package
from tests.sources.hex_server import tarball as theirs

CONFIG = theirs.members_of(package("demo").data)["metadata.config"]
CONTENTS = theirs.members_of(package("demo").data)["contents.tar.gz"]


def opened(folder: Path, data: bytes, inner: str = "") -> tarball.Tarball:
    path = folder / "0123abcd.tar"
    path.write_bytes(data)
    return tarball.read(path, "demo", "1.0.0", inner, lambda _path, _size: True)


@pytest.mark.parametrize("tool", ["mix", "rebar3"])
def test_a_sound_one(tmp_path: Path, tool: str) -> None:
    made = package("demo", build_tools=(tool,))
    with opened(tmp_path, made.data, made.inner.hex()) as found:
        assert found.inner == made.inner.hex()
        assert (found.metadata.name, found.metadata.build_tools) == ("demo", (tool,))
        assert {e.path: found.contents.read(e.path) for e in found.contents.entries} == files()


def test_a_package_of_one_folder_keeps_it(tmp_path: Path) -> None:
    made = package("demo", content={"src/a.erl": b"a", "src/b.erl": b"b"})
    with opened(tmp_path, made.data) as found:
        paths = [entry.path for entry in found.contents.entries]
    assert paths == ["hex_metadata.config", "src/a.erl", "src/b.erl"]


def with_contents(contents: bytes) -> bytes:
    return theirs.outer(CONFIG, contents)


def other_metadata(said: str) -> bytes:
    return theirs.outer(said.encode(), CONTENTS)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (theirs.outer(CONFIG, CONTENTS, version=b"4"), "VERSION: it is of version '4'; 3 is"),
        (theirs.outer(CONFIG, CONTENTS, version=b"3\n"), "member VERSION: it is of version '3\\n'"),
        (theirs.outer(CONFIG, CONTENTS, checksum=b"0" * 64), "member CHECKSUM: it is not that of"),
        (theirs.outer(CONFIG, CONTENTS, checksum=b"\xff"), "member CHECKSUM: it is not that of"),
        (theirs.tar({"VERSION": b"3", "CHECKSUM": b""}), "member metadata.config: it is missing"),
        (theirs.tar({"VERSION": b"3" * 33, "CHECKSUM": b""}), "VERSION: it is larger than 32"),
        (theirs.outer(b"%" * (2 << 20), CONTENTS), "metadata.config: it is larger than 1,048,576"),
        (other_metadata("{a"), "member metadata.config: line 1, column 3, at the end"),
        (
            other_metadata('{<<"name">>,<<"x">>}. {<<"version">>,<<"1.0.0">>}.'),
            "member metadata.config: it is the metadata of x 1.0.0",
        ),
        (with_contents(b"no gzip"), "contents.tar.gz: it is not packed with gzip"),
        (with_contents(theirs.tar({"a": b""})), "contents.tar.gz: it is not packed with gzip"),
        (with_contents(CONTENTS[:-9]), "contents.tar.gz: "),
        (
            with_contents(theirs.gzip(theirs.tar({"lib/../../x": b""}))),
            "contents.tar.gz: member lib/../../x: its path climbs with '..'",
        ),
        (
            with_contents(theirs.gzip(packing.tar(packing.member("x", type=tarfile.FIFOTYPE)))),
            "contents.tar.gz: member x: it is a device, a FIFO",
        ),
        (with_contents(theirs.gzip(b"\0" * (100 << 20))), "more than 200 times its packed size"),
        (b"", "demo-1.0.0.tar: "),
        (b"not a tar at all" * 100, "demo-1.0.0.tar: "),
        (theirs.outer(CONFIG, CONTENTS)[:2000], "demo-1.0.0.tar: "),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        opened(tmp_path, data)
    assert reason in str(caught.value)
    assert str(caught.value).startswith("demo-1.0.0.tar: ")


def test_the_registry_must_have_the_same_inner_checksum(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefusedError, match="the registry has another inner checksum"):
        opened(tmp_path, package("demo").data, hashlib.sha256(b"").hexdigest())


def test_looking_at_it_keeps_no_bytes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.tar"
    path.write_bytes(package("demo").data)
    assert tarball.check(path, "demo", "1.0.0", "").licences == ("MIT",)
    path.write_bytes(theirs.outer(CONFIG, CONTENTS[:-9]))
    with pytest.raises(ArchiveRefusedError, match=r"contents\.tar\.gz: "):
        tarball.check(path, "demo", "1.0.0", "")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever byte changes, it is refused or what is read is what was packed."""
    made = package("demo").data
    used = len(made.rstrip(b"\0"))
    at = data.draw(st.integers(0, used - 1))
    bad = bytes([made[at] ^ data.draw(st.integers(1, 255))])
    changed = made[:at] + bad + made[at + 1 :]
    try:
        with opened(tmp_path_factory.mktemp("damaged"), changed) as found:
            read = {e.path: found.contents.read(e.path) for e in found.contents.entries}
    except SourceError:
        return
    assert read == files()
