defmodule AckQueueTest do
  use ExUnit.Case, async: true

  defp queue(opts \\ []) do
    time = :atomics.new(1, [])
    clock = fn -> :atomics.get(time, 1) end
    {:ok, pid} = AckQueue.start_link(Keyword.merge([lease: 100, attempts: 3, clock: clock], opts))
    {pid, fn now -> :atomics.put(time, 1, now) end}
  end

  defp push(queue, items), do: for(item <- items, do: assert(AckQueue.push(queue, item) == :ok))

  defp counts(queue) do
    %{ready: ready, leased: leased, dead: dead} = AckQueue.counts(queue)
    {ready, leased, dead}
  end

  defp wait_for(queue, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = counts(queue)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(queue, wanted, deadline)
    end
  end

  # A process that pulls, passes on what it got, and lives on.
  defp consumer(queue, count) do
    test = self()

    pid =
      spawn(fn ->
        send(test, {:pulled, self(), for(_ <- 1..count, do: AckQueue.pull(queue))})
        receive do: (:never -> :ok)
      end)

    assert_receive {:pulled, ^pid, deliveries}, 2_000
    {pid, deliveries}
  end

  test "items are delivered in order and leave when they are confirmed" do
    {queue, _at} = queue()
    assert AckQueue.pull(queue) == :empty
    push(queue, [:a, nil])
    assert counts(queue) == {2, 0, 0}
    assert {:ok, first, :a, 1} = AckQueue.pull(queue)
    assert {:ok, second, nil, 1} = AckQueue.pull(queue)
    assert first != second
    assert AckQueue.pull(queue) == :empty
    assert counts(queue) == {0, 2, 0}
    assert AckQueue.ack(queue, second) == :ok
    assert counts(queue) == {0, 1, 0}
    assert AckQueue.ack(queue, first) == :ok
    assert counts(queue) == {0, 0, 0}
    assert AckQueue.dead(queue) == []
  end

  test "a receipt is good once" do
    {queue, _at} = queue()
    push(queue, [:a, :b])
    {:ok, a, :a, 1} = AckQueue.pull(queue)
    {:ok, b, :b, 1} = AckQueue.pull(queue)
    assert AckQueue.ack(queue, a) == :ok
    assert AckQueue.ack(queue, a) == {:error, :unknown_receipt}
    assert AckQueue.nack(queue, a) == {:error, :unknown_receipt}
    assert AckQueue.nack(queue, b) == :ok
    assert AckQueue.nack(queue, b) == {:error, :unknown_receipt}
    assert AckQueue.ack(queue, b) == {:error, :unknown_receipt}
    assert AckQueue.ack(queue, :nonsense) == {:error, :unknown_receipt}
    {:ok, again, :b, 2} = AckQueue.pull(queue)
    assert again != b
    assert AckQueue.ack(queue, b) == {:error, :unknown_receipt}
    assert AckQueue.ack(queue, again) == :ok
    assert counts(queue) == {0, 0, 0}
  end

  test "what is given back keeps its place before younger items" do
    {queue, _at} = queue()
    push(queue, [:a, :b, :c])
    {:ok, a, :a, 1} = AckQueue.pull(queue)
    {:ok, b, :b, 1} = AckQueue.pull(queue)
    assert AckQueue.nack(queue, b) == :ok
    assert AckQueue.nack(queue, a) == :ok
    push(queue, [:d])
    assert counts(queue) == {4, 0, 0}

    for {item, attempt} <- [a: 2, b: 2, c: 1, d: 1] do
      assert {:ok, _receipt, ^item, ^attempt} = AckQueue.pull(queue)
    end
  end

  test "a lease runs out exactly when its time is over" do
    {queue, at} = queue()
    at.(50)
    push(queue, [:a, :b])
    {:ok, a, :a, 1} = AckQueue.pull(queue)
    at.(149)
    {:ok, b, :b, 1} = AckQueue.pull(queue)
    assert counts(queue) == {0, 2, 0}
    at.(150)
    assert counts(queue) == {1, 1, 0}
    assert AckQueue.ack(queue, a) == {:error, :unknown_receipt}
    assert {:ok, _receipt, :a, 2} = AckQueue.pull(queue)
    at.(248)
    assert AckQueue.ack(queue, b) == :ok
    assert AckQueue.pull(queue) == :empty
    at.(250)
    assert {:ok, _receipt, :a, 3} = AckQueue.pull(queue)
  end

  test "an expired receipt is unknown without a pull in between" do
    {queue, at} = queue()
    push(queue, [:a, :b])
    {:ok, a, :a, 1} = AckQueue.pull(queue)
    at.(99)
    {:ok, b, :b, 1} = AckQueue.pull(queue)
    at.(100)
    assert AckQueue.ack(queue, a) == {:error, :unknown_receipt}
    at.(199)
    assert AckQueue.nack(queue, b) == {:error, :unknown_receipt}
    assert counts(queue) == {2, 0, 0}
  end

  test "an item is given up after its last attempt" do
    {queue, at} = queue(attempts: 2)
    push(queue, [:a, :b, :c])

    for attempt <- 1..2, item <- [:a, :b] do
      assert {:ok, receipt, ^item, ^attempt} = AckQueue.pull(queue)
      if attempt == 2 or item == :b, do: assert(AckQueue.nack(queue, receipt) == :ok)
      if attempt == 1 and item == :b, do: at.(100)
    end

    assert AckQueue.dead(queue) == [:a, :b]
    assert counts(queue) == {1, 0, 2}
    assert {:ok, _receipt, :c, 1} = AckQueue.pull(queue)
    at.(200)
    assert {:ok, _receipt, :c, 2} = AckQueue.pull(queue)
    at.(300)
    assert AckQueue.dead(queue) == [:a, :b, :c]
    assert AckQueue.pull(queue) == :empty
  end

  test "those given up at the same moment are in the order of their pushing" do
    {queue, at} = queue(attempts: 1)
    push(queue, Enum.to_list(1..40))
    for n <- 1..40, do: assert({:ok, _receipt, ^n, 1} = AckQueue.pull(queue))
    at.(100)
    assert AckQueue.dead(queue) == Enum.to_list(1..40)
    assert counts(queue) == {0, 0, 40}
  end

  test "what a dead consumer had is ready at once" do
    {queue, _at} = queue()
    push(queue, [:a, :b, :c])
    {pid, [{:ok, a, :a, 1}, {:ok, b, :b, 1}]} = consumer(queue, 2)
    assert AckQueue.ack(queue, a) == :ok
    assert counts(queue) == {1, 1, 0}
    Process.exit(pid, :kill)
    wait_for(queue, {2, 0, 0})
    assert AckQueue.ack(queue, b) == {:error, :unknown_receipt}
    assert {:ok, _receipt, :b, 2} = AckQueue.pull(queue)
    assert {:ok, _receipt, :c, 1} = AckQueue.pull(queue)
  end

  test "the death of an earlier consumer does not touch a later delivery" do
    {queue, at} = queue()
    push(queue, [:a])
    {pid, [{:ok, _receipt, :a, 1}]} = consumer(queue, 1)
    at.(100)
    {:ok, receipt, :a, 2} = AckQueue.pull(queue)
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    assert counts(queue) == {0, 1, 0}
    assert AckQueue.ack(queue, receipt) == :ok
    assert counts(queue) == {0, 0, 0}
  end
end
