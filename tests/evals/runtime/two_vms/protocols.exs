defmodule ShapesTest do
  use ExUnit.Case

  test "a candidate's own protocol" do
    assert Shape.area(%Square{side: 2}) == 4
    assert Shape.name(%Circle{r: 1}) == "circle"
    assert Shape.area(7) == 7
    assert Shapes.total([%Square{side: 2}, %Circle{r: 1}, 3]) == 10
    assert_raise Protocol.UndefinedError, fn -> Shape.area("x") end
    assert Shape.impl_for(%Circle{}) == Shape.Circle
    assert Shape.impl_for(:x) == nil
  end
end
