# capabilities:
defmodule Tree do
  defstruct [:value, :left, :right]

  def insert(nil, value), do: %Tree{value: value}
  def insert(%Tree{value: v} = tree, x) when x < v, do: %{tree | left: insert(tree.left, x)}
  def insert(%Tree{value: v} = tree, x) when x > v, do: %{tree | right: insert(tree.right, x)}
  def insert(tree, _), do: tree

  def to_list(nil), do: []
  def to_list(tree), do: to_list(tree.left) ++ [tree.value] ++ to_list(tree.right)

  def depth(nil), do: 0
  def depth(%{left: l, right: r}), do: 1 + max(depth(l), depth(r))

  def stream(tree), do: Stream.resource(fn -> [tree] end, &next/1, fn _ -> :ok end)
  defp next([]), do: {:halt, []}
  defp next([nil | rest]), do: next(rest)
  defp next([%{value: v, left: l, right: r} | rest]), do: {[v], [l, r | rest]}
end
