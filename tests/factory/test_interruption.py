"""Interrupt anything, then the same command goes on and ends with the same bytes."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from factory.store import Store
from factory.version import read
from tests.factory import projects
from tests.factory.building import command, made, published, registry, run
from tests.factory.projects import GREETINGS, SHOP


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a registry and some releases to build from."""
    root = tmp_path_factory.mktemp("work")
    projects.write(root / "shop", SHOP)
    projects.write(root / "greetings", GREETINGS)
    for number in range(6):
        renamed = {
            name: text.replace("Greeter", f"Greeter{number}").replace("Hello", "Hi " * (number + 1))
            for name, text in GREETINGS.items()
        }
        projects.write(root / f"more{number}", renamed)
    registry(root)
    return root


def words(folder: Path, store: Path, workers: int = 1) -> list[str | Path]:
    paths = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("store"))
    return [
        *("build", "shop-v1", "--registry", folder / "registry.yaml", "--store", store),
        *("--workers", str(workers)),
        *("--set", f"sources.local.paths=[{', '.join(map(str, paths))}]"),
    ]


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What an undisturbed build gives."""
    store = tmp_path_factory.mktemp("whole")
    done = run(folder, *words(folder, store))
    assert done.returncode == 0, done.stderr
    return published(Store(store).find("shop-v1"))


def test_kill_9_at_twenty_moments(folder: Path, whole: dict[str, str], tmp_path: Path) -> None:
    began = time.monotonic()
    assert run(folder, *words(folder, tmp_path / "measure")).returncode == 0
    length = time.monotonic() - began
    chance = random.Random(20)
    killed = 0
    for attempt in range(20):
        store = tmp_path / f"store{attempt % 4}"
        process = subprocess.Popen(
            command(folder, *words(folder, store, workers=1 + attempt % 2)),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=chance.uniform(0.1, 0.8) * length)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        for name in Store(store).names():
            # Whatever a killed build leaves visible is whole.
            for version in Store(store).versions(name):
                assert published(version) == whole
        if Store(store).names():
            # It came to its end: the next one starts anew, so that there is work to interrupt.
            shutil.rmtree(store)
    assert killed >= 10
    for number in range(4):
        done = run(folder, *words(folder, tmp_path / f"store{number}"))
        assert done.returncode == 0, done.stderr
        store = Store(tmp_path / f"store{number}")
        assert published(store.find("shop-v1")) == whole
        hidden = {path.name for path in store.root.rglob(".*")}
        assert hidden == {".gitignore"}


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(
    folder: Path, whole: dict[str, str], tmp_path: Path, workers: int
) -> None:
    process = subprocess.Popen(
        command(folder, *words(folder, tmp_path / "s", workers)),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("releases:"):
            break
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command goes on there" in said
    assert "Traceback" not in said
    done = run(folder, *words(folder, tmp_path / "s", workers))
    assert done.returncode == 0
    assert published(Store(tmp_path / "s").find("shop-v1")) == whole


def test_kill_9_of_a_build_ends_its_workers_too(folder: Path, tmp_path: Path) -> None:
    """They are in its session, and nobody is left to end them."""
    process = subprocess.Popen(
        command(folder, *words(folder, tmp_path / "s", 2)),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # The build, the two helpers of multiprocessing, and two workers.
    patiently(lambda: len(of_session(process.pid)) >= 5)
    process.kill()
    process.wait()
    patiently(lambda: not of_session(process.pid))


def of_session(session: int) -> list[str]:
    """The processes that a session has, those that only wait to be buried left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, theirs = stat.read_text().rpartition(")")[2].split()[:4]
            if int(theirs) == session and state != "Z":
                found.append(stat.parent.name)
    return found


def patiently(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte, where this machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=False)


def test_a_full_disk_is_said_and_nothing_good_is_lost(
    folder: Path, whole: dict[str, str], small_disk: Path
) -> None:
    done = run(folder, *words(folder, small_disk / "s"))
    assert done.returncode == 1
    assert "disk is full" in done.stderr or "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert Store(small_disk / "s").names() == []
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    again = run(folder, *words(folder, small_disk / "s"))
    assert again.returncode == 0, again.stderr
    assert published(Store(small_disk / "s").find("shop-v1")) == whole


def test_a_store_that_cannot_be_written_is_one_clear_message(folder: Path) -> None:
    done = run(folder, *words(folder, Path("/proc/store")))
    assert done.returncode == 1
    assert "--store" in done.stderr
    assert "Traceback" not in done.stderr
    file = folder / "registry.yaml"
    done = run(folder, *words(folder, file))
    assert done.returncode == 1
    assert "not a folder" in done.stderr


def test_a_second_build_waits_and_says_so(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    with store.locked(lambda _line: None):
        process = subprocess.Popen(
            command(folder, *words(folder, store.root)),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "another build is using" in process.stderr.readline()
        assert process.poll() is None
        assert store.names() == []
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert store.names() == ["shop-v1"]


def test_hostile_files_do_not_stop_a_build(tmp_path: Path) -> None:
    project = projects.write(tmp_path / "hostile", GREETINGS)
    (project / "lib/one_line.ex").write_bytes(b"x = " + b'"' + b"a" * 50_000_000 + b'"')
    (project / "lib/nested.ex").write_bytes(b"[" * 100_000 + b"]" * 100_000)
    (project / "lib/nul.ex").write_bytes(b"defmodule A do\0end\n")
    (project / "lib/latin.ex").write_bytes("# caf\xe9\n".encode("latin-1"))
    (project / "lib/utf16.ex").write_bytes("defmodule B do\nend\n".encode("utf-16"))
    (project / "lib/empty.ex").write_bytes(b"")
    version = read(made(tmp_path, [project]).folder)
    tasks = {c["task"] for c in version.manifest["counts"]["by_task"]}
    assert {"implement", "spec"} <= tasks
    assert version.manifest["failed"] == {}
