# check: Pair.dot([1, 2, 3], [4, 5, 6]) == 32

# idiomatic
defmodule Pair do
  def dot(a, b) do
    a
    |> Enum.zip_with(b, &*/2)
    |> Enum.sum()
  end
end

# plain
defmodule Pair do
  def dot(a, b) do
    Enum.reduce(0..(length(a) - 1), 0, fn i, sum ->
      sum + Enum.at(a, i) * Enum.at(b, i)
    end)
  end
end
