defmodule BarrierTest do
  use ExUnit.Case, async: true

  defp barrier(parties) do
    test = self()
    {:ok, pid} = Barrier.start_link(parties, fn round -> send(test, {:round, round, self()}) end)
    pid
  end

  # A process that waits, reports the answer, and goes on living.
  defp party(barrier) do
    test = self()

    spawn(fn ->
      send(test, {:answer, self(), Barrier.wait(barrier)})
      receive do: (:never -> :ok)
    end)
  end

  # Parties that have come one after another.
  defp parties(barrier, count) do
    for _ <- 1..count do
      {:open, round, waiting} = Barrier.status(barrier)
      pid = party(barrier)
      wait_for(barrier, {:open, round, waiting + 1})
      pid
    end
  end

  defp wait_for(barrier, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = Barrier.status(barrier)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(barrier, wanted, deadline)
    end
  end

  defp answered(pid, answer), do: assert_receive({:answer, ^pid, ^answer}, 2_000)

  test "all are released when the last one comes, and know their places" do
    barrier = barrier(3)
    assert Barrier.status(barrier) == {:open, 1, 0}
    [a, b] = parties(barrier, 2)
    refute_received _any
    assert Barrier.wait(barrier) == {:ok, 1, 3}
    answered(a, {:ok, 1, 1})
    answered(b, {:ok, 1, 2})
    assert_receive {:round, 1, ^barrier}, 2_000
    assert Barrier.status(barrier) == {:open, 2, 0}
    refute_received _any
  end

  test "rounds follow each other" do
    barrier = barrier(2)

    for round <- 1..3 do
      [a] = parties(barrier, 1)
      assert Barrier.wait(barrier) == {:ok, round, 2}
      answered(a, {:ok, round, 1})
      assert_receive {:round, ^round, ^barrier}, 2_000
    end

    assert Barrier.status(barrier) == {:open, 4, 0}
  end

  test "a barrier for one does not hold anybody up" do
    barrier = barrier(1)
    assert Barrier.wait(barrier) == {:ok, 1, 1}
    assert Barrier.wait(barrier) == {:ok, 2, 1}
    assert_receive {:round, 1, _pid}, 2_000
    assert_receive {:round, 2, _pid}, 2_000
  end

  test "the action comes before the release" do
    test = self()

    {:ok, barrier} =
      Barrier.start_link(2, fn round ->
        send(test, {:action, round, self()})
        receive do: (:go_on -> :ok)
      end)

    [a, b] = for _ <- 1..2, do: party(barrier)
    assert_receive {:action, 1, ^barrier}, 2_000
    refute_receive {:answer, _pid, _answer}, 5
    send(barrier, :go_on)
    for pid <- [a, b], do: assert_receive({:answer, ^pid, {:ok, 1, _place}}, 2_000)
  end

  test "a party that dies breaks the barrier for everybody" do
    barrier = barrier(4)
    [a, b, c] = parties(barrier, 3)
    Process.exit(b, :kill)
    for pid <- [a, c], do: answered(pid, {:error, :broken})
    assert Barrier.status(barrier) == :broken
    assert Barrier.wait(barrier) == {:error, :broken}
    assert Barrier.status(barrier) == :broken
    refute_received {:round, _round, _pid}
  end

  test "a broken barrier can be used again after a reset" do
    barrier = barrier(2)
    [a] = parties(barrier, 1)
    Process.exit(a, :kill)
    wait_for(barrier, :broken)
    assert Barrier.reset(barrier) == :ok
    assert Barrier.status(barrier) == {:open, 1, 0}
    [b] = parties(barrier, 1)
    assert Barrier.wait(barrier) == {:ok, 1, 2}
    answered(b, {:ok, 1, 1})
  end

  test "a reset sends those who wait away" do
    barrier = barrier(3)
    [a, b] = parties(barrier, 2)
    assert Barrier.reset(barrier) == :ok
    for pid <- [a, b], do: answered(pid, {:error, :reset})
    assert Barrier.status(barrier) == {:open, 1, 0}
    others = [_c, d] = parties(barrier, 2)
    Process.exit(a, :kill)
    assert Barrier.wait(barrier) == {:ok, 1, 3}
    answered(d, {:ok, 1, 2})
    for pid <- others, do: Process.exit(pid, :kill)
    assert Barrier.status(barrier) == {:open, 2, 0}
  end

  test "an action that fails breaks the barrier" do
    for fail <- [fn -> raise "no" end, fn -> throw(1) end, fn -> exit(:bye) end] do
      working = :atomics.new(1, [])

      {:ok, barrier} =
        Barrier.start_link(2, fn _round -> :atomics.get(working, 1) == 1 || fail.() end)

      [a] = parties(barrier, 1)
      assert Barrier.wait(barrier) == {:error, :broken}
      answered(a, {:error, :broken})
      assert Barrier.status(barrier) == :broken
      assert Barrier.reset(barrier) == :ok
      :atomics.put(working, 1, 1)
      [b] = parties(barrier, 1)
      assert Barrier.wait(barrier) == {:ok, 1, 2}
      answered(b, {:ok, 1, 1})
    end
  end

  test "the released may die, and strange messages come" do
    barrier = barrier(2)
    [a] = parties(barrier, 1)
    Barrier.wait(barrier)
    answered(a, {:ok, 1, 1})
    ref = Process.monitor(a)
    Process.exit(a, :kill)
    assert_receive {:DOWN, ^ref, :process, ^a, :killed}, 2_000
    send(barrier, :strange)
    send(barrier, {:strange, make_ref()})
    assert Barrier.status(barrier) == {:open, 2, 0}
  end
end
