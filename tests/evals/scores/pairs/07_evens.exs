# check: Pair.evens([1, 2, 3, 4]) == [2, 4]

# idiomatic
defmodule Pair do
  def evens(numbers), do: Enum.filter(numbers, &(rem(&1, 2) == 0))
end

# plain
defmodule Pair do
  def evens(numbers) do
    Enum.reduce(numbers, [], fn number, acc ->
      if rem(number, 2) == 0 do
        acc ++ [number]
      else
        acc
      end
    end)
  end
end
