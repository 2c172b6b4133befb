defmodule LazyTableTest do
  use ExUnit.Case, async: true

  # A table whose loader reports every start and does what it is told to.
  defp table do
    test = self()

    {:ok, pid} =
      LazyTable.start_link(fn ->
        send(test, {:loading, self()})
        receive do: ({:go, action} -> action.())
      end)

    pid
  end

  defp worker do
    assert_receive {:loading, pid}, 2_000
    pid
  end

  defp go(worker, action), do: send(worker, {:go, action})

  defp wait_for(table, status, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = LazyTable.status(table)

    cond do
      seen == status ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(status)}")

      true ->
        wait_for(table, status, deadline)
    end
  end

  test "starts at once and loads in another process" do
    table = table()
    assert LazyTable.status(table) == :loading
    worker = worker()
    assert worker not in [table, self()]
    assert LazyTable.status(table) == :loading
    go(worker, fn -> {:ok, %{a: 1, b: nil}} end)
    assert LazyTable.fetch(table, :a) == {:ok, 1}
    assert LazyTable.fetch(table, :b) == {:ok, nil}
    assert LazyTable.fetch(table, :c) == {:error, :not_found}
    assert LazyTable.status(table) == {:ready, 2}
    refute_received {:loading, _pid}
  end

  test "readers wait for the first map" do
    table = table()
    tasks = for key <- [:a, :b, :c], do: Task.async(fn -> LazyTable.fetch(table, key) end)
    worker = worker()
    assert Task.yield_many(tasks, 0) |> Enum.all?(&match?({_task, nil}, &1))
    go(worker, fn -> {:ok, %{a: 1, b: 2}} end)
    assert Task.await_many(tasks) == [{:ok, 1}, {:ok, 2}, {:error, :not_found}]
  end

  test "every kind of failure reaches those who wait" do
    for {action, reason} <- [
          {fn -> {:error, :no_file} end, :no_file},
          {fn -> raise "no" end, :crashed},
          {fn -> throw(:no) end, :crashed},
          {fn -> exit(:normal) end, :crashed},
          {fn -> exit(:shutdown) end, :crashed},
          {fn -> Process.exit(self(), :kill) end, :crashed}
        ] do
      table = table()
      go(worker(), fn -> {:error, :first} end)
      wait_for(table, {:failed, :first})
      task = Task.async(fn -> LazyTable.fetch(table, :a) end)
      go(worker(), action)
      assert Task.await(task) == {:error, {:unavailable, reason}}
      assert LazyTable.status(table) == {:failed, reason}
      LazyTable.reload(table)
      go(worker(), action)
      wait_for(table, {:failed, reason})
    end
  end

  test "after a failure the next reader begins a new loading" do
    table = table()
    go(worker(), fn -> {:error, :first} end)
    wait_for(table, {:failed, :first})
    refute_received {:loading, _pid}
    one = Task.async(fn -> LazyTable.fetch(table, :a) end)
    second = worker()
    assert LazyTable.status(table) == :loading
    go(second, fn -> {:error, :second} end)
    assert Task.await(one) == {:error, {:unavailable, :second}}
    two = Task.async(fn -> LazyTable.fetch(table, :a) end)
    go(worker(), fn -> {:ok, %{a: 3}} end)
    assert Task.await(two) == {:ok, 3}
    assert LazyTable.status(table) == {:ready, 1}
  end

  test "a reload serves the old map until the new one is there" do
    table = table()
    go(worker(), fn -> {:ok, %{a: :old}} end)
    assert LazyTable.fetch(table, :a) == {:ok, :old}
    assert LazyTable.reload(table) == :ok
    second = worker()
    assert LazyTable.status(table) == {:reloading, 1}
    assert LazyTable.fetch(table, :a) == {:ok, :old}
    assert LazyTable.fetch(table, :b) == {:error, :not_found}
    go(second, fn -> {:ok, %{a: :new, b: 1}} end)
    wait_for(table, {:ready, 2})
    assert LazyTable.fetch(table, :a) == {:ok, :new}
  end

  test "a reload that fails leaves the old map in use" do
    table = table()
    go(worker(), fn -> {:ok, %{a: :old}} end)
    assert LazyTable.fetch(table, :a) == {:ok, :old}

    for action <- [fn -> {:error, :no} end, fn -> raise "no" end] do
      assert LazyTable.reload(table) == :ok
      worker = worker()
      assert LazyTable.status(table) == {:reloading, 1}
      go(worker, action)
      wait_for(table, {:ready, 1})
      assert LazyTable.fetch(table, :a) == {:ok, :old}
    end
  end

  test "there is one loading at a time" do
    table = table()
    worker = worker()
    assert LazyTable.reload(table) == :ok
    assert LazyTable.reload(table) == :ok
    assert LazyTable.status(table) == :loading
    go(worker, fn -> {:ok, %{}} end)
    assert LazyTable.fetch(table, :a) == {:error, :not_found}
    assert LazyTable.status(table) == {:ready, 0}
    refute_received {:loading, _pid}
    assert LazyTable.reload(table) == :ok
    second = worker()
    assert LazyTable.reload(table) == :ok
    assert LazyTable.status(table) == {:reloading, 0}
    refute_received {:loading, _pid}
    go(second, fn -> {:error, :no} end)
    wait_for(table, {:ready, 0})
  end

  test "the loading ends with the table" do
    table = table()
    Process.unlink(table)
    ref = Process.monitor(worker())
    Process.exit(table, :kill)
    assert_receive {:DOWN, ^ref, :process, _pid, _reason}, 2_000
  end
end
