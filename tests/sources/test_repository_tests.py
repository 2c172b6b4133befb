"""The tests behind a release: real packages, packed as Hex has them, and Git repositories made of
the same source with its real tests."""

from __future__ import annotations

import pickle
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import SourceError
from factory.records import Document, LeftOut, Release
from sources.archive import read_archive
from sources.languages import language_of
from sources.reading import ReadingOptions, wanted
from sources.repositories import Address
from sources.repository_mirror import Mirror
from sources.repository_tags import Asked, Package, Place, Tag, Unpaired, find, tag_names
from sources.repository_tests import paired_tests
from tests.sources import checkouts
from tests.sources.hex_server.repack import Project, project
from tests.sources.hex_server.tarball import members_of

MAKEUP = "github.com/elixir-makeup/makeup"


@pytest.fixture(scope="module")
def makeup(corpus: Path) -> Project:
    return project(corpus / "elixir-makeup")


@pytest.fixture(scope="module")
def parsec(corpus: Path) -> Project:
    return project(corpus / "elixir-nimble-parsec")


def tagged(mirror: Path, where: str, files: Mapping[str, bytes], *tags: str) -> Path:
    """A repository in the mirror, whose one commit has these tags."""
    root = checkouts.repository(mirror / where, files)
    for tag in tags:
        checkouts.git(root, "tag", "-a", "-m", "a release", tag)
    return root


def package(of: Project, **links: str) -> Package:
    told = of.metadata
    return Package(told.name, told.version, links or told.links or {}, told.app)


def found(place: Place, *packages: Package) -> list[Tag]:
    """The tags of packages that all have one."""
    tags = find(packages, place)
    assert all(isinstance(tag, Tag) for tag in tags), tags
    return [tag for tag in tags if isinstance(tag, Tag)]


def read(
    tmp_path: Path, of: Project, place: Place, tag: Tag, licence: str = "", **options: object
) -> tuple[dict[str, Document], dict[str, str]]:
    """What comes out for a release: documents by path, and reasons of what was left out."""
    packed = tmp_path / f"{of.metadata.name}.tar.gz"
    packed.write_bytes(members_of(of.tarball().data)["contents.tar.gz"])
    release = Release("hex", of.metadata.name, of.metadata.version, "sha256:0", "f", "hex:x")
    with read_archive(packed, wanted) as own:
        items = list(
            paired_tests(
                release, own, tag, place, ReadingOptions.model_validate(options), licence=licence
            )
        )
    documents = [item for item in items if isinstance(item, Document)]
    left = {item.path: item.reason for item in items if isinstance(item, LeftOut)}
    assert [d.path for d in documents] == sorted(d.path for d in documents)
    assert all(item.stage == "hex" for item in items if isinstance(item, LeftOut))
    return {d.path: d for d in documents}, left


def test_the_tests_of_a_real_package(tmp_path: Path, makeup: Project) -> None:
    tagged(tmp_path, MAKEUP, makeup.all, "v1.2.1")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(makeup))
    documents, left = read(tmp_path, makeup, place, tag)
    assert {path: d.text.encode() for path, d in documents.items()} == {
        path: data for path, data in makeup.tests.items() if language_of(path)
    }
    assert len(documents) > 5
    assert left == {}
    test = documents["test/lexer_test.exs"]
    assert test.origin == f"github:elixir-makeup/makeup@{tag.commit}:test/lexer_test.exs"
    assert (test.source, test.release, test.version) == ("hex", "makeup", "1.2.1")
    assert (test.licence, test.licence_note) == ("BSD-2-Clause", "")
    assert str(tag) == f"{MAKEUP}@{tag.commit}"


def test_the_tests_of_an_erlang_package(tmp_path: Path, corpus: Path) -> None:
    poolboy = project(corpus / "erlang-poolboy")
    tagged(tmp_path, "github.com/devinus/poolboy.git", poolboy.all, "1.5.2")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(poolboy))
    documents, _ = read(tmp_path, poolboy, place, tag)
    assert {d.language for d in documents.values()} == {"erlang"}
    assert documents.keys() == poolboy.tests.keys()


def test_a_repository_of_many_packages(tmp_path: Path, makeup: Project, parsec: Project) -> None:
    files = {"mix.exs": b"defmodule Umbrella do\nend\n", "LICENSE": makeup.all["LICENSE"]}
    files |= {f"apps/makeup/{path}": data for path, data in makeup.all.items()}
    files |= {f"apps/parsec/{path}": data for path, data in parsec.all.items()}
    tagged(tmp_path, MAKEUP, files, "makeup-v1.2.1", "nimble_parsec@1.4.2", "v1.4.2", "v1.2.1")
    place = Mirror(tmp_path)
    both = [package(makeup), package(parsec, Source=f"https://{MAKEUP}")]
    one, other = found(place, *both)
    assert (one.name, other.name) == ("makeup-v1.2.1", "nimble_parsec@1.4.2")
    documents, left = read(tmp_path, parsec, place, other)
    assert left == {}
    assert documents.keys() == {p for p in parsec.tests if language_of(p)}
    test = documents["test/nimble_parsec_test.exs"]
    assert test.origin.endswith(":apps/parsec/test/nimble_parsec_test.exs")
    assert test.text.encode() == parsec.tests[test.path]
    # what the folder says of its licence stands before what the root says
    assert test.licence == "Apache-2.0"


@pytest.mark.parametrize(("differing", "paired"), [(0, True), (1, True), (2, False), (10, False)])
def test_nine_tenths_of_the_source_files_have_to_be_equal(
    tmp_path: Path, differing: int, paired: bool
) -> None:
    files = {f"lib/m{n}.ex": f"defmodule M{n} do\nend\n".encode() for n in range(9)}
    files["mix.exs"] = b'defmodule X do\n  @version "1.0.0"\n  def p, do: [app: :x]\nend\n'
    of = _made(tmp_path / "src", files | {"test/x_test.exs": b"# a test\n"}, "x")
    other = dict(of.all)
    for path in sorted(files)[:differing]:
        other[path] += b"# changed after the release\n"
    tagged(tmp_path, "github.com/o/x", other, "1.0.0")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(of, GitHub="https://github.com/o/x"))
    documents, left = read(tmp_path, of, place, tag)
    if paired:
        assert (list(documents), left) == (["test/x_test.exs"], {})
    else:
        assert documents == {}
        assert left == {
            "test/": "no tests from its repository: github.com/o/x at 1.0.0 is another state of "
            f"the package: {10 - differing} of 10 source files are equal"
        }


def test_line_ends_make_no_difference_and_paths_do(tmp_path: Path, makeup: Project) -> None:
    windows = {path: data.replace(b"\n", b"\r\n") for path, data in makeup.all.items()}
    tagged(tmp_path, MAKEUP, windows, "v1.2.1")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(makeup))
    assert read(tmp_path, makeup, place, tag)[0]
    moved = {path.replace("lib/", "source/"): data for path, data in makeup.all.items()}
    tagged(tmp_path, "github.com/moved/makeup", moved, "v1.2.1")
    (tag,) = found(place, package(makeup, GitHub="https://github.com/moved/makeup"))
    documents, left = read(tmp_path, makeup, place, tag)
    assert not documents
    assert "1 of 16 source files are equal" in left["test/"]


def test_each_version_is_paired_with_its_own_state(tmp_path: Path, parsec: Project) -> None:
    root = tmp_path / "github.com/dashbitco/nimble_parsec"
    test = "test/nimble_parsec_test.exs"
    versions = []
    for minor in (2, 3, 4):
        told = f"# as of 1.{minor}\n".encode()
        lib = {p: d + told for p, d in parsec.files.items() if p.endswith(".ex")}
        of = parsec.at(f"1.{minor}.0", {**lib, test: parsec.tests[test] + told})
        shipped = {path: data for path, data in of.files.items() if path != test}
        versions.append(Project(of.metadata, "mix", shipped))
        if minor == 2:
            checkouts.repository(root, of.all)
        else:
            checkouts.lay(root, of.all)
            checkouts.commit(root)
        checkouts.git(root, "tag", f"v1.{minor}.0")
    # a tag that was put on the wrong commit
    checkouts.git(root, "tag", "--force", "v1.3.0", "v1.4.0")
    place = Mirror(tmp_path)
    tags = found(place, *(package(of) for of in versions))
    read_of = [read(tmp_path, of, place, tag) for of, tag in zip(versions, tags, strict=True)]
    for at, minor in ((0, 2), (2, 4)):
        documents, left = read_of[at]
        assert documents[test].text.endswith(f"# as of 1.{minor}\n")
        assert left == {}
    documents, left = read_of[1]
    assert not documents
    assert "at v1.3.0 is another state of the package" in left["test/"]


def test_what_the_tarball_has_itself_is_not_taken_twice(tmp_path: Path, makeup: Project) -> None:
    shipped = {p: d for p, d in makeup.tests.items() if "helpers" in p}
    of = Project(makeup.metadata, "mix", {**makeup.files, **shipped}, {}, makeup.all)
    tagged(tmp_path, MAKEUP, makeup.all, "v1.2.1")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(of))
    documents, _ = read(tmp_path, of, place, tag)
    assert documents.keys() == {p for p in makeup.tests if language_of(p)} - shipped.keys()


def test_a_generated_parser_is_packed_and_not_committed(tmp_path: Path, corpus: Path) -> None:
    earmark = project(corpus / "elixir-earmark-parser")
    grammars = [path for path in earmark.files if path.endswith((".xrl", ".yrl"))]
    assert grammars
    committed = {p: earmark.files[p] for p in ("mix.exs", *grammars)} | earmark.tests
    made = {f"{path[:-4]}.erl": b"-module(made).\n" for path in grammars}
    packed = {**{p: earmark.files[p] for p in ("mix.exs", *grammars)}, **made}
    of = Project(earmark.metadata, "mix", packed)
    tagged(tmp_path, "github.com/o/earmark", committed, "v1.4.44")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(of, GitHub="https://github.com/o/earmark"))
    assert read(tmp_path, of, place, tag)[0]


def test_a_tag_without_tests_is_said(tmp_path: Path, parsec: Project) -> None:
    kept = {path: data for path, data in parsec.all.items() if not path.startswith("test/")}
    tagged(tmp_path, "github.com/dashbitco/nimble_parsec", kept, "v1.4.2")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(parsec))
    assert read(tmp_path, parsec, place, tag) == (
        {},
        {
            "test/": "no tests from its repository: github.com/dashbitco/nimble_parsec at v1.4.2 "
            "has no others below test/"
        },
    )


def test_options_count_for_paths_in_the_package(tmp_path: Path, makeup: Project) -> None:
    tagged(tmp_path, MAKEUP, {f"apps/m/{p}": d for p, d in makeup.all.items()}, "v1.2.1")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(makeup))
    documents, left = read(tmp_path, makeup, place, tag, exclude=("/test/lexer*",))
    assert "test/makeup_test.exs" in documents
    assert not [path for path in documents if path.startswith("test/lexer")]
    assert left == {"test/*": "left out by the source's options: 2 files"}


def test_the_licence_is_what_the_repository_says(tmp_path: Path) -> None:
    mix = b'defmodule X do\n  @version "1.0.0"\n  def p, do: [app: :x]\nend\n'
    silent = {
        "mix.exs": mix,
        "lib/x.ex": b"defmodule X do\nend\n",
        "test/a_test.exs": b"# SPDX-License-Identifier: ISC\n",
        "test/x_test.exs": b"# nothing\n",
    }
    of = _made(tmp_path / "src", silent, "x")
    link = package(of, GitHub="https://github.com/o/x")
    place = Mirror(tmp_path)
    root = tagged(tmp_path, "github.com/o/x", silent, "1.0.0")
    (tag,) = found(place, link)
    documents, _ = read(tmp_path, of, place, tag, licence="MIT")
    a, x = documents["test/a_test.exs"], documents["test/x_test.exs"]
    assert (a.licence, a.licence_note) == ("ISC", "")
    assert x.licence == "MIT"
    assert x.licence_note == "the repository names no licence; the release's own was taken"
    documents, _ = read(tmp_path, of, place, tag)
    assert documents["test/x_test.exs"].licence == "LicenseRef-unknown"

    checkouts.lay(root, {"LICENSE": "All rights reserved. You may not copy this.\n"})
    checkouts.commit(root)
    checkouts.git(root, "tag", "--force", "1.0.0")
    (tag,) = found(place, link)
    documents, _ = read(tmp_path, of, place, tag, licence="MIT")
    assert documents["test/x_test.exs"].licence == "LicenseRef-unknown"


def test_a_release_without_its_tag_says_why(tmp_path: Path, makeup: Project) -> None:
    root = tagged(tmp_path, MAKEUP, makeup.all)
    checkouts.git(root, "tag", "v1.2.1", "HEAD^{tree}")  # no commit
    checkouts.git(root, "branch", "1.2.1")  # no tag
    packages = [
        package(makeup),
        package(makeup, GitHub="https://github.com/else/where"),
        package(makeup, Docs="https://hexdocs.pm/makeup"),
        Package("makeup", "1.2.1\nHEAD", {"GitHub": f"https://{MAKEUP}"}),
        Package("../makeup", "1.2.1", {"GitHub": f"https://{MAKEUP}"}),
    ]
    reasons = [
        each.reason for each in find(packages, Mirror(tmp_path)) if isinstance(each, Unpaired)
    ]
    assert reasons == [
        f"{MAKEUP} has no tag called after 1.2.1",
        "github.com/else/where is not in the mirror",
        "its metadata links none",
        r"no tag can be called after '1.2.1\nHEAD'",
        "no tag can be called after '1.2.1'",
    ]
    assert Unpaired(packages[2], reasons[2]).left_out("hex") == LeftOut(
        "test/", "no tests from its repository: its metadata links none", "hex"
    )


def test_one_repository_that_cannot_be_read_stops_no_other(
    tmp_path: Path, makeup: Project, parsec: Project
) -> None:
    tagged(tmp_path / "mirror", "github.com/dashbitco/nimble_parsec", parsec.all, "v1.4.2")
    checkouts.repository(tmp_path / "private", makeup.all)
    (tmp_path / "mirror/github.com/elixir-makeup").mkdir()
    (tmp_path / "mirror" / MAKEUP).symlink_to(tmp_path / "private")
    broken = tmp_path / "mirror/github.com/o/broken.git"
    (broken / "objects").mkdir(parents=True)
    (broken / "HEAD").write_text("nonsense\n")
    outward, damaged, sound = find(
        [
            package(makeup),
            Package("broken", "1.0.0", {"GitHub": "https://github.com/o/broken"}),
            package(parsec),
        ],
        Mirror(tmp_path / "mirror"),
    )
    assert isinstance(sound, Tag)
    assert isinstance(outward, Unpaired) and "leads out of the mirror" in outward.reason
    assert isinstance(damaged, Unpaired) and "git cat-file failed" in damaged.reason


def test_all_packages_are_asked_for_at_once_and_rare_names_after_usual_ones() -> None:
    class Forge:
        def __init__(self) -> None:
            self.asked: list[Sequence[Asked]] = []

        def commits(self, asked: Sequence[Asked]) -> list[Mapping[str, str] | str]:
            self.asked.append(asked)
            return [self._commits(each) for each in asked]

        def _commits(self, asked: Asked) -> dict[str, str] | str:
            tags = {"o/b": {"v2.0.0": "c" * 40}, "o/c": {"rel-3.0.0": "d" * 40}}
            there = tags.get(asked.repository.path)
            if there is None:
                return "is nowhere"
            return {tag: commit for tag, commit in there.items() if tag in asked.tags}

        def fetch(self, tags: Sequence[Tag]) -> None: ...
        def files(self, tag: Tag) -> None: ...

    a, b, c = (f"https://github.com/o/{name}" for name in "abc")
    packages = [
        Package("a", "1.0.0", {"GitHub": a}),
        Package("x", "1.0.0", {}),
        Package("b", "2.0.0", {"GitHub": a, "Source": b}),
        Package("c", "3.0.0", {"GitHub": c, "Source": a}),
    ]
    forge = Forge()
    tags = find(packages, forge)  # type: ignore[arg-type]
    assert [getattr(tag, "name", "") for tag in tags] == ["", "", "v2.0.0", "rel-3.0.0"]
    assert isinstance(tags[2], Tag)
    assert tags[2].repository == Address("github.com", "o/b")
    asked = [[each.repository.path for each in question] for question in forge.asked]
    assert asked == [["o/a", "o/a", "o/b", "o/c", "o/a"], ["o/c"]]
    assert find([packages[1]], forge) == [tags[1]]  # type: ignore[arg-type]
    assert len(forge.asked) == 2


def test_what_tags_are_called() -> None:
    usual, others = tag_names(Package("plug_crypto", "1.0.0", app="crypto"))
    assert usual == (
        "plug_crypto-v1.0.0",
        "plug_crypto-1.0.0",
        "plug_crypto/v1.0.0",
        "plug_crypto/1.0.0",
        "plug_crypto@1.0.0",
        "v1.0.0",
        "1.0.0",
        "release-1.0.0",
    )
    for name in ("plug-crypto-v1.0.0", "crypto-1.0.0", "release/1.0.0", "V1.0.0", "v1.0"):
        assert name in others
    assert not set(usual) & set(others)
    assert "v2.0.0-rc1" in tag_names(Package("x", "2.0.0-rc.1"))[1]
    assert "v2.0.0" in tag_names(Package("x", "2.0.0+build.5"))[0]
    assert tag_names(Package("x", "--upload-pack=x")) == ((), ())


NAMES = st.text(max_size=30) | st.from_regex(r"[a-z_.-]{1,9}\n?", fullmatch=True)
SOME_VERSIONS = st.text(max_size=30) | st.from_regex(r"\d+\.\d+\.\d+[-+]?.{0,9}")


@given(NAMES, SOME_VERSIONS, NAMES)
def test_no_name_is_an_option_or_leaves_its_line(name: str, version: str, app: str) -> None:
    usual, others = tag_names(Package(name, version, app=app))
    for tag in usual + others:
        assert tag.isascii() and tag.isprintable() and " " not in tag
        assert not tag.startswith(("-", "/", ".")) and ".." not in tag and "^" not in tag


def test_a_mirror_that_changed_fails_that_release(tmp_path: Path, makeup: Project) -> None:
    root = tagged(tmp_path, MAKEUP, makeup.all, "v1.2.1")
    place = pickle.loads(pickle.dumps(Mirror(tmp_path)))
    (tag,) = pickle.loads(pickle.dumps(found(place, package(makeup))))
    assert read(tmp_path, makeup, place, tag)[0]
    root.rename(tmp_path / "away")
    with pytest.raises(SourceError, match=f"the mirror has no repository {MAKEUP} any more"):
        read(tmp_path, makeup, place, tag)


def test_a_hostile_repository_runs_nothing_and_lends_no_files(
    tmp_path: Path, makeup: Project
) -> None:
    root = tagged(tmp_path, MAKEUP, makeup.all)
    (tmp_path / "secret").write_text("a secret of this machine\n")
    (root / "test/leak_test.exs").symlink_to(tmp_path / "secret")
    (root / ".gitattributes").write_text("*.exs filter=evil diff=evil\n")
    checkouts.commit(root)
    checkouts.git(root, "tag", "v1.2.1")
    ran = tmp_path / "ran"
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "core.pager",
                "diff.evil.textconv", "core.alternateRefsCommand"):  # fmt: skip
        checkouts.git(root, "config", key, f"touch {ran}")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(makeup))
    documents, left = read(tmp_path, makeup, place, tag)
    assert documents and "test/leak_test.exs" not in documents
    assert left == {"test/*": "a link (what it names is read where it lies): 1 file"}
    assert not ran.exists()


def test_a_repository_made_to_take_time_takes_none(tmp_path: Path, makeup: Project) -> None:
    blank = b"\n" * 60_000
    files = {f"apps/a{n}/mix.exs": blank for n in range(210)} | {
        f"apps/makeup/{path}": data for path, data in makeup.all.items()
    }
    tagged(tmp_path, MAKEUP, files, "v1.2.1")
    place = Mirror(tmp_path)
    (tag,) = found(place, package(makeup))
    assert "another state" in read(tmp_path, makeup, place, tag)[1]["test/"]


def test_a_tree_with_an_unsafe_path_is_left_out(tmp_path: Path, makeup: Project) -> None:
    root = tagged(tmp_path, MAKEUP, makeup.all)
    blob = checkouts.git(root, "hash-object", "-w", "mix.exs")
    inner = _tree(root, b"100644 x.exs\0" + bytes.fromhex(blob))
    climbing = _tree(root, b"40000 ..\0" + bytes.fromhex(inner))
    commit = checkouts.git(root, "commit-tree", "-m", "x", climbing)
    checkouts.git(root, "tag", "v1.2.1", commit)
    place = Mirror(tmp_path)
    (tag,) = found(place, package(makeup))
    documents, left = read(tmp_path, makeup, place, tag)
    assert not documents
    assert "../x.exs: its path climbs with '..'" in left["test/"]


def _tree(root: Path, content: bytes) -> str:
    done = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        cwd=root,
        input=content,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def _made(folder: Path, files: Mapping[str, bytes], name: str) -> Project:
    return project(checkouts.lay(folder, files), name=name, version="1.0.0")
