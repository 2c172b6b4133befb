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
end
