# Wrong: turns each change round, but not their order.
defmodule MapPatch do
  @moduledoc "Differences between nested maps, and patches made of them."

  defguardp is_plain(value) when is_map(value) and not is_struct(value)

  @doc "The changes that lead from `old` to `new`, sorted by path."
  def diff(old, new) do
    old |> changes(new, []) |> Enum.sort_by(&elem(&1, 1))
  end

  # `above` is the path of the two maps, reversed.
  defp changes(old, new, above) do
    removed =
      for {key, value} <- old, not is_map_key(new, key), do: {:remove, path(key, above), value}

    other =
      Enum.flat_map(new, fn {key, value} ->
        case old do
          %{^key => ^value} -> []
          %{^key => before} -> change(before, value, [key | above])
          _without -> [{:add, path(key, above), value}]
        end
      end)

    removed ++ other
  end

  defp change(old, new, path) when is_plain(old) and is_plain(new), do: changes(old, new, path)
  defp change(old, new, path), do: [{:change, Enum.reverse(path), old, new}]

  defp path(key, above), do: Enum.reverse([key | above])

  @doc "Makes the changes in a map, or says which one does not fit."
  def apply(map, changes) do
    Enum.reduce_while(changes, {:ok, map}, fn change, {:ok, map} ->
      case change_at(map, elem(change, 1), change) do
        {:ok, map} -> {:cont, {:ok, map}}
        :error -> {:halt, {:error, {:conflict, change}}}
      end
    end)
  end

  defp change_at(map, [key], change) when is_plain(map) do
    case {change, Map.fetch(map, key)} do
      {{:add, _path, value}, :error} -> {:ok, Map.put(map, key, value)}
      {{:remove, _path, value}, {:ok, found}} when found === value -> {:ok, Map.delete(map, key)}
      {{:change, _path, old, new}, {:ok, found}} when found === old -> {:ok, %{map | key => new}}
      _conflict -> :error
    end
  end

  defp change_at(map, [key | path], change) when is_plain(map) do
    with {:ok, inner} <- Map.fetch(map, key),
         {:ok, inner} <- change_at(inner, path, change) do
      {:ok, %{map | key => inner}}
    end
  end

  defp change_at(_map, _path, _change), do: :error

  @doc "The changes that take back what `changes` does."
  def invert(changes), do: Enum.map(changes, &turn/1)

  defp turn({:add, path, value}), do: {:remove, path, value}
  defp turn({:remove, path, value}), do: {:add, path, value}
  defp turn({:change, path, old, new}), do: {:change, path, new, old}
end
