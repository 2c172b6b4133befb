defmodule StreamsTest do
  use ExUnit.Case

  test "lazy values cross" do
    assert Enum.take(Streams.fib(), 5) == [0, 1, 1, 2, 3]
    assert 1..10 |> Streams.evens() |> Enum.to_list() == [2, 4, 6, 8, 10]
    assert Streams.resource(self()) |> Enum.to_list() == [3, 2, 1]
    assert_received :opened
    assert_received :closed
    assert Streams.chunk(Streams.fib()) |> Enum.take(1) == [[0, 1]]
    assert Streams.sum(Stream.map(1..3, &(&1 * 2))) == 12
    assert Enum.zip(Streams.fib(), [:a, :b]) == [{0, :a}, {1, :b}]
  end
end
