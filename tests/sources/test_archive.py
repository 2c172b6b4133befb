"""Archives made by strangers: what is read, what is refused, and that nothing else happens."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory.errors import ArchiveRefusedError, SourceError
from sources.archive import newest_date, read_archive
from sources.members import Contents, Entry, Limits, name_fault
from tests.sources.packing import MTIME, PACKED, member, tar, tar_of, write, zip_of

FILES = {
    "demo-1.0/lib/demo.ex": b"defmodule Demo do\nend\n",
    "demo-1.0/README.md": b"# Demo\n",
    "demo-1.0/priv/empty": b"",
    "demo-1.0/lib/d\xc3\xa9j\xc3\xa0.ex".encode("latin-1").decode(): b"# \xc3\xa9\n",
}


def every(_path: str, _size: int) -> bool:
    return True


def unpacked(path: Path, limits: Limits | None = None) -> dict[str, bytes]:
    with read_archive(path, every, limits or Limits()) as contents:
        return {e.path: contents.read(e.path) for e in contents.entries if e.kind == "file"}


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(ArchiveRefusedError) as refused:
        unpacked(path, limits)
    assert path.name in str(refused.value)
    return str(refused.value)


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACKED)
def test_each_format_gives_the_same_files_below_their_top_folder(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name, PACKED[name](FILES))
    assert unpacked(path) == {k.removeprefix("demo-1.0/"): v for k, v in FILES.items()}


def test_the_format_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "download", PACKED["x.tar.xz"](FILES))
    assert "lib/demo.ex" in unpacked(path)


def test_two_top_folders_stay(tmp_path: Path) -> None:
    path = write(tmp_path, "x.tar", tar_of({"a/x.ex": b"1", "b/x.ex": b"2"}))
    assert unpacked(path) == {"a/x.ex": b"1", "b/x.ex": b"2"}


def test_only_wanted_bytes_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "x.zip", zip_of(FILES))
    with read_archive(path, lambda p, _size: p.endswith(".md")) as contents:
        assert contents.read("README.md") == b"# Demo\n"
        assert Entry("lib/demo.ex", 22) in contents.entries
        with pytest.raises(KeyError):
            contents.read("lib/demo.ex")


def test_links_that_stay_inside_are_noted_and_not_followed(tmp_path: Path) -> None:
    data = tar(
        member("d/lib/a.ex", b"a"),
        member("d/b.ex", type=tarfile.SYMTYPE, linkname="lib/a.ex"),
        member("d/lib/c.ex", type=tarfile.SYMTYPE, linkname="../lib/a.ex"),
        member("d/e.ex", type=tarfile.LNKTYPE, linkname="d/lib/a.ex"),
    )
    with read_archive(write(tmp_path, "x.tar", data), every) as contents:
        assert contents.entries == (
            Entry("b.ex", 0, "link"),
            Entry("e.ex", 0, "link"),
            Entry("lib/a.ex", 1),
            Entry("lib/c.ex", 0, "link"),
        )


def test_streams_packed_one_after_another_are_one(tmp_path: Path) -> None:
    data = tar_of(FILES)
    for name, pack in (("x.gz", gzip.compress), ("x.xz", lzma.compress)):
        path = write(tmp_path, name, pack(data[:700]) + pack(data[700:]))
        assert len(unpacked(path)) == len(FILES)


def test_padding_after_a_packed_stream_is_no_error(tmp_path: Path) -> None:
    path = write(tmp_path, "x.gz", gzip.compress(tar_of(FILES)) + b"\0" * 512)
    assert len(unpacked(path)) == len(FILES)


def test_an_archive_without_files_is_empty(tmp_path: Path) -> None:
    assert unpacked(write(tmp_path, "x.tar", tar())) == {}
    assert unpacked(write(tmp_path, "x.zip", zip_of({}))) == {}


def test_the_date_is_that_of_the_newest_member_and_is_kept(tmp_path: Path) -> None:
    data = tar(member("a", b"1", mtime=MTIME), member("b", b"2", mtime=MTIME - 10**8))
    path = write(tmp_path, "x.tar", data)
    assert newest_date(path, "digest", tmp_path) == "2023-11-14"
    path.unlink()
    assert newest_date(path, "digest", tmp_path) == "2023-11-14"


def test_wanted_bytes_beyond_memory_are_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, "x.tar", tar_of(FILES))
    with mock.patch("sources.members.SPOOL_IN_MEMORY", 16):
        assert unpacked(path) == {k.removeprefix("demo-1.0/"): v for k, v in FILES.items()}


# --- what is refused, with the member's name ----------------------------------------------------

NAMES = {
    "../evil.ex": "climbs",
    "a/../../evil.ex": "climbs",
    "a/../evil.ex": "climbs",
    "/etc/evil.ex": "absolute",
    "//evil.ex": "absolute",
    "C:/evil.ex": "drive letter",
    "c:evil.ex": "drive letter",
    "a\\evil.ex": "backslash",
    "..\\evil.ex": "backslash",
    "a\x1b[2Jevil.ex": "control characters",
    "a\nevil.ex": "control characters",
    "n" * 1100: "longer than",
    "/".join("d" * 70): "deeper than",
}


@pytest.mark.parametrize(("name", "reason"), NAMES.items())
def test_tar_names(name: str, reason: str, tmp_path: Path) -> None:
    said = refusal(write(tmp_path, "x.tar", tar(member("ok.ex", b"1"), member(name, b"2"))))
    assert reason in said
    assert ascii(name)[1:-1][:100] in said


@pytest.mark.parametrize(("name", "reason"), NAMES.items())
def test_zip_names(name: str, reason: str, tmp_path: Path) -> None:
    said = refusal(write(tmp_path, "x.zip", zip_of({"ok.ex": b"1", name: b"2"})))
    assert reason in said
    assert ascii(name)[1:-1][:100] in said


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar_names_that_are_not_utf_8(form: int, tmp_path: Path) -> None:
    data = tar(member("caf\udce9.ex", b"1"), form=form)
    assert r"member caf\udce9.ex: its name is not UTF-8" in refusal(write(tmp_path, "x.tar", data))


def test_zip_names_that_are_not_utf_8(tmp_path: Path) -> None:
    data = zip_of({"caf_.ex": b"1"}).replace(b"caf_.ex", b"caf\xe9.ex")
    assert "its name is not UTF-8" in refusal(write(tmp_path, "x.zip", data))


def test_zip_names_that_claim_to_be_utf_8_and_are_not(tmp_path: Path) -> None:
    data = zip_of({"café.ex": b"1"}).replace("café".encode(), b"caf\xff\xff")
    assert "its name is not UTF-8" in refusal(write(tmp_path, "x.zip", data))


def test_a_zip_name_behind_a_nul_byte(tmp_path: Path) -> None:
    data = zip_of({"good.ex_bad": b"1"}).replace(b"good.ex_bad", b"good.ex\0bad")
    assert "NUL" in refusal(write(tmp_path, "x.zip", data))


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "../../etc/passwd"),
        (tarfile.SYMTYPE, "x/../../../y"),
        (tarfile.SYMTYPE, "C:\\secret"),
        (tarfile.LNKTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "../secret"),
        (tarfile.LNKTYPE, "a/../../secret"),
    ],
)
def test_tar_links_that_leave(kind: bytes, target: str, tmp_path: Path) -> None:
    data = tar(member("ok.ex", b"1"), member("d/link.ex", type=kind, linkname=target))
    said = refusal(write(tmp_path, "x.tar", data))
    assert "member d/link.ex: it is a link to" in said
    assert "outside the archive" in said


def zip_with_mode(name: str, data: bytes, mode: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = mode << 16
        archive.writestr(info, data)
    return out.getvalue()


def test_zip_links(tmp_path: Path) -> None:
    leaves = zip_with_mode("link.ex", b"../../etc/passwd", stat.S_IFLNK | 0o777)
    assert "outside the archive" in refusal(write(tmp_path, "x.zip", leaves))
    stays = zip_with_mode("d/link.ex", b"../x.ex", stat.S_IFLNK | 0o777)
    with read_archive(write(tmp_path, "y.zip", stays), every) as contents:
        assert [entry.kind for entry in contents.entries] == ["link"]


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_and_fifos(kind: bytes, tmp_path: Path) -> None:
    said = refusal(write(tmp_path, "x.tar", tar(member("dev/null", type=kind))))
    assert "member dev/null: it is a device, a FIFO" in said
    zipped = zip_with_mode("fifo", b"", stat.S_IFIFO)
    assert "member fifo: it is a device, a FIFO" in refusal(write(tmp_path, "x.zip", zipped))


@pytest.mark.parametrize("second", ["a/x.ex", "./a/x.ex", "a//x.ex", "a/./x.ex"])
def test_the_same_path_twice(second: str, tmp_path: Path) -> None:
    data = tar(member("a/x.ex", b"1"), member(second, b"2"))
    assert "there twice" in refusal(write(tmp_path, "x.tar", data))


def test_a_path_that_is_file_and_folder(tmp_path: Path) -> None:
    for first in (
        member("a", b"1"),
        member("a", type=tarfile.SYMTYPE, linkname="b"),
    ):
        path = write(tmp_path, "x.tar", tar(first, member("a/x.ex", b"2")))
        assert "member a/x.ex: a is both a folder and not one" in refusal(path)
    path = write(tmp_path, "y.tar", tar(member("a", b"1"), member("a", type=tarfile.DIRTYPE)))
    assert "both a folder and not one" in refusal(path)


def test_too_many_members(tmp_path: Path) -> None:
    data = tar(*(member(f"d{i}", type=tarfile.DIRTYPE) for i in range(11)))
    assert "more than 10 members" in refusal(write(tmp_path, "x.tar", data), Limits(files=10))


def test_too_much_inside(tmp_path: Path) -> None:
    files = {"a.ex": b"x" * 600, "b.ex": b"y" * 600}
    for name in ("x.tar", "x.tar.gz", "x.zip"):
        said = refusal(write(tmp_path, name, PACKED[name](files)), Limits(unpacked=1000))
        assert "larger than 1,000 bytes" in said


def test_too_large_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, "x.tar", tar_of(FILES))
    assert "larger than 100 bytes" in refusal(path, Limits(packed=100))


@pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.xz", "x.tar.bz2", "x.tar.zst", "x.zip"])
def test_a_bomb(name: str, tmp_path: Path) -> None:
    data = PACKED[name]({"ok.ex": b"1", "bomb.bin": bytes(8 << 20)})
    said = refusal(write(tmp_path, name, data), Limits(ratio_floor=1 << 20))
    assert "more than 200 times its packed size" in said
    assert "bomb.bin" in said


def test_a_long_file_of_one_letter_is_no_bomb(tmp_path: Path) -> None:
    path = write(tmp_path, "x.tar.gz", PACKED["x.tar.gz"]({"a/line.ex": b"x" * 50_000_000}))
    with read_archive(path, lambda _path, _size: False) as contents:
        assert contents.entries == (Entry("line.ex", 50_000_000),)


def test_an_xz_that_asks_for_gigabytes_of_memory(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(tar_of(FILES), filters=filters))
    at = data.index(b"\x21\x01", 12)  # the LZMA2 filter's id and the size of its properties
    data[at + 2] = 39  # a dictionary of 3 GiB
    header_end = 12 + (data[12] + 1) * 4
    data[header_end - 4 : header_end] = struct.pack("<I", zlib.crc32(data[12 : header_end - 4]))
    said = refusal(write(tmp_path, "x.tar.xz", bytes(data)))
    assert "Memory usage limit" in said


def test_a_header_of_a_gigabyte(tmp_path: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type = tarfile.XHDTYPE
    info.size = 1 << 30
    data = info.tobuf(tarfile.USTAR_FORMAT) + bytes(2048)
    assert "header is too large" in refusal(write(tmp_path, "x.tar", data))


def test_a_size_below_zero_does_not_loop(tmp_path: Path) -> None:
    for size in (-1024, -512, -(1 << 40)):
        info, _ = member("a.ex", size=size)
        data = info.tobuf(tarfile.GNU_FORMAT) + bytes(2048)
        assert refusal(write(tmp_path, "x.tar", data))


def test_a_sparse_file(tmp_path: Path) -> None:
    info, _ = member("holes.ex", type=tarfile.GNUTYPE_SPARSE)
    data = info.tobuf(tarfile.GNU_FORMAT) + bytes(2048)
    assert "sparse" in refusal(write(tmp_path, "x.tar", data))


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_cut_short_is_refused_wherever_it_is_cut(name: str, tmp_path: Path) -> None:
    data = PACKED[name]({"a/x.ex": os.urandom(3000), "a/y.ex": b"y" * 512})
    ends = len(data) - (10240 - 512 * 10 if name == "x.tar" else 0)  # a tar ends in zeros
    for cut in {*range(1, ends - 1, max(1, ends // 60)), ends - 1}:
        with pytest.raises(SourceError):
            unpacked(write(tmp_path, name, data[:cut]))


def test_a_broken_header_does_not_end_an_archive_quietly(tmp_path: Path) -> None:
    data = bytearray(tar(member("a.ex", b"1"), member("b.ex", b"2")))
    data[1024 + 150] ^= 0xFF  # the second header's checksum
    assert "member a.ex" in refusal(write(tmp_path, "x.tar", bytes(data)))


def test_an_encrypted_zip(tmp_path: Path) -> None:
    data = bytearray(zip_of({"secret.ex": b"1"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "member secret.ex: it is encrypted" in refusal(write(tmp_path, "x.zip", bytes(data)))


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("claimed", [1, 19, 21, 4000])
def test_a_zip_that_lies_about_a_size(claimed: int, packing: int, tmp_path: Path) -> None:
    data = bytearray(zip_of({"lie.ex": b"defmodule Lie do end"}, packing))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", claimed)
    assert "member lie.ex" in refusal(write(tmp_path, "x.zip", bytes(data)))


def test_a_zip_packed_in_a_rare_way(tmp_path: Path) -> None:
    data = zip_of({"a.ex": b"1"}, zipfile.ZIP_LZMA)
    assert "packed in a way that is not read" in refusal(write(tmp_path, "x.zip", data))


def test_zip64_and_oversized_directories(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.ex": b"1"}))
    end = data.index(b"PK\x05\x06")
    data[end + 10 : end + 12] = b"\xff\xff"
    assert "zip64" in refusal(write(tmp_path, "x.zip", bytes(data)))
    data[end + 10 : end + 16] = struct.pack("<HL", 1, 1 << 31)
    assert "directory is larger" in refusal(write(tmp_path, "x.zip", bytes(data)))


@pytest.mark.parametrize("data", [b"", b"\0", b"hello", b"PK\x03\x04", b"\x1f\x8b", bytes(600)])
def test_what_is_no_archive(data: bytes, tmp_path: Path) -> None:
    if data == bytes(600):
        assert unpacked(write(tmp_path, "x.tar", data)) == {}  # a tar that ends at once
    else:
        assert refusal(write(tmp_path, "x.tar", data))


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.tar: it cannot be read: No such file"):
        read_archive(tmp_path / "gone.tar", every)


# --- laws -----------------------------------------------------------------------------------------

SEEDS = {name: pack(FILES) for name, pack in PACKED.items()} | {
    "gnu.tar": tar(
        member("d/" + "n" * 150 + ".ex", b"long"),
        member("d/l", type=tarfile.SYMTYPE, linkname="x" * 120),
        member("d", type=tarfile.DIRTYPE),
        form=tarfile.GNU_FORMAT,
    ),
    "pax.tar": tar(member("d/" + "é" * 120 + ".ex", b"long"), member("d/y", b"2" * 900)),
}

Edit = tuple[str, int, bytes]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "delete", "copy"]),
        st.integers(0, 20_000),
        st.one_of(
            st.binary(min_size=1, max_size=8),
            st.sampled_from([b"../", b"/", b"\0", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"7777777"]),
        ),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, edits: list[Edit]) -> bytes:
    out = bytearray(data)
    for kind, anywhere, piece in edits:
        at = anywhere % (len(out) + 1)
        if kind == "set":
            out[at : at + len(piece)] = piece
        elif kind == "insert":
            out[at:at] = piece
        elif kind == "delete":
            del out[at : at + len(piece) * 16]
        else:
            out[at:at] = out[max(0, at - 512) : at]
    return bytes(out)


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_mutated_archive_gives_safe_files_or_a_refusal(
    name: str, edits: list[Edit], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "around-mutants" / "mutants"
    folder.mkdir(parents=True, exist_ok=True)
    path = write(folder, name, mutated(SEEDS[name], edits))
    before = sorted(folder.parent.rglob("*"))
    try:
        contents = read_archive(path, every, Limits(unpacked=1 << 24))
    except ArchiveRefusedError:
        pass
    else:
        check_safe(contents)
    assert sorted(folder.parent.rglob("*")) == before


def check_safe(contents: Contents) -> None:
    with contents:
        paths = [entry.path for entry in contents.entries]
        assert paths == sorted(set(paths))
        for entry in contents.entries:
            assert not name_fault(entry.path)
            assert not entry.path.startswith("/")
            if entry.kind == "file":
                assert len(contents.read(entry.path)) == entry.size


PATHS = st.lists(
    st.sampled_from(["a", "lib", "x.ex", "é", "deps", ".", "_b"]), min_size=1, max_size=4
).map("/".join)


@settings(max_examples=100, deadline=None)
@given(files=st.dictionaries(PATHS, st.binary(max_size=2000), max_size=8), data=st.data())
def test_what_was_packed_comes_out(
    files: dict[str, bytes], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = data.draw(st.sampled_from(sorted(PACKED)))
    path = write(tmp_path_factory.getbasetemp(), name, PACKED[name](files))
    plain = {"/".join(p for p in key.split("/") if p != "."): v for key, v in files.items()}
    clash = len(plain) < len(files) or "" in plain
    clash |= any(a != b and b.startswith(a + "/") for a in plain for b in plain)
    if clash:
        assert refusal(path)
        return
    tops = {key.split("/")[0] for key in plain}
    strip = len(tops) == 1 and not tops & plain.keys()
    assert unpacked(path) == {(k.split("/", 1)[1] if strip else k): v for k, v in plain.items()}


def test_real_archives_are_read_as_tar_itself_reads_them(debian_cache: Path) -> None:
    archives = sorted(debian_cache.glob("archives/*/*"))
    assert len(archives) >= 8
    for path in archives:
        with tarfile.open(path) as archive:
            files = {i.name: i for i in archive if i.isreg()}
            theirs = sorted(info.size for info in files.values())
        ours = unpacked(path)
        assert sorted(map(len, ours.values())) == theirs
        assert all(any(name.endswith("/" + path) for name in files) for path in list(ours)[:50])
