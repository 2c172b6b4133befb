# check: Pair.histogram(%{b: 2, a: 1}) == ["a: *", "b: **"]

# idiomatic
defmodule Pair do
  def histogram(counts) do
    counts
    |> Enum.sort()
    |> Enum.map(fn {key, count} -> "#{key}: #{String.duplicate("*", count)}" end)
  end
end

# plain
defmodule Pair do
  def histogram(counts) do
    sorted_keys = Enum.sort(Map.keys(counts))
    lines = []

    lines =
      Enum.reduce(sorted_keys, lines, fn key, lines ->
        stars = String.duplicate("*", counts[key])
        lines ++ [to_string(key) <> ": " <> stars]
      end)

    lines
  end
end
