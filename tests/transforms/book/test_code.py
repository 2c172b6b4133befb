"""Code blocks: their language, whether they are whole, and what they take for granted."""

from __future__ import annotations

import pytest

from transforms.book.code import Block, strangers
from transforms.markdown import Code, read


def block(code: str, info: str = "elixir") -> Block:
    (found,) = read(f"~~~{info}\n{code}\n~~~\n").blocks
    assert isinstance(found, Code)
    return Block(found)


@pytest.mark.parametrize(
    ("code", "info", "language"),
    [
        ("x = 1", "elixir", "elixir"),
        ("iex> 1\n1", "", "elixir"),
        ("iex(1)> 1\n1", "text", "elixir"),
        ("1> X = 1.\n1", "", "erlang"),
        ("-module(a).\n", "", "erlang"),
        ("$ mix test", "", "shell"),
        ("mix test", "elixir", "shell"),
        ("mix test", "bash", "shell"),
        ("<div>{@x}</div>", "heex", "heex"),
        ("<p><%= x %></p>", "html+eex", "eex"),
        ("defmodule A do\nend", "", "elixir"),
        ('{"a": 1}', "", ""),
        ("a: 1", "yaml", "yaml"),
        ("scope = all\nqueue = replq\nalias = list -p vhost", "", ""),
        ("scope = :all\nqueue = length(list)", "", "elixir"),
    ],
)
def test_a_block_is_in_the_language_that_it_says_or_shows(
    code: str, info: str, language: str
) -> None:
    assert block(code, info).language == language


@pytest.mark.parametrize(
    ("code", "info", "whole"),
    [
        ("defmodule A do\n  def b, do: 1\nend", "elixir", True),
        ("defmodule A do\n  def b do", "elixir", False),
        ("iex> if true do\n...>   1\n...> end\n1", "elixir", True),
        ("iex> if true do\n  1\nend\n1", "elixir", True),
        ("iex> if true do\n  1\nelse", "elixir", False),
        ("iex> [\n  1,\n]\n[1]\niex> 2\n2", "elixir", True),
        ("+  plug :a\n-  plug :b", "elixir", False),
        ("graph TD", "mermaid", False),
        ("def b, do: ..., else: 1", "heex", True),
        ("-module(a).\nf() ->", "erlang", False),
    ],
)
def test_code_that_does_not_parse_is_not_whole(code: str, info: str, whole: bool) -> None:
    assert block(code, info).whole is whole


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def a do\n  ...\nend", 1),
        ("use A, ...\n# ...", 2),
        ("...callbacks...", 2),
        ("def a(x) do\nend", 1),
        ("iex> 1\n...> + 1\n2", 0),
        ("[1, ...]", 1),
        ("1..10//2", 0),
    ],
)
def test_marks_for_code_that_is_not_there_are_counted(code: str, count: int) -> None:
    assert block(code).placeholders == count


def test_prompts_are_shown_without_numbers_and_code_without_margin() -> None:
    assert block("iex(12)> x = 1\n1\niex(13)> x\n1").shown == "iex> x = 1\n1\niex> x\n1"
    assert block("    a()\n      b()").shown == "a()\n  b()"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("iex> list[:a]\n1", ["list"]),
        ("iex> list = [a: 1]\niex> list[:a]\n1", []),
        ("iex> add.(1, 2)\n3", ["add"]),
        ("iex> for x <- [1], do: x\n[1]", []),
        ("iex> Enum.map([1], fn x -> x end)\n[1]", []),
        ("iex> Geom.area(1, 2)\n2", ["Geom"]),
        ("iex> MyApp.area(1, 2)\n2", []),
        ("iex> defmodule Geom do\n...> def a(x), do: x\n...> end\niex> Geom.a(1)\n1", []),
        ("iex> alias Foo.Bar\niex> Bar.x()\n1", []),
        ("iex> &String.length/1\n1", []),
    ],
)
def test_a_session_binds_what_it_uses(code: str, found: list[str]) -> None:
    assert strangers([block(code)], {"MyApp"}) == found


def test_snippets_are_held_to_it_only_where_asked() -> None:
    code = block("put_in(user.name, 1)")
    assert strangers([code], ()) == []
    assert strangers([code], (), snippets=True) == ["user"]
    definition = block("user = %{name: 1}")
    assert strangers([definition, code], (), snippets=True) == []
