defmodule TokenBucketTest do
  use ExUnit.Case, async: true

  defp limiter(capacity, refill_ms, start \\ 0) do
    time = :atomics.new(1, [])
    :atomics.put(time, 1, start)
    clock = fn -> :atomics.get(time, 1) end
    {:ok, pid} = TokenBucket.start_link(capacity: capacity, refill_ms: refill_ms, clock: clock)
    {pid, fn now -> :atomics.put(time, 1, now) end}
  end

  test "a new bucket is full and refuses when it is empty" do
    {limiter, _at} = limiter(3, 100)
    assert TokenBucket.take(limiter, :a) == {:ok, 2}
    assert TokenBucket.take(limiter, :a, 2) == {:ok, 0}
    assert TokenBucket.take(limiter, :a) == {:error, {:retry_after, 100}}
  end

  test "keys do not share tokens" do
    {limiter, _at} = limiter(2, 100)
    assert TokenBucket.take(limiter, :a, 2) == {:ok, 0}
    assert TokenBucket.take(limiter, {:b, 1}, 2) == {:ok, 0}
    assert TokenBucket.take(limiter, "c") == {:ok, 1}
  end

  test "one token comes back exactly when its time has passed" do
    {limiter, at} = limiter(2, 100, -50)
    assert TokenBucket.take(limiter, :a, 2) == {:ok, 0}
    at.(49)
    assert TokenBucket.take(limiter, :a) == {:error, {:retry_after, 1}}
    at.(50)
    assert TokenBucket.take(limiter, :a) == {:ok, 0}
    assert TokenBucket.take(limiter, :a) == {:error, {:retry_after, 100}}
  end

  test "a refusal takes nothing and counts the tokens that are there" do
    {limiter, at} = limiter(5, 100)
    assert TokenBucket.take(limiter, :a, 4) == {:ok, 1}
    at.(130)
    assert TokenBucket.take(limiter, :a, 4) == {:error, {:retry_after, 170}}
    assert TokenBucket.take(limiter, :a, 3) == {:error, {:retry_after, 70}}
    assert TokenBucket.take(limiter, :a, 2) == {:ok, 0}
  end

  test "progress towards the next token survives requests" do
    {limiter, at} = limiter(3, 100)
    assert TokenBucket.take(limiter, :a, 3) == {:ok, 0}
    at.(150)
    assert TokenBucket.take(limiter, :a) == {:ok, 0}
    at.(199)
    assert TokenBucket.take(limiter, :a) == {:error, {:retry_after, 1}}
    at.(200)
    assert TokenBucket.take(limiter, :a) == {:ok, 0}
  end

  test "a bucket never holds more than its capacity and a full one makes no progress" do
    {limiter, at} = limiter(2, 100)
    assert TokenBucket.take(limiter, :a) == {:ok, 1}
    at.(10_050)
    assert TokenBucket.take(limiter, :a, 2) == {:ok, 0}
    at.(10_149)
    assert TokenBucket.take(limiter, :a) == {:error, {:retry_after, 1}}
    at.(10_150)
    assert TokenBucket.take(limiter, :a) == {:ok, 0}
  end

  test "more than the capacity can never be had" do
    {limiter, _at} = limiter(2, 100)
    assert TokenBucket.take(limiter, :a, 3) == {:error, :too_many}
    assert TokenBucket.take(limiter, :a, 2) == {:ok, 0}
    assert TokenBucket.take(limiter, :a, 3) == {:error, :too_many}
    assert TokenBucket.take(limiter, :a, 2) == {:error, {:retry_after, 200}}
  end

  test "a clock that goes backwards neither gives nor takes tokens" do
    {limiter, at} = limiter(3, 100, 1_000)
    assert TokenBucket.take(limiter, :a) == {:ok, 2}
    at.(300)
    assert TokenBucket.take(limiter, :a) == {:ok, 1}
    assert TokenBucket.take(limiter, :a) == {:ok, 0}
    assert {:error, {:retry_after, _ms}} = TokenBucket.take(limiter, :a)
  end

  test "only positive integers can be taken" do
    {limiter, _at} = limiter(2, 100)

    for n <- [0, -1, 1.0, :one],
        do: assert_raise(FunctionClauseError, fn -> TokenBucket.take(limiter, :a, n) end)

    assert TokenBucket.take(limiter, :a) == {:ok, 1}
  end
end
