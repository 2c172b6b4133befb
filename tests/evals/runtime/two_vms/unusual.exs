defmodule UnusualTest do
  use ExUnit.Case

  test "generated functions, private macros, evaluation, atoms" do
    assert Unusual.get_1() + Unusual.get_3() == 4
    assert Unusual.doubled(4) == 8
    assert Unusual.evaluated("1 + 1") == 2
    assert Unusual.atom("brand_new_thing") == :brand_new_thing
    assert Unusual.encode(%{a: 1}) == %{a: 1}
    assert Unusual.default(1) == {1, 2, 3}
    assert Unusual.default(1, 5) == {1, 5, 3}
    assert %DateTime{} = Unusual.now()
    assert Unusual.env() == nil
    assert Unusual.file() == "text"
    assert Unusual.guard?(2)
    assert :dict.fetch(:a, Unusual.dict()) == 1
    assert :queue.len(Unusual.queue()) == 2
    assert is_reference(Unusual.ref())
    assert length(Unusual.many_atoms()) == 200
    assert Unusual.sort_by([%{a: 1}, %{a: 2}], & &1.a) == [%{a: 2}, %{a: 1}]
    assert Unusual.Nested.Deep.hi() == :hi
    assert Unusual."odd name!"() == :odd
  end
end
