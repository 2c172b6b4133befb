# check: Pair.clean(%{a: 1, b: nil}) == %{a: 1}

# idiomatic
defmodule Pair do
  def clean(map), do: Map.reject(map, fn {_, value} -> is_nil(value) end)
end

# plain
defmodule Pair do
  def clean(map) do
    Enum.reduce(Map.keys(map), map, fn key, acc ->
      if Map.get(acc, key) == nil do
        Map.delete(acc, key)
      else
        acc
      end
    end)
  end
end
