"""The image: where it is looked for, and that it appears whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from evals.errors import SandboxError
from evals.sandbox import image as images
from evals.sandbox.image import Image, at, build, cached, find

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can build the image")


def debootstrap(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a stand-in for debootstrap first in the PATH, whose last argument is the target."""
    tool = folder / "debootstrap"
    tool.write_text(f'#!/bin/sh\nfor target; do :; done\nmkdir -p "$target/dev"\n{script}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_the_manifest_says_what_is_inside(image: Image) -> None:
    described = json.loads((image.rootfs / "opt/elixireval/image.json").read_text())
    assert image.elixir == described["elixir"] and image.elixir.startswith("1.18.")
    assert image.otp == "27"
    assert set(described["tools"]) == set(images.TOOLS)
    assert dict(image.tools) == {k: v for k, v in described["tools"].items() if v}
    assert len(image.digest) == 64


def test_nothing_of_the_building_machine_and_no_package_manager_is_inside(image: Image) -> None:
    root = image.rootfs
    gone = "etc/hostname etc/hosts etc/machine-id etc/resolv.conf etc/shadow usr/bin/apt usr/bin/su"
    assert [path for path in gone.split() if (root / path).exists()] == []
    assert not list((root / "usr/bin").glob("perl*"))
    special = [p for p in root.rglob("*") if not p.is_symlink() and p.stat().st_mode & 0o6000]
    assert [p for p in special if p.is_file()] == []
    assert list((root / "dev").iterdir()) == []


def test_a_folder_that_is_named_is_used(
    image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(images.VARIABLE, str(image.rootfs))
    assert find() == image
    monkeypatch.setenv(images.VARIABLE, str(tmp_path))
    with pytest.raises(SandboxError, match="no root file system with Elixir here"):
        find()


def test_an_engines_image_fills_the_cache_once(
    image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """podman is a stand-in here: images of the real one are many megabytes."""
    tree = tmp_path / "tree"
    manifest = tree / "opt/elixireval/image.json"
    manifest.parent.mkdir(parents=True)
    (tree / "dev").mkdir()
    (tree / "dev/console").touch()
    manifest.write_text((image.rootfs / "opt/elixireval/image.json").read_text())
    podman = tmp_path / "podman"
    podman.write_text(
        f"""#!/bin/sh
        echo "$1 $2" >> {tmp_path}/calls
        case $1 in
            create) echo c0ffee ;;
            export) tar -C {tree} -c . ;;
        esac
        """
    )
    podman.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(images.VARIABLE, raising=False)
    said: list[str] = []
    found = find(said.append)
    assert found == replace(image, rootfs=cached())
    assert found.rootfs.is_relative_to(tmp_path / "cache")
    assert list((found.rootfs / "dev").iterdir()) == []
    assert said == ["unpacking podman's image localhost/elixir-factory-sandbox"]
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == ["image inspect", "create --network=none", "export c0ffee", "rm -f"]
    assert find(said.append) == found
    assert (tmp_path / "calls").read_text().splitlines() == calls


def test_the_command_writes_an_archive_and_says_where_the_image_is(
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    manifest = cached() / "opt/elixireval/image.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    archive = tmp_path / "image.tar"
    monkeypatch.setattr(sys, "argv", ["image", "--tar", str(archive)])
    assert images.main() == 0
    assert capsys.readouterr().out == f"{cached()}\n"
    with tarfile.open(archive) as tar:
        assert "./opt/elixireval/image.json" in tar.getnames()
    for name in images.ESCRIPTS:
        monkeypatch.setattr(sys, "argv", ["image", f"--{name}", str(tmp_path / "none")])
        assert images.main() == 1
        assert "there is no such file" in capsys.readouterr().err


def test_a_root_file_system_of_others_is_told_by_its_packages(tmp_path: Path) -> None:
    status = tmp_path / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text("Package: elixir\n")
    first = at(tmp_path)
    assert (first.elixir, dict(first.tools)) == ("", {})
    status.write_text("Package: elixir\nVersion: 2\n")
    assert at(tmp_path).digest != first.digest


def test_a_changed_recipe_is_another_image(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cached()
    monkeypatch.setattr(images, "PACKAGES", (*images.PACKAGES, "erlang-mnesia"))
    assert cached().parent == before.parent
    assert cached() != before


@needs_root
def test_a_build_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debootstrap(tmp_path, "echo 'E: no such mirror'; exit 1", monkeypatch)
    cache = tmp_path / "cache"
    cache.mkdir()
    said: list[str] = []
    with pytest.raises(SandboxError, match=r"^debootstrap failed.*E: no such mirror"):
        build(cache / "rootfs", said.append)
    assert list(cache.iterdir()) == []
    assert "building the sandbox's root file system" in said[0]


@needs_root
def test_a_build_that_is_killed_is_not_seen_and_cleared_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debootstrap(tmp_path, 'echo "I: Retrieving"; exec sleep 1000', monkeypatch)
    cache = tmp_path / "cache"
    cache.mkdir()
    code = (
        "import sys; from pathlib import Path; from evals.sandbox.image import build;"
        "build(Path(sys.argv[1]), lambda line: print(line, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cache / "rootfs")], stdout=subprocess.PIPE
    ) as building:
        assert building.stdout is not None
        while building.stdout.readline() != b"Retrieving\n":
            assert building.poll() is None
        building.send_signal(signal.SIGKILL)
    (left,) = cache.iterdir()
    assert left.name.startswith("rootfs.making-")
    # What it had started is gone too, so that nothing writes there any more.
    until = time.monotonic() + 30
    while any(str(left) in line for line in command_lines()):
        assert time.monotonic() < until
        time.sleep(0.05)
    debootstrap(tmp_path, "exit 1", monkeypatch)
    with pytest.raises(SandboxError):
        build(cache / "rootfs", lambda _: None)
    assert list(cache.iterdir()) == []


def command_lines() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue
    return found


def test_who_cannot_build_is_told_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SandboxError) as told:
        build(tmp_path / "rootfs", lambda _: None)
    for way in ("only root", "docker/build registry", "docker/build debian", images.VARIABLE):
        assert way in str(told.value)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="debootstrap, unshare, setpriv missing"):
        build(tmp_path / "rootfs", lambda _: None)


@needs_root
@pytest.mark.slow
def test_building_again_gives_the_same(tmp_path: Path) -> None:
    """Also: an escript that does not run is refused."""
    for name in ("one", "two"):
        build(tmp_path / name, lambda _: None)
    assert at(tmp_path / "one").digest == at(tmp_path / "two").digest
    assert (tmp_path / "one/opt/elixireval/dialyzer.plt").stat().st_size > 1 << 20
    broken = tmp_path / "credo"
    broken.write_text("no escript")
    for name in images.ESCRIPTS:
        with pytest.raises(SandboxError, match=f"the {name.title()} given does not run"):
            build(tmp_path / "three", lambda _: None, {name: broken})
        assert not (tmp_path / "three").exists()
