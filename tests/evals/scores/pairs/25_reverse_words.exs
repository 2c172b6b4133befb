# check: Pair.reverse_words("a b c") == "c b a"

# idiomatic
defmodule Pair do
  def reverse_words(text) do
    text
    |> String.split()
    |> Enum.reverse()
    |> Enum.join(" ")
  end
end

# plain
defmodule Pair do
  def reverse_words(text) do
    Enum.join(Enum.reverse(String.split(text)), " ")
  end
end
