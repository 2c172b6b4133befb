defmodule SafeRunTest do
  use ExUnit.Case, async: true

  test "returns what the function returned" do
    assert SafeRun.run(fn -> 1 + 1 end, 2_000) == {:ok, 2}
    assert SafeRun.run(fn -> nil end, :infinity) == {:ok, nil}
    assert SafeRun.run(fn -> {:error, :timeout} end, 2_000) == {:ok, {:error, :timeout}}
    refute_received _any
  end

  test "the function runs in a new process" do
    test = self()
    assert {:ok, pid} = SafeRun.run(fn -> self() end, 2_000)
    assert is_pid(pid) and pid != test
    assert {:ok, other} = SafeRun.run(fn -> self() end, 2_000)
    assert other != pid
  end

  test "tells exceptions, throws and exits apart" do
    assert SafeRun.run(fn -> raise ArgumentError, "no" end, 2_000) ==
             {:error, {:raised, %ArgumentError{message: "no"}}}

    assert SafeRun.run(fn -> String.to_integer("x") end, 2_000) |> elem(1) |> elem(0) == :raised
    assert SafeRun.run(fn -> throw({:ok, 1}) end, 2_000) == {:error, {:thrown, {:ok, 1}}}
    assert SafeRun.run(fn -> exit(:bye) end, 2_000) == {:error, {:exited, :bye}}
    assert SafeRun.run(fn -> exit(:normal) end, 2_000) == {:error, {:exited, :normal}}
    assert SafeRun.run(fn -> exit({:ok, 1}) end, 2_000) == {:error, {:exited, {:ok, 1}}}
    refute_received _any
  end

  test "a process that is ended from outside has exited" do
    assert SafeRun.run(fn -> Process.exit(self(), :kill) end, 2_000) ==
             {:error, {:exited, :killed}}

    end_it = fn ->
      worker = self()
      spawn(fn -> Process.exit(worker, :stop) end)
      receive do: (:never -> :ok)
    end

    assert SafeRun.run(end_it, 2_000) == {:error, {:exited, :stop}}
    refute_received _any
  end

  test "a function that takes too long is killed" do
    test = self()

    stuck = fn ->
      Process.flag(:trap_exit, true)
      send(test, {:worker, self()})
      receive do: (:never -> :ok)
    end

    assert SafeRun.run(stuck, 20) == {:error, :timeout}

    # On a machine that is very slow it was killed before it had begun.
    receive do
      {:worker, worker} ->
        ref = Process.monitor(worker)
        assert_receive {:DOWN, ^ref, :process, ^worker, _reason}, 2_000
    after
      50 -> :ok
    end

    refute_received _any
  end

  test "no time at all is a timeout for a function that waits" do
    assert SafeRun.run(fn -> receive do: (:never -> :ok) end, 0) == {:error, :timeout}
  end

  test "the mailbox is the caller's own" do
    test = self()
    send(self(), {:DOWN, make_ref(), :process, self(), :early})
    send(self(), {:ok, :early})
    send(self(), {make_ref(), :early})

    forge = fn ->
      for message <- [{:ok, 1}, {:error, 1}, {self(), 1}, {:result, 1}, {self(), {:ok, 1}}],
          do: send(test, message)

      :done
    end

    assert SafeRun.run(forge, 2_000) == {:ok, :done}
    assert_received {:DOWN, _ref, :process, _pid, :early}
    assert_received {:ok, :early}
    assert_received {_ref, :early}
    for _ <- 1..5, do: assert_receive(_message, 2_000)
    refute_received _any
  end

  test "a caller that traps exits sees none" do
    Process.flag(:trap_exit, true)

    for fun <- [fn -> 1 end, fn -> exit(:bye) end, fn -> raise "no" end],
        do: SafeRun.run(fun, 2_000)

    SafeRun.run(fn -> receive do: (:never -> :ok) end, 5)
    refute_received _any
  end
end
