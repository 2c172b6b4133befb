# check: Pair.max_of([3, 9, 2]) == {:ok, 9}
# check: Pair.max_of([]) == {:error, :empty}

# idiomatic
defmodule Pair do
  def max_of([]), do: {:error, :empty}
  def max_of(numbers), do: {:ok, Enum.max(numbers)}
end

# plain
defmodule Pair do
  def max_of(numbers) do
    if Enum.count(numbers) == 0 do
      {:error, :empty}
    else
      {:ok, Enum.at(Enum.reverse(Enum.sort(numbers)), 0)}
    end
  end
end
