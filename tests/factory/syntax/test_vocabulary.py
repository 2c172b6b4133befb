"""The words that a snippet is written with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.syntax.vocabulary import FORMS, vocabulary


def words(code: str, language: str = "elixir") -> set[str]:
    return set(vocabulary(code, language))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Enum.map(list)", {"Enum", "Enum.map"}),
        ("Ecto.Changeset.cast(a)", {"Ecto", "Ecto.Changeset", "Ecto.Changeset.cast"}),
        (":ets.new(a)", {":ets", ":ets.new", "(erlang call)", "(atom)"}),
        ("use GenServer", {"use", "use GenServer", "GenServer"}),
        ("import Ecto.Query", {"import", "import Ecto.Query", "import Ecto", "Ecto.Query", "Ecto"}),
        ("a |> b()", {"|>", "b"}),
        ("def schema(a), do: a", {"def", "(keyword list)"} - {"(keyword list)"}),
        ("def schema(a) when a, do: a", {"def", "when", "(guard)"}),
        ("@spec f(a) :: b", {"@spec", "::", "f"}),
        ("@retries 5", {"@retries", "(attribute)", "(integer)"}),
        ("~w[a b]a", {"~w"}),
        ("{:ok, x} = f()", {"(tuple)", "(tagged tuple)", "(pattern match)", "(atom)", "=", "f"}),
        ("x = f()", {"=", "f"}),
        ("^x = 1", {"(pin)", "=", "(integer)"}),
        ("&f/1", {"(capture)", "/", "(integer)"}),
        ("fn -> 1.5 end", {"(fn)", "(float)"}),
        ("%User{a | b: 1}", {"(struct)", "(map)", "(map update)", "|", "User", "(integer)"}),
        ("[a: 1]", {"(list)", "(keyword list)", "(integer)"}),
        ('"a#{b}"', {"(string)", "(interpolation)"}),
        ("'abc'", {"(charlist)"}),
        ("<<a>>", {"(binary)"}),
        ("not true", {"not", "(boolean)"}),
        ("try do\n a\nrescue\n b -> c\nend", {"try", "rescue"}),
        ('# GenServer.call\n"use Agent"', {"(string)"}),
        ("", set()),
    ],
)
def test_elixir(code: str, expected: set[str]):
    assert words(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f() -> ets:new(t, []).", {":ets", ":ets.new", "(erlang call)", "(list)"}),
        ("f(P) -> P ! hi.", {"send"}),
        ("f(X) when X > 1 -> X.", {"(guard)"}),
        ("f() -> receive a -> b end.", {"receive"}),
        ("f() -> [X || X <- L].", {"(comprehension)"}),
        ("f() -> spawn(fun() -> ok end).", {"spawn", "(fn)"}),
        ("f() -> #{a => <<1>>}.", {"(map)", "(binary)"}),
    ],
)
def test_erlang(code: str, expected: set[str]):
    assert words(code, "erlang") == expected


def test_other_languages_have_no_words():
    assert words("Enum.map(a)", "shell") == set()
    assert words("Enum.map(a)", "") == set()


def test_broken_code_gives_what_can_be_made_out():
    assert {"Enum.map", "|>"} <= words("x |> Enum.map(f)\n)\nend end {")


@given(st.text(max_size=300), st.sampled_from(["elixir", "erlang"]))
def test_any_text_gives_words_that_are_known_forms_or_stand_in_it(code: str, language: str):
    for word in vocabulary(code, language):
        if word.startswith("(") and word.endswith(")"):
            assert word in FORMS


def test_a_snippet_that_costs_too_much_gives_none():
    assert words("f a - @" * 5_000) == set()
