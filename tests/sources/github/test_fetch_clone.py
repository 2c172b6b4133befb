"""A repository with its newest commits: a shallow clone, of hosts and repositories not trusted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from factory.errors import SourceError
from factory.records import Document, LeftOut, Release
from sources.git import Repository
from sources.github import clone as module
from sources.github.clone import clone
from sources.github.fetch import Snapshot, Store, fetch
from sources.reading import ReadingOptions
from sources.web import Web
from tests.certificates import self_signed, serving
from tests.sources.github.git_server import ENVIRONMENT, GitHost, history

FIRST = {"lib/demo.ex": "defmodule Demo do\n  def one, do: 1\nend\n", "LICENSE": "SPDX: none"}
SECOND = {"lib/demo.ex": "defmodule Demo do\n  def one, do: 1\n  def two, do: 2\nend\n"}
THIRD = {"lib/demo.ex": "defmodule Demo do\n  def two, do: 2\nend\n"}
LIMIT = 10_000_000


@pytest.fixture
def commits(tmp_path: Path) -> list[str]:
    return history(
        tmp_path / "hosted" / "o" / "n",
        ("Begin", FIRST),
        ("Add two/0 beside one/0", SECOND),
        ("Remove one/0, which nobody calls", THIRD),
    )


@pytest.fixture
def host(tmp_path: Path, commits: list[str]) -> Iterator[GitHost]:
    with GitHost(tmp_path / "hosted") as running:
        yield running


def cloned(host: GitHost, commit: str, folder: Path, depth: int = 2, **more: object) -> Repository:
    given = {"limit": LIMIT, "sleep": lambda _: None, **more}
    return clone(f"{host.git}/o/n.git", commit, folder, depth=depth, **given)  # type: ignore[arg-type]


def snapshot_of(host: GitHost, cache: Path, snapshot: Snapshot, **more: int) -> Store:
    store = Store(cache)
    with Web(cache / "web", "github", base=host.api) as web:
        fetch(snapshot, store, web, api=host.api, git=host.git, **more)
    return store


def test_the_newest_commits_become_documents_beside_the_files(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    snapshot = Snapshot("o/n", commits[-1], commits=2)
    store = snapshot_of(host, tmp_path / "cache", snapshot)
    release = Release("github", "o/n", commits[-1], f"sha1:{commits[-1]}", "o/n", "github:o/n")
    found = list(store.documents(release, snapshot, ReadingOptions()))
    documents = [item for item in found if isinstance(item, Document)]
    assert [(d.path, d.language, d.origin) for d in documents] == [
        ("lib/demo.ex", "elixir", ""),
        (f"commits/{commits[2]}.patch", "patch", f"github:o/n@{commits[2]}"),
        (f"commits/{commits[1]}.patch", "patch", f"github:o/n@{commits[1]}"),
    ]
    assert "\n+  def two, do: 2\n" in documents[2].text
    assert "ann" not in documents[2].text.lower()
    host.server.forget()
    snapshot_of(host, tmp_path / "cache", snapshot)
    assert host.server.requests == []


def test_a_clone_holds_as_many_generations_as_were_asked_for(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    repository = cloned(host, commits[-1], tmp_path / "clone")
    assert repository.newest(commits[-1], 10) == [commits[2], commits[1]]
    assert list(repository.objects([commits[0]], 1_000)) == [None]


def test_nothing_is_checked_out_and_nothing_of_the_repository_runs(tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    root = tmp_path / "hosted" / "o" / "n"
    tip = history(
        root,
        (
            "Set traps",
            {
                ".gitattributes": "*.ex filter=bait diff=bait\n",
                ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch {bait}\n',
                ".lfsconfig": f"[lfs]\n\turl = file://{bait}\n",
                "lib/a.ex": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n",
            },
        ),
    )[-1]
    subprocess.run(
        ["git", "-C", str(root), "update-index", "--add", "--cacheinfo", f"160000,{tip},x"],
        check=True,
        env=ENVIRONMENT,
    )
    tree = _out(root, "write-tree")
    tip = _out(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit-tree", tree, "-m", "x")
    _out(root, "update-ref", "refs/heads/main", tip)
    with GitHost(tmp_path / "hosted") as host:
        snapshot = Snapshot("o/n", tip, commits=1)
        store = snapshot_of(host, tmp_path / "cache", snapshot)
        release = Release("github", "o/n", tip, f"sha1:{tip}", "o/n", "github:o/n")
        left_out = {
            item.path: item.reason
            for item in store.documents(release, snapshot, ReadingOptions())
            if isinstance(item, LeftOut)
        }
    assert left_out["x"] == "a Git submodule: not fetched"
    assert left_out["lib/a.ex"] == "a Git LFS pointer: the file itself lies elsewhere"
    assert not bait.exists()
    assert not list(store.clone(snapshot).rglob("*.ex"))
    assert sum(asked.path.startswith("/o/n.git/") for asked in host.server.requests) == len(
        host.server.requests
    )


def test_a_hostile_tree_is_refused_when_it_is_fetched(tmp_path: Path) -> None:
    root = tmp_path / "hosted" / "o" / "n"
    history(root, ("Begin", FIRST))
    blob = _out(root, "hash-object", "-w", "lib/demo.ex")
    listing = f"100644 blob {blob}\t..\n"
    tree = subprocess.run(
        ["git", "-C", str(root), "mktree"],
        input=listing,
        text=True,
        check=True,
        capture_output=True,
        env=ENVIRONMENT,
    ).stdout.strip()
    tip = _out(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit-tree", tree, "-m", "x")
    _out(root, "update-ref", "refs/heads/main", tip)
    with (
        GitHost(tmp_path / "hosted") as host,
        pytest.raises(SourceError, match=r"o/n at .* is refused: .*climbs"),
    ):
        snapshot_of(host, tmp_path / "cache", Snapshot("o/n", tip, commits=1))
    assert not Store(tmp_path / "cache").has(Snapshot("o/n", tip, commits=1))


def test_the_token_is_given_to_the_host_and_shown_to_nobody(
    host: GitHost, commits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = host.token = "ghp_verysecret"
    seen: list[list[str]] = []
    popen = subprocess.Popen

    def noting(command: list[str], **more: object) -> object:
        seen.append(command)
        return popen(command, **more)  # type: ignore[call-overload]

    with pytest.raises(SourceError, match="does not exist, or a token is needed") as refused:
        cloned(host, commits[-1], tmp_path / "without")
    with pytest.raises(SourceError) as wrong:
        cloned(host, commits[-1], tmp_path / "wrong", token="ghp_wrong")
    monkeypatch.setattr(module.subprocess, "Popen", noting)
    cloned(host, commits[-1], tmp_path / "with", token=token)
    assert seen
    assert "ghp_" not in f"{seen} {refused.value} {wrong.value}"
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"ghp_" not in path.read_bytes(), path


def test_a_redirect_is_not_followed(host: GitHost, commits: list[str], tmp_path: Path) -> None:
    with GitHost(host.root) as other:
        host.moved_to = other.git
        with pytest.raises(SourceError, match="301"):
            cloned(host, commits[-1], tmp_path / "clone", token="t")
        assert other.server.requests == []


@pytest.mark.parametrize("fault", ["502", "reset", "truncate", "break", "429-after"])
def test_passing_faults_are_got_over(
    fault: str, host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    host.server.script["/o/n.git/info/refs"] = [fault]
    host.server.script["/o/n.git/git-upload-pack"] = [fault]
    assert cloned(host, commits[-1], tmp_path / "clone").head() == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clone", "clone.lock", "hosted"]


def test_a_host_that_falls_silent_is_given_up_and_asked_again(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    host.server.delay = 60
    host.server.script["/o/n.git/git-upload-pack"] = ["delay"]
    repository = cloned(host, commits[-1], tmp_path / "clone", patience=1)
    assert repository.newest(commits[-1], 1) == [commits[-1]]
    assert host.server.count("/o/n.git/info/refs") == 2


def test_faults_that_stay_are_an_error_that_leaves_nothing(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    waited: list[float] = []
    host.server.script["/o/n.git/info/refs"] = ["502"] * 9
    with pytest.raises(SourceError, match=r"o/n.git: .*502 \(8 attempts\)"):
        cloned(host, commits[-1], tmp_path / "clone", sleep=waited.append)
    assert waited == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clone.lock", "hosted"]


def test_a_commit_or_repository_that_is_not_there_is_asked_for_once(
    host: GitHost, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="not our ref"):
        cloned(host, "1" * 40, tmp_path / "clone")
    with pytest.raises(SourceError, match="not found"):
        clone(f"{host.git}/o/no.git", "1" * 40, tmp_path / "no", depth=1, limit=LIMIT)
    assert sum("no.git" in asked.path for asked in host.server.requests) == 1


def test_another_protocol_is_not_spoken(tmp_path: Path, host: GitHost, commits: list[str]) -> None:
    for url in (f"file://{host.root}/o/n", str(host.root / "o/n"), "ext::touch x", "ssh://h/o/n"):
        with pytest.raises(SourceError, match="not allowed"):
            clone(url, commits[-1], tmp_path / "clone", depth=1, limit=LIMIT)


def test_a_repository_larger_than_the_limit_is_not_begun(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    snapshot = Snapshot("o/n", commits[-1], size=5_000, commits=1)
    with pytest.raises(SourceError, match="o/n takes up 5,000 bytes on its host, more than the 4"):
        snapshot_of(host, tmp_path / "cache", snapshot, limit=4_000)
    assert host.server.requests == []


def test_a_clone_that_grows_beyond_the_limit_is_killed(tmp_path: Path) -> None:
    noise = os.urandom(2_000_000)
    tip = history(tmp_path / "hosted" / "o" / "n", ("Add noise", {"noise.bin": noise}))[-1]
    with (
        GitHost(tmp_path / "hosted") as host,
        pytest.raises(SourceError, match=r"larger than 1,000,000 bytes \(raise max_size_mb"),
    ):
        cloned(host, tip, tmp_path / "clone", limit=1_000_000)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clone.lock", "hosted"]


KILLED = """
import sys
from pathlib import Path
from sources.github.clone import clone
print("begun", flush=True)
clone(sys.argv[1], sys.argv[2], Path(sys.argv[3]), depth=1, limit=10**9)
"""


def test_a_killed_clone_leaves_nothing_that_is_taken_for_whole(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    host.server.delay = 30
    host.server.script["/o/n.git/git-upload-pack"] = ["delay"]
    folder = tmp_path / "clones" / "c"
    given = [f"{host.git}/o/n.git", commits[-1], str(folder)]
    running = subprocess.Popen([sys.executable, "-c", KILLED, *given], stdout=subprocess.PIPE)
    while host.server.count("/o/n.git/git-upload-pack") < 1:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert not folder.exists()
    left = [p.name for p in folder.parent.iterdir() if p.is_dir()]
    assert len(left) == 1
    assert left[0].startswith(".c.")
    host.server.script.clear()
    repository = cloned(host, commits[-1], folder)
    assert repository.newest(commits[-1], 1) == [commits[-1]]
    assert [p.name for p in folder.parent.iterdir() if p.is_dir()] == ["c"]


def test_a_host_that_is_gone_is_soon_given_up(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    """The first repository finds out; those after it ask once each, until one gets through."""
    gone = f"{host.git}/o/n.git"
    waits: list[float] = []

    def ask(name: str) -> None:
        with pytest.raises(SourceError, match=r"connect"):
            clone(gone, commits[-1], tmp_path / name, depth=2, limit=LIMIT, sleep=waits.append)

    host.server.stop()
    ask("first")
    assert len(waits) == 7
    for number in range(3):
        ask(str(number))
    assert len(waits) == 7


def test_a_private_servers_certificate_is_named_once(
    commits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SSL_CERT_FILE` is what the rest of the program goes by."""
    certificate = self_signed(tmp_path)
    with GitHost(tmp_path / "hosted", tls=serving(certificate)) as host:

        def cloned(name: str) -> Repository:
            url = f"{host.git}/o/n.git"
            return clone(url, commits[-1], tmp_path / name, depth=2, limit=LIMIT)

        with pytest.raises(SourceError, match=r"certificate(?!.*attempts)"):
            cloned("unknown")
        monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert cloned("known").newest(commits[-1], 1) == [commits[-1]]


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_what_is_reached_without_a_proxy_git_reaches_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for each in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(each, raising=False)

    def refusal() -> str:
        url = "http://git.invalid/o/n.git"
        with pytest.raises(SourceError) as caught:
            clone(url, "0" * 40, tmp_path / "c", depth=2, limit=LIMIT, sleep=lambda _: None)
        return str(caught.value)

    assert "127.0.0.1 port 9" in refusal()
    monkeypatch.setenv(name, "other.example,git.invalid")
    assert "Could not resolve host: git.invalid" in refusal()


INTERRUPTED = """
import signal, sys, threading
from pathlib import Path
from sources.github.clone import clone

url, commit, folder = sys.argv[1:]
how = {"depth": 3, "limit": 10**9, "token": "t"}
work = threading.Thread(target=clone, args=(url, commit, Path(folder)), kwargs=how, daemon=True)
work.start()
try:
    work.join()
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_git_does_not_outlive_ctrl_c(host: GitHost, commits: list[str], tmp_path: Path) -> None:
    """It runs in a session of its own, for a thread that nobody waits for."""
    host.server.script["/o/n.git/git-upload-pack"] = ["stall"]
    url = f"{host.git}/o/n.git"
    given = [sys.executable, "-c", INTERRUPTED, url, commits[-1], str(tmp_path / "clones" / "c")]
    running = subprocess.Popen(given)
    assert host.server.stalled.wait(30)
    gits = _running(url)
    assert gits
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    # What was killed is there for a moment still, until its parent by adoption has seen it.
    deadline = time.monotonic() + 10
    while _running(url) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _running(url) == []


def _running(word: str) -> list[int]:
    """The processes of git that have a word of their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"git") and word.encode() in words:
                found.append(int(process.name))
    return sorted(found)


def test_a_clone_damaged_on_the_disk_is_removed(
    host: GitHost, commits: list[str], tmp_path: Path
) -> None:
    snapshot = Snapshot("o/n", commits[-1], commits=1)
    store = snapshot_of(host, tmp_path / "cache", snapshot)
    (pack,) = store.clone(snapshot).rglob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[:-40])
    release = Release("github", "o/n", commits[-1], "sha1:0", "o/n", "github:o/n")
    with pytest.raises(SourceError, match="damaged on this disk and has been removed"):
        list(store.documents(release, snapshot, ReadingOptions()))
    assert not store.has(snapshot)
    snapshot_of(host, tmp_path / "cache", snapshot)
    assert list(store.documents(release, snapshot, ReadingOptions()))


def _out(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    return done.stdout.strip()
