"""`debian`: what a release is, that little is fetched and rightly, and that little is touched."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from factory.errors import ArchiveRefusedError, RequestError, SourceError
from factory.plugins import SourceContext
from factory.records import Document, LeftOut, Release
from sources.debian import Debian
from tests.sources.archive_server import debian, etc_for, publish, served
from tests.sources.packing import member, tar, tar_of

MIT = "SPDX-License-Identifier: MIT"


def orig(version: str = "1.0", **extra: bytes) -> bytes:
    files = {
        f"demo-{version}/lib/demo.ex": f"# {MIT}\ndefmodule Demo do\n  # {version}\nend\n".encode(),
        **{f"demo-{version}/{name}": data for name, data in extra.items()},
    }
    return gzip.compress(tar_of(files), mtime=0)


PACKAGES = {
    "demo=1.0-1": {"demo_1.0.orig.tar.gz": orig(), "demo_1.0-1.debian.tar.xz": b"packaging"},
    "other=2-1": {"other_2.orig.tar.gz": orig("2")},
}


class Archive:
    """The served archive and what it was asked for."""

    def __init__(self, root: Path, etc: Path, asked: list[tuple[str, str]]) -> None:
        self.root = root
        self.etc = etc
        self.asked = asked

    def fetched(self) -> list[str]:
        """The pool files asked for since the last time; empties the list of requests."""
        files = [path.rpartition("/")[2] for path, _ in self.asked if "/pool/" in path]
        self.asked.clear()
        return files


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    publish(tmp_path / "srv", PACKAGES)
    with served(tmp_path / "srv") as (uri, asked):
        yield Archive(tmp_path / "srv", etc_for(tmp_path / "etc", uri), asked)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def documents(source: Debian, release: Release) -> list[str]:
    return [item.path for item in source.documents(release) if isinstance(item, Document)]


# --- what a release is ----------------------------------------------------------------------------


def test_a_release_is_what_the_index_says(archive: Archive, cache: Path) -> None:
    source = debian(cache, archive.etc, "demo")
    digest = hashlib.sha256(orig()).hexdigest()
    assert source.releases() == [
        Release(
            source="debian",
            name="demo",
            version="1.0-1",
            checksum=f"sha256:{digest}",
            family="demo",
            origin="debian:pool/main/d/demo",
            released="2023-11-14",
            size=len(orig()),
        )
    ]
    (document,) = source.documents(source.releases()[0])
    assert isinstance(document, Document)
    assert (document.path, document.licence) == ("lib/demo.ex", "MIT")
    assert document.released == "2023-11-14"
    assert archive.fetched() == ["demo_1.0.orig.tar.gz"]


def test_packages_are_given_in_three_ways(archive: Archive, cache: Path) -> None:
    whole = {"name": "demo", "suite": "trixie", "version": "1.0-1"}
    listed = {
        tuple(debian(cache, archive.etc, package).releases())
        for package in ("demo", "demo=1.0-1", whole)
    }
    assert len(listed) == 1
    assert Debian.Options.model_validate({"packages": "demo"}).packages[0].name == "demo"


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ("Demo", "'Demo' is no name of a Debian source package"),
        ("demo=", "'' is no Debian version"),
        ("demo=; rm", "'; rm' is no Debian version"),
        ("-o=x", "'-o' is no name"),
        ({"name": "demo", "suite": "-x"}, "'-x' is no name of a Debian suite"),
        ({"name": "demo", "sweet": "trixie"}, "sweet"),
    ],
)
def test_what_is_no_package_is_refused(package: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Debian.Options.model_validate({"packages": [package]})


def test_a_suite_without_the_package_or_version(archive: Archive, cache: Path) -> None:
    with pytest.raises(RequestError, match="Debian trixie has no source package 'dmeo'"):
        debian(cache, archive.etc, "dmeo").releases()
    with pytest.raises(RequestError, match=r"no version 9-1 of demo; it has 1\.0-1"):
        debian(cache, archive.etc, "demo=9-1").releases()


def test_two_versions_are_one_family_and_packages_can_be(archive: Archive, cache: Path) -> None:
    publish(archive.root, {"demo=2.0-1": {"demo_2.0.orig.tar.gz": orig("2.0")}}, "sid")
    source = debian(
        cache, archive.etc, "demo", {"name": "demo", "suite": "sid"}, "other",
        families={"other": "demo"},
    )  # fmt: skip
    releases = list(source.releases())
    assert [(r.version, r.family) for r in releases] == [
        ("1.0-1", "demo"), ("2.0-1", "demo"), ("2-1", "demo"),
    ]  # fmt: skip
    assert [documents(source, r) for r in releases] == [["lib/demo.ex"]] * 3


def test_the_newest_of_several_versions_is_meant(archive: Archive, cache: Path) -> None:
    two = {"demo=1.10-1": {"demo_1.10.orig.tar.gz": orig("1.10")}}
    publish(archive.root, PACKAGES | two)
    assert [r.version for r in debian(cache, archive.etc, "demo").releases()] == ["1.10-1"]
    assert [r.version for r in debian(cache, archive.etc, "demo=1.0-1").releases()] == ["1.0-1"]


def test_a_source_of_several_archives_is_one_tree(archive: Archive, cache: Path) -> None:
    part = lzma.compress(tar_of({"extra-3/src/x.erl": b"-module(x).\n"}))
    files = {"demo_1.0.orig.tar.gz": orig(), "demo_1.0.orig-extra.tar.xz": part}
    publish(archive.root, {"demo=1.0-1": files})
    source = debian(cache, archive.etc, "demo")
    (release,) = source.releases()
    assert documents(source, release) == ["extra/src/x.erl", "lib/demo.ex"]
    digests = sorted((n, hashlib.sha256(d).hexdigest()) for n, d in files.items())
    listed = "\n".join(f"{digest}  {name}" for name, digest in digests)
    assert release.checksum == "sha256:" + hashlib.sha256(listed.encode()).hexdigest()


def test_the_packaging_of_a_native_package_is_no_source(archive: Archive, cache: Path) -> None:
    native = orig("1.0", **{"debian/rules.ex": b"x", "debian/control": b"x"})
    publish(archive.root, {"demo=1.0": {"demo_1.0.tar.gz": native}})
    source = debian(cache, archive.etc, "demo")
    (release,) = source.releases()
    assert documents(source, release) == ["lib/demo.ex"]


def test_reading_is_what_decides_on_documents() -> None:
    def reading(**options: object) -> object:
        given = Debian.Options.model_validate({"packages": ["demo"], **options})
        return Debian(given, None).reading()  # type: ignore[arg-type]

    assert reading(packages=["ab", "cd"], suite="sid", families={"ab": "cd"}) == reading()
    for option in ({"include": ["a"]}, {"exclude": ["a"]}, {"keep": ["a"]}):
        assert reading(**option) != reading()


# --- fetching -------------------------------------------------------------------------------------


def test_the_index_is_read_once_and_archives_once(archive: Archive, cache: Path) -> None:
    source = debian(cache, archive.etc, "demo", "other")
    releases = list(source.releases())
    assert sum("InRelease" in path for path, _ in archive.asked) == 1
    assert sorted(archive.fetched()) == ["demo_1.0.orig.tar.gz", "other_2.orig.tar.gz"]
    for release in releases:
        documents(source, release)
    assert archive.asked == []
    again = debian(cache, archive.etc, "demo", "other")
    assert list(again.releases()) == releases
    assert archive.fetched() == []


def test_what_is_pinned_and_here_needs_neither_network_nor_apt(
    archive: Archive, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(debian(cache, archive.etc, "demo=1.0-1").releases())
    archive.asked.clear()
    monkeypatch.setenv("PATH", "/nowhere")
    source = debian(cache, archive.etc, "demo=1.0-1")
    assert list(source.releases()) == before
    assert documents(source, before[0]) == ["lib/demo.ex"]
    assert archive.asked == []


def test_offline_uses_what_was_fetched_and_asks_nothing(
    archive: Archive, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(debian(cache, archive.etc, "demo").releases())
    publish(archive.root, PACKAGES | {"demo=3-1": {"demo_3.orig.tar.gz": orig("3")}})
    archive.asked.clear()
    monkeypatch.setenv("PATH", "/nowhere")
    source = debian(cache, archive.etc, "demo", offline=True)
    assert list(source.releases()) == before
    assert documents(source, before[0]) == ["lib/demo.ex"]
    assert archive.asked == []


def test_offline_says_what_is_missing(archive: Archive, cache: Path) -> None:
    with pytest.raises(SourceError, match=r"demo from Debian trixie was never fetched.*--offline"):
        debian(cache, archive.etc, "demo", offline=True).releases()
    list(debian(cache, archive.etc, "demo").releases())
    shutil.rmtree(cache / "archives")
    source = debian(cache, archive.etc, "demo", offline=True)
    (release,) = source.releases()
    with pytest.raises(SourceError, match=r"demo 1\.0-1 was never fetched here.*--offline"):
        list(source.documents(release))


def test_a_lost_archive_is_fetched_again_by_whoever_needs_it(archive: Archive, cache: Path) -> None:
    source = debian(cache, archive.etc, "demo")
    (release,) = source.releases()
    shutil.rmtree(cache / "archives")
    archive.asked.clear()
    there = pickle.loads(pickle.dumps(source))
    there.etc = archive.etc
    assert documents(there, release) == ["lib/demo.ex"]
    assert archive.fetched() == ["demo_1.0.orig.tar.gz"]


def test_a_damaged_archive_is_found_and_fetched_again(archive: Archive, cache: Path) -> None:
    source = debian(cache, archive.etc, "demo")
    (release,) = source.releases()
    (path,) = source.archives(release.label)
    path.write_bytes(orig("1.1"))
    with pytest.raises(SourceError, match=r"demo_1\.0\.orig\.tar\.gz was damaged on this disk"):
        documents(source, release)
    assert documents(source, release) == ["lib/demo.ex"]
    assert path.read_bytes() == orig()


def test_an_archive_that_is_not_the_indexs_is_not_taken(archive: Archive, cache: Path) -> None:
    (archive.root / "debian/pool/main/d/demo/demo_1.0.orig.tar.gz").write_bytes(orig("6.66"))
    source = debian(cache, archive.etc, "demo", "other")
    bad, good = source.releases()
    assert (bad.version, bad.released) == ("1.0-1", "")
    with pytest.raises(SourceError, match=r"demo 1\.0-1 cannot be fetched from Debian trixie"):
        documents(source, bad)
    assert documents(source, good) == ["lib/demo.ex"]
    assert not list(cache.glob("archives/*/demo*"))


def test_a_download_that_was_cut_is_gone_on_with(archive: Archive, cache: Path) -> None:
    big = orig("1.0", **{"noise.bin": os.urandom(300_000)})
    publish(archive.root, {"demo=1.0-1": {"demo_1.0.orig.tar.gz": big}})
    served_file = archive.root / "debian/pool/main/d/demo/demo_1.0.orig.tar.gz"
    partial = cache / "partial" / "demo_1.0-1" / "demo_1.0.orig.tar.gz"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(big[:100_000])
    stamp = served_file.stat().st_mtime
    os.utime(partial, (stamp, stamp))
    source = debian(cache, archive.etc, "demo")
    (release,) = source.releases()
    assert ("/debian/pool/main/d/demo/demo_1.0.orig.tar.gz", "bytes=100000-") in archive.asked
    assert documents(source, release) == ["lib/demo.ex"]
    assert not (cache / "partial" / "demo_1.0-1").exists()


def test_an_archive_out_of_reach_is_one_clear_line(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    etc = etc_for(tmp_path / "etc", "http://127.0.0.1:9/debian")
    with pytest.raises(SourceError) as failed:
        debian(cache, etc, "demo").releases()
    said = str(failed.value)
    assert said.startswith("the index of Debian trixie cannot be fetched: Failed to fetch")
    assert "--offline" in said
    assert "\n" not in said


def test_a_suite_that_does_not_exist(archive: Archive, cache: Path) -> None:
    with pytest.raises(SourceError, match="the index of Debian sarge cannot be fetched"):
        debian(cache, archive.etc, "demo", suite="sarge").releases()


@pytest.mark.parametrize("tool", ["apt-get", "dpkg"])
def test_a_machine_without_apt_is_told_what_to_install(
    tool: str, archive: Archive, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in {"apt-get", "apt-cache", "dpkg"} - {tool}:
        (tools / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(SourceError, match=f"needs {tool}, which is not here.*apt-get install"):
        debian(cache, archive.etc, "demo").releases()


def test_a_hostile_archive_fails_alone(archive: Archive, cache: Path) -> None:
    evil = gzip.compress(tar(member("../../evil.ex", b"x")))
    publish(archive.root, PACKAGES | {"evil=1-1": {"evil_1.orig.tar.gz": evil}})
    source = debian(cache, archive.etc, "evil", "demo")
    bad, good = source.releases()
    with pytest.raises(ArchiveRefusedError, match=r"member \.\./\.\./evil\.ex: its path climbs"):
        documents(source, bad)
    assert documents(source, good) == ["lib/demo.ex"]


# --- the machine ----------------------------------------------------------------------------------


def state(folder: str) -> list[tuple[str, int]]:
    return sorted(
        (str(path), path.stat().st_mtime_ns) for path in Path(folder).rglob("*") if path.is_file()
    )


def test_the_machines_own_apt_is_not_touched(archive: Archive, cache: Path) -> None:
    """The machine's hooks are part of that: they would run as root when an update ends."""
    folders = ("/var/lib/apt", "/var/cache/apt", "/etc/apt", "/var/lib/dpkg")
    before = [state(folder) for folder in folders]
    list(debian(cache, archive.etc, "demo").releases())
    assert [state(folder) for folder in folders] == before


def test_hooks_of_the_machine_do_not_run(
    archive: Archive, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = tmp_path / "machine.conf"
    hooks = (
        "APT::Update::Pre-Invoke",
        "APT::Update::Post-Invoke",
        "APT::Update::Post-Invoke-Success",
    )
    conf.write_text("".join(f'{hook} {{ "touch {tmp_path}/ran"; }};\n' for hook in hooks))
    monkeypatch.setenv("APT_CONFIG", str(conf))
    list(debian(cache, archive.etc, "demo").releases())
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; others are one")
def test_root_is_not_needed(archive: Archive, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for folder in (home, *home.parents):
        if folder != Path("/") and folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
    os.chown(home, 65534, 65534)
    program = textwrap.dedent(f"""\
        import os, sys
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        from pathlib import Path
        from tests.sources.archive_server import debian
        source = debian(Path({str(home / "cache")!r}), Path({str(archive.etc)!r}), "demo")
        (release,) = source.releases()
        print(os.geteuid(), release.label, [d.path for d in source.documents(release)])
    """)
    done = subprocess.run(
        [sys.executable, "-c", "import tests.sources.archive_server, sources.reading\n" + program],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
        env={**os.environ, "HOME": str(home)},
    )  # fmt: skip
    assert done.stdout.strip() == "65534 debian:demo@1.0-1 ['lib/demo.ex']", done.stderr


# --- Debian itself --------------------------------------------------------------------------------


def test_real_elixir(debian_cache: Path, tmp_path: Path) -> None:
    shutil.copytree(debian_cache, tmp_path / "cache")
    options = Debian.Options.model_validate({"packages": ["elixir-lang"], "suite": "trixie"})
    source = Debian(options, SourceContext(tmp_path / "cache", offline=True))
    (release,) = source.releases()
    assert release.version.startswith("1.18")
    assert release.origin == "debian:pool/main/e/elixir-lang"
    found = list(source.documents(release))
    by_language: dict[str, int] = {}
    for item in found:
        if isinstance(item, Document):
            by_language[item.language] = by_language.get(item.language, 0) + 1
            assert item.licence == "Apache-2.0"
    assert by_language["elixir"] > 500
    assert by_language["erlang"] > 40
    assert by_language["markdown"] > 50
    reasons = {item.path: item.reason for item in found if isinstance(item, LeftOut)}
    assert "it holds dependencies" in reasons["lib/mix/test/fixtures/deps_status/deps/"]
    paths = [item.path for item in found if isinstance(item, Document)]
    assert paths == sorted(paths)
    assert "lib/elixir/test/elixir/enum_test.exs" in paths
