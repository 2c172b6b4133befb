"""Whole builds from a Hex server of our own: a world of real packages, its mirror of repositories,
and a dataset that is crawled from it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from factory.build import Report, build
from factory.override import override
from factory.registry import find, load
from factory.spec import Dataset
from factory.store import Store
from tests.factory.building import command
from tests.factory.projects import GREETINGS
from tests.sources import checkouts
from tests.sources.hex_server.repack import Project, project
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.world import World

REGISTRY = """\
datasets:
  crawl-v1:
    description: Everything on a Hex server of our own.
    sources:
      hex: {top: 100, tests_from: mirror, mirror: unset}
    transforms: [document, doctest, implement, pretrain, test_driven, test_writing]
    split: {validation: 0.2}
    seed: 5
"""

GREETERS = 12

MIX = """\
defmodule Greeter.MixProject do
  use Mix.Project

  def project do
    [
      app: :greeter,
      version: "0.0.1",
      description: "Greets",
      package: [
        licenses: ["MIT"],
        links: %{"GitHub" => "https://github.com/greeters/greeter"}
      ]
    ]
  end
end
"""

TEST = """\
defmodule GreeterTest do
  use ExUnit.Case

  test "greets in the language that was asked for" do
    assert Greeter.greet("Ada", :eo) == "Saluton, Ada!"
    assert Greeter.greet("Ada", :fr) == "Bonjour, Ada!"
  end

  test "greets in English when the language is not known" do
    assert Greeter.greet("Ada", :xx) == "Hello, Ada!"
  end

  test "knows its languages" do
    assert Greeter.languages() == [:en, :eo, :fr]
  end
end
"""


@dataclass(frozen=True)
class Market:
    """What there is to crawl: projects by package name, and a mirror of their repositories."""

    projects: Mapping[str, Project]
    mirror: Path

    def world(self) -> World:
        """All projects, published a day apart, with downloads that differ."""
        world = World()
        for number, name in enumerate(sorted(self.projects)):
            world.hexpm.publish(self.projects[name].tarball(), downloads=10_000 - 100 * number)
            world.tick(days=1)
        return world


def market(folder: Path, corpus: Path) -> Market:
    """Three real packages, whose repositories are mirrored with their tests, and a dozen small
    ones, most of which link none."""
    projects = [
        project(corpus / "elixir-makeup"),
        project(corpus / "elixir-nimble-parsec"),
        project(corpus / "erlang-poolboy"),
        *(_greeter(folder / "projects", number) for number in range(GREETERS)),
    ]
    mirror = folder / "mirror"
    for each in projects:
        links = (each.metadata.links or {}).values()
        where = next((url.removeprefix("https://") for url in links if "github.com" in url), "")
        if where:
            root = checkouts.repository(mirror / where, each.all)
            checkouts.git(root, "tag", f"v{each.metadata.version}")
    return Market({each.metadata.name: each for each in projects}, mirror)


def _greeter(folder: Path, number: int) -> Project:
    files = {"mix.exs": MIX, "test/greeter_test.exs": TEST, **GREETINGS}
    told = {
        path: text.replace("Greeter", f"Greeter{number}")
        .replace("greeter", f"greeter{number}")
        .replace("Hello", "Hi " * (number + 1))
        .replace("0.0.1", f"0.{number}.1")
        for path, text in files.items()
    }
    each = project(checkouts.lay(folder / f"greeter{number}", told))
    return each if number < 2 else replace(each, metadata=replace(each.metadata, links={}))


def dataset(
    folder: Path, server: HexServer, mirror: Path, *settings: str, repository: str = "hexpm"
) -> Dataset:
    """`crawl-v1` from this server, with further `--set`s."""
    found = find(load(registry(folder)), "crawl-v1")
    return override(found, [*where(folder, server, mirror, repository), *settings])


def where(folder: Path, server: HexServer, mirror: Path, repository: str = "hexpm") -> list[str]:
    """What tells the adapter about this machine."""
    key = folder / "hex.pem"
    key.write_text(server.world.repositories[repository].key.pkcs1)
    return [
        f"sources.hex.repository={repository}",
        f"sources.hex.repo_url={server.repo_url}",
        f"sources.hex.api_url={server.api_url}",
        f"sources.hex.public_key={key}",
        f"sources.hex.mirror={mirror}",
    ]


def registry(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "registry.yaml"
    path.write_text(REGISTRY)
    return path


def made(
    folder: Path,
    server: HexServer,
    mirror: Path,
    *settings: str,
    workers: int = 1,
    offline: bool = False,
    strict: bool = False,
    repository: str = "hexpm",
) -> Report:
    """Build `crawl-v1` into `folder/store`."""
    return build(
        dataset(folder, server, mirror, *settings, repository=repository),
        Store(folder / "store"),
        workers=workers,
        offline=offline,
        strict=strict,
    )


def started(folder: Path, server: HexServer, mirror: Path) -> subprocess.Popen[str]:
    """The same build as a command, in a process of its own."""
    words = [
        "build",
        "crawl-v1",
        "--registry",
        str(registry(folder)),
        "--store",
        str(folder / "store"),
    ]
    for setting in where(folder, server, mirror):
        words += ["--set", setting]
    return subprocess.Popen(
        command(folder, *words),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    )
