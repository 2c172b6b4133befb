defmodule Closures do
  def map(list, fun), do: Enum.map(list, fun)
  def adder(n), do: fn x -> x + n end
  def compose(f, g), do: fn x -> x |> f.() |> g.() end
  def capture, do: &twice/1
  def remote, do: &Closures.twice/1
  def stdlib, do: &String.upcase/1
  def twice(x), do: 2 * x
  def curry(f), do: fn a -> fn b -> f.(a, b) end end
  def nested(list, f), do: Enum.map(list, fn x -> Enum.map(x, f) end)
  def lazy(f), do: Stream.repeatedly(f) |> Stream.map(&(&1 * 2))
  def zero, do: fn -> :zero end
  def five, do: fn a, b, c, d, e -> [a, b, c, d, e] end
  def again(0, f), do: f.(0)
  def again(n, f), do: f.(fn -> again(n - 1, f) end)
end
