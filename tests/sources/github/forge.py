"""A GitHub with real repositories in it: their tags through GraphQL, their commits as tarballs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.loopback import Answer, Request
from tests.sources import checkouts
from tests.sources.github.git_server import tarball
from tests.sources.github.graphql_server import GitHubServer
from tests.sources.github.world import Commit, Repository, World

TARBALL = re.compile(r"/api/v3/repos/([^/]+)/([^/]+)/tarball/([0-9a-f]{40})")


class Forge:
    """`broken` commits have another answer than their tarball."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.world = World(repositories=[])
        self.broken: dict[str, Answer] = {}
        self.server = GitHubServer(self.world, others=self._tarball)

    def add(self, name: str, files: Mapping[str, bytes], *tags: str) -> str:
        folder = checkouts.repository(self.root / name, files)
        commit = checkouts.git(folder, "rev-parse", "HEAD")
        owner, _, short = name.partition("/")
        now = datetime(2024, 1, 1, tzinfo=UTC)
        made = Commit(commit, "A commit", now, "A", "a@example.org", "a")
        self.world.repositories.append(
            Repository(
                id=f"R_{name}", owner=owner, name=short, stars=1, created=now, pushed=now,
                language="Elixir", total=1, known=(made,), tags=dict.fromkeys(tags, (1, True)),
            )
        )  # fmt: skip
        return commit

    def _tarball(self, request: Request) -> Answer:
        found = TARBALL.fullmatch(request.path)
        assert found
        owner, name, commit = found.groups()
        if commit in self.broken:
            return self.broken[commit]
        return Answer(200, tarball(self.root / owner / name, commit, f"{owner}-{name}-x/"))
