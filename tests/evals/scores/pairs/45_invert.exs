# check: Pair.invert(%{a: 1, b: 2}) == %{1 => :a, 2 => :b}

# idiomatic
defmodule Pair do
  def invert(map), do: Map.new(map, fn {key, value} -> {value, key} end)
end

# plain
defmodule Pair do
  def invert(map) do
    keys = Map.keys(map)

    Enum.reduce(keys, %{}, fn k, acc ->
      v = Map.get(map, k)
      acc = Map.put(acc, v, k)
      acc
    end)
  end
end
