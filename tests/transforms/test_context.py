"""A context shows what a function leans on, and says what it cannot show."""

from __future__ import annotations

from factory.syntax import Function
from tests.transforms.reading import parsed
from transforms.context import Frame, code_without, frames, signature, uses

SHOP = """
defmodule Shop do
  use GenServer
  alias Shop.{Basket, Till}

  @price 5
  @unused 7
  @type cents :: integer
  @type sum :: {cents, String.t()}
  @typep other :: atom

  defstruct [:name]

  @doc "Sums up."
  @spec total([Basket.t()]) :: sum
  def total(baskets) do
    baskets |> Enum.map(&count/1) |> Enum.sum() |> times(@price)
  end

  defp count(basket), do: length(basket.items)

  defp times(number, price) do
    {number * price, unit()}
  end

  defp unit, do: "ct"
  defp never_called, do: @unused

  def pay(sum), do: GenServer.call(__MODULE__, {:pay, sum})

  def handle_call({:pay, sum}, _from, till), do: {:reply, :ok, till + sum}
end
"""


def function(frame: Frame, name: str) -> Function:
    return next(f for f in frame.module.functions if f.name == name)


def test_what_the_function_leans_on_is_shown_in_the_order_of_the_source() -> None:
    (frame,) = frames(parsed(SHOP))
    total = function(frame, "total")
    context = frame.about(total, "# here", types="sum")
    assert context.missing == () and context.missing_types == ()
    assert context.code == (
        "defmodule Shop do\n"
        "  use GenServer\n\n"
        "  @price 5\n"
        "  @type cents :: integer\n"
        "  @type sum :: {cents, String.t()}\n\n"
        "  # here\n\n"
        "  defp count(basket), do: length(basket.items)\n\n"
        "  defp times(number, price) do\n"
        "    {number * price, unit()}\n"
        "  end\n"
        "end"
    )


def test_a_call_to_the_server_shows_the_callback_that_answers() -> None:
    (frame,) = frames(parsed(SHOP))
    code = frame.about(function(frame, "pay"), "# here").code
    assert "def handle_call({:pay, sum}, _from, till), do: {:reply, :ok, till + sum}" in code


def test_without_room_helpers_are_named_as_missing() -> None:
    (frame,) = frames(parsed(SHOP))
    context = frame.about(function(frame, "total"), "# here", budget=60)
    assert set(context.missing) >= {"times/2"}
    assert "defp times" not in context.code


def test_a_long_helper_is_shown_by_its_heads() -> None:
    body = "\n".join(f"    x{i} = {i}" for i in range(120))
    source = f"defmodule A do\n  def f(x), do: g(x)\n\n  defp g(x) do\n{body}\n    x\n  end\nend\n"
    (frame,) = frames(parsed(source))
    code = frame.about(function(frame, "f"), "# here").code
    assert "defp g(x), do: ..." in code and "x7 = 7" not in code


def test_the_attribute_is_the_one_in_force_where_the_function_stands() -> None:
    source = "defmodule A do\n  @x 1\n  def f, do: @x\n  @x 2\n  def g, do: @x\nend\n"
    (frame,) = frames(parsed(source))
    assert "@x 1" in frame.about(function(frame, "f"), "# here").code
    assert "@x 2" in frame.about(function(frame, "g"), "# here").code


def test_an_attribute_that_nobody_set_is_missing() -> None:
    (frame,) = frames(parsed("defmodule A do\n  def f, do: @from_use\nend\n"))
    assert frame.about(function(frame, "f"), "# here").missing == ("from_use",)


def test_erlang_shows_records_and_macros_and_misses_those_of_headers() -> None:
    source = (
        '-module(m).\n-behaviour(gen_server).\n-include("m.hrl").\n-define(LIMIT, 3).\n'
        "-record(s, {n = ?LIMIT}).\nf(#s{n = N}) -> g(N) + ?FAR.\ng(N) -> N.\n"
    )
    (frame,) = frames(parsed(source, "erlang", "src/m.erl"))
    context = frame.about(function(frame, "f"), "%% here")
    assert context.missing == ("?FAR",)
    assert context.code == (
        '-module(m).\n-behaviour(gen_server).\n\n-include("m.hrl").\n\n'
        "-define(LIMIT, 3).\n-record(s, {n = ?LIMIT}).\n\n%% here\n\ng(N) -> N."
    )


def test_records_with_quoted_names_or_the_modules_own_are_found() -> None:
    source = (
        "-module(m).\n-record(?MODULE, {n}).\n-record('a b', {n}).\n"
        "f(#?MODULE{n = #'a b'{}}) -> 1.\n"
    )
    (frame,) = frames(parsed(source, "erlang", "src/m.erl"))
    context = frame.about(function(frame, "f"), "%% here")
    assert context.missing == ()
    assert "-record(?MODULE, {n}).\n-record('a b', {n})." in context.code


def test_a_listing_names_every_function_under_its_first_line_of_documentation() -> None:
    (frame,) = frames(parsed(SHOP))
    listing = frame.listing()
    assert listing.missing == ()
    assert "  # Sums up.\n  @spec total([Basket.t()]) :: sum\n  def total(baskets), do: ..." in (
        listing.code
    )
    assert listing.code.count("do: ...") == 7
    assert frame.listing(budget=200).missing != ()


def test_signatures_keep_guards_and_bodiless_heads() -> None:
    source = (
        "defmodule A do\n  def f(a, b \\\\ 1)\n  def f(a, b) when a > b, do: a\n"
        "  def f(_, b), do: b\nend\n"
    )
    (frame,) = frames(given := parsed(source))
    assert signature(given, function(frame, "f")) == (
        "def f(a, b \\\\ 1)\ndef f(a, b) when a > b, do: ...\ndef f(_, b), do: ..."
    )


def test_names_are_read_by_spelling() -> None:
    found = uses("a |> b() |> Mod.c(:d) |> e |> then(&f/1); @g; %{h: i}; x = j(1)", "elixir")
    assert found.calls == {"b", "e", "then", "f", "j"}
    assert found.attributes == {"g"}
    found = uses("a(B), c:d(E), ?F, #g{h = ?MODULE}, fun i/2, ??J", "erlang")
    assert found.calls == {"a", "i"}
    assert found.attributes == {"?F", "#g", "?J"}


def test_cutting_documentation_out_leaves_tidy_code() -> None:
    source = (
        'defmodule Out do\n  defmodule In do\n    @moduledoc "In."\n\n    @doc "F."\n'
        "    def f, do: 1\n  end\nend\n"
    )
    given = parsed(source)
    inner = given.outline.every_module()[1]
    assert inner.doc is not None and inner.functions[0].doc is not None
    spans = [inner.functions[0].doc.span, inner.doc.span]
    assert code_without(given, inner, spans) == "defmodule In do\n  def f, do: 1\nend"


SERVER = """
defmodule Till do
  use GenServer

  @type sum :: integer
  @type receipt :: {:receipt, sum, atom}

  def pay(sum), do: checked(GenServer.call(__MODULE__, {:pay, sum}))

  @spec checked(term) :: receipt
  defp checked(answer), do: answer

  def handle_call({:pay, sum}, _from, till) do
    {:reply, {:receipt, sum, :eur}, till + sum}
  end

  def handle_call(:close, _from, till) do
LINES
  end
end
"""


def test_a_closer_look_shows_what_answers_and_the_types_of_helpers() -> None:
    lines = "\n".join(f"    till = till + {n} # until it is counted" for n in range(60))
    (frame,) = frames(parsed(SERVER.replace("LINES", lines)))
    pay = function(frame, "pay")
    far = frame.about(pay, "  # pay/1")
    assert "handle_call({:pay, sum}, _from, till), do: ..." in far.code
    assert "receipt ::" not in far.code
    near = frame.about(pay, "  # pay/1", closer=True)
    assert "{:reply, {:receipt, sum, :eur}, till + sum}" in near.code
    assert ":close" not in near.code
    assert "@type receipt :: {:receipt, sum, atom}" in near.code
    assert "@type sum" in near.code


def test_a_header_that_is_included_often_is_shown_once() -> None:
    source = '-module(a).\n-include("a.hrl").\nf(X) -> X.\n-include("a.hrl").\n'
    (frame,) = frames(parsed(source, "erlang", "src/a.erl"))
    assert frame.about(function(frame, "f"), "f(X) -> X.").code.count("a.hrl") == 1


def test_a_call_behind_two_dots_is_a_call() -> None:
    assert "last" in uses("first(x)..last(x)", "elixir").calls
    assert "last" not in uses("x.last(y)", "elixir").calls
