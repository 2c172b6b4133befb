# check: Pair.word_count("the cat the dog") == %{"the" => 2, "cat" => 1, "dog" => 1}
# check: Pair.word_count("") == %{}

# idiomatic
defmodule Pair do
  def word_count(text) do
    text
    |> String.downcase()
    |> String.split()
    |> Enum.frequencies()
  end
end

# plain
defmodule Pair do
  def word_count(text) do
    lower = String.downcase(text)
    words = String.split(lower)

    Enum.reduce(words, %{}, fn word, acc ->
      if Map.has_key?(acc, word) do
        Map.put(acc, word, Map.get(acc, word) + 1)
      else
        Map.put(acc, word, 1)
      end
    end)
  end
end
