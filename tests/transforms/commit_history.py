"""A small project's history, written for tests: what becomes a row, and what does not.

`python -m tests.transforms.commit_history` writes its commits as the golden fixtures
`tests/fixtures/golden/commits/*.patch`, made by the sources that make them of any repository.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from factory.records import Document, LeftOut, Release
from sources.git import Repository
from sources.patches import patches
from sources.reading import ReadingOptions
from tests.sources.github.git_server import history

FIXTURES = Path(__file__).parent.parent / "fixtures" / "golden" / "commits"

CART = """\
defmodule Shop.Cart do
  @moduledoc "What somebody is about to buy."

  alias Shop.Item

  @limit 100

  defstruct items: [], coupon: nil

  @type t :: %__MODULE__{items: [Item.t()], coupon: String.t() | nil}

  @doc "An empty cart."
  @spec new() :: t()
  def new, do: %__MODULE__{}

  @doc "Puts an item into the cart."
  @spec add(t(), Item.t()) :: t()
  def add(%__MODULE__{items: items} = cart, %Item{} = item) do
    %{cart | items: [item | items]}
  end

  @doc "The sum of all prices, in cents."
  @spec total(t()) :: non_neg_integer()
  def total(%__MODULE__{items: items}) do
    Enum.reduce(items, 0, fn item, sum -> sum + item.price end)
  end

  @doc "Whether there is nothing in the cart."
  @spec empty?(t()) :: boolean()
  def empty?(%__MODULE__{items: items}), do: length(items) == 0

  @doc "The names of all items, as they were added."
  @spec names(t()) :: [String.t()]
  def names(%__MODULE__{items: items}) do
    items
    |> Enum.reverse()
    |> Enum.map(& &1.name)
  end

  @doc false
  def limit, do: @limit
end
"""

ITEM = """\
defmodule Shop.Item do
  @moduledoc "Something to buy."

  defstruct [:name, :price, quantity: 1]

  @type t :: %__MODULE__{name: String.t(), price: non_neg_integer(), quantity: pos_integer()}
end
"""

TEST = """\
defmodule Shop.CartTest do
  use ExUnit.Case, async: true

  alias Shop.{Cart, Item}

  test "sums up prices" do
    cart = Cart.add(Cart.new(), %Item{name: "tea", price: 300})
    assert Cart.total(cart) == 300
  end
end
"""

QUEUE = """\
-module(shop_queue).
-export([new/0, push/2, pop/1]).

-define(EMPTY, {[], []}).

new() -> ?EMPTY.

push(Item, {In, Out}) ->
    {[Item | In], Out}.

pop({[], []}) ->
    error(empty);
pop({In, []}) ->
    pop({[], lists:reverse(In)});
pop({In, [Item | Out]}) ->
    {Item, {In, Out}}.
"""

_QUANTITY_TEST = """\

  test "counts quantities into the total" do
    cart = Cart.add(Cart.new(), %Item{name: "tea", price: 300, quantity: 2})
    assert Cart.total(cart) == 600
  end
end
"""

_QUANTITY = CART.replace("sum + item.price end", "sum + item.price * item.quantity end")
_EMPTY = _QUANTITY.replace("length(items) == 0", "items == []")
_LIMITED = _EMPTY.replace(
    """\
  def add(%__MODULE__{items: items} = cart, %Item{} = item) do
    %{cart | items: [item | items]}
  end
""",
    """\
  def add(%__MODULE__{items: items} = cart, %Item{} = item) do
    if length(items) >= @limit do
      raise ArgumentError, "the cart is full"
    else
      %{cart | items: [item | items]}
    end
  end
""",
)
_DOCUMENTED = _LIMITED.replace('"An empty cart."', '"A cart with nothing in it."')
_SPACED = _DOCUMENTED.replace("[item | items]}", "[ item | items ] }")
_NONE = QUEUE.replace("    error(empty);", "    none;")

COMMITS: tuple[tuple[str, Mapping[str, str | bytes | None]], ...] = (
    (
        "Begin",
        {"lib/shop/cart.ex": CART, "lib/shop/item.ex": ITEM, "test/shop/cart_test.exs": TEST},
    ),
    (
        "Count quantities in the total of a cart (#12)\n\nAn item's price is for one piece, so it "
        "has\nto be multiplied. Closes #11.\n\nCo-authored-by: Bo <bo@example.org>",
        {
            "lib/shop/cart.ex": _QUANTITY,
            "test/shop/cart_test.exs": TEST.removesuffix("end\n") + _QUANTITY_TEST,
            "CHANGELOG.md": "- quantities count\n",
        },
    ),
    ("Compared items with [] instead of asking for their length", {"lib/shop/cart.ex": _EMPTY}),
    (
        "Raise when more items than the limit are added to a cart\n\n"
        "A cart holds `@limit` items; one more is an ArgumentError.\n",
        {"lib/shop/cart.ex": _LIMITED},
    ),
    ("Call an empty cart one with nothing in it", {"lib/shop/cart.ex": _DOCUMENTED}),
    ("Put spaces into brackets", {"lib/shop/cart.ex": _SPACED}),
    ("fix", {"lib/shop/cart.ex": _DOCUMENTED.replace("@limit 100", "@limit 50")}),
    ("Improve the queue", {"src/shop_queue.erl": QUEUE}),
    (
        "Return none from pop when the queue is empty\n\nAn error is too much for that.\n",
        {"src/shop_queue.erl": _NONE},
    ),
    ("Move the shop into space", {"lib/shop/item.ex": ITEM.replace("quantity: 1", "quantity: 2")}),
    ("Bump version to 1.2.0", {"lib/shop/item.ex": ITEM}),
    ("Drop the cart's test", {"test/shop/cart_test.exs": None}),
)


def documents(root: Path) -> list[Document | LeftOut]:
    """The history as documents, made in `root`, newest first."""
    names = history(root, *COMMITS)
    repository = Repository(root, root / ".git")
    release = Release("golden", "shop", "1", "sha256:shop", "shop", "golden:shop")
    return list(patches(release, repository, names[-1], 100, ReadingOptions()))


def fixtures(root: Path) -> dict[str, str]:
    """The golden fixtures' texts by file name, numbered from the oldest commit on."""
    found = [item for item in documents(root) if isinstance(item, Document)]
    return {f"{at:02}.patch": item.text for at, item in enumerate(reversed(found), 1)}


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in fixtures(Path(folder)).items():
            (FIXTURES / name).write_text(text, encoding="utf-8")
