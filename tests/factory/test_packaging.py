"""The registry is one file: the root's. A wheel carries a copy, built from a checkout or an sdist,
and finds it where there is no checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from factory.registry import FILE_NAME
from tests.factory import projects

ROOT = Path(__file__).parents[2]
PARTS = ("factory", "sources", "transforms", "trainers", "evals")
INSIDE = f"factory/data/{FILE_NAME}"


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that a build needs, as git keeps them (links are links)."""
    folder = tmp_path_factory.mktemp("checkout")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, symlinks=True, ignore=ignore)
    for name in ("pyproject.toml", "LICENSE", "MANIFEST.in", FILE_NAME):
        shutil.copy(ROOT / name, folder)
    (folder / "README.md").write_text("# Elixir factory\n")
    return folder


def wheel_of(tree: Path) -> Path:
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", "wheels", "."),
        cwd=tree,
    )
    (wheel,) = (tree / "wheels").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    return wheel_of(checkout)


def test_the_packaged_registry_is_a_link_to_the_root_s() -> None:
    link = ROOT / INSIDE
    assert link.is_symlink()
    assert link.resolve() == ROOT / FILE_NAME


def test_a_wheel_carries_the_registry(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(INSIDE) == (ROOT / FILE_NAME).read_bytes()


def test_a_wheel_carries_the_suites_and_the_grader_s_elixir(wheel: Path) -> None:
    kept = {p for p in (ROOT / "evals").rglob("*") if p.suffix in (".ex", ".exs", ".md", ".yaml")}
    wanted = {str(path.relative_to(ROOT)) for path in kept}
    assert {path for path in wanted if path.endswith("solution.ex")}
    assert any(path.startswith("evals/runtime/lib/") for path in wanted)
    with zipfile.ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist())


def test_a_wheel_made_from_an_sdist_carries_it_too(checkout: Path, tmp_path: Path) -> None:
    code = f"from setuptools.build_meta import build_sdist; print(build_sdist({str(tmp_path)!r}))"
    name = run(sys.executable, "-c", code, cwd=checkout).splitlines()[-1]
    with tarfile.open(tmp_path / name) as archive:
        archive.extractall(tmp_path / "sdist", filter="data")
    (tree,) = (tmp_path / "sdist").iterdir()
    with zipfile.ZipFile(wheel_of(tree)) as archive:
        assert archive.read(INSIDE) == (ROOT / FILE_NAME).read_bytes()


def test_an_installed_wheel_finds_it_outside_of_any_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from factory.registry import load, locate\n"
        "file = locate()\n"
        "print(file, *load(file).datasets, sep='\\n')"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    found = run(sys.executable, "-c", code, str(site), cwd=elsewhere).splitlines()
    assert found == [
        str(site / INSIDE),
        "elixir-stdlib-v1",
        "elixir-local-v1",
        "elixir-instruct-v3",
        "elixir-pretrain-v1",
        "elixir-books-v1",
    ]


@pytest.mark.slow
def test_both_commands_work_from_a_wheel_in_an_empty_environment(
    wheel: Path, tmp_path: Path
) -> None:
    """A virtual environment with the locked base alone, and a folder far from the repository."""
    run(sys.executable, "-m", "venv", "venv", cwd=tmp_path)
    pip = (str(tmp_path / "venv/bin/python"), "-m", "pip", "install", "--quiet")
    run(*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock"), cwd=tmp_path)
    run(*pip, "--no-deps", str(wheel), cwd=tmp_path)
    project = projects.write(tmp_path / "shop", projects.SHOP)
    commands = tmp_path / "venv/bin"
    assert "elixir-stdlib-v1" in run(str(commands / "factory"), "list", cwd=tmp_path)
    told = run(
        *(str(commands / "factory"), "build", "elixir-local-v1", "--set", f"path={project}"),
        cwd=tmp_path,
    )
    assert told.startswith("built elixir-local-v1@")
    assert "version" in run(str(commands / "evals"), "--help", cwd=tmp_path)
    packages = run(*pip[:3], "list", cwd=tmp_path)
    assert "torch" not in packages and "transformers" not in packages
