"""Control groups, on a stand-in for the kernel's folders: what is written where. What the kernel
does with it is in test_limits, by the version that this machine has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.errors import SandboxError
from evals.sandbox import Limits, cgroups

LIMITS = Limits(memory=100 << 20, processes=50, cpus=0.5)


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty `/sys/fs/cgroup`, whose folders can be removed with what is in them, as there."""

    def removed(folder: Path) -> bool:
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        return True

    monkeypatch.setattr(cgroups, "MOUNTS", tmp_path)
    monkeypatch.setattr(cgroups, "_removed", removed)
    cgroups.hierarchies.cache_clear()
    yield tmp_path
    cgroups.hierarchies.cache_clear()


def in_group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: str) -> None:
    """Makes `/proc/self/cgroup` say that."""
    real = Path.read_text

    def read_text(path: Path, *arguments: str, **options: str) -> str:
        if str(path) == "/proc/self/cgroup":
            return lines
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", read_text)


def version_2(mounts: Path, on: str) -> Path:
    ours = mounts / "user.slice/a.scope"
    ours.mkdir(parents=True)
    (mounts / "cgroup.controllers").write_text("cpu memory pids")
    (ours / "cgroup.controllers").write_text("cpu io memory pids")
    (ours / "cgroup.subtree_control").write_text(on)
    return ours


def written(group: cgroups.Group) -> dict[str, str]:
    return {f.name: f.read_text() for _, folder in group.folders for f in folder.iterdir()}


def test_version_2(mounts: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = version_2(mounts, "cpu memory pids")
    in_group(monkeypatch, tmp_path, "0::/user.slice/a.scope\n")
    group = cgroups.make(LIMITS)
    ((hierarchy, folder),) = group.folders
    assert (hierarchy.version, folder.parent) == (2, ours)
    assert written(group) == {
        "memory.max": "104857600",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "52",
        "cpu.max": "50000 100000",
    }
    assert group.entrances() == [str(folder / "cgroup.procs")]
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert not group.ran_out_of_memory()
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    assert group.ran_out_of_memory()
    assert group.remove()
    assert not folder.exists()


def test_version_2_turns_on_what_is_off(
    mounts: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = version_2(mounts, "memory")
    in_group(monkeypatch, tmp_path, "0::/user.slice/a.scope\n")
    (hierarchy,) = cgroups.hierarchies()
    assert hierarchy.controllers == ("memory", "pids", "cpu")
    assert (ours / "cgroup.subtree_control").read_text() == "+pids +cpu"


def test_version_1(mounts: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("memory/job", "pids", "cpu,cpuacct"):
        (mounts / folder).mkdir(parents=True)
    lines = "9:devices:/\n8:pids:/\n4:memory:/job\n2:cpu,cpuacct:/\n0::/\n"
    in_group(monkeypatch, tmp_path, lines)
    group = cgroups.make(LIMITS)
    assert {folder.parent.relative_to(mounts).as_posix() for _, folder in group.folders} == {
        "memory/job",
        "pids",
        "cpu,cpuacct",
    }
    assert written(group) == {
        "memory.limit_in_bytes": "104857600",
        "memory.memsw.limit_in_bytes": "104857600",
        "pids.max": "52",
        "cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "50000",
    }


def test_without_memory_there_are_none(
    mounts: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (mounts / "pids").mkdir()
    in_group(monkeypatch, tmp_path, "8:pids:/\n4:memory:/not/there\n")
    assert cgroups.hierarchies() == ()


def test_one_that_cannot_be_made_is_an_error(
    mounts: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = version_2(mounts, "cpu memory pids")
    in_group(monkeypatch, tmp_path, "0::/user.slice/a.scope\n")
    assert cgroups.hierarchies()
    for file in ours.iterdir():
        file.unlink()
    ours.rmdir()
    with pytest.raises(SandboxError, match="no control group can be made"):
        cgroups.make(LIMITS)
