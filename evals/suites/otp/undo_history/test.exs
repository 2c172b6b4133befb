defmodule UndoHistoryTest do
  use ExUnit.Case, async: true

  defp history(initial, opts \\ []) do
    {:ok, pid} = UndoHistory.start_link(initial, opts)
    pid
  end

  test "starts with a value and nothing to undo or redo" do
    history = history([:a])
    assert UndoHistory.current(history) == [:a]
    assert UndoHistory.depth(history) == {0, 0}
    assert UndoHistory.undo(history) == {:error, :nothing_to_undo}
    assert UndoHistory.redo(history) == {:error, :nothing_to_redo}
    assert UndoHistory.current(history) == [:a]
  end

  test "undo and redo walk through the changes in order" do
    history = history(1)
    assert UndoHistory.change(history, &(&1 + 1)) == 2
    assert UndoHistory.change(history, &(&1 * 10)) == 20
    assert UndoHistory.depth(history) == {2, 0}
    assert UndoHistory.undo(history) == {:ok, 2}
    assert UndoHistory.undo(history) == {:ok, 1}
    assert UndoHistory.depth(history) == {0, 2}
    assert UndoHistory.undo(history) == {:error, :nothing_to_undo}
    assert UndoHistory.redo(history) == {:ok, 2}
    assert UndoHistory.depth(history) == {1, 1}
    assert UndoHistory.current(history) == 2
    assert UndoHistory.redo(history) == {:ok, 20}
    assert UndoHistory.redo(history) == {:error, :nothing_to_redo}
    assert UndoHistory.undo(history) == {:ok, 2}
  end

  test "a change forgets what could be redone" do
    history = history(:a)
    UndoHistory.change(history, fn :a -> :b end)
    UndoHistory.change(history, fn :b -> :c end)
    UndoHistory.undo(history)
    assert UndoHistory.change(history, fn :b -> :d end) == :d
    assert UndoHistory.redo(history) == {:error, :nothing_to_redo}
    assert UndoHistory.undo(history) == {:ok, :b}
    assert UndoHistory.undo(history) == {:ok, :a}
  end

  test "a change to an equal value changes nothing" do
    history = history(1)
    UndoHistory.change(history, fn 1 -> 2 end)
    UndoHistory.undo(history)
    assert UndoHistory.change(history, fn 1 -> 1 end) == 1
    assert UndoHistory.depth(history) == {0, 1}
    assert UndoHistory.redo(history) == {:ok, 2}
    assert UndoHistory.change(history, fn 2 -> 2.0 end) === 2.0
    assert UndoHistory.depth(history) == {2, 0}
  end

  test "the limit forgets the oldest steps" do
    history = history(0, limit: 2)
    for _ <- 1..4, do: UndoHistory.change(history, &(&1 + 1))
    assert UndoHistory.depth(history) == {2, 0}
    assert UndoHistory.undo(history) == {:ok, 3}
    assert UndoHistory.undo(history) == {:ok, 2}
    assert UndoHistory.undo(history) == {:error, :nothing_to_undo}
    assert UndoHistory.redo(history) == {:ok, 3}
    assert UndoHistory.redo(history) == {:ok, 4}
    assert UndoHistory.depth(history) == {2, 0}
  end

  test "without a limit everything is remembered" do
    history = history(0)
    for _ <- 1..200, do: UndoHistory.change(history, &(&1 + 1))
    assert UndoHistory.depth(history) == {200, 0}
    for n <- 199..0//-1, do: assert(UndoHistory.undo(history) == {:ok, n})
  end

  test "nil and false are values like others" do
    history = history(nil)
    assert UndoHistory.change(history, fn nil -> false end) == false
    assert UndoHistory.undo(history) == {:ok, nil}
    assert UndoHistory.redo(history) == {:ok, false}
  end

  test "a failing change reaches the caller and leaves the history alone" do
    history = history(1)
    UndoHistory.change(history, fn 1 -> 2 end)
    UndoHistory.undo(history)

    assert_raise ArgumentError, "no", fn ->
      UndoHistory.change(history, fn _ -> raise ArgumentError, "no" end)
    end

    assert catch_throw(UndoHistory.change(history, fn _ -> throw(:ball) end)) == :ball
    assert catch_exit(UndoHistory.change(history, fn _ -> exit(:bye) end)) == :bye
    assert UndoHistory.current(history) == 1
    assert UndoHistory.redo(history) == {:ok, 2}
  end

  test "concurrent changes are all applied" do
    history = history(0)
    tasks = for _ <- 1..20, do: Task.async(fn -> UndoHistory.change(history, &(&1 + 1)) end)
    assert tasks |> Task.await_many() |> Enum.sort() == Enum.to_list(1..20)
    assert UndoHistory.depth(history) == {20, 0}
  end
end
