# check: Pair.double_all([1, 2]) == [2, 4]

# idiomatic
defmodule Pair do
  def double_all(numbers), do: Enum.map(numbers, &(&1 * 2))
end

# plain
defmodule Pair do
  def double_all([]), do: []
  def double_all([h | t]), do: [h * 2 | double_all(t)]
end
