# check: Pair.readings(["20", "x", "30"]) == [20, 30]

# idiomatic
defmodule Pair do
  def readings(lines) do
    for line <- lines, {degrees, ""} <- [Integer.parse(line)], do: degrees
  end
end

# plain
defmodule Pair do
  def readings(lines) do
    Enum.map(lines, fn line ->
      try do
        String.to_integer(line)
      rescue
        _ -> nil
      end
    end)
    |> Enum.filter(fn x -> x != nil end)
  end
end
