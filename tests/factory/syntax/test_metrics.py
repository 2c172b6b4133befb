"""Metrics of spans: lines, nesting, kinds of construct, processes and macros."""

from __future__ import annotations

from factory.syntax import read
from factory.syntax.metrics import Metrics, measure
from factory.syntax.outline import Span

ELIXIR = b"""
defmodule Shop do
  use GenServer

  def total(items) when is_list(items) do
    case items do
      [] -> 0
      _ -> if open?(), do: Enum.map(items, fn %Item{} = i -> i.price end) |> Enum.sum()
    end
  end

  def ask(server), do: GenServer.call(server, ~s(case #{1}))

  # case cond spawn(quote)
  defmacro twice(code), do: quote(do: {unquote(code), unquote(code)})

  def watch(pid) do
    spawn(fn -> receive do: (_ -> send(pid, self())) end)
    :ets.new(:t, [])
  end
end
"""

ERLANG = b"""-module(shop).
-define(LIMIT, 5).
total(Items) when is_list(Items) ->
  case Items of
    [] -> 0;
    _ -> if length(Items) > ?LIMIT -> [X || X <- Items]; true -> Items end
  end.
watch(Pid) ->
  spawn(fun() -> receive M -> Pid ! M end end),
  gen_server:call(Pid, stop).
"""


def whole(text: bytes, start: str, end: str) -> Span:
    first = text.index(start.encode())
    return Span(first, text.index(end.encode(), first) + len(end))


def measured(source: bytes, language: str, *spans: Span) -> list[Metrics]:
    outline, _ = read(source, language)
    return [measure(outline.structure, source, span) for span in spans]


def test_functions_of_an_elixir_module() -> None:
    total = whole(ELIXIR, "def total", "\n  end\n")
    ask = whole(ELIXIR, "def ask", "\n")
    twice = whole(ELIXIR, "# case", "\n\n")
    watch = whole(ELIXIR, "def watch", "\n  end\n")
    assert measured(ELIXIR, "elixir", watch, total, ask, twice) == [
        # fn and receive; spawn, receive, send, self and :ets
        Metrics(lines=4, nesting=2, constructs=2, processes=5, macros=0),
        # guard, case, if, fn, struct, pipe
        Metrics(lines=6, nesting=3, constructs=6, processes=0, macros=0),
        # sigil and interpolation
        Metrics(lines=1, nesting=0, constructs=2, processes=1, macros=0),
        # macro and quote, the comment's words do not count
        Metrics(lines=3, nesting=0, constructs=2, processes=0, macros=4),
    ]


def test_a_module_has_what_its_functions_have() -> None:
    module = whole(ELIXIR, "defmodule", "\nend\n")
    (found,) = measured(ELIXIR, "elixir", module)
    assert found == Metrics(lines=20, nesting=3, constructs=11, processes=6, macros=5)


def test_functions_of_an_erlang_module() -> None:
    total = whole(ERLANG, "total(", "end.")
    watch = whole(ERLANG, "watch(", "stop).")
    assert measured(ERLANG, "erlang", total, watch) == [
        # guard (of the function and of the if), case, if, macro, comprehension
        Metrics(lines=5, nesting=3, constructs=5, processes=0, macros=1),
        # fun, receive, send
        Metrics(lines=3, nesting=2, constructs=3, processes=4, macros=0),
    ]


def test_other_languages_have_lines_alone() -> None:
    source = b"# Title\n\nText\n"
    assert measured(source, "markdown", Span(0, len(source)), Span(3, 3)) == [
        Metrics(3, 0, 0, 0, 0),
        Metrics(0, 0, 0, 0, 0),
    ]
