"""A small GitHub: a few thousand repositories from a seed, each with its commits, files and tags.

What a repository holds is worked out when it is asked for, from its own seed, so a world of
thousands is made in no time. It can be changed between two looks: pushed to, starred, archived,
renamed, deleted.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 1, tzinfo=UTC)

WORDS = ("plug", "query", "graph", "queue", "cache", "socket", "parser", "router", "pool", "json")
PEOPLE = ("ada", "bob", "cho", "dee", "eli", "fay", "gus", "hal", "ida", "jon")
LICENCES = ("MIT", "MIT", "Apache-2.0", "ISC", "NOASSERTION", "")


@dataclass(frozen=True)
class Commit:
    oid: str
    message: str
    at: datetime
    name: str
    email: str
    login: str


@dataclass
class Repository:
    """A repository of the world. `total` commits lead to the head of its default branch."""

    id: str
    owner: str
    name: str
    stars: int
    created: datetime
    pushed: datetime
    language: str
    licence: str = "MIT"
    topics: tuple[str, ...] = ()
    kilobytes: int = 500
    forks: int = 0
    archived: bool = False
    disabled: bool = False
    fork: bool = False
    mirror: bool = False
    private: bool = False
    template: bool = False
    parent: Repository | None = None
    files: tuple[str, ...] = ("mix.exs", "lib/a.ex", "test/a_test.exs")
    total: int = 120
    people: int = 3
    tags: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Tag → the number of its commit, and whether it is annotated."""
    releases: tuple[str, ...] = ()
    known: tuple[Commit, ...] = ()
    """Its commits where it is a real one, oldest first; else they are made up."""
    former: tuple[str, ...] = ()
    """Names it had before, which lead to it."""

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def commit(self, number: int) -> Commit:
        """The commit of this number, 1 the first."""
        if self.known:
            return self.known[number - 1]
        digest = hashlib.sha1(f"{self.id} {number}".encode()).hexdigest()
        draw = int(digest[:8], 16)
        at = self.pushed - timedelta(hours=30 * (self.total - number))
        if draw % 11 == 0:
            return Commit(digest, "Bump a", at, "bump[bot]", "1+bump[bot]@example.org", "")
        # The first of its people makes half of the commits; every third has no account.
        who = 0 if draw % 2 else draw // 2 % self.people
        name = PEOPLE[who % len(PEOPLE)]
        login = "" if who % 3 == 2 else f"{name}{who}"
        return Commit(
            digest, f"Change {number}\n\nMore of it.", at, name, f"{name}{who}@example.org", login
        )

    def number(self, expression: str) -> int:
        """The commit that a revision names, 0 for none."""
        if expression in ("HEAD", "main", "refs/heads/main"):
            return self.total
        tag = self.tags.get(expression.removeprefix("refs/tags/"))
        if tag:
            return tag[0]
        if len(expression) >= 7:
            for number in range(self.total, 0, -1):
                if self.commit(number).oid.startswith(expression):
                    return number
        return 0


@dataclass
class World:
    repositories: list[Repository]

    def named(self, owner: str, name: str) -> Repository | None:
        wanted = f"{owner}/{name}".lower()
        for each in self.repositories:
            if wanted in (each.full_name.lower(), *map(str.lower, each.former)):
                return each
        return None

    def by_id(self, id_: str) -> Repository | None:
        return next((each for each in self.repositories if each.id == id_), None)

    def push(self, repository: Repository, commits: int = 1) -> None:
        """New commits on the default branch."""
        repository.total += commits
        repository.pushed += timedelta(days=1)

    def rename(self, repository: Repository, name: str) -> None:
        repository.former += (repository.full_name,)
        repository.name = name

    def delete(self, repository: Repository) -> None:
        self.repositories.remove(repository)


def made(count: int, seed: int = 1, *, longest: int = 300, **fixed: object) -> World:
    """A world of so many repositories with histories of `longest` commits at most; `fixed`
    attributes are the same in all."""
    rng = random.Random(seed)
    repositories: list[Repository] = []
    for number in range(count):
        created = datetime(2012, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(400_000_000))
        pushed = created + (NOW - created) * rng.random()
        umbrella = rng.random() < 0.1
        files = ["mix.exs", "README.md", "LICENSE"]
        files += [f"{part}lib/a.ex" for part in (("apps/one/", "apps/two/") if umbrella else ("",))]
        if rng.random() < 0.8:
            files.append("apps/two/test/b_test.exs" if umbrella else "test/a_test.exs")
        files += rng.choice(([], [".travis.yml"], [".github/workflows/ci.yml"], [".github/x.md"]))
        total = rng.randrange(1, longest)
        is_fork = rng.random() < 0.1 and number > 10
        name = f"{rng.choice(WORDS)}-{number}"
        each = Repository(
            id=f"R_{hashlib.sha1(f'{seed} {number}'.encode()).hexdigest()[:16]}",
            owner=f"{rng.choice(PEOPLE)}-{number % 97}",
            name=name,
            stars=int(10 * (rng.paretovariate(0.9) - 1)),
            created=created,
            pushed=pushed,
            language=rng.choice(("Elixir", "Elixir", "Elixir", "Erlang", "Ruby")),
            licence=rng.choice(LICENCES),
            topics=tuple(sorted(rng.sample(WORDS, rng.randrange(3)))),
            kilobytes=min(2_000_000, int(rng.paretovariate(0.7) * 100)),
            forks=rng.randrange(50),
            archived=rng.random() < 0.1,
            disabled=rng.random() < 0.01,
            fork=is_fork,
            mirror=rng.random() < 0.03,
            template=rng.random() < 0.03,
            private=rng.random() < 0.03,
            parent=repositories[rng.randrange(number)] if is_fork else None,
            files=tuple(sorted(files)),
            total=0 if rng.random() < 0.02 else total,
            people=rng.randrange(1, 9),
            tags={f"v0.{n}.0": (min(total, n + 1), n % 2 == 0) for n in range(rng.randrange(4))},
            releases=("v0.1.0",) if rng.random() < 0.3 else (),
        )
        for attribute, value in fixed.items():
            setattr(each, attribute, value)
        repositories.append(each)
    return World(repositories)
