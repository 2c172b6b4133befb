defmodule TrieTest do
  use ExUnit.Case, async: true

  defp filled(pairs) do
    Enum.reduce(pairs, Trie.new(), fn {string, value}, trie -> Trie.put(trie, string, value) end)
  end

  defp words(words), do: words |> Enum.with_index(1) |> filled()

  test "is empty at first" do
    trie = Trie.new()
    assert Trie.fetch(trie, "") == :error
    assert Trie.fetch(trie, "a") == :error
    assert Trie.with_prefix(trie, "") == []
    assert Trie.count(trie) == 0
    assert Trie.nodes(trie) == 1
  end

  test "finds values by whole strings only" do
    trie = words(["tea", "ten", "te", "inn"])
    assert Trie.fetch(trie, "tea") == {:ok, 1}
    assert Trie.fetch(trie, "te") == {:ok, 3}
    assert Trie.fetch(trie, "t") == :error
    assert Trie.fetch(trie, "teas") == :error
    assert Trie.fetch(trie, "inn") == {:ok, 4}
  end

  test "replaces values, and takes any term for one" do
    trie = filled([{"a", 1}, {"a", nil}, {"", :empty}, {"b", :error}])
    assert Trie.fetch(trie, "a") == {:ok, nil}
    assert Trie.fetch(trie, "") == {:ok, :empty}
    assert Trie.fetch(trie, "b") == {:ok, :error}
    assert Trie.count(trie) == 3
    assert Trie.with_prefix(trie, "") == [{"", :empty}, {"a", nil}, {"b", :error}]
  end

  test "shares nodes" do
    trie = words(["tea", "ten", "te"])
    assert Trie.nodes(trie) == 5
    assert Trie.count(trie) == 3
    assert trie |> Trie.put("tea", 9) |> Trie.nodes() == 5
    assert trie |> Trie.put("", 9) |> Trie.nodes() == 5
    assert trie |> Trie.put("tents", 9) |> Trie.nodes() == 7
  end

  test "deletes strings and the nodes that nothing else needs" do
    trie = words(["tea", "ten", "te", "tents", ""])
    assert Trie.nodes(trie) == 7
    without = Trie.delete(trie, "tents")
    assert Trie.nodes(without) == 5
    assert Trie.fetch(without, "ten") == {:ok, 2}
    inner = Trie.delete(trie, "ten")
    assert Trie.nodes(inner) == 7
    assert Trie.fetch(inner, "ten") == :error
    assert Trie.fetch(inner, "tents") == {:ok, 4}
    assert inner |> Trie.delete("tents") |> Trie.nodes() == 4
    assert trie |> Trie.delete("") |> Trie.fetch("") == :error

    assert Enum.reduce(["tea", "ten", "te", "tents", ""], trie, &Trie.delete(&2, &1)) ==
             Trie.new()
  end

  test "deleting what is not there changes nothing" do
    trie = words(["tea"])

    for string <- ["", "t", "te", "teas", "x", "xyz"] do
      same = Trie.delete(trie, string)
      assert Trie.with_prefix(same, "") == [{"tea", 1}]
      assert Trie.nodes(same) == 4
    end
  end

  test "lists by prefix, sorted" do
    trie = words(["tea", "ten", "te", "inn", "in", "i"])
    assert Trie.with_prefix(trie, "te") == [{"te", 3}, {"tea", 1}, {"ten", 2}]
    assert Trie.with_prefix(trie, "in") == [{"in", 5}, {"inn", 4}]
    assert Trie.with_prefix(trie, "ten") == [{"ten", 2}]
    assert Trie.with_prefix(trie, "x") == []
    assert Trie.with_prefix(trie, "tenn") == []
    assert trie |> Trie.with_prefix("") |> Enum.map(&elem(&1, 0)) == ~w(i in inn te tea ten)
    many = for a <- ?A..?z, do: {<<a>>, a}
    assert many |> Enum.reverse() |> filled() |> Trie.with_prefix("") == many
  end

  test "finds the longest string that a text begins with" do
    trie = words(["tea", "te", "ten", "tents"])
    assert Trie.longest_prefix(trie, "tents!") == {"tents", 4}
    assert Trie.longest_prefix(trie, "tent") == {"ten", 3}
    assert Trie.longest_prefix(trie, "teapot") == {"tea", 1}
    assert Trie.longest_prefix(trie, "te") == {"te", 2}
    assert Trie.longest_prefix(trie, "t") == nil
    assert Trie.longest_prefix(trie, "") == nil
    assert trie |> Trie.put("", nil) |> Trie.longest_prefix("x") == {"", nil}
  end

  test "goes by graphemes" do
    trie = filled([{"e", 1}, {"e\u0301", 2}, {"e\u0301a", 3}])
    assert Trie.nodes(trie) == 4
    assert Trie.with_prefix(trie, "e") == [{"e", 1}]
    assert Trie.with_prefix(trie, "e\u0301") == [{"e\u0301", 2}, {"e\u0301a", 3}]
    assert Trie.longest_prefix(trie, "e\u0301b") == {"e\u0301", 2}
    assert Trie.longest_prefix(trie, "eb") == {"e", 1}
  end
end
