"""The registry's datasets as their users build them, from a Hex and a GitHub of our own that hold
real packages, a shelf with a small book, and Debian: whole, repeatable and interrupted."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from factory.registry import locate
from factory.store import Store
from factory.version import opened, read
from tests import bookshelf
from tests.factory.building import command, published
from tests.sources import checkouts
from tests.sources.github.graphql_server import TOKEN, GitHubServer
from tests.sources.github.hosted import hosted
from tests.sources.hex.crawling import Market, market
from tests.sources.hex_server.server import HexServer
from tests.stdlib import fresh_store

pytestmark = pytest.mark.xdist_group("datasets")

NAMES = ("elixir-instruct-v3", "elixir-pretrain-v1", "elixir-books-v1")
SLOWER = (NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:]))
"""All three, of which the first alone has everything that the others have."""

COMMIT = """\
Add Portuguese to the languages of the greeter

`Greeter0.greet(name, :pt)` said hello in English, since it knew no Portuguese. It says "Olá" now,
and `Greeter0.languages/0` lists `:pt`.
"""


@dataclass(frozen=True)
class World:
    hex: HexServer
    github: GitHubServer
    folder: Path

    def settings(self, name: str) -> list[str]:
        """What a user of a mirror and an Enterprise server would set, and a shelf."""
        given = {
            "sources.hex.repo_url": self.hex.repo_url,
            "sources.hex.api_url": self.hex.api_url,
            "sources.hex.public_key": self.folder / "hex.pem",
            "sources.hex.min_downloads": 0,
        }
        if name != "elixir-books-v1":
            github = self.github.api_url
            given["sources.github.api_url"] = github
            given["sources.hex.github_api_url"] = github
            given["sources.debian.packages"] = "[elixir-makeup-erlang]"
        if name != "elixir-pretrain-v1":
            books = ", ".join(
                f"{{file: {file}, licence: CC-BY-4.0}}"
                for file in (bookshelf.FILE, "notes", "printed.pdf")
            )
            given["sources.books.files"] = f"[{books}]"
        if name == "elixir-instruct-v3":
            given["sources.hex.packages"] = "{}"
        return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture(scope="module")
def stall(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Market:
    """Packages, their repositories (one of which has a telling commit after its release), and
    beside their mirror a shelf of books."""
    folder = tmp_path_factory.mktemp("stall")
    bookshelf.lay(folder / "books")
    found = market(folder, corpus)
    path = next(found.mirror.glob("github.com/*/greeter0/lib/*.ex"))
    root = path.parent.parent
    text = path.read_text()
    known = text.replace('fr: "Bonjour"}', 'fr: "Bonjour", pt: "Olá"}')
    path.write_text(known.replace("[:en, :eo, :fr]", "[:en, :eo, :fr, :pt]"))
    assert path.read_text().count("pt") == 2
    checkouts.git(root, "commit", "--quiet", "--all", "--message", COMMIT)
    return found


@contextmanager
def world(folder: Path, stall: Market, *, faults: float = 0.0, seed: int = 0) -> Iterator[World]:
    """Both servers, and a working directory with registry and shelf."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "datasets_registry.yaml").write_bytes(locate().read_bytes())
    shutil.copytree(stall.mirror.parent / "books", folder / "books")
    with (
        HexServer(stall.world(), faults=faults, seed=seed) as hex_server,
        hosted(stall.mirror / "github.com", faults=faults, seed=seed) as github,
    ):
        key = hex_server.world.repositories["hexpm"].key.pkcs1
        (folder / "hex.pem").write_text(key)
        fresh_store(folder)
        yield World(hex_server, github, folder)


def words(world: World, name: str, *more: str) -> list[str]:
    return ["build", name, "--workers", "2", "--json", *world.settings(name), *more]


def environment() -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "FACTORY_"))}
    return {**plain, "GITHUB_TOKEN": TOKEN}


def build(world: World, name: str, *more: str) -> tuple[Path, dict[str, Any]]:
    """Build a dataset as its user would; the version's folder, and what was said."""
    done = subprocess.run(
        command(world.folder, *words(world, name, *more)),
        cwd=world.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stderr + done.stdout
    told = json.loads(done.stdout)
    return world.folder / told["folder"], told


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, stall: Market) -> dict[str, Path]:
    """All three, undisturbed, in one store."""
    with world(tmp_path_factory.mktemp("built") / "user", stall) as found:
        return {name: build(found, name)[0] for name in NAMES}


def tasks(folder: Path) -> set[str]:
    return {count["task"] for count in read(folder).manifest["counts"]["by_task"]}


def asked(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with opened(read(folder)) as connection:
        return connection.execute(sql).fetchall()


def test_instructions_come_from_everywhere_and_say_where(built: dict[str, Path]) -> None:
    folder = built["elixir-instruct-v3"]
    assert read(folder).manifest["failed"] == {}
    sources = "SELECT DISTINCT provenance.source FROM rows ORDER BY 1"
    assert asked(folder, sources) == [("books",), ("debian",), ("github",), ("hex",)]
    assert {"implement", "test_writing", "commit", "book_qa", "book_exercise"} <= tasks(folder)
    paired = asked(
        folder,
        "SELECT DISTINCT regexp_extract(provenance.origin, '^github:[^@]+') FROM rows "
        "WHERE provenance.source = 'hex' AND provenance.origin <> '' ORDER BY 1",
    )
    assert ("github:dashbitco/nimble_parsec",) in paired
    licences = asked(folder, "SELECT DISTINCT unnest(string_split(licence, ' AND ')) FROM rows")
    assert {name for (name,) in licences} <= {
        "Apache-2.0", "BSD-2-Clause", "CC-BY-4.0", "ISC", "MIT", "Unlicense"
    }  # fmt: skip
    signals = asked(
        folder,
        "SELECT DISTINCT provenance.source, signals.stars, signals.downloads IS NOT NULL FROM rows "
        "ORDER BY ALL",
    )
    assert signals == [
        ("books", None, False), ("debian", None, False), ("github", 100, False), ("hex", None, True)
    ]  # fmt: skip


def test_a_commit_becomes_a_change_that_was_asked_for(built: dict[str, Path]) -> None:
    found = asked(
        built["elixir-instruct-v3"],
        "SELECT messages[1].content, messages[2].content, language, provenance.path FROM rows "
        "WHERE task = 'commit'",
    )
    assert len(found) == 1
    request, answer, language, path = found[0]
    assert "Portuguese" in request and "Olá" not in request.split("```")[1]
    assert "Olá" in answer
    assert language == "elixir"
    assert path.startswith("commits/")


def test_files_for_pretraining_are_whole(built: dict[str, Path]) -> None:
    folder = built["elixir-pretrain-v1"]
    assert read(folder).manifest["failed"] == {}
    assert tasks(folder) == {"pretrain", "fim"}
    kinds = asked(folder, "SELECT DISTINCT format FROM rows ORDER BY 1")
    assert kinds == [("prompt_completion",), ("text",)]


def test_lessons_say_book_chapter_pages_and_when_to_learn_them(built: dict[str, Path]) -> None:
    folder = built["elixir-books-v1"]
    assert read(folder).manifest["failed"] == {}
    assert tasks(folder) == {"book_qa", "book_exercise", "book_explain"}
    books = asked(
        folder,
        "SELECT DISTINCT provenance.book, provenance.chapter FROM rows "
        "WHERE provenance.book = 'Lending Processes' ORDER BY 2",
    )
    assert books == [("Lending Processes", "Processes"), ("Lending Processes", "The pipe operator")]
    printed = asked(
        folder, "SELECT count(*) FROM rows WHERE provenance.book <> '' AND provenance.pages <> ''"
    )
    assert printed[0][0] > 0
    first = "SELECT min(curriculum.step) FROM rows WHERE list_contains(curriculum.introduces, '{}')"
    pipes, processes = (
        asked(folder, first.format(name))[0][0] for name in ("pipe operator", "processes")
    )
    assert None not in (pipes, processes)
    guides = asked(folder, "SELECT count(*) FROM rows WHERE provenance.source = 'debian'")
    assert guides[0][0] > 50


@pytest.mark.parametrize("name", SLOWER)
def test_a_fifth_of_the_requests_fails_and_the_bytes_are_the_same(
    tmp_path: Path, stall: Market, built: dict[str, Path], name: str
) -> None:
    with world(tmp_path / "user", stall, faults=0.2, seed=3) as found:
        folder, told = build(found, name)
        failed = [r for r in found.hex.log.requests if r.fault not in ("", "delay")]
    assert told["failed"] == {}
    assert failed
    assert published(folder) == published(built[name])


@pytest.mark.parametrize("name", SLOWER)
def test_kill_9_in_the_crawl_and_then_the_same_bytes(
    tmp_path: Path, stall: Market, built: dict[str, Path], name: str
) -> None:
    moments = random.Random(name)
    with world(tmp_path / "user", stall) as found:
        for _ in range(3):
            process = subprocess.Popen(
                command(found.folder, *words(found, name)),
                cwd=found.folder, env=environment(), start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(moments.uniform(1.0, 6.0))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        folder, _ = build(found, name)
        assert published(folder) == published(built[name])
        found.hex.log.forget()
        _, again = build(found, name)
        assert not again["fresh"]
        assert {r.status for r in found.hex.log.requests} == {304}


def test_the_token_is_in_no_file(built: dict[str, Path]) -> None:
    root = built["elixir-instruct-v3"].parents[2]
    holding = [p for p in root.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]
    assert holding == []
    assert Store(root).names() == sorted(NAMES)
