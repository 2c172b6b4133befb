# check: Pair.compress([1, 1, 2, 3, 3]) == [1, 2, 3]
# check: Pair.compress([]) == []

# idiomatic
defmodule Pair do
  def compress([a, a | rest]), do: compress([a | rest])
  def compress([a | rest]), do: [a | compress(rest)]
  def compress([]), do: []
end

# plain
defmodule Pair do
  def compress(list) do
    Enum.reduce(0..(length(list) - 1)//1, [], fn i, acc ->
      if i == 0 do
        [Enum.at(list, 0)]
      else
        if Enum.at(list, i) == Enum.at(list, i - 1) do
          acc
        else
          acc ++ [Enum.at(list, i)]
        end
      end
    end)
  end
end
