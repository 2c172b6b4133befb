defmodule JobsTest do
  use ExUnit.Case
  import ExUnit.CaptureLog

  test "supervised tasks with callbacks of the tests" do
    {:ok, _} = Jobs.start_link()
    assert Jobs.safe(fn -> 1 end) == {:ok, 1}
    assert Jobs.safe(fn -> Process.sleep(:infinity) end, 20) == :timeout

    capture_log(fn ->
      assert {:error, :bad} = Jobs.safe(fn -> exit(:bad) end)
      assert {:error, {%RuntimeError{message: "x"}, _}} = Jobs.safe(fn -> raise "x" end)
    end)

    assert Jobs.race([
             fn ->
               Process.sleep(5_000)
               :slow
             end,
             fn -> :fast end
           ]) == :fast
  end

  test "what is linked and ends as it should ends nobody" do
    for ms <- [0, 0, 1, 1, 2], do: assert(Jobs.leave(ms) == :left)
    assert Process.alive?(self())
  end

  test "nor who traps exits, who is told" do
    Process.flag(:trap_exit, true)
    assert Jobs.leave(1) == :left
    for _ <- 1..3, do: assert_receive({:EXIT, _, :normal}, 1_000)
  end
end
