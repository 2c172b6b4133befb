defmodule CacheTest do
  use ExUnit.Case

  setup do
    start_supervised!(Cache)
    :ok
  end

  test "a cache in a table of its own" do
    assert Cache.get(:a) == :error
    assert Cache.put(:a, 1)
    assert Cache.get(:a) == {:ok, 1}
    assert Cache.fetch(:b, fn -> 2 end) == 2
    assert Cache.fetch(:b, fn -> flunk("cached") end) == 2
  end

  test "a new one each time" do
    assert Cache.get(:a) == :error
  end
end
