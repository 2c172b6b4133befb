defmodule DebouncerTest do
  use ExUnit.Case, async: true

  @never 3_600_000

  defp debouncer do
    {:ok, pid} = Debouncer.start_link()
    pid
  end

  defp report(label) do
    test = self()
    fn -> send(test, {:executed, label, self()}) end
  end

  test "a call is executed after its delay, in a process of its own" do
    debouncer = debouncer()
    assert Debouncer.pending(debouncer) == []
    assert Debouncer.call(debouncer, :a, 1, report(1)) == :ok
    assert_receive {:executed, 1, pid}, 2_000
    assert pid not in [self(), debouncer]
    assert Debouncer.pending(debouncer) == []
    assert Debouncer.call(debouncer, :a, 0, report(2)) == :ok
    assert_receive {:executed, 2, other}, 2_000
    assert other != pid
    refute_received _any
  end

  test "a call waits for its delay" do
    debouncer = debouncer()
    assert Debouncer.call(debouncer, :a, @never, report(1)) == :ok
    assert Debouncer.call(debouncer, "b", @never, report(2)) == :ok
    assert Debouncer.call(debouncer, {:c, 1}, @never, report(3)) == :ok
    assert Debouncer.pending(debouncer) == Enum.sort([:a, "b", {:c, 1}])
    refute_receive _any, 10
  end

  test "a later call replaces the pending one, with its own delay" do
    debouncer = debouncer()
    Debouncer.call(debouncer, :a, @never, report(1))
    Debouncer.call(debouncer, :a, @never, report(2))
    Debouncer.call(debouncer, :b, @never, report(:b))
    Debouncer.call(debouncer, :a, 1, report(3))
    assert_receive {:executed, 3, _pid}, 2_000
    assert Debouncer.pending(debouncer) == [:b]
    refute_received _any
  end

  test "the time counts from the latest call" do
    debouncer = debouncer()
    Debouncer.call(debouncer, :a, 20, report(1))
    Debouncer.call(debouncer, :a, @never, report(2))

    # On a machine that is very slow the first has been executed already.
    receive do
      {:executed, 1, _pid} -> :ok
    after
      0 -> refute_receive({:executed, _label, _pid}, 40)
    end

    assert Debouncer.pending(debouncer) == [:a]
    assert Debouncer.flush(debouncer, :a) == :ok
    assert_receive {:executed, 2, _pid}, 2_000
  end

  test "flush executes now, and once" do
    debouncer = debouncer()
    assert Debouncer.flush(debouncer, :a) == {:error, :not_pending}
    Debouncer.call(debouncer, :a, 10, report(1))
    Debouncer.call(debouncer, :b, @never, report(2))

    if Debouncer.flush(debouncer, :a) == :ok do
      assert Debouncer.flush(debouncer, :a) == {:error, :not_pending}
    end

    assert_receive {:executed, 1, pid}, 2_000
    assert pid not in [self(), debouncer]
    refute_receive {:executed, _label, _pid}, 20
    assert Debouncer.pending(debouncer) == [:b]
  end

  test "cancel drops the call" do
    debouncer = debouncer()
    assert Debouncer.cancel(debouncer, :a) == {:error, :not_pending}
    Debouncer.call(debouncer, :a, @never, report(1))
    Debouncer.call(debouncer, :b, @never, report(2))
    assert Debouncer.cancel(debouncer, :a) == :ok
    assert Debouncer.cancel(debouncer, :a) == {:error, :not_pending}
    assert Debouncer.flush(debouncer, :a) == {:error, :not_pending}
    assert Debouncer.pending(debouncer) == [:b]
    assert Debouncer.call(debouncer, :a, 1, report(3)) == :ok
    assert_receive {:executed, 3, _pid}, 2_000
    refute_received _any
  end

  test "a function that takes long or fails harms nobody" do
    debouncer = debouncer()
    test = self()

    Debouncer.call(debouncer, :stuck, 0, fn ->
      send(test, {:stuck, self()})
      receive do: (:never -> :ok)
    end)

    assert_receive {:stuck, stuck}, 2_000
    ref = Process.monitor(stuck)

    for fail <- [fn -> raise "no" end, fn -> exit(:bye) end, fn -> throw(1) end] do
      Debouncer.call(debouncer, :bad, @never, fn ->
        send(test, {:failing, self()})
        receive do: (:go -> fail.())
      end)

      assert Debouncer.flush(debouncer, :bad) == :ok
      assert_receive {:failing, pid}, 2_000
      ref = Process.monitor(pid)
      send(pid, :go)
      assert_receive {:DOWN, ^ref, :process, ^pid, _reason}, 2_000
    end

    Debouncer.call(debouncer, :good, 0, report(:good))
    assert_receive {:executed, :good, _pid}, 2_000
    refute_received {:DOWN, ^ref, :process, _pid, _reason}
    assert Debouncer.pending(debouncer) == []
  end

  test "many keys are independent" do
    debouncer = debouncer()
    for key <- 1..50, do: Debouncer.call(debouncer, key, 1, report(key))
    for key <- 1..50, do: assert_receive({:executed, ^key, _pid}, 2_000)
    refute_received _any
    assert Debouncer.pending(debouncer) == []
  end
end
