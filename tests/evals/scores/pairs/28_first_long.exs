# check: Pair.first_long(["a", "abcd", "abcde"]) == "abcd"
# check: Pair.first_long(["a"]) == nil

# idiomatic
defmodule Pair do
  def first_long(words), do: Enum.find(words, &(String.length(&1) > 3))
end

# plain
defmodule Pair do
  def first_long(words) do
    long = Enum.filter(words, fn word -> String.length(word) > 3 end)

    if Enum.empty?(long) == true do
      nil
    else
      hd(long)
    end
  end
end
