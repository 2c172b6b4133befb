defmodule Structs.Point do
  @enforce_keys [:x]
  defstruct [:x, y: 0]
  @type t :: %__MODULE__{x: number, y: number}
  def new(x, y \\ 0), do: %__MODULE__{x: x, y: y}
  def add(%__MODULE__{} = a, %__MODULE__{} = b), do: new(a.x + b.x, a.y + b.y)

  defimpl String.Chars do
    def to_string(p), do: "(#{p.x}, #{p.y})"
  end

  defimpl Inspect do
    import Inspect.Algebra
    def inspect(p, opts), do: concat(["#Point<", to_doc(p.x, opts), ">"])
  end
end

defmodule Structs.Bag do
  defstruct items: []
  def new(items), do: %__MODULE__{items: items}

  defimpl Enumerable do
    def count(bag), do: {:ok, length(bag.items)}
    def member?(bag, x), do: {:ok, x in bag.items}
    def slice(_), do: {:error, __MODULE__}
    def reduce(bag, acc, fun), do: Enumerable.List.reduce(bag.items, acc, fun)
  end

  defimpl Collectable do
    def into(bag) do
      {bag,
       fn
         b, {:cont, x} -> %{b | items: b.items ++ [x]}
         b, :done -> b
         _, :halt -> :ok
       end}
    end
  end

  @behaviour Access
  def fetch(bag, i), do: Enum.fetch(bag.items, i)
  def get_and_update(bag, _, _), do: {nil, bag}
  def pop(bag, _), do: {nil, bag}
end
