defmodule MapPatchTest do
  use ExUnit.Case, async: true

  test "tells additions, removals and changes, sorted by path" do
    old = %{name: "Ann", tags: %{a: 1, b: 2}}
    new = %{name: "Ann", tags: %{a: 1.0, c: 3}, age: 7}

    assert MapPatch.diff(old, new) == [
             {:add, [:age], 7},
             {:change, [:tags, :a], 1, 1.0},
             {:remove, [:tags, :b], 2},
             {:add, [:tags, :c], 3}
           ]
  end

  test "sorts by path whatever the operation and the depth" do
    old = %{1 => :x, "z" => 1, b: %{deep: %{y: 1, x: 2}}, d: 1}
    new = %{1 => :y, "a" => 1, b: %{deep: %{x: 3, z: 1}}, c: 0}

    assert MapPatch.diff(old, new) == [
             {:change, [1], :x, :y},
             {:change, [:b, :deep, :x], 2, 3},
             {:remove, [:b, :deep, :y], 1},
             {:add, [:b, :deep, :z], 1},
             {:add, [:c], 0},
             {:remove, [:d], 1},
             {:add, ["a"], 1},
             {:remove, ["z"], 1}
           ]
  end

  test "equal maps do not differ" do
    map = %{a: %{b: %{}}, c: nil, d: [%{e: 1}]}
    assert MapPatch.diff(map, map) == []
    assert MapPatch.diff(%{}, %{}) == []
  end

  test "a key with nil is not a missing key" do
    assert MapPatch.diff(%{a: nil}, %{}) == [{:remove, [:a], nil}]
    assert MapPatch.diff(%{}, %{a: nil}) == [{:add, [:a], nil}]
    assert MapPatch.diff(%{a: nil}, %{a: false}) == [{:change, [:a], nil, false}]
  end

  test "maps that come, go or turn into something else are one change" do
    assert MapPatch.diff(%{}, %{a: %{b: 1}}) == [{:add, [:a], %{b: 1}}]
    assert MapPatch.diff(%{a: %{b: 1}}, %{}) == [{:remove, [:a], %{b: 1}}]
    assert MapPatch.diff(%{a: %{b: 1}}, %{a: [b: 1]}) == [{:change, [:a], %{b: 1}, [b: 1]}]
    assert MapPatch.diff(%{a: 1}, %{a: %{}}) == [{:change, [:a], 1, %{}}]

    assert MapPatch.diff(%{a: [%{b: 1}]}, %{a: [%{b: 2}]}) == [
             {:change, [:a], [%{b: 1}], [%{b: 2}]}
           ]
  end

  test "structs are values" do
    old = %{day: ~D[2024-01-01], set: MapSet.new([1])}
    new = %{day: ~D[2024-01-02], set: MapSet.new([1])}
    change = {:change, [:day], ~D[2024-01-01], ~D[2024-01-02]}
    assert MapPatch.diff(old, new) == [change]
    assert MapPatch.apply(old, [change]) == {:ok, new}

    assert MapPatch.diff(%{d: %{}}, %{d: ~D[2024-01-01]}) == [
             {:change, [:d], %{}, ~D[2024-01-01]}
           ]

    inside = {:change, [:day, :year], 2024, 2025}
    assert MapPatch.apply(old, [inside]) == {:error, {:conflict, inside}}
    added = {:add, [:day, :hour], 1}
    assert MapPatch.apply(old, [added]) == {:error, {:conflict, added}}
  end

  test "applies changes in order" do
    changes = [
      {:add, [:a], %{}},
      {:add, [:a, :b], 1},
      {:change, [:a, :b], 1, 2},
      {:remove, [:c], nil}
    ]

    assert MapPatch.apply(%{c: nil, d: 4}, changes) == {:ok, %{a: %{b: 2}, d: 4}}
    assert MapPatch.apply(%{a: 1}, []) == {:ok, %{a: 1}}
  end

  test "names the first change that does not fit" do
    map = %{a: 1, b: %{c: nil}}

    for wrong <- [
          {:add, [:a], 2},
          {:add, [:b, :c], 2},
          {:remove, [:x], nil},
          {:remove, [:a], 2},
          {:remove, [:a], 1.0},
          {:change, [:a], 1.0, 2},
          {:change, [:a], 2, 1},
          {:change, [:x], nil, 1},
          {:change, [:b, :x], nil, 1},
          {:add, [:a, :c], 1},
          {:add, [:x, :c], 1},
          {:remove, [:b, :c, :d], 1}
        ] do
      fine = {:add, [:fine], 1}
      assert MapPatch.apply(map, [fine, wrong, {:add, [:a], 9}]) == {:error, {:conflict, wrong}}
    end
  end

  test "inverts in reverse order" do
    changes = [{:add, [:a], %{}}, {:change, [:b], 1, 2}, {:remove, [:c], 3}, {:add, [:a, :x], 4}]

    assert MapPatch.invert(changes) == [
             {:remove, [:a, :x], 4},
             {:add, [:c], 3},
             {:change, [:b], 2, 1},
             {:remove, [:a], %{}}
           ]
  end

  test "there and back again" do
    maps = [
      %{},
      %{a: 1},
      %{a: %{b: 1, c: %{d: nil}}},
      %{a: %{b: 1.0, c: 5}, e: []},
      %{"a" => %{1 => %{2 => 3}}, a: %{c: %{d: %{}}}},
      %{a: %{}, e: %{f: ~D[2024-01-01]}}
    ]

    for old <- maps, new <- maps do
      changes = MapPatch.diff(old, new)
      assert MapPatch.apply(old, changes) == {:ok, new}
      assert MapPatch.apply(new, MapPatch.invert(changes)) == {:ok, old}
    end
  end
end
