"""What a block of code is, from what it says; and the fence around it."""

from __future__ import annotations

import pytest

from sources.books.fences import fence, language

BLOCKS = {
    "elixir": [
        "defmodule Math do\n  def sum(a, b), do: a + b\nend",
        '"hello" |> String.upcase() |> IO.puts()',
        "[head | tail] = [1, 2, 3]",
        'defmodule A do\n  @doc """\n      iex> A.b()\n      1\n  """\n  def b, do: 1\nend',
    ],
    "iex": [
        "iex> 40 + 2\n42",
        "iex(1)> x = 1\n1\niex(2)> x\n1",
        "Interactive Elixir (1.15.0) - press Ctrl+C to exit\niex(1)> 1\n1",
        '# A comment first.\niex> "a"\n"a"',
    ],
    "erlang": ["-module(m).\n-export([f/1]).\n\nf(X) ->\n    X + 1.\n"],
    "shell": [
        "$ mix new my_app\n* creating README.md",
        "mix deps.get",
        "# Debug all tests\n$ iex -S mix test --breakpoints",
        "#!/bin/sh\nexec mix run",
        "@echo off\nrem Set it",
    ],
    "output": [
        "** (MatchError) no match of right hand side value: 1\n    (stdlib) erl_eval.erl:1: x",
        "Compiling 1 file (.ex)\nGenerated kv app",
        "  1) test greets the world (KVTest)\n     test/kv_test.exs:5",
        "17:21:57.567 [error] Task started terminating",
    ],
    "text": ['{"name": "elixir"}', "<div>Hello</div>", "+ kv_umbrella\n  + apps\n    + kv"],
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for name, codes in BLOCKS.items() for code in codes]
)
def test_what_a_block_is(code: str, name: str) -> None:
    assert language(code) == name


def test_a_fence_is_longer_than_any_in_the_code() -> None:
    assert fence("x = 1", "elixir") == "```elixir\nx = 1\n```\n"
    assert fence("```\nx\n````", "text") == "`````text\n```\nx\n````\n`````\n"
