# capabilities:
defmodule Dijkstra do
  def shortest(graph, from, to), do: search(graph, to, :gb_sets.singleton({0, from, [from]}), MapSet.new())

  defp search(graph, to, frontier, seen) do
    if :gb_sets.is_empty(frontier) do
      :unreachable
    else
      {{cost, node, path}, rest} = :gb_sets.take_smallest(frontier)

      cond do
        node == to -> {:ok, cost, Enum.reverse(path)}
        MapSet.member?(seen, node) -> search(graph, to, rest, seen)
        true -> search(graph, to, expand(graph, cost, node, path, rest), MapSet.put(seen, node))
      end
    end
  end

  defp expand(graph, cost, node, path, frontier) do
    Enum.reduce(Map.get(graph, node, %{}), frontier, fn {next, weight}, acc ->
      :gb_sets.add({cost + weight, next, [next | path]}, acc)
    end)
  end
end
