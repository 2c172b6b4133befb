"""A repository's newest commits as patches: which of them, and that both sides come back."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import SourceError
from factory.records import Document, LeftOut, Release
from sources.git import Repository
from sources.history import Change, read_commit, steps
from sources.patches import patches
from sources.reading import ReadingOptions
from tests.sources.checkouts import git, local
from tests.sources.github.git_server import ENVIRONMENT, git_at, history
from tests.transforms import commit_history

BEFORE = "defmodule A do\n  def one, do: 1\nend\n"
AFTER = "defmodule A do\n  def one, do: 2\nend\n"
PROJECT = 'defmodule A.MixProject do\n  def project, do: [licenses: ["MIT"]]\nend\n'
FILES = {"lib/a.ex": BEFORE, "mix.exs": PROJECT}


def repository(root: Path) -> Repository:
    return Repository(root, root / ".git")


def read(root: Path, count: int = 100, **options: object) -> tuple[list[Document], dict[str, str]]:
    """The documents, and how often each reason was given."""
    at = repository(root)
    release = Release("local", "n", "1", "sha1:1", "n", "local:n")
    given = ReadingOptions.model_validate(options)
    found = list(patches(release, at, at.head(), count, given))
    reasons = {}
    for item in found:
        if isinstance(item, LeftOut):
            assert (item.path, item.stage) == ("commits/*", "local")
            reason, _, many = item.reason.rpartition(": ")
            reasons[reason] = many
    return [item for item in found if isinstance(item, Document)], reasons


def one(
    root: Path, message: str, files: Mapping[str, str | bytes | None], **options: object
) -> str:
    """Why the commit that makes these changes to FILES is left out, "" when it is a document."""
    history(root, ("Begin", FILES), (message, files))
    documents, reasons = read(root, 1, **options)
    if documents:
        assert reasons == {}
        return ""
    ((reason, many),) = reasons.items()
    assert many == "1 commit"
    return reason


def test_a_whole_document(tmp_path: Path) -> None:
    names = history(
        tmp_path / "n",
        ("Begin", FILES),
        ("Return two\nfrom one/0\n\nOne is too little.\n", {"lib/a.ex": AFTER, "x.md": "x"}),
    )
    (document,), reasons = read(tmp_path / "n")
    assert reasons == {"the first commit": "1 commit"}
    assert document == Document(
        source="local",
        release="n",
        version="1",
        checksum="sha1:1",
        family="n",
        path=f"commits/{names[1]}.patch",
        language="patch",
        licence="MIT",
        text=(
            f"From {names[1]} Mon Sep 17 00:00:00 2001\n"
            "Date: Wed, 15 Nov 2023 00:13:20 +0000\n"
            "Subject: [PATCH] Return two from one/0\n\n"
            "One is too little.\n"
            "---\n\n"
            "diff --git a/lib/a.ex b/lib/a.ex\n"
            "--- a/lib/a.ex\n"
            "+++ b/lib/a.ex\n"
            "@@ -1,3 +1,3 @@\n"
            " defmodule A do\n"
            "-  def one, do: 1\n"
            "+  def one, do: 2\n"
            " end\n"
        ),
        origin=f"local:n@{names[1]}",
    )


def test_git_applies_every_patch_forwards_and_backwards(tmp_path: Path) -> None:
    found = [
        item for item in commit_history.documents(tmp_path / "shop") if isinstance(item, Document)
    ]
    assert len(found) == 9
    for document in found:
        name = document.path.removeprefix("commits/").removesuffix(".patch")
        for start, end, flags in ((f"{name}~1", name, []), (name, f"{name}~1", ["--reverse"])):
            git(tmp_path / "shop", "checkout", "-q", "--force", start)
            subprocess.run(
                ["git", "apply", "--index", "--whitespace=nowarn", *flags],
                input=document.text,
                cwd=tmp_path / "shop",
                env=ENVIRONMENT,
                check=True,
                text=True,
            )
            differ = git(tmp_path / "shop", "diff", "--cached", "--name-only", end)
            assert differ in ("", "CHANGELOG.md")


@pytest.mark.parametrize(
    ("reason", "message", "files"),
    [
        ("", "Return two from one/0", {"lib/a.ex": AFTER}),
        ("", "Return two", {"lib/a.ex": AFTER, "mix.lock": "%{}", "CHANGELOG.md": "two"}),
        ("", "Drop a", {"lib/a.ex": None}),
        ("", "Add b", {"src/b.erl": "-module(b).\n"}),
        ("", "Merge two into one\n\n---------\n\nCo-authored-by: B", {"lib/a.ex": AFTER}),
        ("a revert", 'Revert "Return one"', {"lib/a.ex": AFTER}),
        ("a revert", "Return two\n\nThis reverts commit 123.", {"lib/a.ex": AFTER}),
        ("a release or a change of version", "v1.2.3", {"lib/a.ex": AFTER}),
        ("a release or a change of version", "Bump version", {"lib/a.ex": AFTER}),
        ("a release or a change of version", "Release 2.0", {"lib/a.ex": AFTER}),
        ("a release or a change of version", "Update CHANGELOG", {"lib/a.ex": AFTER}),
        ("formatting only", "mix format", {"lib/a.ex": AFTER}),
        ("formatting only", "Return  one", {"lib/a.ex": BEFORE.replace("  def", "\tdef")}),
        ("it has no message that can be read", "\n", {"lib/a.ex": AFTER}),
        ("its message reads like a patch", "Return two\n\n---\n a | 1", {"lib/a.ex": AFTER}),
        (
            "its message reads like a patch",
            "Return two\n\ndiff --git a/x b/x",
            {"lib/a.ex": AFTER},
        ),
        ("it touches no Elixir or Erlang file", "Say more", {"README.md": "x"}),
        (
            "it touches more than 3 files of Elixir or Erlang",
            "Add four",
            {f"lib/{n}.ex": BEFORE for n in range(4)},
        ),
        (
            "it touches more than 40 files",
            "Add many",
            {f"lib/{n}/{n}/{n}.ex": BEFORE for n in range(50)},
        ),
        (
            "it touches files that are neither Elixir, Erlang nor about the project",
            "Return two",
            {"lib/a.ex": AFTER, "assets/a.js": "1"},
        ),
        (
            "it touches files that are left out of the release",
            "Vendor b",
            {"deps/b/lib/b.ex": BEFORE},
        ),
        (
            "it touches a generated file",
            "Add tables",
            {"src/t.erl": "%% This file is generated. Do not edit.\n-module(t).\nf() -> 1.\n"},
        ),
        (
            "its message is longer than 20,000 characters",
            "Return two " + "- " * 10_000,
            {"lib/a.ex": AFTER},
        ),
        ("a file is not UTF-8", "Return two", {"lib/a.ex": b"# \xff\n"}),
        ("a file is not text", "Return two", {"lib/a.ex": b"# \0\n"}),
        (
            "a file is larger than 150,000 bytes, or missing",
            "Return much",
            {"lib/a.ex": "# much\n" * 30_000},
        ),
        ("the change is too large", "Return much", {"lib/a.ex": "x = 1\n" * 900}),
    ],
)
def test_which_commits_become_documents(
    reason: str, message: str, files: Mapping[str, str | bytes | None], tmp_path: Path
) -> None:
    assert one(tmp_path / "n", message, files) == reason


def test_the_options_of_a_source_leave_commits_out_too(tmp_path: Path) -> None:
    left_out = "it touches files that are left out of the release"
    files = {"lib/a.ex": AFTER}
    assert one(tmp_path / "1", "Return two", files, exclude=["lib/"]) == left_out
    assert one(tmp_path / "2", "Return two", files, include=["src/"]) == left_out


def test_a_bots_commit_a_merge_and_a_link_are_left_out(tmp_path: Path) -> None:
    root = tmp_path / "n"
    history(root, ("Begin", FILES))
    (root / "lib/a.ex").write_text(AFTER)
    git_at(root, 5, "commit", "-qam", "Return two", author="dependabot[bot] <x@y.z>")
    git_at(root, 6, "checkout", "-q", "-b", "side", "HEAD~1")
    (root / "lib/b.ex").symlink_to("a.ex")
    git_at(root, 7, "add", "-A")
    git_at(root, 8, "commit", "-qm", "Link b")
    git_at(root, 9, "merge", "-q", "-m", "Join both", "main")
    documents, reasons = read(root)
    assert documents == []
    assert reasons == {
        "a merge": "1 commit",
        "it touches a link": "1 commit",
        "made by a bot": "1 commit",
        "the first commit": "1 commit",
    }


def test_changes_are_those_that_git_tells(tmp_path: Path) -> None:
    root = tmp_path / "n"
    history(
        root,
        ("1", {"a/b/c.ex": "1", "a/d.ex": "1", "e": "1"}),
        ("2", {"a/b/c.ex": "2", "a/b/n/m.ex": "2"}),
        ("3", {"a/b/c.ex": None, "a/b/n/m.ex": None}),
        ("4", {"a/b": "now a file", "e": None}),
        ("5", {"e/f/g.ex": "a folder now", "ü.ex": "ü"}),
        ("6", {}),
    )
    for step in steps(repository(root), repository(root).head(), 5):
        told = git(root, "-c", "core.quotePath=false", "diff-tree", "-r", "--no-commit-id",
                   "--no-renames", "--name-only", step.commit.name)  # fmt: skip
        assert [change.path for change in step.changes] == sorted(told.split("\n") if told else [])


def test_what_a_shallow_history_lacks_is_said(tmp_path: Path) -> None:
    history(tmp_path / "n", ("Begin", FILES), ("Return two", {"lib/a.ex": AFTER}))
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tmp_path}/n", "shallow")
    documents, reasons = read(tmp_path / "shallow")
    assert (documents, reasons) == ([], {"the commit before it was not fetched": "1 commit"})


def test_an_unsafe_path_in_the_past_costs_its_commit_alone(tmp_path: Path) -> None:
    root = tmp_path / "n"
    history(root, ("Begin", FILES))
    blob = git(root, "hash-object", "-w", "lib/a.ex")
    hostile = subprocess.run(
        ["git", "-C", str(root), "mktree"],
        input=f"100644 blob {blob}\t..\n",
        text=True, check=True, capture_output=True, env=ENVIRONMENT,
    ).stdout.strip()  # fmt: skip
    trees = [hostile, git(root, "rev-parse", "HEAD^{tree}")]
    tip = git(root, "rev-parse", "HEAD")
    for tree in trees:
        tip = git(root, "commit-tree", tree, "-p", tip, "-m", "Climb")
    git(root, "update-ref", "refs/heads/main", tip)
    documents, reasons = read(root)
    assert documents == []
    assert reasons == {"a path in it is not safe": "2 commits", "the first commit": "1 commit"}


def test_a_forged_object_is_found_out(tmp_path: Path) -> None:
    root = tmp_path / "n"
    history(root, ("Begin", FILES), ("Return two", {"lib/a.ex": AFTER}))
    name = git(root, "rev-parse", "HEAD:lib/a.ex")
    other = git(root, "rev-parse", "HEAD:mix.exs")
    folder = root / ".git/objects"
    path = folder / name[:2] / name[2:]
    path.chmod(0o600)
    path.write_bytes((folder / other[:2] / other[2:]).read_bytes())
    with pytest.raises(SourceError, match=r"n: .*(damaged|hash mismatch|corrupt|failed)"):
        read(root)


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_commit_object_is_read_or_refused(data: bytes) -> None:
    for raw in (data, b"tree " + b"1" * 40 + b"\nauthor " + data + b"\n\n" + data):
        try:
            commit = read_commit("1" * 40, raw)
        except SourceError:
            continue
        assert "\0" not in commit.message
        assert commit.committed >= 0


def test_a_commit_object_in_another_encoding(tmp_path: Path) -> None:
    head = b"tree 1\nparent 2\nauthor A <a@b> 1 +0\ncommitter B <b@c> 1700000000 +0100\n"
    plain = read_commit("0", head + b"\nGr\xc3\xbc\xc3\x9fe\r\n")
    assert (plain.message, plain.committed, plain.author) == ("Grüße\n", 1_700_000_000, "A <a@b>")
    assert read_commit("0", head + b"encoding ISO-8859-1\n\nGr\xfc\xdfe").message == "Grüße"
    assert read_commit("0", head + b"encoding KOI8-R\n\nGr\xfc\xdfe").message == ""
    assert read_commit("0", head + b"\nGr\xfc\xdfe").message == ""
    assert Change("a", "", "1", "", "100644").path == "a"


def test_a_checkout_gives_its_newest_commits_when_asked(tmp_path: Path) -> None:
    root = tmp_path / "n"
    names = history(
        root,
        ("Begin", FILES),
        ("Return two from one/0", {"lib/a.ex": AFTER}),
        ("Return one again from one/0", {"lib/a.ex": BEFORE}),
    )
    found = {}
    for count in (0, 1, 2):
        source = local(tmp_path / "cache", root, commits=count)
        (release,) = source.releases()
        items = list(source.documents(release))
        found[count] = [item.path for item in items if isinstance(item, Document)]
        assert source.reading()["commits"] == count
    assert found == {
        0: ["lib/a.ex", "mix.exs"],
        1: ["lib/a.ex", "mix.exs", f"commits/{names[2]}.patch"],
        2: ["lib/a.ex", "mix.exs", f"commits/{names[2]}.patch", f"commits/{names[1]}.patch"],
    }
    notes = {item.path: item.licence_note for item in items if isinstance(item, Document)}
    assert notes[f"commits/{names[2]}.patch"] == ""
    assert "taken for its earlier commits" in notes[f"commits/{names[1]}.patch"]
