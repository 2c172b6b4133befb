defmodule SingleFlightTest do
  use ExUnit.Case, async: true

  defp server do
    {:ok, pid} = SingleFlight.start_link()
    pid
  end

  # A function that reports its process and then does what it is told to.
  defp held(test, label) do
    fn ->
      send(test, {:started, label, self()})
      receive do: ({:go, action} -> action.())
    end
  end

  defp caller(server, key, fun) do
    test = self()
    spawn(fn -> send(test, {:answer, self(), SingleFlight.run(server, key, fun)}) end)
  end

  defp wait_for(server, key, count, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    waiting = SingleFlight.waiting(server, key)

    cond do
      waiting == count ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{waiting} callers wait, not #{count}")

      true ->
        wait_for(server, key, count, deadline)
    end
  end

  test "a lone call executes its function elsewhere and gets the value" do
    server = server()
    test = self()
    assert {:ok, pid} = SingleFlight.run(server, :a, fn -> self() end)
    assert pid not in [test, server]
    assert SingleFlight.run(server, :a, fn -> nil end) == {:ok, nil}
    assert SingleFlight.waiting(server, :a) == 0
  end

  test "callers with the same key share one execution" do
    server = server()
    first = caller(server, :a, held(self(), 1))
    assert_receive {:started, 1, worker}, 2_000
    others = for n <- 2..4, do: caller(server, :a, held(self(), n))
    wait_for(server, :a, 4)
    send(worker, {:go, fn -> :value end})
    for pid <- [first | others], do: assert_receive({:answer, ^pid, {:ok, :value}}, 2_000)
    refute_received {:started, _label, _pid}
    assert SingleFlight.waiting(server, :a) == 0
    assert SingleFlight.run(server, :a, fn -> :other end) == {:ok, :other}
  end

  test "different keys run at the same time" do
    server = server()
    integer = caller(server, 1, held(self(), :integer))
    float = caller(server, 1.0, held(self(), :float))
    assert_receive {:started, :integer, first}, 2_000
    assert_receive {:started, :float, second}, 2_000
    assert SingleFlight.waiting(server, 1) == 1
    assert SingleFlight.waiting(server, 1.0) == 1
    send(second, {:go, fn -> 2 end})
    assert_receive {:answer, ^float, {:ok, 2}}, 2_000
    assert SingleFlight.waiting(server, 1) == 1
    send(first, {:go, fn -> 1 end})
    assert_receive {:answer, ^integer, {:ok, 1}}, 2_000
  end

  test "failures reach every caller and are not remembered" do
    server = server()

    for {action, error} <- [
          {fn -> raise ArgumentError, "no" end, {:raised, %ArgumentError{message: "no"}}},
          {fn -> throw(:ball) end, {:thrown, :ball}},
          {fn -> exit(:bye) end, {:exited, :bye}},
          {fn -> exit(:normal) end, {:exited, :normal}}
        ] do
      first = caller(server, :a, held(self(), 1))
      assert_receive {:started, 1, worker}, 2_000
      second = caller(server, :a, held(self(), 2))
      wait_for(server, :a, 2)
      send(worker, {:go, action})
      for pid <- [first, second], do: assert_receive({:answer, ^pid, {:error, ^error}}, 2_000)
      assert SingleFlight.run(server, :a, fn -> :fine end) == {:ok, :fine}
    end
  end

  test "an execution that is killed is an error for its callers" do
    server = server()

    for {signal, reason} <- [kill: :killed, stop: :stop] do
      pid = caller(server, :a, held(self(), 1))
      assert_receive {:started, 1, worker}, 2_000
      Process.exit(worker, signal)
      assert_receive {:answer, ^pid, {:error, {:exited, ^reason}}}, 2_000
    end

    assert SingleFlight.waiting(server, :a) == 0
    assert SingleFlight.run(server, :a, fn -> 1 end) == {:ok, 1}
  end

  test "a caller that dies does not disturb the others" do
    server = server()
    first = caller(server, :a, held(self(), 1))
    assert_receive {:started, 1, worker}, 2_000
    second = caller(server, :a, held(self(), 2))
    wait_for(server, :a, 2)
    Process.exit(first, :kill)
    wait_for(server, :a, 1)
    send(worker, {:go, fn -> :value end})
    assert_receive {:answer, ^second, {:ok, :value}}, 2_000
  end

  test "an execution that nobody waits for any more is killed" do
    server = server()
    first = caller(server, :a, held(self(), 1))
    assert_receive {:started, 1, worker}, 2_000
    second = caller(server, :a, held(self(), 2))
    wait_for(server, :a, 2)
    ref = Process.monitor(worker)
    Process.exit(second, :kill)
    wait_for(server, :a, 1)
    Process.exit(first, :kill)
    assert_receive {:DOWN, ^ref, :process, _pid, :killed}, 2_000
    wait_for(server, :a, 0)
    assert SingleFlight.run(server, :a, fn -> :again end) == {:ok, :again}
  end

  test "callers that were answered, and strange messages, do not disturb the server" do
    server = server()
    test = self()

    pid =
      spawn(fn ->
        send(test, {:answer, self(), SingleFlight.run(server, :a, fn -> 1 end)})
        receive do: (:stop -> :ok)
      end)

    assert_receive {:answer, ^pid, {:ok, 1}}, 2_000
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    send(server, :strange)
    send(server, {:strange, make_ref()})
    assert SingleFlight.waiting(server, :a) == 0
    assert SingleFlight.run(server, :a, fn -> 2 end) == {:ok, 2}
  end

  test "executions end with the server" do
    server = server()
    Process.unlink(server)
    caller(server, :a, held(self(), 1))
    assert_receive {:started, 1, worker}, 2_000
    ref = Process.monitor(worker)
    Process.exit(server, :kill)
    assert_receive {:DOWN, ^ref, :process, _pid, _reason}, 2_000
  end
end
