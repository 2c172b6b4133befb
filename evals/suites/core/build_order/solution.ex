defmodule BuildOrder do
  @moduledoc "In which order things that need each other can be built."

  @doc "Every name after the names it needs, the smallest possible one first."
  def order(dependencies) do
    dependencies |> complete() |> build([], fn ready -> [Enum.min(ready)] end)
  end

  @doc "The names by how many steps must come before them."
  def levels(dependencies) do
    dependencies |> complete() |> build([], &[Enum.sort(&1)])
  end

  # All names, with what they need as sets.
  defp complete(dependencies) do
    mentioned = for {_name, needs} <- dependencies, need <- needs, into: %{}, do: {need, []}
    Map.new(Map.merge(mentioned, dependencies), fn {name, needs} -> {name, MapSet.new(needs)} end)
  end

  # `choose` says what to add to the result of the names that are ready.
  defp build(open, built, _choose) when map_size(open) == 0, do: {:ok, Enum.reverse(built)}

  defp build(open, built, choose) do
    case for {name, needs} <- open, Enum.empty?(needs), do: name do
      [] ->
        {:error, {:cycle, cycle(open)}}

      ready ->
        chosen = choose.(ready)
        done = List.flatten(chosen)

        rest =
          open
          |> Map.drop(done)
          |> Map.new(fn {name, needs} -> {name, MapSet.difference(needs, MapSet.new(done))} end)

        build(rest, chosen ++ built, choose)
    end
  end

  # Every name that is left needs one that is left, so there is a cycle.
  defp cycle(open) do
    open
    |> Map.keys()
    |> Enum.sort()
    |> Enum.find_value(fn name -> shortest([[name]], name, open, MapSet.new()) end)
  end

  # Breadth first, in alphabetical order; paths are reversed.
  defp shortest([], _goal, _open, _seen), do: nil

  defp shortest(paths, goal, open, seen) do
    if found = Enum.find(paths, fn [last | _] -> goal in open[last] end) do
      Enum.reverse(found)
    else
      further =
        for [last | _] = path <- paths, next <- Enum.sort(open[last]), next not in seen do
          [next | path]
        end

      further = Enum.uniq_by(further, &hd/1)
      shortest(further, goal, open, MapSet.union(seen, MapSet.new(further, &hd/1)))
    end
  end
end
