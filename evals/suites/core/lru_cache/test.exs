defmodule LruCacheTest do
  use ExUnit.Case, async: true

  defp filled(pairs, capacity) do
    Enum.reduce(pairs, LruCache.new(capacity), fn {key, value}, cache ->
      LruCache.put(cache, key, value)
    end)
  end

  test "holds at least one entry" do
    assert LruCache.keys(filled([a: 1, b: 2], 1)) == [:b]
    assert LruCache.keys(LruCache.new(1)) == []
  end

  test "finds what was put" do
    cache = filled([a: 1, b: 2], 2)
    assert {{:ok, 1}, _} = LruCache.get(cache, :a)
    assert {{:ok, 2}, _} = LruCache.get(cache, :b)
    assert {:error, _} = LruCache.get(cache, :c)
  end

  test "evicts the least recently used entry" do
    cache = filled([a: 1, b: 2], 2)
    {{:ok, 1}, cache} = LruCache.get(cache, :a)
    cache = LruCache.put(cache, :c, 3)
    assert LruCache.keys(cache) == [:c, :a]
    assert {:error, cache} = LruCache.get(cache, :b)
    cache = LruCache.put(cache, :d, 4)
    assert LruCache.keys(cache) == [:d, :c]
  end

  test "replacing a value is a use and evicts nothing" do
    cache = filled([a: 1, b: 2, a: 3], 2)
    assert LruCache.keys(cache) == [:a, :b]
    assert {{:ok, 3}, cache} = LruCache.get(cache, :a)
    assert %{size: 2, evictions: 0} = LruCache.stats(cache)
    assert cache |> LruCache.put(:c, 1) |> LruCache.keys() == [:c, :a]
  end

  test "a miss and keys are no use" do
    cache = filled([a: 1, b: 2], 2)
    {:error, cache} = LruCache.get(cache, :x)
    assert LruCache.keys(cache) == [:b, :a]
    assert LruCache.keys(cache) == [:b, :a]
    assert cache |> LruCache.put(:c, 3) |> LruCache.keys() == [:c, :b]
  end

  test "nil is a key and a value like any other" do
    cache = filled([{nil, nil}, {1, :int}, {1.0, :float}], 3)
    assert {{:ok, nil}, cache} = LruCache.get(cache, nil)
    assert {{:ok, :int}, cache} = LruCache.get(cache, 1)
    assert {{:ok, :float}, cache} = LruCache.get(cache, 1.0)
    assert {nil, cache} = LruCache.fetch_or_store(cache, nil, fn _ -> flunk("called") end)
    assert LruCache.keys(cache) == [nil, 1.0, 1]
    assert cache |> LruCache.delete(nil) |> LruCache.keys() == [1.0, 1]
  end

  test "stores what is missing, once" do
    cache = filled([a: 1], 2)
    assert {"b", cache} = LruCache.fetch_or_store(cache, :b, &Atom.to_string/1)
    assert {"b", cache} = LruCache.fetch_or_store(cache, :b, fn _ -> flunk("called") end)
    assert {1, cache} = LruCache.fetch_or_store(cache, :a, fn _ -> flunk("called") end)
    assert LruCache.keys(cache) == [:a, :b]
    assert {:c, cache} = LruCache.fetch_or_store(cache, :c, & &1)
    assert LruCache.keys(cache) == [:c, :a]
    assert LruCache.stats(cache) == %{size: 2, hits: 2, misses: 2, evictions: 1}
  end

  test "deletes" do
    cache = filled([a: 1, b: 2], 2)
    assert LruCache.keys(LruCache.delete(cache, :x)) == [:b, :a]
    cache = LruCache.delete(cache, :a)
    assert {:error, cache} = LruCache.get(cache, :a)
    cache = LruCache.put(cache, :c, 3)
    assert LruCache.keys(cache) == [:c, :b]
    assert LruCache.stats(cache) == %{size: 2, hits: 0, misses: 1, evictions: 0}
  end

  test "counts hits, misses and evictions" do
    assert LruCache.stats(LruCache.new(3)) == %{size: 0, hits: 0, misses: 0, evictions: 0}
    cache = filled([a: 1, b: 2, c: 3, d: 4], 2)
    {_, cache} = LruCache.get(cache, :d)
    {_, cache} = LruCache.get(cache, :d)
    {_, cache} = LruCache.get(cache, :a)
    assert LruCache.stats(cache) == %{size: 2, hits: 2, misses: 1, evictions: 2}
  end

  test "stays right over many operations" do
    cache = filled(Enum.map(1..200, &{&1, &1}), 200)

    cache =
      Enum.reduce(1..500, cache, fn n, cache ->
        {_, cache} = LruCache.get(cache, rem(n * 7, 200) + 1)
        LruCache.put(cache, rem(n * 13, 300), n)
      end)

    assert %{size: 200} = LruCache.stats(cache)
    assert length(Enum.uniq(LruCache.keys(cache))) == 200
    assert hd(LruCache.keys(cache)) == rem(500 * 13, 300)
  end
end
