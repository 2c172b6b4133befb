defmodule BoundedMapTest do
  use ExUnit.Case, async: true

  # Calls run/3 elsewhere with a function that reports its start and waits to be told what to do.
  defp held(elements, opts) do
    test = self()

    work = fn element ->
      send(test, {:started, element, self()})
      receive do: ({:go, action} -> action.())
    end

    spawn_link(fn -> send(test, {:result, BoundedMap.run(elements, work, opts)}) end)
  end

  defp started(element) do
    assert_receive {:started, ^element, pid}, 2_000
    pid
  end

  test "results are in order, for any enumerable" do
    assert BoundedMap.run([], & &1, max: 3, timeout: 2_000) == {:ok, []}

    assert BoundedMap.run(1..50, &(&1 * 2), max: 4, timeout: 2_000) ==
             {:ok, Enum.to_list(2..100//2)}

    assert BoundedMap.run([1, 2], & &1, max: 1, timeout: :infinity) == {:ok, [1, 2]}
    assert BoundedMap.run(%{a: 1}, fn {:a, n} -> n end, max: 5, timeout: 2_000) == {:ok, [1]}

    assert BoundedMap.run([nil, false, :error], & &1, max: 2, timeout: 2_000) ==
             {:ok, [nil, false, :error]}

    refute_received _any
  end

  test "every call has a process of its own" do
    {:ok, pids} = BoundedMap.run(1..5, fn _ -> self() end, max: 2, timeout: 2_000)
    assert length(Enum.uniq([self() | pids])) == 6
  end

  test "as many run as may, and each that ends makes room for the next" do
    held([:a, :b, :c, :d], max: 2, timeout: :infinity)
    {a, b} = {started(:a), started(:b)}
    refute_receive {:started, _element, _pid}, 10
    send(b, {:go, fn -> 2 end})
    c = started(:c)
    refute_receive {:started, _element, _pid}, 10
    send(c, {:go, fn -> 3 end})
    d = started(:d)
    send(d, {:go, fn -> 4 end})
    send(a, {:go, fn -> 1 end})
    assert_receive {:result, {:ok, [1, 2, 3, 4]}}, 2_000
  end

  test "no more than allowed run at the same time" do
    count = :atomics.new(2, [])

    work = fn _ ->
      now = :atomics.add_get(count, 1, 1)
      :atomics.add(count, 2, if(now > 3, do: 1, else: 0))
      for _ <- 1..20, do: :erlang.yield()
      :atomics.sub(count, 1, 1)
    end

    assert {:ok, _results} = BoundedMap.run(1..60, work, max: 3, timeout: :infinity)
    assert :atomics.get(count, 2) == 0
  end

  test "the first failure in time stops everything" do
    held(0..4, max: 3, timeout: :infinity)
    pids = [zero, _one, two] = for n <- 0..2, do: started(n)
    refs = Enum.map(pids, &Process.monitor/1)
    send(zero, {:go, fn -> :fine end})
    refs = [Process.monitor(started(3)) | refs]
    send(two, {:go, fn -> raise "no" end})
    assert_receive {:result, {:error, {2, :crashed}}}, 2_000
    for ref <- refs, do: assert_receive({:DOWN, ^ref, :process, _pid, _reason}, 2_000)
    refute_received {:started, 4, _pid}
  end

  test "every way of crashing is found, and harms nobody" do
    for crash <- [
          fn -> raise "no" end,
          fn -> throw(1) end,
          fn -> exit(:normal) end,
          fn -> exit(:x) end,
          fn -> Process.exit(self(), :kill) end
        ] do
      work = fn
        :bad -> crash.()
        good -> good
      end

      assert BoundedMap.run([1, :bad], work, max: 1, timeout: 2_000) == {:error, {1, :crashed}}
    end

    refute_received _any
  end

  test "a call that takes too long is killed, and nothing is started after it" do
    held([:slow, :never], max: 1, timeout: 20)
    assert_receive {:result, {:error, {0, :timeout}}}, 2_000
    gone(:slow)
    refute_received {:started, :never, _pid}
  end

  test "a timeout stops the others too" do
    held([:a, :b, :c], max: 3, timeout: 20)
    assert_receive {:result, {:error, {index, :timeout}}} when index in 0..2, 2_000
    for element <- [:a, :b, :c], do: gone(element)
  end

  # On a machine that is very slow it was killed before it had begun.
  defp gone(element) do
    receive do
      {:started, ^element, pid} ->
        ref = Process.monitor(pid)
        assert_receive {:DOWN, ^ref, :process, ^pid, _reason}, 2_000
    after
      50 -> :ok
    end
  end

  test "the caller's mailbox is left alone" do
    Process.flag(:trap_exit, true)
    send(self(), {:DOWN, make_ref(), :process, self(), :early})
    send(self(), {make_ref(), :early})
    BoundedMap.run([1, 2, 3], & &1, max: 2, timeout: 0)
    BoundedMap.run([1, 2, 3], & &1, max: 2, timeout: 2_000)
    BoundedMap.run([1, 2], fn _ -> exit(:no) end, max: 2, timeout: 2_000)
    BoundedMap.run([1, 2, 3], fn _ -> receive do: (:never -> :ok) end, max: 3, timeout: 5)
    assert_received {:DOWN, _ref, :process, _pid, :early}
    assert_received {_ref, :early}
    refute_receive _any, 10
  end
end
