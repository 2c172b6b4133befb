# check: Pair.count_odd([1, 2, 3]) == 2

# idiomatic
defmodule Pair do
  def count_odd(numbers), do: Enum.count(numbers, &(rem(&1, 2) == 1))
end

# plain
defmodule Pair do
  def count_odd(numbers) do
    numbers |> Enum.filter(fn x -> rem(x, 2) == 1 end) |> length()
  end
end
