defmodule WorkQueueTest do
  use ExUnit.Case, async: true

  defp queue(capacity) do
    {:ok, pid} = WorkQueue.start_link(capacity: capacity)
    pid
  end

  defp stats(queue) do
    %{queued: queued, blocked: blocked, demand: demand} = WorkQueue.stats(queue)
    {queued, blocked, demand}
  end

  defp wait_for(queue, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = stats(queue)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(queue, wanted, deadline)
    end
  end

  defp producer(queue, item) do
    test = self()
    spawn(fn -> send(test, {:pushed, item, WorkQueue.push(queue, item)}) end)
  end

  # A process that asks when told to, and passes on what it is sent.
  defp consumer(queue, name) do
    test = self()
    pid = spawn(fn -> consume(queue, name, test) end)

    fn n ->
      send(pid, {:ask, n})
      assert_receive {:asked, ^name, :ok}, 2_000
      pid
    end
  end

  defp consume(queue, name, test) do
    receive do
      {:ask, n} -> send(test, {:asked, name, WorkQueue.ask(queue, n)})
      {:work, item} -> send(test, {:got, name, item})
    end

    consume(queue, name, test)
  end

  test "items wait for demand and come in order" do
    queue = queue(3)
    for item <- [:a, :b, :c], do: assert(WorkQueue.push(queue, item) == :ok)
    assert stats(queue) == {3, 0, 0}
    refute_received {:work, _item}
    assert WorkQueue.ask(queue, 2) == :ok
    assert stats(queue) == {1, 0, 0}
    assert_receive {:work, :a}, 2_000
    assert_receive {:work, :b}, 2_000
    refute_received {:work, _item}
    assert WorkQueue.ask(queue, 3) == :ok
    assert_receive {:work, :c}, 2_000
    assert stats(queue) == {0, 0, 2}
  end

  test "with demand an item is sent on at once" do
    queue = queue(1)
    WorkQueue.ask(queue, 2)
    for item <- [1, 2], do: assert(WorkQueue.push(queue, item) == :ok)
    assert stats(queue) == {0, 0, 0}
    assert_receive {:work, 1}, 2_000
    assert_receive {:work, 2}, 2_000
    assert WorkQueue.push(queue, 3) == :ok
    assert stats(queue) == {1, 0, 0}
    refute_received {:work, _item}
  end

  test "try_push never waits" do
    queue = queue(2)
    assert WorkQueue.try_push(queue, 1) == :ok
    assert WorkQueue.try_push(queue, 2) == :ok
    assert WorkQueue.try_push(queue, 3) == {:error, :full}
    assert stats(queue) == {2, 0, 0}
    WorkQueue.ask(queue, 5)
    assert WorkQueue.try_push(queue, 4) == :ok
    assert stats(queue) == {0, 0, 2}
    for item <- [1, 2, 4], do: assert_receive({:work, ^item}, 2_000)
    refute_received {:work, _item}
  end

  test "a full queue blocks producers, who get their places in order" do
    queue = queue(1)
    assert WorkQueue.push(queue, :a) == :ok
    producer(queue, :b)
    wait_for(queue, {1, 1, 0})
    producer(queue, :c)
    wait_for(queue, {1, 2, 0})
    assert WorkQueue.try_push(queue, :d) == {:error, :full}
    refute_received {:pushed, _item, _result}
    WorkQueue.ask(queue, 1)
    assert_receive {:work, :a}, 2_000
    assert_receive {:pushed, :b, :ok}, 2_000
    assert stats(queue) == {1, 1, 0}
    refute_received {:pushed, :c, _result}
    WorkQueue.ask(queue, 2)
    assert_receive {:work, :b}, 2_000
    assert_receive {:pushed, :c, :ok}, 2_000
    assert_receive {:work, :c}, 2_000
    assert stats(queue) == {0, 0, 0}
  end

  test "earlier demand is served before later demand" do
    queue = queue(1)
    {first, second} = {consumer(queue, :first), consumer(queue, :second)}
    first.(2)
    second.(1)
    first.(1)
    assert stats(queue) == {0, 0, 4}

    for {item, name} <- [{1, :first}, {2, :first}, {3, :second}, {4, :first}] do
      WorkQueue.push(queue, item)
      assert_receive {:got, ^name, ^item}, 2_000
    end

    assert stats(queue) == {0, 0, 0}
  end

  test "the demand of a consumer that dies is forgotten" do
    queue = queue(2)
    {dying, living} = {consumer(queue, :dying), consumer(queue, :living)}
    dying.(3)
    pid = dying.(2)
    living.(1)
    WorkQueue.push(queue, 1)
    assert_receive {:got, :dying, 1}, 2_000
    Process.exit(pid, :kill)
    wait_for(queue, {0, 0, 1})
    WorkQueue.push(queue, 2)
    assert_receive {:got, :living, 2}, 2_000
    WorkQueue.push(queue, 3)
    assert stats(queue) == {1, 0, 0}
  end

  test "the item of a blocked producer that dies is dropped, a queued one is kept" do
    queue = queue(1)
    {pid, ref} = spawn_monitor(fn -> WorkQueue.push(queue, :kept) end)
    assert_receive {:DOWN, ^ref, :process, ^pid, :normal}, 2_000
    dying = producer(queue, :dropped)
    wait_for(queue, {1, 1, 0})
    producer(queue, :last)
    wait_for(queue, {1, 2, 0})
    Process.exit(dying, :kill)
    wait_for(queue, {1, 1, 0})
    WorkQueue.ask(queue, 3)
    assert_receive {:work, :kept}, 2_000
    assert_receive {:pushed, :last, :ok}, 2_000
    assert_receive {:work, :last}, 2_000
    assert stats(queue) == {0, 0, 1}
    refute_received {:work, :dropped}
  end

  test "demand is a positive integer" do
    queue = queue(1)

    for n <- [0, -1, 1.5, :all],
        do: assert_raise(FunctionClauseError, fn -> WorkQueue.ask(queue, n) end)

    send(queue, :strange)
    send(queue, {:strange, make_ref()})
    assert stats(queue) == {0, 0, 0}
  end

  test "a consumer that has been served may die without harm" do
    queue = queue(1)
    done = consumer(queue, :done)
    pid = done.(1)
    WorkQueue.push(queue, 1)
    assert_receive {:got, :done, 1}, 2_000
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    WorkQueue.ask(queue, 1)
    WorkQueue.push(queue, 2)
    assert_receive {:work, 2}, 2_000
    assert stats(queue) == {0, 0, 0}
  end
end
