# capabilities:
defmodule Inventory do
  @units [kg: 1000, g: 1]
  @table for {unit, factor} <- @units, into: %{}, do: {unit, factor * 2}
  @sorted Enum.sort(Keyword.keys(@units))

  for_docs = "a value of the body"
  @moduledoc for_docs

  def table, do: @table
  def sorted, do: @sorted

  def update(items, name, fun) do
    {old, items} = Map.pop(items, name, 0)
    Map.put(items, name, fun.(old))
  end

  def nested(data), do: get_in(data, [:a, Access.key(:b, %{}), Access.all(), :c])
  def bump(data), do: update_in(data, [:stock, "x"], &((&1 || 0) + 1))
  def pretty(data), do: inspect(data, pretty: true, limit: :infinity)
  def keyword(opts), do: Keyword.validate!(opts, [:size, color: :red])
end
