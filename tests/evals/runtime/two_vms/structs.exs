defmodule StructsTest do
  use ExUnit.Case
  alias Structs.{Bag, Point}

  test "structs are made, matched and updated" do
    assert %Point{x: 1, y: 0} = Point.new(1)
    assert Point.add(%Point{x: 1, y: 2}, %Point{x: 3}) == %Point{x: 4, y: 2}
    p = Point.new(1, 2)
    assert %{p | x: 5} == Point.new(5, 2)
    assert struct(Point, x: 3) == Point.new(3)
    assert struct!(p, y: 9).y == 9
    assert_raise ArgumentError, fn -> struct!(Point, y: 1) end
    assert is_struct(p, Point)
    assert Map.keys(Map.from_struct(p)) |> Enum.sort() == [:x, :y]
  end

  test "protocols of Elixir's that the candidate implements for its structs" do
    assert to_string(Point.new(1, 2)) == "(1, 2)"
    assert "#{Point.new(3)}" == "(3, 0)"
    assert inspect(Point.new(1)) == "#Point<1>"
    assert inspect([Point.new(1)]) == "[#Point<1>]"
    bag = Bag.new([1, 2, 3])
    assert Enum.map(bag, &(&1 * 2)) == [2, 4, 6]
    assert Enum.count(bag) == 3
    assert 2 in bag
    assert Enum.take(bag, 2) == [1, 2]
    assert Enum.to_list(bag) == [1, 2, 3]
    assert Enum.zip(bag, bag) == [{1, 1}, {2, 2}, {3, 3}]
    assert Enum.into([4], bag) == Bag.new([1, 2, 3, 4])
    assert for(x <- bag, into: Bag.new([]), do: x + 1) == Bag.new([2, 3, 4])
    assert bag[1] == 2
  end
end
