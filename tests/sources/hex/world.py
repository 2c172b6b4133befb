"""A small Hex for tests: packages of a few files, and a source that looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from factory.plugins import SourceContext
from factory.progress import Quiet
from factory.records import Document, Failed, LeftOut, Release
from sources.hex import Hex
from tests.factory.projects import MIT as LICENCE
from tests.sources.hex_server.server import HexServer
from tests.sources.hex_server.tarball import Metadata, Tarball, build
from tests.sources.hex_server.world import World


class Lines(Quiet):
    """Progress that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)


def files(module: str = "Demo") -> dict[str, bytes]:
    return {
        "lib/demo.ex": f"defmodule {module} do\n  def one, do: 1\nend\n".encode(),
        "mix.exs": f"defmodule {module}.MixProject do\n  use Mix.Project\nend\n".encode(),
        "LICENSE": LICENCE.encode(),
    }


def package(
    name: str, version: str = "1.0.0", content: Mapping[str, bytes] | None = None, **said: object
) -> Tarball:
    """A package's tarball; `said` are fields of its metadata."""
    fields = {"licenses": ("MIT",), "links": {"GitHub": f"https://github.com/demo/{name}"}} | said
    module = "".join(part.capitalize() for part in name.split("_"))
    metadata = Metadata(name, version, f"The package {name}", **fields)  # type: ignore[arg-type]
    tool = "rebar3" if metadata.build_tools == ("rebar3",) else "mix"
    return build(metadata, files(module) if content is None else content, tool)


def world_of(count: int) -> World:
    """`count` packages, the first with the fewest downloads."""
    world = World()
    for number in range(1, count + 1):
        world.hexpm.publish(package(f"demo_{number:03}"), downloads=1_000 * number)
    return world


def hex_at(server: HexServer, folder: Path, **options: object) -> Hex:
    """The source, looking at the server's public repository; its cache lies in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "key.pem"
    key.write_text(server.world.hexpm.key.spki)
    where = {"api_url": server.api_url, "repo_url": server.repo_url, "public_key": str(key)}
    given = Hex.Options.model_validate(where | options)
    return Hex(given, SourceContext(folder / "cache", progress=Lines()))


def said(source: Hex) -> list[str]:
    progress = source.context.progress
    assert isinstance(progress, Lines)
    return progress.said


def listed(source: Hex) -> tuple[list[Release], dict[str, str]]:
    """The source's releases, and why others failed."""
    found = list(source.releases())
    releases = [each for each in found if isinstance(each, Release)]
    return releases, {each.name: each.reason for each in found if isinstance(each, Failed)}


def labels(source: Hex) -> list[str]:
    releases, failed = listed(source)
    assert failed == {}
    return [f"{release.name} {release.version}" for release in releases]


def read(source: Hex, release: Release) -> tuple[list[Document], list[LeftOut]]:
    items = list(source.documents(release))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, LeftOut)]
