# check: Pair.transpose([[1, 2], [3, 4]]) == [[1, 3], [2, 4]]

# idiomatic
defmodule Pair do
  def transpose(rows), do: Enum.zip_with(rows, & &1)
end

# plain
defmodule Pair do
  def transpose(rows) do
    width = length(Enum.at(rows, 0))

    Enum.map(0..(width - 1), fn col ->
      Enum.map(0..(length(rows) - 1), fn row ->
        Enum.at(Enum.at(rows, row), col)
      end)
    end)
  end
end
