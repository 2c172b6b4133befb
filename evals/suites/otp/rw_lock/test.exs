defmodule RwLockTest do
  use ExUnit.Case, async: true

  defp lock do
    {:ok, pid} = RwLock.start_link()
    pid
  end

  # A process that asks for the lock, reports when it has it, and does what it is told to.
  defp member(lock, mode) do
    test = self()

    spawn(fn ->
      send(test, {:acquired, self(), RwLock.acquire(lock, mode)})
      obey(lock, test)
    end)
  end

  defp obey(lock, test) do
    receive do
      action when action in [:release, :downgrade] ->
        send(test, {action, self(), apply(RwLock, action, [lock])})

      {:acquire, mode} ->
        send(test, {:acquired, self(), RwLock.acquire(lock, mode)})
    end

    obey(lock, test)
  end

  defp tell(pid, action) do
    send(pid, action)
    assert_receive {^action, ^pid, answer}, 2_000
    answer
  end

  defp holds(pid), do: assert_receive({:acquired, ^pid, :ok}, 2_000)

  defp holder(lock, mode) do
    pid = member(lock, mode)
    holds(pid)
    pid
  end

  defp waiter(lock, mode) do
    {held, holders, waiting} = RwLock.status(lock)
    pid = member(lock, mode)
    wait_for(lock, {held, holders, waiting + 1})
    pid
  end

  defp wait_for(lock, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = RwLock.status(lock)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(lock, wanted, deadline)
    end
  end

  test "is free, taken and free again" do
    lock = lock()
    assert RwLock.status(lock) == {:free, 0, 0}

    for mode <- [:read, :write] do
      assert RwLock.release(lock) == {:error, :not_held}
      assert RwLock.acquire(lock, mode) == :ok
      assert RwLock.status(lock) == {mode, 1, 0}
      assert RwLock.acquire(lock, :read) == {:error, :already_held}
      assert RwLock.acquire(lock, :write) == {:error, :already_held}
      assert RwLock.release(lock) == :ok
      assert RwLock.status(lock) == {:free, 0, 0}
    end
  end

  test "readers share, a writer does not" do
    lock = lock()
    readers = for _ <- 1..3, do: holder(lock, :read)
    assert RwLock.status(lock) == {:read, 3, 0}
    writer = waiter(lock, :write)
    for reader <- readers, do: assert(tell(reader, :release) == :ok)
    holds(writer)
    assert RwLock.status(lock) == {:write, 1, 0}
    waiter(lock, :write)
    waiter(lock, :read)
    assert RwLock.status(lock) == {:write, 1, 2}
    assert tell(hd(readers), :release) == {:error, :not_held}
    assert RwLock.status(lock) == {:write, 1, 2}
  end

  test "a reader does not overtake a writer that waits" do
    lock = lock()
    reader = holder(lock, :read)
    writer = waiter(lock, :write)
    late = waiter(lock, :read)
    assert RwLock.status(lock) == {:read, 1, 2}
    assert tell(reader, :release) == :ok
    holds(writer)
    assert RwLock.status(lock) == {:write, 1, 1}
    assert tell(writer, :release) == :ok
    holds(late)
    assert RwLock.status(lock) == {:read, 1, 0}
  end

  test "the lock is given on in order, to readers in a row together" do
    lock = lock()
    first = holder(lock, :write)
    [r1, r2, w, r3] = for mode <- [:read, :read, :write, :read], do: waiter(lock, mode)
    assert tell(first, :release) == :ok
    holds(r1)
    holds(r2)
    assert RwLock.status(lock) == {:read, 2, 2}
    assert tell(r2, :release) == :ok
    assert RwLock.status(lock) == {:read, 1, 2}
    assert tell(r1, :release) == :ok
    holds(w)
    assert RwLock.status(lock) == {:write, 1, 1}
    send(r1, {:acquire, :write})
    wait_for(lock, {:write, 1, 2})
    assert tell(w, :release) == :ok
    holds(r3)
    assert RwLock.status(lock) == {:read, 1, 1}
    assert tell(r3, :release) == :ok
    holds(r1)
    assert RwLock.status(lock) == {:write, 1, 0}
  end

  test "a writer can become a reader, and lets other readers in" do
    lock = lock()
    assert RwLock.downgrade(lock) == {:error, :not_writer}
    first = holder(lock, :write)
    assert RwLock.downgrade(lock) == {:error, :not_writer}
    r1 = waiter(lock, :read)
    waiter(lock, :write)
    waiter(lock, :read)
    assert tell(first, :downgrade) == :ok
    holds(r1)
    assert RwLock.status(lock) == {:read, 2, 2}
    assert tell(first, :downgrade) == {:error, :not_writer}
    assert tell(first, :release) == :ok
    assert RwLock.status(lock) == {:read, 1, 2}
  end

  test "nobody is let in when a writer is first in line after a downgrade" do
    lock = lock()
    first = holder(lock, :write)
    second = waiter(lock, :write)
    waiter(lock, :read)
    assert tell(first, :downgrade) == :ok
    assert RwLock.status(lock) == {:read, 1, 2}
    assert tell(first, :release) == :ok
    holds(second)
  end

  test "the dead give the lock back" do
    lock = lock()
    writer = holder(lock, :write)
    [r1, r2] = for _ <- 1..2, do: waiter(lock, :read)
    last = waiter(lock, :write)
    Process.exit(writer, :kill)
    holds(r1)
    holds(r2)
    Process.exit(r1, :kill)
    wait_for(lock, {:read, 1, 1})
    Process.exit(r2, :kill)
    holds(last)
    assert RwLock.status(lock) == {:write, 1, 0}
    Process.exit(last, :kill)
    wait_for(lock, {:free, 0, 0})
  end

  test "the dead leave the line, and those behind them move up" do
    lock = lock()
    holder(lock, :read)
    writer = waiter(lock, :write)
    [r1, r2] = for _ <- 1..2, do: waiter(lock, :read)
    Process.exit(r1, :kill)
    wait_for(lock, {:read, 1, 2})
    Process.exit(writer, :kill)
    holds(r2)
    assert RwLock.status(lock) == {:read, 2, 0}
  end

  test "who has released may die, and may come again" do
    lock = lock()
    {one, two} = {holder(lock, :read), holder(lock, :read)}
    assert tell(one, :release) == :ok
    ref = Process.monitor(one)
    Process.exit(one, :kill)
    assert_receive {:DOWN, ^ref, :process, ^one, :killed}, 2_000
    assert RwLock.status(lock) == {:read, 1, 0}
    assert tell(two, :release) == :ok
    send(two, {:acquire, :write})
    holds(two)
    assert RwLock.status(lock) == {:write, 1, 0}
    assert_raise FunctionClauseError, fn -> RwLock.acquire(lock, :both) end
  end
end
