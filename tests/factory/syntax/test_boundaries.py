"""Holes lie at borders of the syntax, inside the unit they were asked for, and are whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.syntax import Span, parse, read
from factory.syntax.boundaries import KINDS, Kind, Unit, elements, holes, units

ELIXIR = b"""\
defmodule Till do
  @doc "Adds up what is bought."
  def total(items, %{rate: rate} = country) when is_list(items) do
    items
    |> Enum.reject(&(&1.count == 0))
    |> Enum.map(fn item -> item.price * item.count end)
    |> Enum.sum()
    |> with_tax(rate, rounding(country, digits: 2))
  end

  def change(:card, _given), do: 0

  def change(:cash, given) do
    case given - due() do
      rest when rest >= 0 -> {:ok, rest}
      rest -> {:error, {:missing, -rest}}
    end
  end

  defdelegate due, to: Till.Display
end

defmodule TillTest do
  use ExUnit.Case

  test "cards need no change" do
    assert Till.change(:card, 10) == 0
  end
end
"""

ERLANG = b"""\
-module(till).
-export([change/2]).

change(card, _Given) ->
    0;
change(cash, Given) ->
    case Given - due() of
        Rest when Rest >= 0 -> {ok, Rest};
        Rest -> report({missing, abs(Rest)})
    end.

due() -> 3.
report(What) -> {error, What}.
"""


def found(source: bytes, language: str, name: str, kind: Kind) -> list[str]:
    outline, tree = read(source, language)
    assert tree is not None
    unit = next(unit for unit in units(outline) if unit.label == name)
    spans = holes(tree.root_node, source, language, unit, kind)
    return [span.cut(source) for span in spans]


def test_units_are_functions_and_tests_but_no_delegations() -> None:
    labels = [unit.label for unit in units(read(ELIXIR, "elixir")[0])]
    assert labels == ["Till.total/2", "Till.change/2", 'TillTest "cards need no change"']


def test_a_function_leaves_its_documentation_and_takes_all_clauses() -> None:
    (total,) = found(ELIXIR, "elixir", "Till.total/2", "function")
    assert total.startswith("def total(") and total.endswith("end") and "@doc" not in total
    (change,) = found(ELIXIR, "elixir", "Till.change/2", "function")
    assert change.count("def change(") == 2


def test_clauses_are_holes_only_where_there_are_several() -> None:
    assert found(ELIXIR, "elixir", "Till.total/2", "clause") == []
    card, cash = found(ELIXIR, "elixir", "Till.change/2", "clause")
    assert card == "def change(:card, _given), do: 0"
    assert cash.startswith("def change(:cash, given) do") and cash.endswith("end")


def test_bodies_of_clauses_and_of_tests() -> None:
    assert found(ELIXIR, "elixir", "Till.change/2", "body")[0] == "0"
    assert found(ELIXIR, "elixir", 'TillTest "cards need no change"', "body") == [
        "assert Till.change(:card, 10) == 0"
    ]


def test_pipe_steps_start_at_their_pipe() -> None:
    assert found(ELIXIR, "elixir", "Till.total/2", "pipe_step") == [
        "|> Enum.reject(&(&1.count == 0))",
        "|> Enum.map(fn item -> item.price * item.count end)",
        "|> Enum.sum()",
        "|> with_tax(rate, rounding(country, digits: 2))",
    ]


def test_branches_are_whole_clauses_and_their_bodies() -> None:
    assert found(ELIXIR, "elixir", "Till.change/2", "branch") == [
        "rest when rest >= 0 -> {:ok, rest}",
        "{:ok, rest}",
        "rest -> {:error, {:missing, -rest}}",
        "{:error, {:missing, -rest}}",
    ]


def test_arguments_are_of_calls_and_not_of_heads() -> None:
    assert found(ELIXIR, "elixir", "Till.total/2", "argument") == [
        "&(&1.count == 0)",
        "fn item -> item.price * item.count end",
        "rounding(country, digits: 2)",
        "digits: 2",
    ]


def test_erlang_has_clauses_bodies_branches_and_arguments() -> None:
    card, cash = found(ERLANG, "erlang", "till:change/2", "clause")
    assert card.startswith("change(card, _Given)") and "0" in card
    assert cash.startswith("change(cash, Given)")
    assert found(ERLANG, "erlang", "till:change/2", "body")[0] == "0"
    assert found(ERLANG, "erlang", "till:change/2", "branch") == [
        "Rest when Rest >= 0 -> {ok, Rest}",
        "{ok, Rest}",
        "Rest -> report({missing, abs(Rest)})",
        "report({missing, abs(Rest)})",
    ]
    assert found(ERLANG, "erlang", "till:change/2", "argument") == ["{missing, abs(Rest)}"]
    assert found(ERLANG, "erlang", "till:change/2", "pipe_step") == []


def test_templates_have_elements() -> None:
    heex = b'<div>\n  <.till rate={@rate} />\n  <b class="sum">{@sum}</b>\n</div>\n'
    spans = elements(parse(heex, "heex").root_node, heex, "heex")
    assert [span.cut(heex) for span in spans] == [
        heex.decode().strip(),
        "<.till rate={@rate} />",
        '<b class="sum">{@sum}</b>',
    ]
    eex = b"Sum: <%= @sum %>\n<% if @tax do %>with tax<% end %>\n"
    spans = elements(parse(eex, "eex").root_node, eex, "eex")
    assert [span.cut(eex) for span in spans] == ["<%= @sum %>", "<% if @tax do %>", "<% end %>"]


def test_every_hole_in_real_code_is_inside_its_unit_and_whole(corpus: Path) -> None:
    paths = [
        *(corpus / "elixir-nimble-parsec").rglob("*.ex*"),
        *(corpus / "erlang-poolboy").rglob("*.erl"),
    ]
    seen: set[Kind] = set()
    for path in sorted(paths):
        source = path.read_bytes()
        language = "erlang" if path.suffix == ".erl" else "elixir"
        outline, tree = read(source, language)
        assert tree is not None
        for unit in units(outline):
            for kind in KINDS:
                for span in holes(tree.root_node, source, language, unit, kind):
                    seen.add(kind)
                    text = span.cut(source)
                    assert unit.code.holds(span)
                    assert text == text.strip() != ""
    assert seen == set(KINDS) - {"element"}


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_code_has_holes_or_none_but_never_raises(kind: Kind) -> None:
    deep = b"def f do " + b"[" * 20_000 + b"]" * 20_000 + b" end"
    wide = b"def f do " + b"x |> y(z(1), {2, 3}) " * 3_000 + b" end"
    for source in (deep, wide):
        tree = parse(source, "elixir")
        whole = Span(0, len(source))
        unit = Unit("f/0", "f", whole, whole, (), whole)
        assert len(holes(tree.root_node, source, "elixir", unit, kind)) <= 4_096


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(noise: bytes) -> None:
    source = b"def f(a) do\n  a |> g(" + noise.replace(b"\0", b" ") + b")\nend\n"
    outline, tree = read(source, "elixir")
    assert tree is not None
    for unit in units(outline):
        for kind in KINDS:
            for span in holes(tree.root_node, source, "elixir", unit, kind):
                assert unit.code.holds(span)
