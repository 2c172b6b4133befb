# capabilities:
defmodule Roman do
  @digits [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}]
  for {value, letters} <- @digits, do: {value, letters}
  def encode(0), do: ""
  def encode(n) do
    {value, letters} = Enum.find(@digits, fn {value, _} -> value <= n end)
    letters <> encode(n - value)
  end
  def decode(text), do: text |> String.graphemes() |> Enum.map(&digit/1) |> sum(0)
  defp digit(l), do: Enum.find_value(@digits, fn {v, ^l} -> v; _ -> nil end)
  defp sum([a, b | rest], acc) when a < b, do: sum(rest, acc + b - a)
  defp sum([a | rest], acc), do: sum(rest, acc + a)
  defp sum([], acc), do: acc
end
