"""A whole GitHub on loopback: real repositories in a folder, told of through the real schema, with
their tarballs and git's own protocol.

    history(root / "plug" / "plug", ("first", {"mix.exs": "…"}))      # see `git_server`
    with hosted(root, stars=100) as server:
        source = server.source(cache, languages=["Elixir"])
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.loopback import Answer, Request
from tests.sources.github.git_server import GitHost
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.world import Commit, Repository, World

REST = "/api/v3"


@contextmanager
def hosted(
    root: Path, *, faults: float = 0.0, seed: int = 0, **attributes: Any
) -> Iterator[GitHubServer]:
    """The server of the repositories in `root/OWNER/NAME`; `attributes` are those of all of them
    (`stars`, `language`, …)."""
    world = World([])
    with GitHost(root, token=TOKEN, faults=faults, seed=seed) as host:

        def others(request: Request) -> Answer:
            path = request.path.removeprefix(REST)
            return host._answer(replace(request, path=path))

        with GitHubServer(world, faults=faults, seed=seed, others=others) as server:
            for folder in sorted(root.glob("*/*")):
                world.repositories.append(repository(folder, **attributes))
            yield server


def repository(folder: Path, **attributes: Any) -> Repository:
    """A repository of the world that is one on disk."""
    log = git(folder, "log", "--reverse", "--format=%H%x00%B%x00%ct%x00%an%x00%ae%x01")
    commits = []
    for record in filter(str.strip, log.split("\x01")):
        oid, message, seconds, name, email = record.strip("\n").split("\x00")
        at = datetime.fromtimestamp(int(seconds), UTC)
        commits.append(Commit(oid, message, at, name, email, ""))
    tags = {
        tag: (
            git(folder, "rev-list", "--count", tag, "--").strip(),
            git(folder, "cat-file", "-t", tag),
        )
        for tag in git(folder, "tag").split()
    }
    given = {
        "stars": 100,
        "created": commits[0].at,
        "pushed": commits[-1].at,
        "language": "Elixir",
        "licence": "MIT",
    }
    return Repository(
        id=f"R_{folder.parent.name}_{folder.name}",
        owner=folder.parent.name,
        name=folder.name,
        files=tuple(git(folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines()),
        total=len(commits),
        tags={tag: (int(count), kind.strip() == "tag") for tag, (count, kind) in tags.items()},
        known=tuple(commits),
        **{**given, **attributes},
    )


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
