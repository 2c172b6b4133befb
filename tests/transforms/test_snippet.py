"""What Elixir snippets leave open, read from their trees."""

from __future__ import annotations

import pytest

from transforms.snippet import Called, snippet


@pytest.mark.parametrize(
    ("code", "free"),
    [
        ("f(message)", {"message"}),
        ("conn = put(conn, :a)\nget(conn)", {"conn"}),
        ("x = 1\nx = x + 1\nx", set()),
        ("for x <- [1], y = x, do: {x, y, z}", {"z"}),
        ("with {:ok, a} <- f(), do: a", set()),
        ("case f() do\n  {:ok, n} when n > 1 -> n\n  other -> other\nend", set()),
        ("Enum.map([1], fn x -> x + k end)", {"k"}),
        ('<<x::binary-size(3), rest::binary>> = "abcd"\n{x, rest}', set()),
        ("[a: 1, b: c]", {"c"}),
        ('"a #{name} b"', {"name"}),
        ('"name"', set()),
        ("@limit + _unused", set()),
    ],
)
def test_variables_that_nothing_binds_are_free(code: str, free: set[str]) -> None:
    assert snippet(code).free == free


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        ("a(1, 2)", {Called("", "a", 2)}),
        ("1 |> a(2)", {Called("", "a", 2)}),
        ("1 |> a", {Called("", "a", 1)}),
        ("1..3 |> Sea.tide", {Called("Sea", "tide", 1)}),
        ("&Sea.tide/3", {Called("Sea", "tide", 3)}),
        ("&tide/3", {Called("", "tide", 3)}),
        ('"#{Sea.tide()}"', {Called("Sea", "tide", 0)}),
        (
            "def f(x) when ok(x), do: g(x)\n@spec f(a) :: b(c)",
            {Called("", "ok", 1), Called("", "g", 1)},
        ),
        (":lists.max(a)", {Called(":lists", "max", 1)}),
        ("a.b", set()),
    ],
)
def test_calls_count_what_is_piped_in_and_leave_out_types(code: str, calls: set[Called]) -> None:
    assert snippet(code).calls == calls


def test_what_the_code_defines_is_not_open() -> None:
    read = snippet(
        "defmodule Sea do\n  def tide(x), do: wave(x)\n  def wave(x), do: x\nend\nSea.tide(1)"
    )
    assert read.modules == frozenset()
    assert read.bare == frozenset()


def test_modules_known_to_the_run_alone_strange_signs_and_broken_code_are_told() -> None:
    assert snippet("module.run(1)").open
    assert not snippet("map.field").open
    assert not snippet("function.(1)").open
    assert snippet('a <~> ~p"/b"').strange == {"<~>", "~p"}
    assert snippet("%{a: 1}").whole
    assert not snippet(":ok, 9").whole
