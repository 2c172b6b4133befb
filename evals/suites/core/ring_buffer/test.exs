defmodule RingBufferTest do
  use ExUnit.Case, async: true

  defp filled(elements, capacity), do: Enum.into(elements, RingBuffer.new(capacity))

  test "keeps the newest elements" do
    buffer = RingBuffer.new(2)
    assert Enum.to_list(buffer) == []
    buffer = buffer |> RingBuffer.push(:a) |> RingBuffer.push(:b)
    assert Enum.to_list(buffer) == [:a, :b]
    assert buffer |> RingBuffer.push(:c) |> Enum.to_list() == [:b, :c]
    assert buffer |> RingBuffer.push(:c) |> RingBuffer.push(:d) |> Enum.to_list() == [:c, :d]
    assert Enum.to_list(buffer) == [:a, :b]
  end

  test "the capacity is a positive integer" do
    for wrong <- [0, -1, 1.0, nil, "3"] do
      assert_raise ArgumentError, fn -> RingBuffer.new(wrong) end
    end

    assert [2] |> filled(1) |> Enum.to_list() == [2]
  end

  test "pops the oldest until it is empty, and fills again" do
    assert {:ok, 2, buffer} = RingBuffer.pop(filled([1, 2, 3], 2))
    assert {:ok, 3, buffer} = RingBuffer.pop(buffer)
    assert RingBuffer.pop(buffer) == :empty
    buffer = Enum.into([4, 5, 6], buffer)
    assert Enum.to_list(buffer) == [5, 6]
    assert Enum.count(buffer) == 2
  end

  test "a buffer that was popped has room again" do
    {:ok, 1, buffer} = RingBuffer.pop(filled([1, 2, 3], 3))
    assert buffer |> RingBuffer.push(4) |> Enum.to_list() == [2, 3, 4]
    assert buffer |> RingBuffer.push(4) |> RingBuffer.push(5) |> Enum.to_list() == [3, 4, 5]
  end

  test "counts and knows its members" do
    buffer = filled([1, nil, 3], 5)
    assert Enum.count(buffer) == 3
    assert 1 in buffer
    assert nil in buffer
    refute 1.0 in buffer
    refute 2 in buffer
    assert Enum.empty?(RingBuffer.new(1))
  end

  test "slices and finds by position" do
    buffer = filled(1..7, 5)
    assert Enum.slice(buffer, 1, 2) == [4, 5]
    assert Enum.slice(buffer, -2..-1//1) == [6, 7]
    assert Enum.slice(buffer, 3, 9) == [6, 7]
    assert Enum.slice(buffer, 1, 0) == []
    assert Enum.at(buffer, 0) == 3
    assert Enum.at(buffer, -1) == 7
    assert Enum.at(buffer, 5) == nil
  end

  test "halts early and suspends" do
    buffer = filled([1, 2, 3], 3)
    assert Enum.take(buffer, 2) == [1, 2]

    assert Enum.reduce_while(buffer, 0, fn x, sum ->
             if x < 3, do: {:cont, sum + x}, else: {:halt, sum}
           end) == 3

    assert Enum.zip(buffer, [:a, :b]) == [{1, :a}, {2, :b}]
    assert buffer |> Stream.zip(buffer) |> Enum.to_list() == [{1, 1}, {2, 2}, {3, 3}]
    assert {:suspended, 1, continue} = Enumerable.reduce(buffer, {:cont, 0}, &{:suspend, &1 + &2})
    assert {:suspended, 3, _} = continue.({:cont, 1})
  end

  test "collects after what was there" do
    assert Enum.to_list(filled(1..5, 3)) == [3, 4, 5]
    assert Enum.into([3], filled([1, 2], 3)) |> Enum.to_list() == [1, 2, 3]
    assert for(x <- 1..3, x != 2, into: RingBuffer.new(5), do: x * x) |> Enum.to_list() == [1, 9]
  end

  test "an exception while collecting is not covered up" do
    assert_raise ArithmeticError, fn ->
      Enum.into([1, 0], RingBuffer.new(2), &div(1, &1))
    end
  end

  test "is shown as text" do
    assert "#{filled(1..5, 3)}" == "3 → 4 → 5 (3/3)"
    assert to_string(filled(["a", :b], 4)) == "a → b (2/4)"
    assert to_string(RingBuffer.new(3)) == "(0/3)"
  end

  test "is inspected" do
    assert inspect(filled(1..5, 3)) == "#RingBuffer<[3, 4, 5], capacity: 3>"
    assert inspect(filled(["a", nil], 2)) == "#RingBuffer<[\"a\", nil], capacity: 2>"
    assert inspect(RingBuffer.new(7)) == "#RingBuffer<[], capacity: 7>"
  end
end
