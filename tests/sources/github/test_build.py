"""A dataset built from GitHub by the command: the same bytes twice, with a fifth of all requests
failing, and after being killed; and the token is in nothing that is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.factory import building
from tests.sources.github.git_server import history
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.hosted import hosted

REGISTRY = """\
datasets:
  kept-v1:
    description: Small projects, from GitHub.
    sources:
      github: {languages: [Elixir], min_stars: 5, commits: 2}
    transforms:
      commit:
      implement:
      pretrain:
    dedup: {near: false}
    split: {validation: 0.2}
"""

MODULE = """\
defmodule {name} do
  @moduledoc "What {name} does with numbers."

  @doc "Adds up the squares of all numbers in a list, {name} style."
  def squares(list) do
    {squares}
  end
end
"""

BEFORE = "Enum.reduce(Enum.map(list, &(&1 * &1)), fn each, sum -> sum + each end)"
AFTER = "Enum.reduce(list, 0, fn each, sum -> sum + each * each end)"

TEST = """\
defmodule {name}Test do
  use ExUnit.Case
  test "squares", do: assert {name}.squares([1, 2]) == 5
end
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hosted")
    licence = Path(__file__).parents[3] / "LICENSE"
    for number in range(4):
        name = f"Shop{number}"
        before = {
            "LICENSE": licence.read_text(),
            "mix.exs": 'defmodule M.MixProject do\n  def project, do: [licenses: ["MIT"]]\nend\n',
            f"lib/shop{number}.ex": MODULE.format(name=name, squares=BEFORE),
            f"test/shop{number}_test.exs": TEST.format(name=name),
        }
        after = {f"lib/shop{number}.ex": MODULE.format(name=name, squares=AFTER)}
        history(
            folder / "shops" / f"shop{number}",
            ("Sum the squares of a list of numbers", before),
            ("Make squares/1 of an empty list 0 instead of raising Enum.EmptyError", after),
        )
    return folder


def build(folder: Path, server: GitHubServer, *words: str) -> subprocess.CompletedProcess[str]:
    return building.run(folder, *command(folder, server), *words)


def command(folder: Path, server: GitHubServer) -> list[str]:
    folder.mkdir(exist_ok=True)
    (folder / "registry.yaml").write_text(REGISTRY)
    setting = f"sources.github.api_url={server.api_url}"
    return ["build", "kept-v1", "--registry", "registry.yaml", "--store", "store", "--set", setting]


def published(folder: Path) -> dict[str, str]:
    (version,) = (folder / "store" / "datasets" / "kept-v1").iterdir()
    return building.published(version)


def left_behind(folder: Path) -> bytes:
    return b"\n".join(
        os.fsencode(path) + b"\n" + path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    )


def test_the_same_bytes_whatever_happens_on_the_way(root: Path, tmp_path: Path) -> None:
    calm, rough, killed = (tmp_path / name for name in ("calm", "rough", "killed"))
    with hosted(root) as server:
        done = build(calm, server)
        assert done.returncode == 0, done.stderr
        said = done.stdout + done.stderr
        server.forget()
        done = build(calm, server)
        assert "up to date" in done.stdout, done.stderr
        assert [asked.path for asked in server.loopback.requests] == ["/api/graphql"]
        expected = published(calm)
        (manifest,) = (calm / "store" / "datasets" / "kept-v1").glob("*/manifest.json")
        counts = json.loads(manifest.read_text())["counts"]["by_task"]
        assert {count["task"] for count in counts} == {"commit", "implement", "pretrain"}
    with hosted(root, faults=0.2, seed=19) as server:
        done = build(rough, server)
        assert done.returncode == 0, done.stderr
        assert any(asked.fault for asked in server.loopback.requests)
        said += done.stdout + done.stderr
    assert published(rough) == expected
    with hosted(root) as server:
        process = subprocess.Popen(
            building.command(killed, *command(killed, server)),
            cwd=killed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while server.loopback.count("/shops/") < 4:  # in the midst of cloning
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not list((killed / "store").glob("datasets/*/*"))
        server.forget()
        done = build(killed, server)
        assert done.returncode == 0, done.stderr
        assert dict(server.asked) == {"Search": 1}
        said += done.stdout + done.stderr
    assert published(killed) == expected
    assert TOKEN not in said
    assert TOKEN.encode() not in left_behind(tmp_path)
    assert b"shops/shop3" in left_behind(tmp_path)


def test_without_a_token_a_build_says_what_to_do(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with hosted(root) as server:
        done = build(tmp_path, server)
    assert done.returncode == 2
    assert "GITHUB_TOKEN" in done.stderr and "--without github" in done.stderr
    assert "Traceback" not in done.stderr
