"""From a package's links to its repository: which addresses count, and where a mirror has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import SourceError
from sources.repositories import Address, address, addresses
from sources.repository_mirror import mirrored
from tests.sources import checkouts

PLUG = Address("github.com", "elixir-plug/plug")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/elixir-plug/plug",
        "http://www.github.com/elixir-plug/plug/",
        "https://github.com/elixir-plug/plug.git",
        "https://GitHub.com/elixir-plug/plug/tree/main/lib#readme",
        "https://github.com/elixir-plug/plug?tab=readme",
        "github.com/elixir-plug/plug",
        "git://github.com/elixir-plug/plug.git",
        "git@github.com:elixir-plug/plug.git",
        "ssh://git@github.com/elixir-plug/plug",
        "https://someone:secret@github.com/elixir-plug/plug",
        "  https://github.com/elixir-plug/plug\n",
    ],
)
def test_the_spellings_of_one_repository(url: str) -> None:
    assert address(url) == PLUG


def test_other_hosts_and_groups_of_groups() -> None:
    assert address("https://gitlab.com/a/b/c/-/tree/main") == Address("gitlab.com", "a/b/c")
    assert address("https://gitlab.com/a/b/blob/main/x") == Address("gitlab.com", "a/b")
    assert address("https://git.sr.ht/~sir/x") == Address("git.sr.ht", "~sir/x")
    assert address("https://codeberg.org/o/n/src/branch/main") == Address("codeberg.org", "o/n")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/elixir-plug",
        "https://github.com/",
        "https://github.com/../etc",
        "https://github.com/a/..",
        "https://github.com/a/.git",
        "https://gitlab.com/a/../../b",
        "https://github.com/a%2f..%2fb/c",
        "https://github.com/-upload-pack/x",
        "https://github.com/a/b\0c",
        "https://../a/b",
        "https://localhost/a/b",
        "https://[::1/a/b",
        "file:///etc/passwd",
        "javascript:alert(1)//a/b",
        "",
        "Größe",
        "https://github.com/" + "a" * 600 + "/b",
    ],
)
def test_what_is_no_repository(url: str) -> None:
    assert address(url) is None


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-z./%~:@\\-]{0,60}", fullmatch=True))
def test_no_address_climbs(url: str) -> None:
    found = address(url)
    if found is not None:
        parts = [found.host, *found.path.split("/")]
        assert all(part not in ("", ".", "..", ".git") and part[0] != "-" for part in parts)
        assert not {"\\", "\0", "\n", "%", ":"} & set("".join(parts))


def test_the_likeliest_link_comes_first() -> None:
    links = {
        "Changelog": "https://github.com/other/thing/blob/main/CHANGELOG.md",
        "Docs": "https://hexdocs.pm/plug/readme.html",
        "GitHub": "https://github.com/elixir-plug/plug",
        "Issues": "https://github.com/Elixir-Plug/Plug/issues",
        "Source": "https://git.example.org/o/plug",
        "Sponsor": "https://example.org/a/b",
        "Website": "https://example.org/o/plug.git",
    }
    assert addresses(links) == (
        PLUG,
        Address("github.com", "other/thing"),
        Address("git.example.org", "o/plug"),
    )
    assert addresses({}) == ()
    assert addresses({"Docs": "https://hexdocs.pm/plug/readme.html"}) == ()


def test_a_file_is_named_by_repository_commit_and_path() -> None:
    assert PLUG.origin("c0ffee", "test/a.exs") == "github:elixir-plug/plug@c0ffee:test/a.exs"
    other = Address("gitlab.com", "a/b/c")
    assert other.origin("c0ffee", "x") == "git:gitlab.com/a/b/c@c0ffee:x"


def test_where_a_mirror_has_a_repository(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    tree = checkouts.repository(mirror / "github.com/elixir-plug/plug", {"a": "1"})
    checkouts.git(tmp_path, "clone", "-q", "--bare", str(tree), str(mirror / "gitlab.com/a/b.git"))
    checked_out = mirrored(mirror, PLUG)
    assert checked_out and checked_out.head() == checkouts.git(tree, "rev-parse", "HEAD")
    bare = mirrored(mirror, Address("gitlab.com", "a/b"))
    assert bare and bare.head() == checked_out.head()
    assert mirrored(mirror, Address("github.com", "Elixir-Plug/PLUG")) == checked_out
    assert mirrored(mirror, Address("github.com", "elixir-plug/other")) is None
    (mirror / "github.com/elixir-plug/folder").mkdir()
    assert mirrored(mirror, Address("github.com", "elixir-plug/folder")) is None
    assert mirrored(tmp_path / "nowhere", PLUG) is None


def test_two_that_differ_in_case_alone_are_not_guessed_between(tmp_path: Path) -> None:
    for name in ("Plug", "PLUG"):
        checkouts.repository(tmp_path / "github.com/elixir-plug" / name, {"a": name})
    assert mirrored(tmp_path, PLUG) is None
    assert mirrored(tmp_path, Address("github.com", "elixir-plug/Plug")) is not None


def test_a_link_out_of_the_mirror_is_refused(tmp_path: Path) -> None:
    checkouts.repository(tmp_path / "private", {"secret": "x"})
    (tmp_path / "mirror/github.com/elixir-plug").mkdir(parents=True)
    (tmp_path / "mirror/github.com/elixir-plug/plug").symlink_to(tmp_path / "private")
    with pytest.raises(SourceError, match=r"github\.com/elixir-plug/plug .* out of the mirror"):
        mirrored(tmp_path / "mirror", PLUG)
