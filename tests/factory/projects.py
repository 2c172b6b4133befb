"""Small Elixir projects, written here, that tests build datasets from."""

from __future__ import annotations

from pathlib import Path

CART = '''defmodule Shop.Cart do
  @moduledoc """
  A shopping cart: items by name, each with a price in cents and a quantity.
  """

  defstruct items: %{}

  @type t :: %__MODULE__{items: %{optional(String.t()) => {non_neg_integer(), pos_integer()}}}

  @doc """
  Returns a cart with nothing in it.

      iex> Shop.Cart.new()
      %Shop.Cart{items: %{}}
  """
  @spec new() :: t()
  def new, do: %__MODULE__{}

  @doc """
  Puts `quantity` pieces of `name` into the cart at `price` cents each.

  When the item is already there, its quantity grows and the newer price holds.

      iex> cart = Shop.Cart.add(Shop.Cart.new(), "tea", 350, 2)
      iex> cart.items
      %{"tea" => {350, 2}}
  """
  @spec add(t(), String.t(), non_neg_integer(), pos_integer()) :: t()
  def add(%__MODULE__{items: items} = cart, name, price, quantity \\\\ 1) do
    items =
      Map.update(items, name, {price, quantity}, fn {_old, count} -> {price, count + quantity} end)

    %{cart | items: items}
  end

  @doc """
  Adds up the cart, in cents.

      iex> Shop.Cart.new() |> Shop.Cart.add("tea", 350, 2) |> Shop.Cart.total()
      700
  """
  @spec total(t()) :: non_neg_integer()
  def total(%__MODULE__{items: items}) do
    items
    |> Map.values()
    |> Enum.map(fn {price, quantity} -> price * quantity end)
    |> Enum.sum()
  end

  @doc """
  Takes an item out of the cart; a cart that lacks it stays as it is.

      iex> Shop.Cart.new() |> Shop.Cart.add("tea", 350) |> Shop.Cart.remove("tea")
      %Shop.Cart{items: %{}}
  """
  @spec remove(t(), String.t()) :: t()
  def remove(%__MODULE__{items: items} = cart, name) do
    case Map.has_key?(items, name) do
      true -> %{cart | items: Map.delete(items, name)}
      false -> cart
    end
  end
end
'''

CART_TEST = """defmodule Shop.CartTest do
  use ExUnit.Case, async: true

  alias Shop.Cart

  doctest Shop.Cart

  describe "add/4" do
    test "adds to the quantity of an item that is there" do
      cart = Cart.new() |> Cart.add("tea", 350, 1) |> Cart.add("tea", 300, 2)
      assert cart.items == %{"tea" => {300, 3}}
    end

    test "keeps other items" do
      cart = Cart.new() |> Cart.add("tea", 350) |> Cart.add("milk", 120)
      assert Map.keys(cart.items) == ["milk", "tea"]
    end
  end

  test "total/1 of an empty cart is zero" do
    assert Cart.total(Cart.new()) == 0
  end
end
"""

COUNTER = '''defmodule Shop.Counter do
  @moduledoc """
  Counts visitors of a shop, one process for all.
  """

  use GenServer

  @doc "Starts the counter at `start`."
  @spec start_link(integer()) :: GenServer.on_start()
  def start_link(start \\\\ 0) do
    GenServer.start_link(__MODULE__, start, name: __MODULE__)
  end

  @doc "Counts one more visitor and returns the new number."
  @spec visit() :: integer()
  def visit, do: GenServer.call(__MODULE__, :visit)

  @doc "Sets the counter back to zero, without waiting."
  @spec reset() :: :ok
  def reset, do: GenServer.cast(__MODULE__, :reset)

  @impl true
  def init(start), do: {:ok, start}

  @impl true
  def handle_call(:visit, _from, count), do: {:reply, count + 1, count + 1}

  @impl true
  def handle_cast(:reset, _count), do: {:noreply, 0}
end
'''

QUEUE = """-module(shop_queue).
-behaviour(gen_server).

-export([start_link/0, push/1, pop/0]).
-export([init/1, handle_call/3, handle_cast/2]).

%% @doc Starts the queue with nothing in it.
-spec start_link() -> {ok, pid()}.
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @doc Puts a job at the end of the queue.
-spec push(term()) -> ok.
push(Job) ->
    gen_server:cast(?MODULE, {push, Job}).

%% @doc Takes the job that has waited longest, or `empty'.
-spec pop() -> {ok, term()} | empty.
pop() ->
    gen_server:call(?MODULE, pop).

init([]) ->
    {ok, queue:new()}.

handle_call(pop, _From, Queue) ->
    case queue:out(Queue) of
        {{value, Job}, Rest} -> {reply, {ok, Job}, Rest};
        {empty, Rest} -> {reply, empty, Rest}
    end.

handle_cast({push, Job}, Queue) ->
    {noreply, queue:in(Job, Queue)}.
"""

GREETER = '''defmodule Greeter do
  @moduledoc """
  Says hello in several languages.
  """

  @greetings %{en: "Hello", eo: "Saluton", fr: "Bonjour"}

  @doc """
  Greets somebody in the language asked for, in English when it is not known.

      iex> Greeter.greet("Ada", :eo)
      "Saluton, Ada!"
      iex> Greeter.greet("Ada", :xx)
      "Hello, Ada!"
  """
  @spec greet(String.t(), atom()) :: String.t()
  def greet(name, language) do
    word = Map.get(@greetings, language, @greetings.en)
    word <> ", " <> name <> "!"
  end

  @doc """
  Lists the languages that are known, sorted.

      iex> Greeter.languages()
      [:en, :eo, :fr]
  """
  @spec languages() :: [atom()]
  def languages do
    @greetings
    |> Map.keys()
    |> Enum.sort()
  end
end
'''

MIT = """MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

SHOP = {
    "LICENSE": MIT,
    "README.md": "# Shop\n\nA cart, a counter and a queue, for people who learn Elixir.\n",
    "lib/shop/cart.ex": CART,
    "lib/shop/counter.ex": COUNTER,
    "src/shop_queue.erl": QUEUE,
    "test/shop/cart_test.exs": CART_TEST,
}

GREETINGS = {"LICENSE": MIT, "lib/greeter.ex": GREETER}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a project's files below `folder` and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
