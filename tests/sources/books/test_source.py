"""The source `books`: licences stated, chapters as documents, and what is said of the rest."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from factory.errors import RequestError, SourceError
from factory.plugins import Finding, SourceContext
from factory.records import Document, Failed, LeftOut, Release
from sources.books import Books, shelf
from tests.sources.books.epubs import epub, links, page


class Heard:
    """Progress that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, size: int = 0) -> None: ...

    def finish(self) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Books: an EPUB of two chapters, a Markdown file, a folder of guides, and things beside."""
    books = tmp_path / "books"
    (books / "guides").mkdir(parents=True)
    epub(
        books / "small.epub",
        {
            "a.xhtml": page("<h1>1. Atoms</h1><p>An atom.</p><pre class='elixir'>:ok</pre>"),
            "b.xhtml": page("<h1>2. Maps</h1><p>A map.</p>"),
        },
        links(("1. Atoms", "a.xhtml"), ("2. Maps", "b.xhtml")),
        metadata="<dc:title>Elixir: A Small Book</dc:title><dc:creator>Ada</dc:creator>"
        "<dc:identifier>0-306-40615-2</dc:identifier>",
    )
    (books / "notes.md").write_text("# Notes\n\n## One\n\nx\n\n## Two\n\ny\n")
    (books / "guides" / "processes.md").write_text("# Processes\n\nRun `spawn/1`.\n")
    (books / "guides" / "agents.md").write_text("Agents\n======\n\nKeep state.\n")
    (books / "guides" / "LICENSE.md").write_text("# MIT\n")
    (books / "README.md").write_text("# Put books here\n")
    (books / ".hidden.epub").write_text("x")
    (books / "cover.jpg").write_bytes(b"x")
    return books


def source(folder: Path, *files: dict[str, Any], heard: Heard | None = None) -> Books:
    options = Books.Options(folder=str(folder), files=files)
    return Books(options, SourceContext(folder.parent / "cache", True, heard or Heard()))


def listed(found: Books) -> tuple[list[Release], list[Failed]]:
    every = list(found.releases())
    return (
        [each for each in every if isinstance(each, Release)],
        [each for each in every if isinstance(each, Failed)],
    )


def documents(found: Books, release: Release) -> list[Document | LeftOut]:
    """As a worker sees them: the source has travelled there."""
    return list(pickle.loads(pickle.dumps(found)).documents(release))


SMALL = {"file": "small.epub", "licence": "cc-by-4.0"}
NOTES = {"file": "notes.md", "licence": "LicenseRef-mine", "authors": "Me"}
GUIDES = {"file": "guides", "licence": "MIT"}


def test_a_book_is_a_release_and_a_chapter_a_document(folder: Path):
    books = source(folder, SMALL, NOTES, GUIDES)
    (small, notes, guides), failed = listed(books)
    assert failed == []
    assert (small.label, small.family, small.book, small.origin) == (
        f"books:elixir-a-small-book@{small.version}",
        "elixir-a-small-book",
        "Elixir: A Small Book",
        "books:small.epub",
    )
    assert small.checksum == f"sha256:{shelf.digest(folder / 'small.epub')}"
    first, second = documents(books, small)
    assert first == Document(
        source="books",
        release="elixir-a-small-book",
        version=small.version,
        checksum=small.checksum,
        family="elixir-a-small-book",
        path="01-atoms.md",
        language="markdown",
        licence="CC-BY-4.0",
        text="# Atoms\n\nAn atom.\n\n```elixir\n:ok\n```\n",
        origin="Ada: Elixir: A Small Book. ISBN 9780306406157",
        licence_note="stated in the dataset's registry",
        book="Elixir: A Small Book",
        chapter="Atoms",
    )
    assert isinstance(second, Document)
    assert (second.path, second.text) == ("02-maps.md", "# Maps\n\nA map.\n")
    assert [(d.path, d.origin) for d in documents(books, notes) if isinstance(d, Document)] == [
        ("01-one.md", "Me: Notes"),
        ("02-two.md", "Me: Notes"),
    ]
    assert [(d.path, d.chapter) for d in documents(books, guides) if isinstance(d, Document)] == [
        ("agents.md", "Agents"),
        ("processes.md", "Processes"),
    ]


def test_no_row_holds_a_path_of_this_machine(folder: Path):
    books = source(folder, SMALL, GUIDES)
    for release in listed(books)[0]:
        shown = repr(release) + repr(documents(books, release))
        assert str(folder) not in shown
        assert folder.parent.name not in shown


def test_what_is_stated_makes_another_edition_and_other_books_do_not(folder: Path):
    alone = listed(source(folder, SMALL))[0][0]
    among = listed(source(folder, NOTES, SMALL))[0][1]
    assert alone == among
    stated = listed(source(folder, {**SMALL, "licence": "MIT"}))[0][0]
    titled = listed(source(folder, {**SMALL, "title": "Other"}))[0][0]
    assert len({alone.version, stated.version, titled.version}) == 3
    assert {alone.checksum} == {stated.checksum, titled.checksum}
    moved = folder.parent / "elsewhere"
    shutil.copytree(folder, moved)
    assert listed(source(moved, SMALL))[0] == [alone]


def test_a_changed_guide_makes_another_release(folder: Path):
    before = listed(source(folder, GUIDES))[0][0]
    (folder / "guides" / "LICENSE.md").write_text("# Other\n")
    assert listed(source(folder, GUIDES))[0][0] == before
    (folder / "guides" / "agents.md").write_text("# Agents\n\nOther.\n")
    assert listed(source(folder, GUIDES))[0][0].checksum != before.checksum


def test_a_book_without_its_licence_is_named_with_the_line_to_add(folder: Path):
    _, failed = listed(source(folder, SMALL))
    assert [each.name for each in failed] == ["guides", "notes.md"]
    assert failed[1].reason == (
        "its licence is not stated: add `- {file: notes.md, licence: …}` under "
        "sources.books.files, or take it away"
    )
    partly = {"file": "guides/agents.md", "licence": "MIT"}
    assert [each.name for each in listed(source(folder, partly, SMALL, NOTES))[1]] == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"file": "a.pdf"}, "a.pdf has no licence: state it as an SPDX expression"),
        ({"file": "a.pdf", "licence": " "}, "a.pdf has no licence"),
        ({"file": "a.pdf", "licence": "free"}, "'free' is no SPDX licence expression"),
        ({"file": "../a.pdf", "licence": "MIT"}, "no file inside the folder of books"),
        ({"file": "/a.pdf", "licence": "MIT"}, "no file inside the folder of books"),
        ({"file": ".", "licence": "MIT"}, "no file inside the folder of books"),
        ({**SMALL, "isbn": "0-306-40615-3"}, "its check digit is wrong"),
        ({**SMALL, "password_env": "open sesame"}, "the name of an environment variable"),
        ({**SMALL, "licens": "MIT"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, Any], reason: str):
    with pytest.raises(ValidationError, match="(?s)" + reason.replace("(", "\\(")):
        Books.Options(files=[entry])
    with pytest.raises(ValidationError, match="listed twice"):
        Books.Options(files=[SMALL, SMALL])


def test_who_has_no_books_goes_on_without(tmp_path: Path):
    heard = Heard()
    assert listed(source(tmp_path / "books", heard=heard)) == ([], [])
    assert heard.lines == [
        "books: none are listed and the folder books is not there; going on without"
    ]
    (tmp_path / "books").mkdir()
    assert listed(source(tmp_path / "books", heard=heard)) == ([], [])
    assert heard.lines[1:] == [
        "books: none are listed and the folder books is empty; going on without"
    ]


def test_a_listed_book_that_is_not_there_fails_alone(folder: Path):
    gone = {"file": "gone.pdf", "licence": "MIT"}
    image = {"file": "cover.jpg", "licence": "MIT"}
    releases, failed = listed(source(folder, gone, image, SMALL, NOTES, GUIDES))
    assert len(releases) == 3
    assert [(each.name, each.reason.partition(":")[0]) for each in failed] == [
        ("gone.pdf", "it is listed and not in the folder books"),
        ("cover.jpg", "it is neither PDF, EPUB nor Markdown"),
    ]


def test_a_damaged_book_fails_alone_when_it_is_listed(folder: Path):
    (folder / "small.epub").write_bytes(b"PK\x03\x04 and no more")
    releases, failed = listed(source(folder, SMALL, NOTES, GUIDES))
    assert [release.book for release in releases] == ["Notes", "guides"]
    assert [each.name for each in failed] == ["small.epub"]


def test_a_book_that_changes_after_it_was_listed_is_not_read(folder: Path):
    books = source(folder, NOTES)
    (release,), _ = listed(books)
    (folder / "notes.md").write_text("# Notes\n\nother\n")
    with pytest.raises(SourceError, match="changed since it was listed"):
        documents(books, release)


def test_a_missing_package_is_one_line_that_names_the_extra(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shelf, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match=r"needs the package lxml: install .*\[books\]"):
        source(folder, SMALL).releases()
    assert len(listed(source(folder, NOTES))[0]) == 1


def test_check_says_what_a_build_would_find(folder: Path):
    found = source(folder, SMALL, {"file": "gone.pdf", "licence": "MIT"}, GUIDES).check()
    assert found.findings == (
        Finding(
            "small.epub",
            True,
            "Elixir: A Small Book by Ada; licence CC-BY-4.0; 2 chapters; code: 1 elixir; "
            "ISBN 9780306406157",
        ),
        Finding(
            "guides",
            True,
            "guides; licence MIT; 2 chapters; code: none; not found: authors, ISBN (may be stated "
            "beside the licence)",
        ),
        Finding(
            "gone.pdf",
            False,
            "it is listed and not in the folder books: put it there, or take its line out of "
            "sources.books.files",
        ),
        Finding(
            "notes.md",
            False,
            "its licence is not stated: add `- {file: notes.md, licence: …}` under "
            "sources.books.files, or take it away",
        ),
    )
    assert (found.releases, found.requests) == (2, 0)
    none = source(folder.parent / "none").check()
    assert [(f.ok, f.detail) for f in none.findings] == [
        (None, "no book is listed and none lies here")
    ]


def test_reading_names_the_libraries_that_decide_the_text(folder: Path):
    assert list(source(folder, SMALL).reading()) == ["lxml"]
    assert list(source(folder, SMALL, {"file": "A.PDF", "licence": "MIT"}).reading()) == [
        "lxml",
        "pymupdf",
    ]
    assert source(folder, NOTES).reading() == {}
