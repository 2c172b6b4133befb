# check: Pair.squares_table(3) == [{1, 1}, {2, 4}, {3, 9}]

# idiomatic
defmodule Pair do
  def squares_table(n) do
    for i <- 1..n, do: {i, i * i}
  end
end

# plain
defmodule Pair do
  def squares_table(n) do
    Enum.reduce(1..n, [], fn i, table -> table ++ [{i, i * i}] end)
  end
end
