defmodule ExceptionsTest do
  use ExUnit.Case

  test "exceptions cross with struct and message" do
    assert_raise Exceptions.Invalid, "invalid", fn -> Exceptions.raise_invalid(3) end
    assert %{value: 3} = catch_error(Exceptions.raise_invalid(3))
    assert_raise Exceptions.Custom, "code 4", fn -> Exceptions.custom(4) end
    assert_raise ArgumentError, "bad thing", fn -> Exceptions.argument() end
    assert_raise ArithmeticError, fn -> Exceptions.arith(:a) end

    assert_raise FunctionClauseError,
                 ~r"no function clause matching in Exceptions.clause/1",
                 fn -> Exceptions.clause(:b) end

    assert_raise ArgumentError, ~r/not a textual representation/, fn -> Exceptions.badarg() end
    assert_raise MatchError, fn -> Exceptions.match(1) end
    assert_raise KeyError, ~r/key :b not found/, fn -> Exceptions.key() end
    assert_raise UndefinedFunctionError, fn -> Exceptions.undefined() end
    assert_raise UndefinedFunctionError, fn -> apply(Exceptions, :nothing, []) end
    assert_raise CondClauseError, fn -> Exceptions.cond(false) end
  end

  test "throws and exits" do
    assert catch_throw(Exceptions.throws({:x, 1})) == {:x, 1}
    assert catch_exit(Exceptions.exits(:done)) == :done
    assert catch_exit(Exceptions.exits(:normal)) == :normal
  end

  test "raised in a callback, rescued by the candidate, and the other way" do
    assert Exceptions.safe(fn -> raise ArgumentError, "mine" end) == {:rescued, "mine"}
    assert_received :after
    assert Exceptions.safe(fn -> Exceptions.raise_invalid(7) end) == {:invalid, 7}
    assert Exceptions.safe(fn -> throw(1) end) == {:caught, 1}
    assert Exceptions.safe(fn -> exit(:x) end) == {:exited, :x}
    assert Exceptions.safe(fn -> 5 end) == {:fine, 5}
    assert_raise RuntimeError, "through", fn -> Exceptions.safe(fn -> raise "through" end) end
  end

  test "the test may make the candidate's exceptions" do
    assert %Exceptions.Custom{code: 5} = Exceptions.Custom.exception(5)
    assert_raise Exceptions.Invalid, fn -> raise Exceptions.Invalid, value: 1 end
    assert is_exception(%Exceptions.Invalid{})
  end
end
