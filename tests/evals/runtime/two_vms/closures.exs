defmodule ClosuresTest do
  use ExUnit.Case

  test "closures of the tests are called back" do
    k = 10
    assert Closures.map([1, 2], fn x -> x + k end) == [11, 12]
    assert Closures.map(["a"], &String.upcase/1) == ["A"]
    assert Closures.nested([[1], [2, 3]], &(&1 * 2)) == [[2], [4, 6]]
    assert Closures.curry(fn a, b -> a - b end).(5).(3) == 2
  end

  test "closures of the candidate are called" do
    assert Closures.adder(2).(3) == 5
    assert Closures.compose(&(&1 + 1), Closures.adder(5)).(1) == 7
    assert Closures.capture().(4) == 8
    assert Closures.remote().(4) == 8
    assert Closures.remote() == (&Closures.twice/1)
    assert Closures.stdlib().("a") == "A"
    assert Closures.zero().() == :zero
    assert Closures.five().(1, 2, 3, 4, 5) == [1, 2, 3, 4, 5]
    assert is_function(Closures.adder(1), 1)
    assert Enum.map([1, 2], Closures.adder(1)) == [2, 3]
  end

  test "callbacks run in the process that called, as deep as they nest" do
    me = self()
    Closures.map([1], fn _ -> assert self() == me end)
    Closures.map([1], fn x -> Process.put(:seen, x) end)
    assert Process.get(:seen) == 1
    assert Closures.map([1, 2], fn x -> Closures.map([x], fn y -> y * 10 end) end) == [[10], [20]]

    assert Closures.again(5, fn
             n when is_integer(n) -> :done
             more -> more.()
           end) == :done
  end

  test "streams" do
    counter = :counters.new(1, [])

    stream =
      Closures.lazy(fn ->
        :counters.add(counter, 1, 1)
        :counters.get(counter, 1)
      end)

    assert Enum.take(stream, 3) == [2, 4, 6]
    assert :counters.get(counter, 1) == 3
  end

  test "wrong arity is an error" do
    assert_raise BadArityError, fn -> Closures.adder(1).(1, 2) end
    assert_raise BadArityError, fn -> Closures.map([1], fn -> 1 end) end
  end
end
