# check: Pair.average([1, 2, 3]) == {:ok, 2.0}
# check: Pair.average([]) == {:error, :empty}

# idiomatic
defmodule Pair do
  def average([]), do: {:error, :empty}
  def average(numbers), do: {:ok, Enum.sum(numbers) / length(numbers)}
end

# plain
defmodule Pair do
  def average(numbers) do
    sum = Enum.reduce(numbers, 0, fn x, acc -> acc + x end)
    count = Enum.reduce(numbers, 0, fn _, acc -> acc + 1 end)

    if count == 0 do
      {:error, :empty}
    else
      {:ok, sum / count}
    end
  end
end
