defmodule CounterTest do
  use ExUnit.Case
  import ExUnit.CaptureLog

  test "calls, casts, messages in order" do
    {:ok, s} = Counter.start_link()
    assert is_pid(s)
    assert Counter.inc(s) == 1
    Counter.cast(s)
    assert Counter.value(s) == 2
    send(s, :tick)
    assert Counter.value(s) == 102
    assert GenServer.call(s, :value) == 102
    GenServer.cast(s, :inc)
    assert GenServer.call(s, {:inc, 2}) == 105
    assert :sys.get_state(s) == 105
    :sys.replace_state(s, fn n -> n - 5 end)
    assert Counter.value(s) == 100
  end

  test "messages from the server, and who it sees" do
    {:ok, s} = Counter.start_link()
    me = self()
    assert Counter.notify(s, me) == {:from, me}
    assert_received {:counter, ^s, 0}
    assert GenServer.call(s, {:notify, me}) == {:from, me}
    assert_received {:counter, ^s, 0}
    send(s, {:ping, me})
    assert_receive {:pong, 0}
  end

  test "links, exits and monitors" do
    Process.flag(:trap_exit, true)
    {:ok, s} = Counter.start_link()
    ref = Process.monitor(s)
    assert Process.alive?(s)

    capture_log(fn ->
      Counter.crash(s)
      assert_receive {:EXIT, ^s, {%RuntimeError{message: "boom"}, _}}
      assert_receive {:DOWN, ^ref, :process, ^s, {%RuntimeError{}, _}}
    end)

    refute Process.alive?(s)
    assert {:noproc, {GenServer, :call, [^s, :value, 5000]}} = catch_exit(Counter.value(s))
    assert {:noproc, _} = catch_exit(GenServer.call(s, :value))
  end

  test "stopping" do
    {:ok, s} = Counter.start_link()
    assert Counter.stop(s) == :ok
    refute Process.alive?(s)
    {:ok, s} = Counter.start_link()
    assert GenServer.stop(s) == :ok
    refute Process.alive?(s)
    Process.flag(:trap_exit, true)
    {:ok, s} = Counter.start_link()
    Process.exit(s, :kill)
    assert_receive {:EXIT, ^s, :killed}
    {:ok, s} = Counter.start_link()
    Process.exit(s, :shutdown)
    assert_receive {:EXIT, ^s, :shutdown}
    refute Process.alive?(s)
  end

  test "what init says" do
    Process.flag(:trap_exit, true)
    assert Counter.start_link(value: :bad) == {:error, :bad_value}
    assert Counter.start_link(value: :ignore) == :ignore
  end

  test "timeouts" do
    {:ok, s} = Counter.start_link()
    assert {:timeout, {GenServer, :call, [^s, :slow, 20]}} = catch_exit(Counter.slow(s))
    assert {:timeout, _} = catch_exit(GenServer.call(s, :slow, 20))
    assert Counter.value(s) == 0
  end

  test "names" do
    {:ok, s} = Counter.start_link(name: :my_counter)
    assert Process.whereis(:my_counter) == s
    assert Counter.inc(:my_counter) == 1
    assert GenServer.call(:my_counter, :value) == 1
    assert {:error, {:already_started, ^s}} = Counter.start_link(name: :my_counter)
    Counter.stop(:my_counter)
    assert Process.whereis(:my_counter) == nil
    {:ok, s} = Counter.start_link(name: Counter)
    send(Counter, :tick)
    assert Counter.value(s) == 100
  end

  test "started and stopped by the test's supervisor" do
    s = start_supervised!({Counter, [value: 3]})
    assert Counter.value(s) == 3
    assert :ok = stop_supervised(Counter)
    refute Process.alive?(s)
    s = start_supervised!(%{id: :x, start: {Counter, :start_link, [[name: Counter]]}})
    assert Process.whereis(Counter) == s
    assert %{id: Counter, start: {Counter, :start_link, [[]]}} = Counter.child_spec([])
  end
end
