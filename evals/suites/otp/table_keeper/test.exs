defmodule TableKeeperTest do
  use ExUnit.Case, async: true

  defp keeper do
    {:ok, pid} = TableKeeper.start_link()
    pid
  end

  # A process that claims the table, reports it, and does what it is told to.
  defp worker(keeper) do
    test = self()

    spawn(fn ->
      send(test, {:asking, self()})
      send(test, {:claimed, self(), TableKeeper.claim(keeper)})
      obey(test)
    end)
  end

  defp obey(test) do
    receive do
      {:do, fun} -> send(test, {:done, self(), fun.()})
      other -> send(test, {:stray, other})
    end

    obey(test)
  end

  defp in_worker(pid, fun) do
    send(pid, {:do, fun})
    assert_receive {:done, ^pid, result}, 2_000
    result
  end

  defp table(pid) do
    assert_receive {:claimed, ^pid, {:ok, table}}, 2_000
    table
  end

  defp owner(keeper, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = TableKeeper.owner(keeper)

    cond do
      seen == wanted -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("#{inspect(seen)} is the owner")
      true -> owner(keeper, wanted, deadline)
    end
  end

  test "the one who claims the table writes to it" do
    keeper = keeper()
    assert TableKeeper.owner(keeper) == nil
    assert {:ok, table} = TableKeeper.claim(keeper)
    assert TableKeeper.owner(keeper) == self()
    assert TableKeeper.get(table, :a) == :error
    assert TableKeeper.put(table, :a, 1) == :ok
    assert TableKeeper.put(table, :a, nil) == :ok
    assert TableKeeper.get(table, :a) == {:ok, nil}
    assert TableKeeper.claim(keeper) == {:error, :already_owner}
    refute_received _any
  end

  test "others may read and not write" do
    keeper = keeper()
    worker = worker(keeper)
    table = table(worker)
    assert in_worker(worker, fn -> TableKeeper.put(table, :a, 1) end) == :ok
    assert TableKeeper.get(table, :a) == {:ok, 1}
    assert TableKeeper.put(table, :a, 2) == {:error, :not_owner}
    assert TableKeeper.release(keeper, table) == {:error, :not_owner}
    assert TableKeeper.get(table, :a) == {:ok, 1}
    assert TableKeeper.owner(keeper) == worker
  end

  test "the table outlives its owner, with all that is in it" do
    keeper = keeper()

    for {signal, n} <- [{:kill, 1}, {:crash, 2}] do
      worker = worker(keeper)
      table = table(worker)
      assert in_worker(worker, fn -> TableKeeper.put(table, n, n) end) == :ok
      Process.exit(worker, signal)
      owner(keeper, nil)
      for m <- 1..n, do: assert(TableKeeper.get(table, m) == {:ok, m})
      assert TableKeeper.put(table, :x, 1) == {:error, :not_owner}
    end

    assert {:ok, table} = TableKeeper.claim(keeper)
    assert TableKeeper.get(table, 1) == {:ok, 1}
    assert TableKeeper.put(table, 1, :new) == :ok
  end

  test "a table that was released can be claimed again" do
    keeper = keeper()
    {:ok, table} = TableKeeper.claim(keeper)
    TableKeeper.put(table, :a, 1)
    assert TableKeeper.release(keeper, table) == :ok
    assert TableKeeper.owner(keeper) == nil
    assert TableKeeper.put(table, :a, 2) == {:error, :not_owner}
    assert TableKeeper.release(keeper, table) == {:error, :not_owner}
    assert {:ok, table} = TableKeeper.claim(keeper)
    assert TableKeeper.get(table, :a) == {:ok, 1}
    assert TableKeeper.put(table, :a, 3) == :ok
    refute_received _any
  end

  test "those who wait become owners one after another" do
    keeper = keeper()
    {:ok, table} = TableKeeper.claim(keeper)
    workers = for _ <- 1..3, do: worker(keeper)
    for pid <- workers, do: assert_receive({:asking, ^pid}, 2_000)
    refute_receive {:claimed, _pid, _answer}, 5
    assert TableKeeper.release(keeper, table) == :ok

    owners =
      for n <- 1..3 do
        assert_receive {:claimed, pid, {:ok, table}}, 2_000
        assert TableKeeper.owner(keeper) == pid
        refute_received {:claimed, _pid, _answer}
        assert in_worker(pid, fn -> TableKeeper.put(table, n, pid) end) == :ok

        if n == 2,
          do: Process.exit(pid, :kill),
          else: in_worker(pid, fn -> TableKeeper.release(keeper, table) end)

        pid
      end

    owner(keeper, nil)
    assert Enum.sort(owners) == Enum.sort(workers)

    for {pid, n} <- Enum.with_index(owners, 1),
        do: assert(TableKeeper.get(table, n) == {:ok, pid})

    refute_received {:stray, _message}
  end

  test "the dead in line are passed over" do
    keeper = keeper()
    {:ok, table} = TableKeeper.claim(keeper)
    dead = worker(keeper)
    assert_receive {:asking, ^dead}, 2_000
    ref = Process.monitor(dead)
    Process.exit(dead, :kill)
    assert_receive {:DOWN, ^ref, :process, ^dead, :killed}, 2_000
    living = worker(keeper)
    assert_receive {:asking, ^living}, 2_000
    assert TableKeeper.release(keeper, table) == :ok
    assert table(living)
    assert TableKeeper.owner(keeper) == living
  end

  test "who has released, or asked for what is gone, does not disturb the keeper" do
    keeper = keeper()
    worker = worker(keeper)
    table = table(worker)
    assert in_worker(worker, fn -> TableKeeper.release(keeper, table) end) == :ok
    {:ok, table} = TableKeeper.claim(keeper)
    ref = Process.monitor(worker)
    Process.exit(worker, :kill)
    assert_receive {:DOWN, ^ref, :process, ^worker, :killed}, 2_000
    send(keeper, :strange)
    send(keeper, {:strange, make_ref()})
    assert TableKeeper.owner(keeper) == self()
    assert TableKeeper.put(table, :a, 1) == :ok
  end

  test "keepers have tables of their own" do
    {one, two} = {keeper(), keeper()}
    {:ok, first} = TableKeeper.claim(one)
    {:ok, second} = TableKeeper.claim(two)
    TableKeeper.put(first, :a, 1)
    assert TableKeeper.get(second, :a) == :error
    assert TableKeeper.owner(one) == self()
    assert TableKeeper.owner(two) == self()
  end
end
