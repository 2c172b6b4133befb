"""Doctests are found as ExUnit finds them, with their places in the file."""

from __future__ import annotations

from textwrap import indent

import pytest

from factory.syntax.elixir import outline
from factory.syntax.outline import Doctest
from factory.syntax.parse import parse


def doctests(doc: str, opening: str = '"""') -> tuple[tuple[Doctest, ...], bytes]:
    """The doctests of a function with this documentation, and the file's source."""
    written = f'@doc {opening}\n{doc}\n"""\ndef run, do: 1'
    source = f"defmodule Shop do\n{indent(written, '  ')}\nend\n".encode()
    (module,) = outline(source, parse(source, "elixir")).modules
    found = module.functions[0].doc
    assert found is not None
    return found.doctests, source


def pairs(doc: str) -> list[tuple[str, str]]:
    return [(one.expression, one.expected) for one in doctests(doc)[0]]


def test_expression_and_value() -> None:
    found, source = doctests("Adds.\n\n    iex> 1 + 1\n    2\n\nThat is all.")
    (one,) = found
    assert (one.expression, one.expected, one.raises) == ("1 + 1", "2", False)
    assert one.span.cut(source) == "iex> 1 + 1\n      2"


def test_an_expression_goes_on_over_lines() -> None:
    assert pairs("iex> [1, 2]\n...> |> Enum.map(fn x ->\n...>   x + 1\n...> end)\n[2, 3]") == [
        ("[1, 2]\n|> Enum.map(fn x ->\n  x + 1\nend)", "[2, 3]")
    ]


def test_a_value_goes_on_until_a_blank_line_and_keeps_its_indentation() -> None:
    assert pairs("iex> a()\n%{\n  b: 1,\n  c: 2\n}\n\nprose\n\niex> d()\n:d") == [
        ("a()", "%{\n  b: 1,\n  c: 2\n}"),
        ("d()", ":d"),
    ]


def test_prompts_with_numbers() -> None:
    assert pairs("iex(1)> a =\n...(1)> 1\n1\niex(2)> a\n1") == [("a =\n1", "1"), ("a", "1")]


def test_a_blank_line_ends_the_group_that_shares_bindings() -> None:
    found, _ = doctests("iex> a = 1\n1\niex> a + 1\n2\n\niex> 3\n3")
    assert [(one.group, one.earlier) for one in found] == [(0, ()), (0, ("a = 1",)), (1, ())]


def test_a_prompt_without_a_value_belongs_to_the_next_one() -> None:
    found, source = doctests("iex> a = 1\niex> a + 1\n2\n\niex> nothing()")
    (one,) = found
    assert (one.expression, one.expected) == ("a = 1\na + 1", "2")
    assert one.span.cut(source) == "iex> a = 1\n  iex> a + 1\n  2"


def test_errors_are_the_whole_text() -> None:
    found, _ = doctests('iex> raise "no"\n** (RuntimeError) no\nand more\n\niex> 1\n1')
    assert [(one.expected, one.raises) for one in found] == [
        ("** (RuntimeError) no\nand more", True),
        ("1", False),
    ]


def test_a_fence_ends_an_example() -> None:
    assert pairs("```elixir\niex> 1\n1\n```\nnot a value") == [("1", "1")]


@pytest.mark.parametrize("wrong", ["iex> 1\n  1", "  iex> 1\n1", "iex> a(\n  ...> 1)\n1"])
def test_an_example_with_wrong_indentation_is_none(wrong: str) -> None:
    assert pairs(wrong + "\n\niex> :good\n:good") == [(":good", ":good")]


def test_escapes_are_undone_where_the_string_has_them() -> None:
    doc = 'iex> "a\\\\nb"\n"a\\\\nb"'
    assert pairs(doc) == [('"a\\nb"', '"a\\nb"')]
    found, _ = doctests('iex> "a\\nb"\n"a\\nb"', '~S"""')
    assert [(one.expression, one.expected) for one in found] == [('"a\\nb"', '"a\\nb"')]


def test_what_is_known_only_when_the_code_runs_is_left_out() -> None:
    assert pairs("iex> #{@one}\n1\n\niex> 2\n2") == [("2", "2")]
