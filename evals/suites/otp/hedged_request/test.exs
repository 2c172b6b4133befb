defmodule HedgeTest do
  use ExUnit.Case, async: true

  @never 3_600_000

  # Calls run/3 elsewhere with a function that reports its start and waits to be told what to do.
  defp held(replicas, opts) do
    test = self()

    ask = fn replica ->
      send(test, {:asked, replica, self()})
      receive do: ({:go, action} -> action.())
    end

    spawn_link(fn -> send(test, {:result, Hedge.run(replicas, ask, opts)}) end)
  end

  defp asked(replica) do
    assert_receive {:asked, ^replica, pid}, 2_000
    pid
  end

  defp go(pid, action), do: send(pid, {:go, action})

  test "the first replica is enough when it answers in time" do
    test = self()
    ask = fn replica -> send(test, {:asked, replica}) && {:ok, {replica, self()}} end
    assert {:ok, :a, {:a, pid}} = Hedge.run([:a, :b], ask, delay: @never, timeout: @never)
    assert pid != self()
    assert_receive {:asked, :a}, 2_000
    refute_received _any
    assert {:ok, :a, {:a, _pid}} = Hedge.run([:a], ask, delay: :infinity, timeout: :infinity)
  end

  test "further replicas are asked after the delay, one at a time, and the first answer wins" do
    held([:a, :b, :c], delay: 5, timeout: @never)
    pids = [_a, b, _c] = for replica <- [:a, :b, :c], do: asked(replica)
    assert length(Enum.uniq(pids)) == 3
    refs = for pid <- pids, do: Process.monitor(pid)
    go(b, fn -> {:ok, 42} end)
    assert_receive {:result, {:ok, :b, 42}}, 2_000
    for ref <- refs, do: assert_receive({:DOWN, ^ref, :process, _pid, _reason}, 2_000)
  end

  test "nobody else is asked before the delay is over" do
    held([:a, :b], delay: @never, timeout: @never)
    a = asked(:a)
    refute_receive {:asked, :b, _pid}, 10
    go(a, fn -> {:ok, nil} end)
    assert_receive {:result, {:ok, :a, nil}}, 2_000
    refute_received {:asked, :b, _pid}
  end

  test "a failure makes it ask the next at once" do
    for {action, reason} <- [
          {fn -> {:error, :busy} end, :busy},
          {fn -> raise "no" end, :crashed},
          {fn -> throw({:ok, 1}) end, :crashed},
          {fn -> exit(:normal) end, :crashed},
          {fn -> exit({:ok, 1}) end, :crashed},
          {fn -> Process.exit(self(), :kill) end, :crashed},
          {fn -> :ok end, :crashed}
        ] do
      held([:a, :b], delay: @never, timeout: @never)
      go(asked(:a), action)
      go(asked(:b), fn -> {:error, :too} end)
      assert_receive {:result, {:error, {:failed, [^reason, :too]}}}, 2_000
    end
  end

  test "one that fails does not end those that still run" do
    held([:a, :b], delay: 1, timeout: @never)
    {a, b} = {asked(:a), asked(:b)}
    go(b, fn -> {:error, :busy} end)
    refute_receive {:result, _result}, 5
    go(a, fn -> {:ok, 1} end)
    assert_receive {:result, {:ok, :a, 1}}, 2_000
  end

  test "reasons are in the order of the replicas" do
    held([:a, :b, :c], delay: 1, timeout: @never)
    [a, b, c] = for replica <- [:a, :b, :c], do: asked(replica)

    for {pid, reason} <- [{c, 3}, {a, 1}, {b, 2}] do
      ref = Process.monitor(pid)
      go(pid, fn -> {:error, reason} end)
      assert_receive {:DOWN, ^ref, :process, ^pid, _reason}, 2_000
    end

    assert_receive {:result, {:error, {:failed, [1, 2, 3]}}}, 2_000
  end

  test "when the time is over all calls are killed" do
    held([:a, :b], delay: 0, timeout: 20)
    assert_receive {:result, {:error, :timeout}}, 2_000

    for replica <- [:a, :b] do
      # On a machine that is very slow it was killed before it had begun, or was never asked.
      receive do
        {:asked, ^replica, pid} ->
          ref = Process.monitor(pid)
          assert_receive {:DOWN, ^ref, :process, ^pid, _reason}, 2_000
      after
        50 -> :ok
      end
    end
  end

  test "the time is over even when there is nobody left to ask, or nobody is due" do
    stuck = fn _replica -> receive do: (:never -> :ok) end
    assert Hedge.run([:a], stuck, delay: :infinity, timeout: 5) == {:error, :timeout}
    assert Hedge.run([:a, :b], stuck, delay: @never, timeout: 5) == {:error, :timeout}
    assert Hedge.run([:a, :b], stuck, delay: :infinity, timeout: 0) == {:error, :timeout}
  end

  test "the caller's mailbox is left alone" do
    Process.flag(:trap_exit, true)
    send(self(), {:DOWN, make_ref(), :process, self(), :early})
    send(self(), {make_ref(), {:ok, :early}})
    assert Hedge.run([1, 2, 3], &{:ok, &1}, delay: 0, timeout: @never) |> elem(0) == :ok
    Hedge.run([1, 2, 3], fn _ -> exit(:no) end, delay: 0, timeout: @never)
    Hedge.run([1, 2], fn _ -> receive do: (:never -> :ok) end, delay: 1, timeout: 5)
    assert_received {:DOWN, _ref, :process, _pid, :early}
    assert_received {_ref, {:ok, :early}}
    refute_receive _any, 5
  end
end
