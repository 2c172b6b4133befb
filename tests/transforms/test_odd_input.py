"""No transform of documentation, tests, holes or whole files raises for what a file holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.plugins import load
from factory.records import Document, Example
from tests.transforms.golden import make
from tests.transforms.test_doctest import TIDE
from tests.transforms.test_tests import LOCK, LOCK_TEST, TILL

NAMES = ("doctest", "fim", "pretrain", "test_driven", "test_writing")
FILES = {
    "lib/tide.ex": TIDE,
    "lib/lock.ex": LOCK,
    "test/lock_test.exs": LOCK_TEST,
    "till.erl": TILL,
}


def documents(files: dict[str, str]) -> list[Document]:
    return [
        Document(
            "t",
            "r",
            "1",
            "sha256:0",
            "r",
            path,
            {"erl": "erlang", "heex": "heex", "eex": "eex", "md": "markdown"}.get(
                path.rsplit(".", 1)[1], "elixir"
            ),
            "MIT",
            text,
        )
        for path, text in files.items()
    ]


def rows(name: str, files: dict[str, str]) -> tuple[Example, ...]:
    kind = load("factory.transforms", name)
    return make(kind(kind.Options(), 7), documents(files)).rows


@pytest.mark.parametrize("name", NAMES)
def test_the_files_as_they_are_make_rows(name: str) -> None:
    assert rows(name, FILES)


@pytest.mark.parametrize("name", NAMES)
def test_windows_line_ends_make_rows_of_the_same_files(name: str) -> None:
    other = {path: text.replace("\n", "\r\n") for path, text in FILES.items()}
    assert {r.provenance.path for r in rows(name, other)} == {
        r.provenance.path for r in rows(name, FILES)
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        "defmodule A do\n" * 5_000,
        "describe " * 5_000,
        'defmodule ATest do\n  describe "x" do\n    test "y" do\n',
        'defmodule A do\n  @doc """\n' + "  iex> x\n" * 5_000,
        "a\0b",
        "",
        "\ufeffdefmodule A do\nend\n",
        "é" * 1_000,
    ],
    ids=["brackets", "modules", "words", "open", "prompts", "nul", "empty", "bom", "accents"],
)
def test_hostile_files_raise_nothing(name: str, text: str) -> None:
    files = {f"lib/a.{end}": text for end in ("ex", "erl", "heex", "eex", "md")}
    rows(name, {**files, "test/a_test.exs": text})


@given(
    st.sampled_from(sorted(FILES)),
    st.integers(0, 2_000),
    st.integers(0, 200),
    st.text("\"'`~@#%{}[]()|>-=: \n\\doendifé", max_size=12),
)
@settings(max_examples=60)
def test_damage_anywhere_raises_nothing(path: str, at: int, length: int, noise: str) -> None:
    text = FILES[path]
    damaged = {**FILES, path: text[:at] + noise + text[at + length :]}
    for name in NAMES:
        rows(name, damaged)
