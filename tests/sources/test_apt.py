"""Which of a machine's apt sources are Debian's own, and the private state made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.errors import RequestError, SourceError
from sources.apt import SourcePackage, Suite, Tarball, newest
from sources.apt_sources import Archive, machine_archives

KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEB822 = f"""\
Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: {KEY}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: {KEY}
"""
OURS = Archive(("http://mirror.example/debian",), (("Signed-By", KEY),))


def machine(tmp_path: Path, **files: str) -> list[Archive]:
    folder = tmp_path / "sources.list.d"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        path = tmp_path / "sources.list" if name == "main_list" else folder / f"{stem}.{ending}"
        path.write_text(text)
    return machine_archives(tmp_path)


def test_the_newer_format(tmp_path: Path) -> None:
    assert machine(tmp_path, debian_sources=DEB822) == [OURS]


@pytest.mark.parametrize(
    "line",
    [
        f"deb [signed-by={KEY}] http://mirror.example/debian bookworm main",
        f"deb-src [ arch=amd64 signed-by={KEY} ] http://mirror.example/debian stable contrib main",
        f"# x\n\n  deb [signed-by={KEY}]\thttp://mirror.example/debian  bookworm  main # y\n",
    ],
)
def test_the_older_format(line: str, tmp_path: Path) -> None:
    assert machine(tmp_path, main_list=line) == [OURS]


def test_a_mirror_without_a_key_of_its_own_is_told_by_its_address(tmp_path: Path) -> None:
    line = "deb http://mirror.example/debian/ bookworm main"
    assert machine(tmp_path, main_list=line) == [Archive(("http://mirror.example/debian/",))]


def test_an_embedded_key_is_kept_line_by_line(tmp_path: Path) -> None:
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----"
    text = DEB822.split("\n\n", maxsplit=1)[0].replace(KEY, "\n " + key)
    (archive,) = machine(tmp_path, debian_sources=text)
    assert dict(archive.options)["Signed-By"].strip() == key


def test_strangers_with_the_same_suite_names_are_not_debian(tmp_path: Path) -> None:
    strangers = {
        "shop_list": "deb [signed-by=/x.gpg] https://apt.example/ bookworm main\n",
        "off_sources": DEB822.replace("Types:", "Enabled: no\nTypes:"),
        "docker_list": "deb https://docker.example/debian bookworm stable",
        "old_list_disabled": f"deb [signed-by={KEY}] http://other.example/debian bookworm main",
        "flat_list": "deb http://flat.example/debian ./",
        "cd_list": f"# deb [signed-by={KEY}] http://cd.example/debian bookworm main",
    }
    with pytest.raises(SourceError, match="no Debian archive is among this machine's apt sources"):
        machine(tmp_path, **strangers)
    assert machine(tmp_path, debian_sources=DEB822, **strangers) == [OURS]


@pytest.mark.parametrize("suite", ["", "a b", "../etc", "bookworm-security", "x\nTypes: deb", "-t"])
def test_a_suites_name_cannot_be_anything_else(suite: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no name of a Debian suite"):
        Suite(tmp_path, suite)


def test_the_highest_version_is_dpkgs() -> None:
    tarball = (Tarball("a.orig.tar.gz", 1, "0" * 64),)
    versions = ["1.9-1", "1.10-1", "1.10~rc1-1", "1.10-1~deb12u1"]
    found = newest([SourcePackage("a", version, "", tarball) for version in versions])
    assert found.version == "1.10-1"
