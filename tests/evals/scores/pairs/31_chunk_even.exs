# check: Pair.chunk([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]

# idiomatic
defmodule Pair do
  def chunk(list, size), do: Enum.chunk_every(list, size)
end

# plain
defmodule Pair do
  def chunk(list, size) do
    if list == [] do
      []
    else
      [Enum.take(list, size)] ++ chunk(Enum.drop(list, size), size)
    end
  end
end
