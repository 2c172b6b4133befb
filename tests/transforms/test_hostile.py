"""Odd input gives rows or reasons, never an exception, and never a row from what is broken."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory.syntax import parse
from tests.transforms.golden import FIXTURES
from tests.transforms.reading import parsed, run
from transforms.fences import unfenced

NAMES = ("implement", "document", "spec", "explain")
FILES = {
    "elixir": (FIXTURES / "lib" / "shelf.ex").read_text(encoding="utf-8"),
    "erlang": (FIXTURES / "src" / "tally.erl").read_text(encoding="utf-8"),
}
DEEP = 100_000

HOSTILE = [
    "",
    "\ufeff",
    "(" * DEEP,
    "[" * DEEP + "]" * DEEP,
    'defmodule A do\n  @doc "Nests deeply, very deeply."\n  def f, do: ' + "[" * DEEP + "\nend\n",
    "defmodule A do\n" * 3_000,
    'defmodule A do\n  @doc "Pipes very often, over and over."\n  def f(x) do\n    x'
    + " |> g()" * 5_000
    + "\n  end\nend\n",
    'defmodule A do\n  @doc "Ünïcödé — says „what“ it does."\n  def f(ä), do: ä\nend\n',
    "-module(m).\n%% @doc Loops and loops and loops.\nf(" + "X," * 20_000 + "X) -> X.\n",
    "x\0y",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", sorted(FILES))
def test_hostile_files_are_survived(name: str, language: str) -> None:
    for source in HOSTILE:
        run(name, source, language)


@pytest.mark.parametrize("language", sorted(FILES))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_cut_files_give_whole_answers(language: str, data: st.DataObject) -> None:
    source = FILES[language]
    start = data.draw(st.integers(0, len(source)))
    length = data.draw(st.integers(0, 40))
    given_file = parsed(source[:start] + source[start + length :], language)
    for name in NAMES:
        for subject, row in run(name, given_file)[0].items():
            if name in {"implement", "spec"}:
                (code,) = unfenced(row.answer)
                assert not parse(code.encode(), language).root_node.has_error, subject


@pytest.mark.parametrize("name", NAMES)
def test_windows_line_ends_make_the_same_rows(name: str) -> None:
    plain, _ = run(name, FILES["elixir"])
    windows, _ = run(name, FILES["elixir"].replace("\n", "\r\n"))
    assert {s: r.answer for s, r in windows.items()} == {s: r.answer for s, r in plain.items()}
