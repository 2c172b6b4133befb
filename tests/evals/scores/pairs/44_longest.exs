# check: Pair.longest(["a", "abc", "ab"]) == "abc"

# idiomatic
defmodule Pair do
  def longest(words), do: Enum.max_by(words, &String.length/1)
end

# plain
defmodule Pair do
  def longest(words) do
    sorted = Enum.sort_by(words, fn w -> String.length(w) end)
    reversed = Enum.reverse(sorted)
    List.first(reversed)
  end
end
