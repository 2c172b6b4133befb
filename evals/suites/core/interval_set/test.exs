defmodule IntervalSetTest do
  use ExUnit.Case, async: true

  defp list(set), do: IntervalSet.to_list(set)
  defp integers(set), do: for({a, b} <- list(set), n <- a..b//1, do: n)

  test "joins intervals that overlap or touch, in any order" do
    assert list(IntervalSet.new([{8, 9}, {1, 3}, {4, 5}])) == [{1, 5}, {8, 9}]
    assert list(IntervalSet.new([{1, 10}, {3, 4}])) == [{1, 10}]
    assert list(IntervalSet.new([{5, 9}, {1, 6}, {20, 30}, {9, 19}])) == [{1, 30}]
    assert list(IntervalSet.new([{3, 3}, {1, 1}])) == [{1, 1}, {3, 3}]
    assert list(IntervalSet.new([{-2, 0}, {1, 1}])) == [{-2, 1}]
    assert list(IntervalSet.new([])) == []
  end

  test "empty intervals change nothing" do
    assert list(IntervalSet.new([{3, 2}, {5, 5}, {9, 1}])) == [{5, 5}]
    set = IntervalSet.new([{1, 5}])
    assert list(IntervalSet.add(set, {9, 7})) == [{1, 5}]
    assert list(IntervalSet.remove(set, {4, 2})) == [{1, 5}]
    assert list(IntervalSet.remove(set, {3, 2})) == [{1, 5}]
  end

  test "adds before, between, over and after what is there" do
    set = IntervalSet.new([{10, 20}, {30, 40}, {50, 60}])
    assert list(IntervalSet.add(set, {1, 8})) == [{1, 8}, {10, 20}, {30, 40}, {50, 60}]
    assert list(IntervalSet.add(set, {1, 9})) == [{1, 20}, {30, 40}, {50, 60}]
    assert list(IntervalSet.add(set, {22, 28})) == [{10, 20}, {22, 28}, {30, 40}, {50, 60}]
    assert list(IntervalSet.add(set, {21, 29})) == [{10, 40}, {50, 60}]
    assert list(IntervalSet.add(set, {35, 55})) == [{10, 20}, {30, 60}]
    assert list(IntervalSet.add(set, {62, 70})) == [{10, 20}, {30, 40}, {50, 60}, {62, 70}]
    assert list(IntervalSet.add(set, {61, 70})) == [{10, 20}, {30, 40}, {50, 70}]
  end

  test "removes a part, the whole and over several intervals" do
    set = IntervalSet.new([{1, 5}, {8, 9}])
    assert list(IntervalSet.remove(set, {2, 8})) == [{1, 1}, {9, 9}]
    assert list(IntervalSet.remove(set, {3, 3})) == [{1, 2}, {4, 5}, {8, 9}]
    assert list(IntervalSet.remove(set, {1, 5})) == [{8, 9}]
    assert list(IntervalSet.remove(set, {0, 1})) == [{2, 5}, {8, 9}]
    assert list(IntervalSet.remove(set, {5, 7})) == [{1, 4}, {8, 9}]
    assert list(IntervalSet.remove(set, {6, 7})) == [{1, 5}, {8, 9}]
    assert list(IntervalSet.remove(set, {-9, 99})) == []
  end

  test "knows members and size" do
    set = IntervalSet.new([{-1, 1}, {5, 6}])

    assert Enum.map(-2..7, &IntervalSet.member?(set, &1)) ==
             [false, true, true, true, false, false, false, true, true, false]

    assert IntervalSet.size(set) == 5
    assert IntervalSet.size(IntervalSet.new([])) == 0
  end

  test "large intervals are as cheap as small ones" do
    set = IntervalSet.new([{1, 1_000_000_000_000}])
    assert IntervalSet.size(IntervalSet.remove(set, {5, 5})) == 999_999_999_999
    assert IntervalSet.member?(set, 1_000_000_000_000)
    refute IntervalSet.member?(set, 1_000_000_000_001)
  end

  test "intersects" do
    set = IntervalSet.new([{1, 10}, {20, 30}, {40, 50}])
    other = IntervalSet.new([{5, 22}, {25, 26}, {30, 40}, {60, 70}])
    expected = [{5, 10}, {20, 22}, {25, 26}, {30, 30}, {40, 40}]
    assert list(IntervalSet.intersection(set, other)) == expected
    assert list(IntervalSet.intersection(other, set)) == expected
    assert list(IntervalSet.intersection(set, IntervalSet.new([]))) == []
    assert list(IntervalSet.intersection(IntervalSet.new([]), set)) == []
    assert list(IntervalSet.intersection(set, IntervalSet.new([{11, 19}]))) == []
    assert list(IntervalSet.intersection(set, set)) == list(set)
  end

  test "finds the gaps" do
    set = IntervalSet.new([{1, 2}, {4, 4}, {10, 12}])
    assert list(IntervalSet.gaps(set)) == [{3, 3}, {5, 9}]
    assert list(IntervalSet.gaps(IntervalSet.new([{1, 5}]))) == []
    assert list(IntervalSet.gaps(IntervalSet.new([]))) == []
    assert list(IntervalSet.add(IntervalSet.gaps(set), {4, 4})) == [{3, 9}]
  end

  test "agrees with sets of single integers" do
    intervals = for a <- -4..4, b <- [-3, 0, 2, 4], do: {a, b}

    for {one, two} <- Enum.zip(intervals, Enum.reverse(intervals)), three <- [{-4, -2}, {0, 3}] do
      set = IntervalSet.new([one, three])
      naive = Enum.uniq(Enum.sort(for {a, b} <- [one, three], n <- a..b//1, do: n))
      {c, d} = two
      removed = Enum.to_list(c..d//1)
      assert integers(set) == naive
      assert integers(IntervalSet.remove(set, two)) == naive -- removed

      assert integers(IntervalSet.intersection(set, IntervalSet.new([two]))) ==
               naive -- (naive -- removed)
    end
  end
end
