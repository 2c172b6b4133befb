"""Headings: what they ask, in which form, and which ask nothing."""

from __future__ import annotations

import pytest

from transforms.book.headings import Capitals, bare, general, of_chapter, read

PROSE = [
    "You write a list, a Keyword and a map, with Ecto, and with the File module, as in a file. "
    "We store the users in a map and call the server of the GenServer, and the maps of Ecto too."
]


@pytest.mark.parametrize(
    ("title", "form", "text"),
    [
        ("Keyword Lists", "concept", "Keyword lists"),
        ("Maps as key-value pairs", "concept", "maps as key-value pairs"),
        ("3.2 Deleting a File", "task", "delete a file"),
        ("Storing Users in Maps", "task", "store users in maps"),
        ("How to Store Maps?", "task", "store maps"),
        ("Open the file", "task", "open the file"),
        ("Manually Defining Nested Forms", "task", "manually define nested forms"),
        ("Setup the mailer config", "task", "set up the mailer config"),
        ("Create implementation module", "task", "create implementation module"),
        ("Run the Tests", "task", "run the tests"),
        ("Testing with Ecto", "task", "test with Ecto"),
        ("When to use streams?", "question", "When to use streams?"),
        ("`if/2` and `unless/2`", "name", "`if/2` and `unless/2`"),
        ("[`map(enum)`](`Enum.map/2`)", "name", "`map(enum)`"),
        ("if, else and unless", "name", "`if`, `else` and `unless`"),
        ("Capture operator", "concept", "capture operator"),
        ("Introduction to Ecto", "concept", "Ecto"),
        ("The GenServer", "concept", "the GenServer"),
        ("GenServer.call and Task.await", "concept", "GenServer.call and Task.await"),
        ("`send_error` - Create New Span", "name", "`send_error`"),
        ("📦 What is a Map?", "question", "What is a map?"),
        ("DeleteKeys/1 — Remove Top-Level Fields", "concept", "DeleteKeys/1"),
        ("Top-Level Fields", "concept", "top-level fields"),
        ("Enforce keys", "task", "enforce keys"),
        ("Temporarily open the file", "task", "temporarily open the file"),
        ("(Optional) Open the file", "task", "open the file"),
        ("What about root types?", "question", "What about root types?"),
    ],
)
def test_a_heading_asks_in_one_of_four_forms(title: str, form: str, text: str) -> None:
    heading = read(title, Capitals(PROSE))
    assert heading is not None
    assert (heading.form, heading.text) == (form, text)


@pytest.mark.parametrize(
    "title",
    [
        "Overview",
        "The basics",
        "Example 2",
        "Chapter 4",
        "Our shelf",
        "Mathematical!",
        "Now, where did I put that value?",
        "put",
        "Update users",
        "In the controller",
        "Policies require opt-in",
        "Next steps: streams",
        "Keeping things tidy",
        "Using with Phoenix",
        "geom.ex",
        "A User Example",
        "Sideload the products by default",
        "With Category",
        "Why the dot?",
        "Match \\[ vs \\] destructure",
        "`case` true/false -> `if`",
        "Maps – Lists",
        "Sorting dates (Elixir v1.10)",
        "Acknowledge received events",
        "Step 2: Open the file",
        "Testing other callbacks",
        "A better training loop",
        "x" * 400,
        "",
    ],
)
def test_what_nobody_would_ask_asks_nothing(title: str) -> None:
    assert read(title, Capitals(PROSE)) is None


def test_a_part_that_many_texts_have_is_general() -> None:
    assert general("Refactoring")
    assert general("2. The Problem")
    assert not general("Refactoring a pipeline")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Chapter 3: Maps", "Maps"),
        ("3.1. Maps", "Maps"),
        ("IV. Maps", "Maps"),
        ("In memory", "In memory"),
        ("Étude 3-1: Guards", "Guards"),
        ("**Bold** and *thin*", "Bold and thin"),
        ("10 ways", "Ways"),
        ("10.Maps", "Maps"),
        ("3.x maps", "3.x maps"),
        ("BFGS (recommended)", "BFGS"),
        ("Maps (and structs)", "Maps (and structs)"),
        ("🎁 Maps", "Maps"),
    ],
)
def test_numbers_and_marks_of_a_heading_go(title: str, expected: str) -> None:
    assert bare(title) == expected


def test_an_answer_must_speak_of_the_words_of_the_heading() -> None:
    heading = read("Deleting files", Capitals(PROSE))
    assert heading is not None
    assert heading.words == {"delet", "fil"}
    assert heading.noun == "deleting files"


def test_a_chapter_that_says_what_to_do_is_read_about_as_how_to_do_it() -> None:
    chapter = of_chapter("Disable Registration", Capitals(PROSE))
    assert chapter is not None
    assert chapter.noun == "how to disable registration"
    assert of_chapter("Keyword Lists", Capitals(PROSE)) == read("Keyword Lists", Capitals(PROSE))
    assert of_chapter("Overview", Capitals(PROSE)) is None
    assert of_chapter("Update your users", Capitals(PROSE)) is None
    assert of_chapter("Getting Started with Ecto", Capitals(PROSE)) is None
    assert of_chapter("Maps / lists of them", Capitals(PROSE)) is None
    long = "A pro meets his mentor to learn of maps in a day"
    assert of_chapter(long, Capitals(PROSE)) is None
    assets = of_chapter("Assets Overview", Capitals(PROSE))
    assert assets is not None
    assert assets.noun == "assets"
    routers = of_chapter("Cache Routers", Capitals(PROSE))
    assert routers is not None
    assert routers.noun == "cache routers"
