defmodule PriorityQueueTest do
  use ExUnit.Case, async: true

  defp filled(entries, queue \\ PriorityQueue.new()) do
    Enum.reduce(entries, queue, fn {priority, value}, queue ->
      PriorityQueue.push(queue, priority, value)
    end)
  end

  defp shuffled(count), do: Enum.map(1..count, &{rem(&1 * 7919, 101), &1})

  test "an empty queue has nothing to give" do
    queue = PriorityQueue.new()
    assert PriorityQueue.pop(queue) == :empty
    assert PriorityQueue.peek(queue) == :empty
    assert PriorityQueue.size(queue) == 0
    assert PriorityQueue.to_list(queue) == []
  end

  test "gives the smallest priority first" do
    queue = filled([{3, :c}, {1, :a}, {2, :b}])
    assert PriorityQueue.peek(queue) == {:ok, {1, :a}}
    assert {:ok, {1, :a}, queue} = PriorityQueue.pop(queue)
    assert {:ok, {2, :b}, queue} = PriorityQueue.pop(queue)
    assert PriorityQueue.size(queue) == 1
    assert {:ok, {3, :c}, queue} = PriorityQueue.pop(queue)
    assert PriorityQueue.pop(queue) == :empty
    assert PriorityQueue.size(queue) == 0
  end

  test "equal priorities come in the order of pushing" do
    queue = filled([{2, :b}, {1, :a}, {2, :c}, {1, :d}, {2, :e}])

    assert PriorityQueue.to_list(queue) == [{1, :a}, {1, :d}, {2, :b}, {2, :c}, {2, :e}]

    {:ok, _, queue} = PriorityQueue.pop(queue)
    queue = filled([{1, :f}, {2, :g}], queue)

    assert PriorityQueue.to_list(queue) == [{1, :d}, {1, :f}, {2, :b}, {2, :c}, {2, :e}, {2, :g}]
  end

  test "takes another order" do
    largest = filled([{1, :a}, {3, :b}, {2, :c}, {3, :d}], PriorityQueue.new(&>/2))
    assert PriorityQueue.to_list(largest) == [{3, :b}, {3, :d}, {2, :c}, {1, :a}]

    by_length = PriorityQueue.new(&(String.length(&1) < String.length(&2)))
    queue = filled([{"ccc", 1}, {"b", 2}, {"aaa", 3}, {"a", 4}], by_length)
    assert PriorityQueue.to_list(queue) == [{"b", 2}, {"a", 4}, {"ccc", 1}, {"aaa", 3}]
  end

  test "any term is a value, and values do not decide" do
    queue = filled([{1, 9}, {1, nil}, {1, 1}, {1, :empty}])
    assert PriorityQueue.to_list(queue) == [{1, 9}, {1, nil}, {1, 1}, {1, :empty}]
  end

  test "queues are values: an old one does not change" do
    old = filled([{1, :a}, {2, :b}])
    {:ok, _, _} = PriorityQueue.pop(old)
    PriorityQueue.push(old, 0, :z)
    assert PriorityQueue.to_list(old) == [{1, :a}, {2, :b}]
    assert PriorityQueue.size(old) == 2
  end

  test "merges, the first queue's entries before equal ones of the second" do
    a = filled([{1, :a1}, {2, :a2}, {2, :a3}])
    b = filled([{2, :b1}, {0, :b2}, {1, :b3}, {2, :b4}])
    merged = PriorityQueue.merge(a, b)
    assert PriorityQueue.size(merged) == 7

    assert merged |> PriorityQueue.push(2, :later) |> PriorityQueue.to_list() ==
             [
               {0, :b2},
               {1, :a1},
               {1, :b3},
               {2, :a2},
               {2, :a3},
               {2, :b1},
               {2, :b4},
               {2, :later}
             ]
  end

  test "merges in the order of the first queue, with empty ones too" do
    a = filled([{1, :a}, {5, :b}], PriorityQueue.new(&>/2))
    b = filled([{4, :c}, {6, :d}])
    merged = PriorityQueue.merge(a, b)
    assert PriorityQueue.to_list(merged) == [{6, :d}, {5, :b}, {4, :c}, {1, :a}]
    empty = PriorityQueue.new()
    assert empty |> PriorityQueue.merge(b) |> PriorityQueue.to_list() == [{4, :c}, {6, :d}]
    assert b |> PriorityQueue.merge(empty) |> PriorityQueue.to_list() == [{4, :c}, {6, :d}]
    assert PriorityQueue.size(PriorityQueue.merge(empty, empty)) == 0
  end

  test "sorts many entries, stably" do
    entries = shuffled(600)
    queue = filled(entries)
    assert PriorityQueue.size(queue) == 600
    assert PriorityQueue.to_list(queue) == Enum.sort_by(entries, &elem(&1, 0))
  end

  test "stays right when pushes and pops mix" do
    {queue, popped} =
      Enum.reduce(shuffled(600), {PriorityQueue.new(), []}, fn {priority, value},
                                                               {queue, popped} ->
        queue = PriorityQueue.push(queue, priority, value)

        if rem(value, 3) == 0 do
          {:ok, {priority, _}, queue} = PriorityQueue.pop(queue)
          assert Enum.all?(PriorityQueue.to_list(queue), fn {other, _} -> priority <= other end)
          {queue, [priority | popped]}
        else
          {queue, popped}
        end
      end)

    assert PriorityQueue.size(queue) == 400
    assert length(popped) == 200
  end
end
