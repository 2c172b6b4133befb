"""`evals doctor`: what works on this machine, in words."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evals import doctor
from evals.doctor import Finding, examine, report
from evals.sandbox import Engine, bubblewrap
from evals.sandbox.image import TOOLS, VARIABLE, Image


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_this_machine(engine: Engine, image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(image.rootfs))
    found = by_name(examine())
    assert str(image.rootfs) in found["image"].meaning
    assert found["bubblewrap"].ok
    assert found["podman"].ok or shutil.which("podman") is None
    assert found["sandbox"].ok
    assert found["Elixir"].meaning == f"{image.elixir} on OTP {image.otp} in the sandbox"
    for tool in TOOLS:
        assert found[tool].ok == (tool in image.tools)
        assert found[tool].ok or found[tool].meaning == f"absent: {doctor.WITHOUT[tool]}"
        assert found[tool].ok or "docker/build registry" in found[tool].todo
    assert found["inspect_ai"].ok == bool(importlib.util.find_spec("inspect_ai"))
    assert all(finding.todo for finding in found.values() if not finding.ok)
    assert report().endswith("Candidates can be graded here.")


def test_a_machine_with_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    found = by_name(examine())
    assert not any(
        found[name].ok for name in ("image", "bubblewrap", "podman", "docker", "sandbox")
    )
    assert "docker/build debian" in found["image"].todo
    assert found["bubblewrap"].todo == "apt-get install bubblewrap"
    text = report()
    assert text.endswith("Nothing can be graded here yet.")
    assert "no  podman: is not installed\n      → apt-get install podman runc" in text


def test_weak_limits_and_old_elixir_are_told(
    engine: Engine, image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bubblewrap, "governor", lambda: "rlimits")
    monkeypatch.setattr(doctor, "_at_least", lambda version, least: False)
    monkeypatch.setattr(doctor, "available", lambda: replace(image, tools={"credo": "1.7.12"}))
    found = by_name(examine())
    assert not found["limits"].ok
    assert "for each process alone" in found["limits"].meaning
    assert "1.18 on OTP 27 is needed" in found["Elixir"].todo
    assert found["credo"] == Finding("credo", True, "1.7.12 in the image")


def test_dialyzer_without_dialyxir_is_told_precisely(
    engine: Engine, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "available", lambda: replace(image, tools={"dialyzer": "5.3.1"}))
    found = by_name(examine())
    assert found["dialyzer"] == Finding(
        "dialyzer", True, "5.3.1 in the image, OTP's own, with its table of types"
    )
    assert not found["dialyxir"].ok
    assert "measured with OTP's own Dialyzer" in found["dialyxir"].meaning
    assert not found["sobelow"].ok
    assert found["sobelow"].todo.startswith("give an escript with --sobelow FILE, or build")
    monkeypatch.setattr(doctor, "available", lambda: replace(image, tools={}))
    without = by_name(examine())
    assert without["dialyzer"].meaning == "absent: what types say is not measured"
    assert "docker/build debian" in without["dialyzer"].todo


def test_versions_are_compared_as_numbers() -> None:
    assert doctor._at_least("1.18.3", (1, 18))
    assert doctor._at_least("1.19.0-rc.0", (1, 18))
    assert not doctor._at_least("1.9.4", (1, 18))
    assert not doctor._at_least("", (27,))
