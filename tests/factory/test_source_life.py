"""What a source may do in a build, seen through one that a stranger wrote: list with failures,
fetch what no cache has, hand on pages and signals; and what the commands say of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import duckdb
import pytest

from factory.records import about
from tests.factory.building import run

MODULE = '''
import json
from dataclasses import replace
from pathlib import Path

from factory.errors import SourceError
from factory.plugins import Check, Finding, Options, Source, Transform
from factory.records import Curriculum, Document, Failed, Release, Signals
from factory.syntax import Span


class Shelf(Source):
    """Books of a world that the test writes as JSON."""

    name = "shelf"
    version = 1

    class Options(Options):
        world: Path

    def reading(self):
        return {}

    def releases(self):
        for name, book in json.loads(self.options.world.read_text()).items():
            if book.get("lost"):
                yield Failed(name, book["lost"])
                continue
            if book.get("full") == "releases":
                raise OSError(28, "No space left on device", name)
            yield Release("shelf", name, "1", f"sha256:{name}", name, f"shelf:{name}",
                          signals=Signals(stars=book.get("stars")), book=book["title"])

    def fetch(self, releases):
        self.context.progress.start("fetch shelf", len(releases), "books")
        for release in releases:
            book = json.loads(self.options.world.read_text())[release.name]
            if book.get("full") == "fetch":
                raise OSError(28, "No space left on device", release.name)
            with (self.context.cache / "log").open("a") as log:
                log.write(release.name + "\\n")
            if not book.get("torn"):
                (self.context.cache / release.name).write_text(json.dumps(book["chapters"]))
            self.context.progress.advance(1)
        self.context.progress.finish()

    def documents(self, release):
        path = self.context.cache / release.name
        if not path.exists():
            raise SourceError("its pages were torn out")
        for number, chapter in enumerate(json.loads(path.read_text()), 1):
            text = "".join(chapter["pages"])
            at, pages = 0, []
            for page, part in enumerate(chapter["pages"], 10 * number):
                pages.append((at, page))
                at += len(part.encode())
            yield Document("shelf", release.name, "1", release.checksum, release.family,
                           f"{number:02}.md", "markdown", "MIT", text, book=release.book,
                           chapter=chapter["title"], pages=tuple(pages),
                           origin="attic", licence_note="the owner says so")

    def check(self):
        return Check((Finding("open", True, "all day"), Finding("lights", None, "dim")),
                     releases=3, requests=7, bytes=1_500_000, seconds=240)


class Teach(Transform):
    """A row a paragraph: `new: a, b` or `old: a` before its text says what it teaches."""

    name = "teach"
    version = 1
    languages = frozenset({"markdown"})
    tasks = ("teach",)

    def document(self, parsed):
        at = 0
        for part in parsed.document.text.split("\\n\\n"):
            size = len(part.encode())
            kind, _, names = part.splitlines()[0].partition(": ")
            names = tuple(filter(None, names.split(", ")))
            taught = Curriculum(names if kind == "new" else (), names if kind == "old" else ())
            yield self.ask(parsed, "teach", Span(at, at + size), part[:8], part, part * 2,
                           language="elixir", curriculum=taught)
            at += size + 2
'''

WORLD = {
    "second": {
        "title": "Later Things",
        "stars": 12345,
        "chapters": [
            {
                "title": "Servers",
                "pages": [
                    "old: processes\nA server is a process.\n\nnew: ",
                    "servers\nIt loops for ever and answers.",
                ],
            }
        ],
    },
    "zero": {
        "title": "First Things",
        "chapters": [
            {"title": "Processes", "pages": ["new: processes\nA process has a mailbox of its own."]}
        ],
    },
    "gone": {"lost": "its entry never came"},
    "torn": {"title": "Torn", "torn": True},
}

REGISTRY = """\
datasets:
  shelf-v1:
    description: Books of a stranger's shelf.
    stage: 3
    sources:
      shelf: {world: world.json}
      local: {paths: [empty]}
    transforms:
      teach:
    dedup: {near: false}
    split: {validation: 0}
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the plugin installed for processes that are started in it."""
    (tmp_path / "shelf.py").write_text(MODULE)
    metadata = tmp_path / "shelf-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[factory.sources]\nshelf = shelf:Shelf\n[factory.transforms]\nteach = shelf:Teach\n"
    )
    (tmp_path / "world.json").write_text(json.dumps(WORLD))
    (tmp_path / "registry.yaml").write_text(REGISTRY)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "LICENSE").write_text("x")
    old = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), old])))
    return tmp_path


def build(shelf: Path, *words: str) -> subprocess.CompletedProcess[str]:
    given = ["build", "shelf-v1", "--registry", "registry.yaml", "--workers", "1", "--json"]
    return run(shelf, *given, *words)


def rows(shelf: Path, version: str) -> list[dict[str, object]]:
    files = sorted((shelf / version).glob("data/messages/*.parquet"))
    assert files
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT provenance, signals, curriculum, language FROM read_parquet(?) "
            "ORDER BY curriculum.step",
            [[str(file) for file in files]],
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_a_row_of_a_book_says_book_chapter_pages_and_place_in_the_order(shelf: Path) -> None:
    done = build(shelf)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["failed"] == {
        "shelf:gone": "its entry never came",
        "shelf:torn@1": "its pages were torn out",
    }
    found = [
        (
            r["provenance"]["book"],
            r["provenance"]["chapter"],
            r["provenance"]["pages"],
            r["curriculum"]["step"],
            r["signals"]["stars"],
        )
        for r in rows(shelf, told["folder"])
    ]
    assert found == [
        ("First Things", "Processes", "10", 1, None),
        ("Later Things", "Servers", "10", 2, 12345),
        ("Later Things", "Servers", "10-11", 3, 12345),
    ]
    first = rows(shelf, told["folder"])[0]
    assert (first["language"], first["provenance"]["origin"]) == ("elixir", "attic")
    assert first["provenance"]["licence_note"] == "the owner says so"
    shown = run(shelf, "curriculum", "shelf-v1")
    assert shown.stdout.splitlines() == [
        "1. First Things: Processes (easy, step 1, 1 row)",
        "   new: processes",
        "2. Later Things: Servers (easy, steps 2-3, 2 rows)",
        "   new: servers",
        "   builds on: processes",
    ]


def test_only_what_no_cache_has_is_fetched_and_a_star_rebuilds_no_partition(shelf: Path) -> None:
    first = json.loads(build(shelf).stdout)
    log = shelf / ".factory/downloads/shelf/log"
    assert log.read_text().split() == ["second", "torn", "zero"]
    world = json.loads((shelf / "world.json").read_text())
    world["zero"]["stars"] = 7
    del world["torn"], world["gone"]
    (shelf / "world.json").write_text(json.dumps(world))
    second = json.loads(build(shelf).stdout)
    assert log.read_text().split() == ["second", "torn", "zero"]
    assert (second["fresh"], second["source_bytes"]) == (True, 0)
    assert [r["signals"]["stars"] for r in rows(shelf, second["folder"])] == [7, 12345, 12345]
    world.pop("second")
    (shelf / "world.json").write_text(json.dumps(world))
    build(shelf)
    shown = run(shelf, "diff", f"shelf-v1@{second['version']}", "shelf-v1").stdout
    assert "release removed  shelf:second 1" in shown
    assert first["version"] != second["version"]


def test_strict_stops_at_what_could_not_be_listed(shelf: Path) -> None:
    done = build(shelf, "--strict")
    assert done.returncode == 1
    assert "shelf:gone: its entry never came" in done.stderr
    assert not (shelf / ".factory/downloads/shelf/log").exists()


def test_check_says_what_a_build_would_take(shelf: Path) -> None:
    done = run(shelf, "sources", "check", "shelf", "--registry", "registry.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "shelf, as shelf-v1 uses it",
        "  ok  open    all day",
        "  --  lights  dim",
        "a build would take from it: 3 releases, some 7 requests, some 1.5 MB, about 4 min",
    ]
    absent = run(shelf, "sources", "check", "shelv", "--registry", "registry.yaml")
    assert absent.returncode == 2
    assert "no dataset of registry.yaml has a source named 'shelv'; did you mean shelf?" in (
        absent.stderr
    )
    path = "sources.local.paths=[nowhere]"
    lost = run(shelf, "sources", "check", "local", "--registry", "registry.yaml", "--set", path)
    assert lost.returncode in (1, 2)
    assert "nowhere" in lost.stdout + lost.stderr


def test_without_a_source(shelf: Path) -> None:
    told = json.loads(build(shelf, "--without", "local").stdout)
    manifest = json.loads((shelf / told["folder"] / "manifest.json").read_text())
    assert list(manifest["spec"]["sources"]) == ["shelf"]
    for words, message in [
        (["--without", "shlf"], "--without shlf: shelf-v1 has no such source; did you mean shelf?"),
        (
            ["--without", "shelf", "--without", "local"],
            "--without local: shelf-v1 would have no source left",
        ),
    ]:
        done = build(shelf, *words)
        assert (done.returncode, done.stderr.strip()) == (2, f"factory: {message}")


def test_about_is_two_significant_digits() -> None:
    counts = (0, 7, 42, 123, 999, 12345, 1_250_001)
    assert [about(n) for n in counts] == [0, 7, 42, 120, 1000, 12000, 1_300_000]


@pytest.mark.parametrize("where", ["releases", "fetch"])
def test_a_full_disk_is_one_sentence(shelf: Path, where: str) -> None:
    world = {**WORLD, "third": {"title": "Third", "chapters": [], "full": where}}
    (shelf / "world.json").write_text(json.dumps(world))
    done = build(shelf)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr and "Traceback" not in done.stderr


def test_why_a_release_failed_is_no_part_of_what_the_version_is(shelf: Path) -> None:
    """The words differ from day to day: a reset now, a time-out then."""
    versions = set()
    for why in ("connection reset", "no answer in time"):
        (shelf / "world.json").write_text(json.dumps({**WORLD, "gone": {"lost": why}}))
        told = json.loads(build(shelf).stdout)
        assert told["failed"]["shelf:gone"] == why
        versions.add(told["version"])
    assert len(versions) == 1
    (shelf / "world.json").write_text(json.dumps({**WORLD, "missing": {"lost": why}}))
    assert json.loads(build(shelf).stdout)["version"] not in versions


def test_thousands_that_failed_do_not_fill_the_screen(shelf: Path) -> None:
    lost = {f"lost{n:02}": {"lost": "no network"} for n in range(30)}
    (shelf / "world.json").write_text(json.dumps({**WORLD, **lost}))
    given = ["build", "shelf-v1", "--registry", "registry.yaml", "--workers", "1"]
    done = run(shelf, *given)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("left out")]
    assert told[0] == "left out shelf:gone: its entry never came"
    assert told[19:] == ["left out shelf:lost18: no network", "left out and 12 others"]
    assert "could not be read: shelf:gone, shelf:lost00, shelf:lost01, shelf:lost02" in done.stdout
    strict = run(shelf, *given, "--strict").stderr.splitlines()
    assert strict[-2:] == ["  shelf:lost18: no network", "  and 11 others"]
    manifest = json.loads(next(shelf.glob(".factory/datasets/*/*/manifest.json")).read_text())
    assert len(manifest["failed"]) == 32
