# check: Pair.sum_of_squares([1, 2, 3]) == 14
# check: Pair.sum_of_squares([]) == 0

# idiomatic
defmodule Pair do
  def sum_of_squares(numbers) do
    numbers
    |> Enum.map(&(&1 * &1))
    |> Enum.sum()
  end
end

# plain
defmodule Pair do
  def sum_of_squares(numbers) do
    if length(numbers) == 0 do
      0
    else
      result = hd(numbers) * hd(numbers) + sum_of_squares(tl(numbers))
      result
    end
  end
end
