# check: Pair.rows("a,1\nb,2\n") == [%{name: "a", count: 1}, %{name: "b", count: 2}]

# idiomatic
defmodule Pair do
  def rows(text) do
    text
    |> String.split("\n", trim: true)
    |> Enum.map(&row/1)
  end

  defp row(line) do
    [name, count] = String.split(line, ",")
    %{name: name, count: String.to_integer(count)}
  end
end

# plain
defmodule Pair do
  def rows(text) do
    lines = String.split(text, "\n")
    lines = Enum.filter(lines, fn line -> line != "" end)

    Enum.map(lines, fn line ->
      fields = String.split(line, ",")
      %{name: Enum.at(fields, 0), count: String.to_integer(Enum.at(fields, 1))}
    end)
  end
end
