# check: Pair.index(["a", "b"]) == %{"a" => 0, "b" => 1}

# idiomatic
defmodule Pair do
  def index(words) do
    words
    |> Enum.with_index()
    |> Map.new()
  end
end

# plain
defmodule Pair do
  def index(words) do
    Enum.reduce(0..(length(words) - 1), %{}, fn i, acc ->
      Map.put(acc, Enum.at(words, i), i)
    end)
  end
end
