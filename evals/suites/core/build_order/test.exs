defmodule BuildOrderTest do
  use ExUnit.Case, async: true

  test "puts names after what they need" do
    assert BuildOrder.order(%{"app" => ["lib", "log"], "log" => ["lib"]}) ==
             {:ok, ["lib", "log", "app"]}

    assert BuildOrder.order(%{"a" => ["b"], "b" => ["c"], "c" => ["d"]}) ==
             {:ok, ["d", "c", "b", "a"]}

    assert BuildOrder.order(%{}) == {:ok, []}
  end

  test "the smallest name that can come next does" do
    assert BuildOrder.order(%{"c" => [], "a" => [], "b" => []}) == {:ok, ["a", "b", "c"]}
    assert BuildOrder.order(%{"a" => ["z"], "b" => [], "y" => []}) == {:ok, ["b", "y", "z", "a"]}
    assert BuildOrder.order(%{"m" => ["k"], "b" => ["k"]}) == {:ok, ["k", "b", "m"]}

    assert BuildOrder.order(%{"a" => ["x"], "x" => [], "b" => [], "z" => ["a"]}) ==
             {:ok, ["b", "x", "a", "z"]}
  end

  test "a name that is mentioned twice counts once" do
    assert BuildOrder.order(%{"a" => ["b", "b"], "c" => ["b"]}) == {:ok, ["b", "a", "c"]}
    assert BuildOrder.levels(%{"a" => ["b", "b"]}) == {:ok, [["b"], ["a"]]}
  end

  test "levels go by the longest way down" do
    assert BuildOrder.levels(%{"app" => ["lib", "log"], "doc" => []}) ==
             {:ok, [["doc", "lib", "log"], ["app"]]}

    assert BuildOrder.levels(%{"e" => ["a", "d"], "d" => ["c"], "c" => ["a"], "b" => ["a"]}) ==
             {:ok, [["a"], ["b", "c"], ["d"], ["e"]]}

    assert BuildOrder.levels(%{}) == {:ok, []}
  end

  test "finds a cycle" do
    graph = %{"b" => ["c"], "c" => ["b", "a"], "x" => ["b"]}
    assert BuildOrder.order(graph) == {:error, {:cycle, ["b", "c"]}}
    assert BuildOrder.levels(graph) == {:error, {:cycle, ["b", "c"]}}
    assert BuildOrder.order(%{"self" => ["self"]}) == {:error, {:cycle, ["self"]}}
  end

  test "begins with the smallest name on any cycle, not one that only leads there" do
    graph = %{"a" => ["c"], "c" => ["d"], "d" => ["e"], "e" => ["c"], "y" => ["z"], "z" => ["y"]}
    assert BuildOrder.order(graph) == {:error, {:cycle, ["c", "d", "e"]}}
  end

  test "goes through a shortest cycle, the alphabetically first of them" do
    long = %{"a" => ["b", "x"], "b" => ["c"], "c" => ["a"], "x" => ["a"]}
    assert BuildOrder.order(long) == {:error, {:cycle, ["a", "x"]}}

    same = %{"a" => ["r", "p"], "p" => ["z"], "r" => ["b"], "z" => ["a"], "b" => ["a"]}
    assert BuildOrder.order(same) == {:error, {:cycle, ["a", "p", "z"]}}

    own = %{"a" => ["b", "a"], "b" => ["a"]}
    assert BuildOrder.levels(own) == {:error, {:cycle, ["a"]}}

    meeting = %{"a" => ["c", "b"], "b" => ["d"], "c" => ["d"], "d" => ["a"]}
    assert BuildOrder.order(meeting) == {:error, {:cycle, ["a", "b", "d"]}}

    around = %{"a" => ["b"], "b" => ["c", "b2"], "b2" => ["b"], "c" => ["d"], "d" => ["a"]}
    assert BuildOrder.order(around) == {:error, {:cycle, ["a", "b", "c", "d"]}}
  end

  test "takes many names" do
    names = Enum.map(1..99, &pad/1)
    assert BuildOrder.levels(Map.new(names, &{&1, ["zz"]})) == {:ok, [["zz"], names]}
    assert BuildOrder.order(Map.new(names, &{&1, []})) == {:ok, names}
    rings = Map.new(2..99, &{pad(&1), Enum.take(names, 98)})
    assert BuildOrder.order(rings) == {:error, {:cycle, ["002"]}}
    spokes = Map.new(names, &{&1, ["000"]})
    assert BuildOrder.order(Map.put(spokes, "000", names)) == {:error, {:cycle, ["000", "001"]}}

    chain = Map.new(1..300, &{pad(&1), [pad(&1 + 1)]})
    assert {:ok, names} = BuildOrder.order(chain)
    assert names == Enum.map(301..1//-1, &pad/1)
    assert {:ok, levels} = BuildOrder.levels(chain)
    assert levels == Enum.map(301..1//-1, &[pad(&1)])
  end

  defp pad(n), do: n |> Integer.to_string() |> String.pad_leading(3, "0")
end
