"""`local`: what folders, checkouts and archives are called, and that nothing else is touched."""

from __future__ import annotations

import os
import pickle
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from factory.errors import ArchiveRefusedError, RequestError, SourceError
from factory.records import Document
from sources.folder import walk
from sources.local import Local
from tests.sources.checkouts import (
    PROJECT,
    commit,
    git,
    lay,
    local,
    read,
    release_of,
    repository,
)
from tests.sources.packing import PACKED, member, tar, write


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def texts(documents: dict[str, Document]) -> dict[str, str]:
    return {path: document.text for path, document in documents.items()}


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_is_its_content_whatever_its_times_and_place(tmp_path: Path, cache: Path) -> None:
    one = release_of(cache, lay(tmp_path / "a" / "demo", PROJECT))
    for path in (tmp_path / "a").rglob("*"):
        os.utime(path, (1, 1))
    two = release_of(cache, lay(tmp_path / "b" / "demo", dict(reversed(PROJECT.items()))))
    assert one == two == release_of(cache, tmp_path / "a" / "demo")
    assert one.name == one.family == one.origin == "demo"
    assert one.version == "content-" + one.checksum.removeprefix("sha256:")[:16]
    assert one.released == ""
    assert str(tmp_path) not in repr(one)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(sorted(PROJECT)),
    change=st.sampled_from(["edit", "rename", "remove", "add", "image"]),
)
def test_any_change_that_is_seen_makes_another_release(
    path: str, change: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = lay(tmp_path_factory.mktemp("x") / "demo", PROJECT)
    before = walk(root).digest
    if change == "edit":
        (root / path).write_text(PROJECT[path] + "#")
    elif change == "rename":
        (root / path).rename(root / f"{path}.md")
    elif change == "remove":
        (root / path).unlink()
    else:
        lay(root, {"new.ex" if change == "add" else "new.png": "x"})
    assert walk(root).digest != before


def test_what_gitignore_names_is_no_part_of_a_release(tmp_path: Path, cache: Path) -> None:
    root = lay(tmp_path / "demo", PROJECT | {".gitignore": "/_build/\n/deps\n# no\n*.log\n"})
    before = release_of(cache, root)
    lay(root, {"_build/x.ex": "x", "deps/y/z.ex": "x", "a.log": "x", ".tool/.gitignore": "*\n",
               ".tool/x.ex": "x"})  # fmt: skip
    assert release_of(cache, root) == before
    documents, reasons = read(cache, root)
    assert set(documents) == set(PROJECT)
    assert reasons == {
        ".gitignore": "what it names is no part of the release: /_build/, /deps, *.log",
        "*": "not in a language that is read: 1 without extension",
    }


def test_the_store_in_the_folder_itself_does_not_change_it(tmp_path: Path) -> None:
    root = lay(tmp_path / "demo", PROJECT | {".factory/.gitignore": "*\n"})
    cache = root / ".factory" / "downloads" / "local"
    before = release_of(cache, root)
    lay(root, {".factory/partitions/x.ex": "x"})
    assert release_of(cache, root) == before


def test_links_are_never_followed(tmp_path: Path, cache: Path) -> None:
    lay(tmp_path / "secret", {"key.ex": "secret"})
    root = lay(tmp_path / "demo", {"lib/a.ex": "a"})
    (root / "key.ex").symlink_to(tmp_path / "secret" / "key.ex")
    (root / "folder").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to(root)
    (root / ".gitignore").symlink_to(tmp_path / "secret" / "key.ex")
    (root / "LICENSE").symlink_to(tmp_path / "secret" / "key.ex")
    documents, reasons = read(cache, root)
    assert texts(documents) == {"lib/a.ex": "a"}
    assert reasons == {"*": "a link (what it names is read where it lies): 5 files"}


def test_a_folder_that_is_named_through_a_link_is_read(tmp_path: Path, cache: Path) -> None:
    lay(tmp_path / "demo", PROJECT)
    (tmp_path / "link").symlink_to("demo")
    assert release_of(cache, tmp_path / "link").name == "demo"


def test_fifos_sockets_and_unspeakable_names_are_left_out(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lay(tmp_path / "demo", {"a.ex": "a"})
    os.mkfifo(root / "pipe.ex")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.ex")
        (root / os.fsdecode(b"caf\xe9.ex")).write_text("x")
        (root / "a\nb.ex").write_text("x")
        documents, reasons = read(cache, root)
    assert list(documents) == ["a.ex"]
    assert reasons == {
        r"a\nb.ex": "its name holds control characters",
        r"caf\udce9.ex": "its name is not UTF-8",
        "pipe.ex": "a device, a socket or a FIFO",
        "s.ex": "a device, a socket or a FIFO",
    }


def test_a_file_that_changes_during_the_build_fails_the_release(
    tmp_path: Path, cache: Path
) -> None:
    root = lay(tmp_path / "demo", PROJECT)
    source = local(cache, root)
    (release,) = source.releases()
    (root / "lib" / "demo.ex").write_text("other")
    with pytest.raises(SourceError, match=r"demo/lib/demo\.ex changed during the build"):
        list(source.documents(release))
    (root / "lib" / "demo.ex").unlink()
    (root / "lib" / "demo.ex").symlink_to("/etc/hostname")
    with pytest.raises(SourceError, match="changed during the build"):
        list(source.documents(release))


# --- what the options say -------------------------------------------------------------------------


def test_a_path_that_is_not_there(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(RequestError, match="has no path nowhere"):
        local(cache, Path("nowhere")).releases()
    with pytest.raises(RequestError, match=r"no paths.*--set sources\.local\.paths"):
        local(cache).releases()


def test_one_path_alone_needs_no_list() -> None:
    assert Local.Options.model_validate({"paths": "lib"}).paths == ("lib",)


def test_the_users_word_on_licence_and_family(tmp_path: Path, cache: Path) -> None:
    root = lay(tmp_path / "demo", PROJECT)
    documents, _ = read(cache, root, licence="mit or isc", family="ours")
    assert {d.licence for d in documents.values()} == {"MIT OR ISC"}
    assert {d.family for d in documents.values()} == {"ours"}
    with pytest.raises(ValidationError, match="'free' is no SPDX licence expression"):
        Local.Options(licence="free")


def test_reading_is_what_decides_on_documents() -> None:
    def reading(**options: object) -> object:
        return Local(Local.Options.model_validate(options), None).reading()  # type: ignore[arg-type]

    assert reading(paths=["a"]) == reading(paths=["b"], family="x")
    for option in ({"include": ["a"]}, {"exclude": ["a"]}, {"keep": ["a"]}, {"licence": "MIT"},
                   {"languages": ["elixir"]}):  # fmt: skip
        assert reading(**option) != reading()


def test_the_source_travels_to_a_worker(tmp_path: Path, cache: Path) -> None:
    source = local(cache, lay(tmp_path / "demo", PROJECT), repository(tmp_path / "git", PROJECT))
    for release in source.releases():
        there = pickle.loads(pickle.dumps(source))
        assert list(there.documents(release)) == list(source.documents(release))


def test_a_source_that_has_not_listed_finds_its_release_all_the_same(
    tmp_path: Path, cache: Path
) -> None:
    root = lay(tmp_path / "demo", PROJECT)
    release = release_of(cache, root)
    assert len(list(local(cache, root).documents(release))) == len(PROJECT)
    lay(root, {"lib/new.ex": "x"})
    with pytest.raises(SourceError, match="changed since it was listed"):
        list(local(cache, root).documents(release))


# --- archives -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_gives_the_same_documents_as_its_folder(
    name: str, tmp_path: Path, cache: Path
) -> None:
    files = {f"demo/{path}": text.encode() for path, text in PROJECT.items()}
    archive = write(tmp_path, name.replace("x", "demo", 1), PACKED[name](files))
    documents, _ = read(cache, archive)
    assert texts(documents) == PROJECT
    release = release_of(cache, archive)
    assert (release.name, release.origin, release.released) == ("demo", archive.name, "2023-11-14")
    assert release.version == "archive-" + release.checksum.removeprefix("sha256:")[:16]
    assert {d.released for d in documents.values()} == {"2023-11-14"}


def test_a_refused_archive_is_listed_and_fails_alone(tmp_path: Path, cache: Path) -> None:
    bad = write(tmp_path, "bad.tar", tar(member("../evil.ex", b"x")))
    good = lay(tmp_path / "good", PROJECT)
    source = local(cache, bad, good)
    first, second = source.releases()
    with pytest.raises(
        ArchiveRefusedError, match=r"bad\.tar: member \.\./evil\.ex: its path climbs"
    ):
        list(source.documents(first))
    assert len(list(source.documents(second))) == len(PROJECT)
    assert not (tmp_path / "evil.ex").exists()


# --- Git ------------------------------------------------------------------------------------------


def test_a_clean_checkout_is_its_commit(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    commit_id = git(root, "rev-parse", "HEAD")
    release = release_of(cache, root)
    assert (release.version, release.checksum) == (commit_id, f"sha1:{commit_id}")
    assert (release.name, release.origin, release.released) == ("demo", "demo", "2023-11-14")
    documents, _ = read(cache, root)
    assert texts(documents) == PROJECT


def test_a_repository_of_sha_256_names(tmp_path: Path, cache: Path) -> None:
    root = tmp_path / "demo"
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    commit_id = commit(lay(root, PROJECT))
    assert release_of(cache, root).checksum == f"sha256:{commit_id}"
    assert texts(read(cache, root)[0]) == PROJECT


@pytest.mark.parametrize("change", ["edit", "stage", "untracked", "remove", "licence"])
def test_a_dirty_tree_is_its_own_content(change: str, tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    clean = release_of(cache, root)
    expected = dict(PROJECT)
    if change in ("edit", "stage"):
        expected["lib/demo.ex"] = "changed"
        lay(root, {"lib/demo.ex": "changed"})
    elif change == "untracked":
        expected["lib/new.ex"] = "new"
        lay(root, {"lib/new.ex": "new"})
    elif change == "remove":
        del expected["README.md"]
        (root / "README.md").unlink()
    else:
        lay(root, {"LICENSE": "Licensed under the ISC license."})
    if change == "stage":
        git(root, "add", "-A")
    dirty = release_of(cache, root)
    assert dirty.version.startswith("dirty-")
    assert dirty.checksum != clean.checksum
    assert texts(read(cache, root)[0]) == expected
    commit(root)
    assert not release_of(cache, root).version.startswith("dirty-")


def test_what_is_not_read_does_not_make_a_tree_dirty(tmp_path: Path, cache: Path) -> None:
    root = repository(
        tmp_path / "demo", PROJECT | {"logo.png": b"1", ".gitignore": "*.beam\n_build"}
    )
    clean = release_of(cache, root)
    lay(root, {"logo.png": b"2", "a.beam": "x", "_build/x.ex": "x", "notes.txt": "x"})
    os.utime(root / "lib" / "demo.ex", (1, 1))
    assert release_of(cache, root) == clean


def test_a_dirty_tree_keeps_tracked_files_in_ignored_folders(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT | {".gitignore": "gen/\n", "gen/kept.ex": "kept"})
    lay(root, {"gen/not.ex": "not", "lib/new.ex": "new"})
    assert set(read(cache, root)[0]) == {*PROJECT, "gen/kept.ex", "lib/new.ex"}


def test_line_ends_of_another_system_are_no_change(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", {"a.ex": "a\nb\n"})
    (root / "a.ex").write_bytes(b"a\r\nb\r\n")
    assert not release_of(cache, root).version.startswith("dirty-")


def test_before_the_first_commit_a_tree_is_its_content(tmp_path: Path, cache: Path) -> None:
    root = lay(tmp_path / "demo", PROJECT)
    git(root, "init", "-q")
    assert release_of(cache, root).version.startswith("dirty-")
    assert texts(read(cache, root)[0]) == PROJECT


def test_links_and_submodules_of_a_commit(tmp_path: Path, cache: Path) -> None:
    inner = repository(tmp_path / "inner", PROJECT)
    root = repository(tmp_path / "demo", {"lib/a.ex": "a"})
    (root / "b.ex").symlink_to("/etc/passwd")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    commit(root)
    expected = {
        "*": "a link (what it names is read where it lies): 1 file; "
        "not in a language that is read: 1 without extension",
        "sub": "a Git submodule: give its checkout as a path",
    }
    documents, reasons = read(cache, root)
    assert (texts(documents), reasons) == ({"lib/a.ex": "a"}, expected)
    lay(root, {"lib/new.ex": "dirty"})
    documents, reasons = read(cache, root)
    assert set(documents) == {"lib/a.ex", "lib/new.ex"}
    assert reasons["sub/"] == "a Git checkout of its own: give it as a path"


def test_a_linked_work_tree_is_a_checkout(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    git(root, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert release_of(cache, tmp_path / "linked").version == git(root, "rev-parse", "HEAD")


def test_a_git_file_that_names_a_strangers_repository_is_not_followed(
    tmp_path: Path, cache: Path
) -> None:
    secret = repository(tmp_path / "secret", {"key.ex": "secret"})
    for kind in ("file", "link"):
        root = lay(tmp_path / kind, {"a.ex": "a"})
        if kind == "file":
            (root / ".git").write_text(f"gitdir: {secret / '.git'}\n")
        else:
            (root / ".git").symlink_to(secret / ".git")
        assert release_of(cache, root).version.startswith("content-")
        assert texts(read(cache, root)[0]) == {"a.ex": "a"}


HOSTILE = (
    ("core.fsmonitor", "{touch}"),
    ("core.hooksPath", "{hooks}"),
    ("core.pager", "{touch}"),
    ("core.editor", "{touch}"),
    ("core.sshCommand", "{touch}"),
    ("core.askPass", "{touch}"),
    ("core.gitProxy", "{touch}"),
    ("core.worktree", "{outside}"),
    ("diff.external", "{touch}"),
    ("diff.evil.textconv", "{touch}"),
    ("diff.evil.command", "{touch}"),
    ("filter.evil.clean", "{touch}"),
    ("filter.evil.smudge", "{touch}"),
    ("filter.evil.process", "{touch}"),
    ("filter.evil.required", "true"),
    ("gpg.program", "{touch}"),
    ("log.showSignature", "true"),
    ("credential.helper", "!{touch}"),
    ("uploadpack.packObjectsHook", "{touch}"),
    ("alias.ls-tree", "!{touch}"),
    ("alias.cat-file", "!{touch}"),
    ("remote.origin.url", "ext::{touch}"),
    ("remote.origin.promisor", "true"),
    ("remote.origin.partialCloneFilter", "blob:none"),
    ("extensions.partialClone", "origin"),
    ("core.repositoryFormatVersion", "1"),
    ("protocol.ext.allow", "always"),
    ("trace2.eventTarget", "{outside}/trace"),
)


@pytest.mark.parametrize("dirty", [False, True])
@pytest.mark.parametrize("broken", [False, True])
def test_a_hostile_repository_runs_nothing(
    broken: bool, dirty: bool, tmp_path: Path, cache: Path
) -> None:
    root = repository(
        tmp_path / "demo", PROJECT | {".gitattributes": "*.ex filter=evil diff=evil\n"}
    )
    outside = lay(tmp_path / "outside", {"key.ex": "secret"})
    proof = outside / "ran"
    script = tmp_path / "touch.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {proof}\ncat\n')
    script.chmod(0o755)
    hooks = tmp_path / "hooks"
    for folder in (hooks, root / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for hook in (
            "post-index-change",
            "reference-transaction",
            "post-checkout",
            "fsmonitor-watchman",
        ):
            (folder / hook).write_text(script.read_text())
            (folder / hook).chmod(0o755)
    if broken:  # a missing object makes a partial clone ask its remote
        blob = git(root, "rev-parse", "HEAD:lib/demo.ex")
        (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for key, value in HOSTILE:
        git(root, "config", key, value.format(touch=script, hooks=hooks, outside=outside))
    if dirty:
        lay(root, {"lib/new.ex": "new"})
    os.utime(root / "lib" / "demo.ex", (1, 1))
    if broken and not dirty:
        with pytest.raises(SourceError, match="missing"):
            read(cache, root)
    else:
        documents, _ = read(cache, root)
        assert set(documents) == {*PROJECT, *(["lib/new.ex"] if dirty else [])}
        assert documents["lib/demo.ex"].text == PROJECT["lib/demo.ex"]
    assert sorted(outside.iterdir()) == [outside / "key.ex"]


def test_the_hostile_settings_would_run_something(tmp_path: Path) -> None:
    """What the test above proves is worth something: plain `git status` falls for it."""
    root = repository(tmp_path / "demo", PROJECT | {".gitattributes": "*.ex filter=evil\n"})
    proof = tmp_path / "ran"
    git(root, "config", "filter.evil.clean", f"touch {proof}; cat")
    os.utime(root / "lib" / "demo.ex", (1, 1))
    git(root, "status")
    assert proof.exists()


def test_a_damaged_object_is_found(tmp_path: Path, cache: Path) -> None:
    import zlib

    root = repository(tmp_path / "demo", PROJECT)
    blob = git(root, "rev-parse", "HEAD:lib/demo.ex")
    path = root / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 4\0evil"))
    with pytest.raises(SourceError):
        read(cache, root)


def test_a_tree_with_a_climbing_path_is_refused(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    blob = git(root, "rev-parse", "HEAD:lib/demo.ex")
    raw = b"100644 ..\\evil.ex\0" + bytes.fromhex(blob)
    (tmp_path / "tree").write_bytes(raw)
    tree = git(root, "hash-object", "-t", "tree", "-w", "--literally", str(tmp_path / "tree"))
    commit_id = git(root, "commit-tree", tree, "-m", "evil")
    git(root, "update-ref", "HEAD", commit_id)
    git(root, "read-tree", "--empty")
    (root / ".git" / "index").unlink(missing_ok=True)
    source = local(cache, root)
    with pytest.raises(SourceError, match="backslash"):
        for release in source.releases():
            list(source.documents(release))
            raise SourceError("a dirty tree is read from disk, where no backslash is")
    assert not (tmp_path / "evil.ex").exists()


def test_a_broken_repository_says_so(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    (root / ".git" / "config").write_text("[broken")
    with pytest.raises(SourceError, match=r"demo: git .* failed"):
        release_of(cache, root)


def test_without_git_a_checkout_says_what_to_do(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match=r"git is not installed: install git"):
        release_of(cache, root)


def test_the_repositorys_own_files_stay_untouched(tmp_path: Path, cache: Path) -> None:
    root = repository(tmp_path / "demo", PROJECT)
    os.utime(root / "lib" / "demo.ex", (1, 1))
    before = {p: p.read_bytes() for p in sorted((root / ".git").rglob("*")) if p.is_file()}
    read(cache, root)
    lay(root, {"new.ex": "x"})
    read(cache, root)
    assert {p: p.read_bytes() for p in sorted((root / ".git").rglob("*")) if p.is_file()} == before
