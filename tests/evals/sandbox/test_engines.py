"""Which engine is picked, and that nothing runs unsandboxed unless it is asked for by name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from evals.errors import SandboxError
from evals.sandbox import Engine, Limits, Program, bubblewrap, engines
from evals.sandbox.container import Container, _working
from evals.sandbox.engines import pick
from evals.sandbox.image import VARIABLE, Image
from tests.evals.sandbox.sandboxed import shell


@pytest.fixture(autouse=True)
def named(rootfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(rootfs))


def put(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_bubblewrap_comes_first_where_it_limits_all_together(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "governor", lambda: "cgroups")
    assert pick().name == "bubblewrap"
    assert list(engines.preferred()) == ["bubblewrap", "podman", "docker"]
    monkeypatch.setattr(bubblewrap, "governor", lambda: "rlimits")
    assert list(engines.preferred()) == ["podman", "docker", "bubblewrap"]


def test_an_engine_that_does_not_run_programs_is_passed_over(
    each_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"bubblewrap": "podman", "podman": "bubblewrap"}[each_engine.name]
    command = {"bubblewrap": "bwrap", "podman": "podman"}[other]
    put(tmp_path, command, "echo broken >&2; exit 1", monkeypatch)
    _working.cache_clear()
    assert pick().name == each_engine.name
    with pytest.raises(SandboxError, match="broken"):
        pick(other)
    _working.cache_clear()


def test_an_engine_that_leaves_out_the_memory_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As podman does without root where control groups are of version 1, with a warning."""
    put(tmp_path, "podman", "[ $7 = run ] && echo 100000000", monkeypatch)
    _working.cache_clear()
    with pytest.raises(SandboxError, match="memory is not limited"):
        pick("podman")
    _working.cache_clear()


@pytest.mark.slow
def test_dockers_way_over_an_imported_image(
    image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No docker runs here: podman, whose command is the same, stands in for it."""
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    call = Container(image, "podman")._call
    settings = dict(call.env).get("CONTAINERS_CONF", "")
    put(
        tmp_path,
        "docker",
        f"""export CONTAINERS_CONF={settings}
        case $1 in run) shift; set -- run {" ".join(call.root[:-2])} "$@"; esac
        exec {" ".join(call.prefix)} "$@"
        """,
        monkeypatch,
    )
    _working.cache_clear()
    docker = pick("docker")
    try:
        assert docker.name == "docker"
        assert docker.image_digest() == image.digest
        shown = tmp_path / "shown"
        shown.mkdir(mode=0o755)
        (shown / "file").write_text("content")
        script = "cat /opt/elixireval/a/file; touch /x 2>/dev/null || id -u; ls /sys/class/net"
        end = shell(docker, script, binds={"/opt/elixireval/a": shown})
        content, user, network = end.output.replace("content", "content\n").splitlines()
        assert (content, network) == ("content", "lo")
        assert int(user) >= 1 << 30
        greedy = "head -c 200000000 /dev/zero | tail -c 200000000 | wc -c"
        assert shell(docker, greedy, Limits(memory=64 << 20)).output == "0\n"
    finally:
        _working.cache_clear()
        subprocess.run(["docker", "rmi", "--force", docker._call.root[0]], check=True)


def test_without_any_engine_each_is_named_and_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError) as told:
        pick()
    for name in ("bubblewrap: bwrap is missing", "podman: podman is missing", "docker: docker is"):
        assert name in str(told.value)


def test_unsafe_local_must_be_typed() -> None:
    with pytest.raises(SandboxError, match="it must be typed: --unsafe-local"):
        pick("unsafe-local")
    with pytest.raises(SandboxError, match="excludes --engine podman"):
        pick("podman", unsafe_local=True)
    with pytest.raises(SandboxError, match="there are bubblewrap, podman, docker"):
        pick("chroot")


def test_unsafe_local_runs_on_the_machine_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Erlang/OTP 27\n\nElixir 1.18.3 (compiled with Erlang/OTP 27)"
    put(tmp_path, "elixir", f"echo '{said}'", monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    local = pick(unsafe_local=True)
    assert local.name == "unsafe-local"
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "file").write_text("content")
    end = shell(
        local,
        "cat /opt/elixireval/runtime/file; echo $KEY; echo $OPENAI_API_KEY; pwd; cat; exit 3",
        binds={"/opt/elixireval/runtime": shown},
        env={"KEY": "/opt/elixireval/runtime"},
    )
    scratch = Path(end.output.strip().rpartition("\n")[2])
    assert end.output == f"content{shown}\n\n{scratch}\n"
    assert end.status == 3
    assert "elixir-factory-unsafe-" in scratch.name
    assert not scratch.exists()
    running = local.start(Program(["sh", "-c", "sleep 1000 & echo $!; wait"]))
    child = int(running.stdout.read(20))
    running.kill()
    with pytest.raises(ProcessLookupError):
        while True:
            os.kill(child, 0)
            state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":  # killed, and not yet waited for by who inherited it
                raise ProcessLookupError


def test_unsafe_local_refuses_an_elixir_that_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "elixir", "echo 'Elixir 1.14.0 (compiled with Erlang/OTP 24)'", monkeypatch)
    with pytest.raises(SandboxError, match=r"this machine has Elixir 1\.14\.0"):
        pick(unsafe_local=True)
