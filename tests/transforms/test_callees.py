"""`callees`: what a request can name but not show has to be called in a way one can think of."""

from __future__ import annotations

import pytest

from tests.transforms.reading import run
from transforms import callees, implement

DOC = '  @doc "Does with `x` and `y` what the bus does with them, and answers as it does."\n'


def elixir(code: str, top: str = "", after: str = "") -> tuple[str, str]:
    """The request for `f` and why there is none."""
    rows, left_out = run("implement", f"defmodule A do\n{top}{DOC}{code}\n{after}end\n")
    request = next((row.request for name, row in rows.items() if "A.f/" in name), "")
    return request, next((why for name, why in left_out.items() if "A.f/" in name), "")


def test_a_macro_of_an_unknown_module_is_not_for_guessing() -> None:
    code = "  def f(x, y), do: B.send(x, y)"
    assert "`B.send`" in elixir(code)[0]
    assert elixir(code, "  require Bus, as: B\n") == ("", implement.NEEDS_MORE)
    assert "`B.send`" in elixir(code, "  require Logger\n")[0]


@pytest.mark.parametrize(
    ("call", "unguessable"),
    [
        ("Bus.send(x, y)", False),
        ("Bus.send(x, y, a, b)", False),
        ("Bus.send(x, nil)", True),
        ("Bus.send(<<>>, y)", True),
        ("Bus.send(x, [fast: true])", True),
        ("Bus.send(x, g(y), h(x), y)", True),
        ("OtherBus.send(nil)", False),
    ],
)
def test_literals_and_long_lists_of_arguments(call: str, unguessable: bool) -> None:
    assert callees.unguessable(f"def f(x, y), do: {call}", ["Bus.send"]) is unguessable


def test_a_helper_that_is_shown_by_its_heads_hides_what_atoms_choose() -> None:
    long = "\n".join(f"    y = y + {n} # and so on, for as long as it takes" for n in range(40))
    helper = f"  defp g(x, how) do\n    y = x\n{long}\n    {{y, how}}\n  end\n"
    assert elixir("  def f(x), do: g(x, :twice)", after=helper) == ("", implement.NEEDS_MORE)
    assert elixir("  def f(x, y), do: g(x, y)", after=helper)[1] == ""
    apart = "  def f(x, y) do\n    {z, _} = g(x, y)\n    z\n  end"
    assert elixir(apart, after=helper) == ("", implement.NEEDS_MORE)
    spec = "  @spec g(integer, atom) :: {integer, atom}\n"
    assert elixir(apart, after=spec + helper)[1] == ""


def test_atoms_that_nothing_tells_of_are_named() -> None:
    spec = "  @spec f(atom) :: atom\n"
    request, _ = elixir(f"{spec}  def f(x), do: Map.get(x, :zone, :alps)")
    assert "`:alps` and `:zone`" in request.rsplit("```", 1)[1]
    many = "Map.take(x, [:zone, :alps, :lakes])"
    assert elixir(f"{spec}  def f(x), do: {many}") == ("", implement.NEEDS_MORE)


@pytest.mark.parametrize(
    ("code", "unguessable"),
    [
        ("def f(x, y), do: Bus.send(x, fn reply -> g(reply, y) end)", True),
        ("f(X, Y) -> bus:send(X, fun(Reply) -> g(Reply, Y) end).", True),
        ("def f(x, y), do: Bus.send(x, &g/1)", False),
        ("def f(x, y) do\n  {:ok, stop, line} = Bus.send(x, y)\n  g(stop, line)\nend", True),
        ("def f(x, y), do: with({:ok, stop, line} <- Bus.send(x, y), do: g(stop, line))", True),
        ("def f(x, y) do\n  {:ok, stop} = Bus.send(x, y)\n  g(stop)\nend", False),
    ],
)
def test_functions_handed_over_and_tuples_that_come_back(code: str, unguessable: bool) -> None:
    assert callees.unguessable(code, ["Bus.send", "bus:send"]) is unguessable


def test_a_tuple_that_no_shown_clause_of_a_helper_takes() -> None:
    after = (
        "  defp keep({:error, a}, x), do: "
        + "x + ".join(f"say(a, {n}) + " for n in range(70))
        + "x\n  defp keep(a, x), do: "
        + " + ".join(f"say(a, {n})" for n in range(70))
        + " + x\n"
    )
    assert elixir("  def f(x, y), do: keep({:error, x}, y)", after=after)[0]
    assert elixir("  def f(x, y), do: keep({:gone, x}, y)", after=after)[1] == implement.NEEDS_MORE


def test_a_module_put_together_and_a_command_that_only_it_knows() -> None:
    assert callees.unguessable("def f(x, y), do: Bus.send({:stop, x, y})", ["Bus.send"])
    assert not callees.unguessable("def f(x, y), do: Bus.send({x, y})", ["Bus.send"])
    code = "  def f(x, y), do: Module.concat(x, Bus).does(y)"
    assert elixir(code)[1] == implement.NEEDS_MORE


def test_words_of_comments_and_mail_that_nobody_opens() -> None:
    told = elixir("  def f(x, y) do\n    # could support :bus\n    x + y\n  end")[0]
    assert told
    assert "`support`" not in told
    after = "  defp post(a, message), do: send(a, {:bus, message})\n"
    assert elixir("  def f(x, y), do: post(x, {:does, y})", after=after)[1] == implement.NEEDS_MORE
    opens = after + "  def handle_info({:bus, {:does, y}}, state), do: {:noreply, [y | state]}\n"
    told = elixir("  def f(x, y), do: post(x, {:does, y})", after=opens)
    assert told[1] in ("", implement.NEEDS_MORE)
