defmodule ResourcePoolTest do
  use ExUnit.Case, async: true

  # Resources are 1, 2, 3 … in the order of their creation.
  defp pool(max) do
    test = self()
    count = :counters.new(1, [])

    create = fn ->
      :counters.add(count, 1, 1)
      :counters.get(count, 1)
    end

    discard = fn resource -> send(test, {:discarded, resource}) end
    {:ok, pid} = ResourcePool.start_link(max: max, create: create, discard: discard)
    pid
  end

  defp stats(pool) do
    %{idle: idle, lent: lent, waiting: waiting} = ResourcePool.stats(pool)
    {idle, lent, waiting}
  end

  defp wait_for(pool, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = stats(pool)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(pool, wanted, deadline)
    end
  end

  # A process that borrows, reports what it got, and does what it is told to.
  defp borrower(pool, timeout) do
    test = self()

    spawn(fn ->
      send(test, {:got, self(), ResourcePool.checkout(pool, timeout)})
      obey(pool, test)
    end)
  end

  defp obey(pool, test) do
    receive do
      {:checkin, resource} -> send(test, {:checkin, self(), ResourcePool.checkin(pool, resource)})
    end

    obey(pool, test)
  end

  defp give_back(pid, resource) do
    send(pid, {:checkin, resource})
    assert_receive {:checkin, ^pid, answer}, 2_000
    answer
  end

  test "resources are created when they are wanted, up to the maximum" do
    pool = pool(2)
    assert stats(pool) == {0, 0, 0}
    assert ResourcePool.checkout(pool, 0) == {:ok, 1}
    assert stats(pool) == {0, 1, 0}
    assert ResourcePool.checkout(pool, :infinity) == {:ok, 2}
    assert ResourcePool.checkout(pool, 0) == {:error, :timeout}
    assert stats(pool) == {0, 2, 0}
  end

  test "what was given back last is lent first" do
    pool = pool(3)
    for n <- 1..3, do: {:ok, ^n} = ResourcePool.checkout(pool, 0)
    assert ResourcePool.checkin(pool, 2) == :ok
    assert ResourcePool.checkin(pool, 1) == :ok
    assert stats(pool) == {2, 1, 0}
    assert ResourcePool.checkout(pool, 0) == {:ok, 1}
    assert ResourcePool.checkout(pool, 0) == {:ok, 2}
    assert ResourcePool.checkout(pool, 0) == {:error, :timeout}
    refute_received {:discarded, _resource}
  end

  test "only the borrower can give back, and only once" do
    pool = pool(2)
    other = borrower(pool, 0)
    assert_receive {:got, ^other, {:ok, 1}}, 2_000
    assert ResourcePool.checkin(pool, 1) == {:error, :not_borrowed}
    assert ResourcePool.checkin(pool, :unknown) == {:error, :not_borrowed}
    assert give_back(other, 1) == :ok
    assert give_back(other, 1) == {:error, :not_borrowed}
    assert stats(pool) == {1, 0, 0}
  end

  test "those who wait are served in order" do
    pool = pool(1)
    {:ok, 1} = ResourcePool.checkout(pool, 0)
    first = borrower(pool, :infinity)
    wait_for(pool, {0, 1, 1})
    second = borrower(pool, 60_000)
    wait_for(pool, {0, 1, 2})
    assert ResourcePool.checkin(pool, 1) == :ok
    assert_receive {:got, ^first, {:ok, 1}}, 2_000
    assert stats(pool) == {0, 1, 1}
    refute_received {:got, ^second, _answer}
    assert give_back(first, 1) == :ok
    assert_receive {:got, ^second, {:ok, 1}}, 2_000
    assert give_back(second, 1) == :ok
    assert stats(pool) == {1, 0, 0}
  end

  test "who has waited too long is out of line" do
    pool = pool(1)
    {:ok, 1} = ResourcePool.checkout(pool, 0)
    patient = borrower(pool, :infinity)
    wait_for(pool, {0, 1, 1})
    hasty = borrower(pool, 5)
    assert_receive {:got, ^hasty, {:error, :timeout}}, 2_000
    assert stats(pool) == {0, 1, 1}
    Process.exit(patient, :kill)
    wait_for(pool, {0, 1, 0})
    assert ResourcePool.checkin(pool, 1) == :ok
    assert stats(pool) == {1, 0, 0}
    refute_received {:got, ^patient, _answer}
  end

  test "what a dead borrower held is discarded, and replaced for those in line" do
    pool = pool(2)
    dying = borrower(pool, 0)
    assert_receive {:got, ^dying, {:ok, 1}}, 2_000
    {:ok, 2} = ResourcePool.checkout(pool, 0)
    waiting = borrower(pool, :infinity)
    wait_for(pool, {0, 2, 1})
    Process.exit(dying, :kill)
    assert_receive {:discarded, 1}, 2_000
    assert_receive {:got, ^waiting, {:ok, 3}}, 2_000
    assert stats(pool) == {0, 2, 0}
    Process.exit(waiting, :kill)
    assert_receive {:discarded, 3}, 2_000
    wait_for(pool, {0, 1, 0})
    assert ResourcePool.checkin(pool, 2) == :ok
    refute_received {:discarded, _resource}
  end

  test "a process that holds several loses all of them when it dies" do
    pool = pool(3)
    test = self()

    pid =
      spawn(fn ->
        answers = for _ <- 1..3, do: ResourcePool.checkout(pool, 0)
        :ok = ResourcePool.checkin(pool, 2)
        send(test, {:answers, answers})
        receive do: (:never -> :ok)
      end)

    assert_receive {:answers, [{:ok, 1}, {:ok, 2}, {:ok, 3}]}, 2_000
    assert stats(pool) == {1, 2, 0}
    Process.exit(pid, :kill)
    assert_receive {:discarded, 1}, 2_000
    assert_receive {:discarded, 3}, 2_000
    wait_for(pool, {1, 0, 0})
    assert ResourcePool.checkout(pool, 0) == {:ok, 2}
    refute_received {:discarded, 2}
  end

  test "with_resource always gives back" do
    pool = pool(1)
    test = self()

    assert ResourcePool.with_resource(pool, 0, fn 1 -> {self(), stats(pool)} end) ==
             {:ok, {test, {0, 1, 0}}}

    assert_raise ArgumentError, "no", fn ->
      ResourcePool.with_resource(pool, 0, fn _ -> raise ArgumentError, "no" end)
    end

    assert catch_throw(ResourcePool.with_resource(pool, 0, fn _ -> throw(:ball) end)) == :ball
    assert catch_exit(ResourcePool.with_resource(pool, 0, fn _ -> exit(:bye) end)) == :bye
    assert stats(pool) == {1, 0, 0}
    {:ok, 1} = ResourcePool.checkout(pool, 0)
    assert ResourcePool.with_resource(pool, 0, fn _ -> flunk("called") end) == {:error, :timeout}
    refute_received {:discarded, _resource}
  end
end
