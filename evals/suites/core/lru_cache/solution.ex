defmodule LruCache do
  @moduledoc """
  A cache that forgets the least recently used entry.

  Every use gives the entry a new, higher number; `order` holds the keys by number, so that the
  smallest number is the entry to forget.
  """

  @enforce_keys [:capacity]
  defstruct [
    :capacity,
    entries: %{},
    order: :gb_trees.empty(),
    clock: 0,
    hits: 0,
    misses: 0,
    evictions: 0
  ]

  @doc "An empty cache."
  def new(capacity), do: %__MODULE__{capacity: capacity}

  @doc "Stores a value as the most recently used."
  def put(%__MODULE__{} = cache, key, value) do
    cache |> delete(key) |> make_room() |> insert(key, value)
  end

  @doc "Looks a key up, which counts as a use."
  def get(%__MODULE__{} = cache, key) do
    case cache.entries do
      %{^key => {_number, value}} ->
        cache = cache |> delete(key) |> insert(key, value)
        {{:ok, value}, %{cache | hits: cache.hits + 1}}

      _missing ->
        {:error, %{cache | misses: cache.misses + 1}}
    end
  end

  @doc "Looks a key up, or stores what `fun` says of it."
  def fetch_or_store(%__MODULE__{} = cache, key, fun) do
    case get(cache, key) do
      {{:ok, value}, cache} ->
        {value, cache}

      {:error, cache} ->
        value = fun.(key)
        {value, put(cache, key, value)}
    end
  end

  @doc "Forgets a key."
  def delete(%__MODULE__{} = cache, key) do
    case Map.pop(cache.entries, key) do
      {nil, _entries} ->
        cache

      {{number, _value}, entries} ->
        %{cache | entries: entries, order: :gb_trees.delete(number, cache.order)}
    end
  end

  @doc "The keys, the most recently used first."
  def keys(%__MODULE__{} = cache), do: cache.order |> :gb_trees.values() |> Enum.reverse()

  @doc "How the cache did."
  def stats(%__MODULE__{} = cache) do
    cache
    |> Map.take([:hits, :misses, :evictions])
    |> Map.put(:size, map_size(cache.entries))
  end

  defp make_room(cache) when map_size(cache.entries) < cache.capacity, do: cache

  defp make_room(cache) do
    {_number, oldest} = :gb_trees.smallest(cache.order)
    %{delete(cache, oldest) | evictions: cache.evictions + 1}
  end

  defp insert(cache, key, value) do
    %{
      cache
      | entries: Map.put(cache.entries, key, {cache.clock, value}),
        order: :gb_trees.insert(cache.clock, key, cache.order),
        clock: cache.clock + 1
    }
  end
end
