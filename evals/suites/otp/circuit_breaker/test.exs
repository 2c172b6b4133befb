defmodule CircuitBreakerTest do
  use ExUnit.Case, async: true

  defp breaker(threshold, cooldown, start \\ 0) do
    time = :atomics.new(1, [])
    :atomics.put(time, 1, start)
    clock = fn -> :atomics.get(time, 1) end
    {:ok, pid} = CircuitBreaker.start_link(threshold: threshold, cooldown: cooldown, clock: clock)
    {pid, fn now -> :atomics.put(time, 1, now) end}
  end

  defp fail(breaker), do: CircuitBreaker.call(breaker, fn -> {:error, :down} end)
  defp succeed(breaker), do: CircuitBreaker.call(breaker, fn -> :fine end)

  # A call in another process that goes on when it is told to.
  defp held(breaker) do
    test = self()

    pid =
      spawn(fn ->
        result =
          CircuitBreaker.call(breaker, fn ->
            send(test, {:began, self()})
            receive do: ({:go, value} -> value)
          end)

        send(test, {:result, self(), result})
        receive do: (:never -> :ok)
      end)

    assert_receive {:began, ^pid}, 2_000
    pid
  end

  defp finish(pid, value) do
    send(pid, {:go, value})
    assert_receive {:result, ^pid, ^value}, 2_000
  end

  defp wait_for(breaker, state, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = CircuitBreaker.state(breaker)

    cond do
      seen == state -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("#{seen}, not #{state}")
      true -> wait_for(breaker, state, deadline)
    end
  end

  test "functions are executed in the caller, with their results unchanged" do
    {breaker, _at} = breaker(2, 100)
    assert CircuitBreaker.state(breaker) == :closed
    assert CircuitBreaker.call(breaker, fn -> self() end) == self()

    for result <- [nil, {:ok, 1}, :error, {:ok, 2}, {:error, :x}],
        do: assert(CircuitBreaker.call(breaker, fn -> result end) == result)

    assert CircuitBreaker.state(breaker) == :closed
  end

  test "it opens after as many failures in a row as allowed" do
    {breaker, _at} = breaker(3, 100)
    assert fail(breaker) == {:error, :down}
    fail(breaker)
    assert succeed(breaker) == :fine
    fail(breaker)
    fail(breaker)
    assert CircuitBreaker.state(breaker) == :closed
    assert CircuitBreaker.call(breaker, fn -> :error end) == :error
    assert CircuitBreaker.state(breaker) == :open
    assert CircuitBreaker.call(breaker, fn -> flunk("executed") end) == {:error, :open}
  end

  test "only errors are failures" do
    {breaker, _at} = breaker(1, 100)

    for result <- [nil, false, {:ok, :error}, {:error, 1, 2}, :err],
        do: assert(CircuitBreaker.call(breaker, fn -> result end) == result)

    assert CircuitBreaker.state(breaker) == :closed
  end

  test "exceptions, throws and exits are failures and reach the caller" do
    {breaker, _at} = breaker(4, 100)

    assert_raise ArgumentError, "no", fn ->
      CircuitBreaker.call(breaker, fn -> raise ArgumentError, "no" end)
    end

    assert catch_throw(CircuitBreaker.call(breaker, fn -> throw(:ball) end)) == :ball
    assert catch_exit(CircuitBreaker.call(breaker, fn -> exit(:bye) end)) == :bye
    assert CircuitBreaker.state(breaker) == :closed
    fail(breaker)
    assert CircuitBreaker.state(breaker) == :open
  end

  test "it is half-open exactly when the cooldown is over, and closes after a good trial" do
    {breaker, at} = breaker(2, 100, 1_000)
    fail(breaker)
    at.(1_040)
    fail(breaker)
    at.(1_139)
    assert CircuitBreaker.state(breaker) == :open
    assert succeed(breaker) == {:error, :open}
    at.(1_140)
    assert CircuitBreaker.state(breaker) == :half_open
    assert succeed(breaker) == :fine
    assert CircuitBreaker.state(breaker) == :closed
    fail(breaker)
    assert CircuitBreaker.state(breaker) == :closed
    fail(breaker)
    assert CircuitBreaker.state(breaker) == :open
  end

  test "a failed trial opens it again at once, for a full cooldown" do
    {breaker, at} = breaker(2, 100)
    fail(breaker)
    fail(breaker)
    at.(150)
    assert fail(breaker) == {:error, :down}
    assert CircuitBreaker.state(breaker) == :open
    at.(249)
    assert succeed(breaker) == {:error, :open}
    at.(250)
    assert succeed(breaker) == :fine
    assert CircuitBreaker.state(breaker) == :closed
  end

  test "there is one trial at a time" do
    {breaker, at} = breaker(1, 100)
    fail(breaker)
    at.(100)
    trial = held(breaker)
    assert CircuitBreaker.state(breaker) == :half_open
    assert CircuitBreaker.call(breaker, fn -> flunk("executed") end) == {:error, :open}
    at.(130)
    finish(trial, {:error, :still_down})
    at.(229)
    assert CircuitBreaker.state(breaker) == :open
    at.(230)
    finish(held(breaker), :up)
    assert CircuitBreaker.state(breaker) == :closed
  end

  test "callers that die while their function runs have failed" do
    {breaker, at} = breaker(2, 100)
    Process.exit(held(breaker), :kill)
    fail_again = held(breaker)
    Process.exit(fail_again, :kill)
    wait_for(breaker, :open)
    at.(100)
    trial = held(breaker)
    assert succeed(breaker) == {:error, :open}
    Process.exit(trial, :kill)
    wait_for(breaker, :open)
    at.(200)
    assert succeed(breaker) == :fine
  end

  test "a caller that dies after its function has ended changes nothing" do
    {breaker, _at} = breaker(1, 100)
    pid = held(breaker)
    finish(pid, :fine)
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    send(breaker, :strange)
    assert CircuitBreaker.state(breaker) == :closed
    assert succeed(breaker) == :fine
  end

  test "executions from before a change of state have no influence" do
    {breaker, at} = breaker(2, 100)
    [early_good, early_bad, early_dead] = for _ <- 1..3, do: held(breaker)
    fail(breaker)
    fail(breaker)
    finish(early_good, :fine)
    assert CircuitBreaker.state(breaker) == :open
    at.(100)
    trial = held(breaker)
    finish(early_bad, {:error, :late})
    assert CircuitBreaker.state(breaker) == :half_open
    finish(trial, :fine)
    fail(breaker)
    ref = Process.monitor(early_dead)
    Process.exit(early_dead, :kill)
    assert_receive {:DOWN, ^ref, :process, ^early_dead, :killed}, 2_000
    assert CircuitBreaker.state(breaker) == :closed
    assert succeed(breaker) == :fine
  end
end
