"""A repository at a commit: as a tarball, from a server that fails, lies and is attacked."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from factory.errors import SourceError
from factory.records import Document, LeftOut, Release
from sources.github.fetch import Snapshot, Store, archived_commit, fetch
from sources.reading import ReadingOptions
from sources.web import Web
from tests.sources.github.git_server import GitHost, history, tarball

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PROJECT = {
    "mix.exs": 'defmodule Demo.MixProject do\n  def project, do: [licenses: ["MIT"]]\nend\n',
    "lib/demo.ex": "defmodule Demo do\n  def one, do: 1\nend\n",
    "lib/large.ex": POINTER,
    "test/demo_test.exs": "defmodule DemoTest do\n  use ExUnit.Case\nend\n",
    "deps/other/lib/other.ex": "defmodule Other do\nend\n",
}


def release(commit: str) -> Release:
    return Release("github", "o/n", commit, f"sha1:{commit}", "o/n", "github:o/n")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitHost]:
    history(tmp_path / "hosted" / "o" / "n", ("first", PROJECT))
    with GitHost(tmp_path / "hosted") as running:
        yield running


@pytest.fixture
def commit(host: GitHost) -> str:
    return head(host)


def head(host: GitHost) -> str:
    return (host.root / "o/n/.git/refs/heads/main").read_text().strip()


def web(cache: Path, host: GitHost, token: str = "") -> Web:
    secrets = {"authorization": f"Bearer {token}"} if token else {}
    return Web(cache / "web", "github", base=host.api, secrets=secrets, sleep=lambda _: None)


def get(host: GitHost, cache: Path, snapshot: Snapshot, token: str = "", **more: int) -> Store:
    store = Store(cache)
    with web(cache, host, token) as client:
        fetch(snapshot, store, client, api=host.api, git=host.git, token=token, **more)
    return store


def read(store: Store, snapshot: Snapshot) -> tuple[list[Document], dict[str, str]]:
    store = pickle.loads(pickle.dumps(store))
    found = list(store.documents(release(snapshot.commit), snapshot, ReadingOptions()))
    left_out = {item.path: item.reason for item in found if isinstance(item, LeftOut)}
    return [item for item in found if isinstance(item, Document)], left_out


def test_a_commits_tarball_is_fetched_once_and_read(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    snapshot = Snapshot("o/n", commit)
    assert not Store(tmp_path / "cache").has(snapshot)
    store = get(host, tmp_path / "cache", snapshot)
    assert store.has(snapshot)
    documents, left_out = read(store, snapshot)
    assert {d.path: d.text for d in documents} == {
        path: PROJECT[path] for path in ("mix.exs", "lib/demo.ex", "test/demo_test.exs")
    }
    assert {d.licence for d in documents} == {"MIT"}
    assert left_out == {
        "deps/": "it holds dependencies, which are packages of their own: 1 file",
        "lib/large.ex": "a Git LFS pointer: the file itself lies elsewhere",
    }
    host.server.forget()
    get(host, tmp_path / "cache", snapshot)
    assert host.server.requests == []


def test_a_token_stays_with_the_api_and_is_written_nowhere(
    tmp_path: Path, host: GitHost, commit: str
) -> None:
    host.token = "ghp_secret0123456789"
    with pytest.raises(SourceError, match=r"o/n at .*404"):
        get(host, tmp_path / "without", Snapshot("o/n", commit))
    store = get(host, tmp_path / "with", Snapshot("o/n", commit), host.token)
    assert store.has(Snapshot("o/n", commit))
    assert "secret" not in host.said
    for path in (tmp_path / "with").rglob("*"):
        assert path.is_dir() or b"ghp_secret" not in path.read_bytes()


@pytest.mark.parametrize("fault", ["truncate", "break", "reset", "502", "503", "429", "429-after"])
def test_passing_faults_are_got_over(
    fault: str, host: GitHost, commit: str, tmp_path: Path
) -> None:
    host.server.script[f"/repos/o/n/tarball/{commit}"] = [fault]
    host.codeload.script[f"/o/n/legacy.tar.gz/{commit}"] = [fault]
    snapshot = Snapshot("o/n", commit)
    assert len(read(get(host, tmp_path / "cache", snapshot), snapshot)[0]) == 3


def test_a_truncated_archive_is_fetched_once_more_and_then_refused_by_name(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    whole = tarball(host.root / "o/n", commit, "o-n-1234567/")
    cases = {
        "cut in the middle": whole[: len(whole) // 2],
        "without its last byte": whole[:-1],
        "one bit wrong": whole[:60] + bytes([whole[60] ^ 1]) + whole[61:],
        "no archive": b"<html>try again later</html>",
    }
    for at, (case, body) in enumerate(cases.items()):
        host.tarballs[commit] = body
        host.codeload.forget()
        with pytest.raises(SourceError, match=rf"o/n at {commit[:12]} is refused, fetched twice"):
            get(host, tmp_path / str(at), Snapshot("o/n", commit))
        assert host.codeload.count() == 2, case
        assert not [p for p in (tmp_path / str(at) / "tarballs").iterdir() if p.suffix == ".gz"]
    del host.tarballs[commit]
    assert get(host, tmp_path / "0", Snapshot("o/n", commit)).has(Snapshot("o/n", commit))


def test_a_damaged_answer_is_replaced_by_the_second(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    whole = tarball(host.root / "o/n", commit, "o-n-1234567/")
    bodies = [whole[: len(whole) // 2], whole]

    class Once(dict[str, bytes]):
        def get(self, key: str, default: object = None) -> bytes:
            return bodies.pop(0)

    host.tarballs = Once()
    snapshot = Snapshot("o/n", commit)
    assert len(read(get(host, tmp_path / "cache", snapshot), snapshot)[0]) == 3
    assert bodies == []


def test_the_archive_of_another_commit_is_refused(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    other = "0" * 40
    host.tarballs[other] = tarball(host.root / "o/n", commit, "o-n-0000000/")
    with pytest.raises(SourceError, match=f"it is the archive of {commit}"):
        get(host, tmp_path / "cache", Snapshot("o/n", other))


def test_the_commit_is_read_where_git_archive_writes_it(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(tarball(host.root / "o/n", commit, "x/"))
    assert archived_commit(path) == commit
    path.write_bytes(gzip.compress(b"\0" * 1024))
    assert archived_commit(path) == ""
    path.write_bytes(b"nothing")
    assert archived_commit(path) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("top/../../etc/passwd", "climbs"),
        ("/etc/passwd", "absolute"),
        ("top/a\\b.ex", "backslash"),
        ("top/a\nb.ex", "control characters"),
    ],
)
def test_a_hostile_path_in_an_archive_is_refused(
    name: str, reason: str, host: GitHost, commit: str, tmp_path: Path
) -> None:
    made = io.BytesIO()
    headers = {"comment": commit}
    with tarfile.open(
        fileobj=made, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers=headers
    ) as tar:
        info = tarfile.TarInfo(name)
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    host.tarballs[commit] = made.getvalue()
    with pytest.raises(SourceError, match=rf"is refused, fetched twice: .*{reason}"):
        get(host, tmp_path / "cache", Snapshot("o/n", commit))
    assert not (tmp_path / "etc").exists()


def test_what_is_larger_than_the_limit_is_not_fetched(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"o/n at .*larger than 100 bytes"):
        get(host, tmp_path / "cache", Snapshot("o/n", commit), limit=100)


def test_what_was_damaged_on_the_disk_is_removed_and_fetched_again(
    host: GitHost, commit: str, tmp_path: Path
) -> None:
    snapshot = Snapshot("o/n", commit)
    store = get(host, tmp_path / "cache", snapshot)
    path = store.tarball(commit)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="damaged on this disk and has been removed"):
        read(store, snapshot)
    assert not store.has(snapshot)
    assert len(read(get(host, tmp_path / "cache", snapshot), snapshot)[0]) == 3


def test_what_was_never_fetched_says_so(tmp_path: Path) -> None:
    snapshot = Snapshot("o/n", "1" * 40)
    with pytest.raises(SourceError, match="was not fetched: run the same command again"):
        read(Store(tmp_path), snapshot)


@pytest.mark.parametrize(
    ("repository", "commit"),
    [
        ("o/n/../../x", "1" * 40),
        ("o/..", "1" * 40),
        ("-o/n", "1" * 40),
        ("o", "1" * 40),
        ("o/n", "main"),
        ("o/n", "--upload-pack=x"),
        ("o/n", "1" * 39),
    ],
)
def test_odd_names_are_never_asked_for(repository: str, commit: str) -> None:
    with pytest.raises(SourceError, match="is not the"):
        Snapshot(repository, commit)
