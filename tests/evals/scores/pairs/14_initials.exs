# check: Pair.initials("ada king lovelace") == "AKL"

# idiomatic
defmodule Pair do
  def initials(name) do
    name
    |> String.split()
    |> Enum.map_join(&String.first/1)
    |> String.upcase()
  end
end

# plain
defmodule Pair do
  def initials(name) do
    Enum.reduce(String.split(name), "", fn word, acc ->
      acc <> String.upcase(String.at(word, 0))
    end)
  end
end
