defmodule WatchdogTest do
  use ExUnit.Case, async: true

  defp watchdog do
    time = :atomics.new(1, [])
    clock = fn -> :atomics.get(time, 1) end
    {:ok, pid} = Watchdog.start_link(clock: clock, notify: self())
    {pid, fn now -> :atomics.put(time, 1, now) end}
  end

  test "a name is late when more than its interval has passed" do
    {watchdog, at} = watchdog()
    at.(1_000)
    assert Watchdog.watch(watchdog, :a, 100) == :ok
    assert Watchdog.check(watchdog) == []
    at.(1_100)
    assert Watchdog.check(watchdog) == []
    refute_received _any
    at.(1_101)
    assert Watchdog.check(watchdog) == [:a]
    assert_receive {:late, :a, 101}, 2_000
  end

  test "it is reported once until it recovers" do
    {watchdog, at} = watchdog()
    at.(7)
    Watchdog.watch(watchdog, :a, 10)
    at.(57)
    assert Watchdog.check(watchdog) == [:a]
    at.(67)
    assert Watchdog.check(watchdog) == [:a]
    assert_receive {:late, :a, 50}, 2_000
    refute_received _any
    at.(77)
    assert Watchdog.beat(watchdog, :a) == :ok
    assert_receive {:recovered, :a, 70}, 2_000
    assert Watchdog.check(watchdog) == []
    at.(88)
    assert Watchdog.check(watchdog) == [:a]
    assert_receive {:late, :a, 11}, 2_000
  end

  test "heartbeats keep a name from being late" do
    {watchdog, at} = watchdog()
    Watchdog.watch(watchdog, "w", 10)

    for now <- [10, 20, 25, 35] do
      at.(now)
      assert Watchdog.beat(watchdog, "w") == :ok
      assert Watchdog.check(watchdog) == []
    end

    refute_received _any
  end

  test "a lapse that no check has found passes silently" do
    {watchdog, at} = watchdog()
    Watchdog.watch(watchdog, :a, 10)
    at.(100)
    assert Watchdog.beat(watchdog, :a) == :ok
    assert Watchdog.check(watchdog) == []
    refute_received _any
  end

  test "several names are reported in order, each with its own time" do
    {watchdog, at} = watchdog()
    Watchdog.watch(watchdog, :c, 10)
    at.(5)
    Watchdog.watch(watchdog, :a, 20)
    Watchdog.watch(watchdog, :b, 500)
    at.(30)
    assert Watchdog.check(watchdog) == [:a, :c]
    assert_receive {:late, first, first_ms}, 2_000
    assert_receive {:late, second, second_ms}, 2_000
    assert [{first, first_ms}, {second, second_ms}] == [a: 25, c: 30]
    refute_received _any
    assert Watchdog.beat(watchdog, :c) == :ok
    assert_receive {:recovered, :c, 30}, 2_000
    assert Watchdog.check(watchdog) == [:a]
  end

  test "many names come sorted" do
    {watchdog, at} = watchdog()
    names = Enum.to_list(1..50)
    for name <- Enum.reverse(names), do: Watchdog.watch(watchdog, name, 10)
    at.(11)
    assert Watchdog.check(watchdog) == names

    for name <- names do
      assert_receive {:late, next, 11}, 2_000
      assert next == name
    end
  end

  test "watching again is a heartbeat with another interval" do
    {watchdog, at} = watchdog()
    Watchdog.watch(watchdog, :a, 10)
    at.(20)
    assert Watchdog.check(watchdog) == [:a]
    assert Watchdog.watch(watchdog, :a, 100) == :ok
    assert_receive {:late, :a, 20}, 2_000
    assert_receive {:recovered, :a, 20}, 2_000
    at.(120)
    assert Watchdog.check(watchdog) == []
    assert Watchdog.beat(watchdog, :a) == :ok
    at.(220)
    assert Watchdog.check(watchdog) == []
    at.(221)
    assert Watchdog.check(watchdog) == [:a]
  end

  test "what is forgotten is unknown and begins afresh" do
    {watchdog, at} = watchdog()
    assert Watchdog.beat(watchdog, :a) == {:error, :unknown}
    assert Watchdog.forget(watchdog, :a) == :ok
    Watchdog.watch(watchdog, :a, 10)
    at.(20)
    assert Watchdog.check(watchdog) == [:a]
    assert_receive {:late, :a, 20}, 2_000
    assert Watchdog.forget(watchdog, :a) == :ok
    assert Watchdog.check(watchdog) == []
    assert Watchdog.beat(watchdog, :a) == {:error, :unknown}
    at.(30)
    assert Watchdog.watch(watchdog, :a, 10) == :ok
    assert Watchdog.check(watchdog) == []
    refute_received _any
  end
end
