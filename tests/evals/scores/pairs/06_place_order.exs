# check: Pair.place_order(%{"item" => "tea", "count" => "2"}) == {:ok, %{item: "tea", count: 2}}
# check: Pair.place_order(%{"count" => "2"}) == {:error, :no_item}
# check: Pair.place_order(%{"item" => "tea", "count" => "x"}) == {:error, :bad_count}

# idiomatic
defmodule Pair do
  def place_order(params) do
    with {:ok, item} <- item(params),
         {:ok, count} <- count(params) do
      {:ok, %{item: item, count: count}}
    end
  end

  defp item(%{"item" => item}), do: {:ok, item}
  defp item(_), do: {:error, :no_item}

  defp count(%{"count" => text}) do
    case Integer.parse(text) do
      {count, ""} -> {:ok, count}
      _ -> {:error, :bad_count}
    end
  end
end

# plain
defmodule Pair do
  def place_order(params) do
    item = Map.get(params, "item")

    if item == nil do
      {:error, :no_item}
    else
      parsed = Integer.parse(Map.get(params, "count"))

      if parsed == :error do
        {:error, :bad_count}
      else
        if elem(parsed, 1) != "" do
          {:error, :bad_count}
        else
          {:ok, %{item: item, count: elem(parsed, 0)}}
        end
      end
    end
  end
end
