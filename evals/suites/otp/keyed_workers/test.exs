defmodule KeyedWorkersTest do
  use ExUnit.Case, async: true

  @never 3_600_000

  # An instance whose states are counters that start at 0, and that reports what it loads and saves.
  defp instance(name, idle, load \\ fn _key -> 0 end) do
    test = self()

    load = fn key ->
      send(test, {:load, key, self()})
      load.(key)
    end

    save = fn key, state -> send(test, {:save, key, state}) end
    opts = [name: name, load: load, save: save, idle: idle]

    pid =
      start_supervised!(%{
        id: name,
        start: {KeyedWorkers, :start_link, [opts]},
        type: :supervisor
      })

    assert is_pid(pid)
    name
  end

  defp add(name, key, n), do: KeyedWorkers.call(name, key, &{&1 + n, &1 + n})

  # A call in another process that goes on when it is told to.
  defp held(name, key) do
    test = self()

    work = fn state ->
      send(test, {:began, key, self()})
      receive do: ({:go, action} -> action.(state))
    end

    caller = spawn(fn -> send(test, {:answer, self(), KeyedWorkers.call(name, key, work)}) end)
    assert_receive {:began, ^key, worker}, 2_000
    {caller, worker}
  end

  defp wait_for(name, keys, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = KeyedWorkers.keys(name)

    cond do
      seen == keys ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(keys)}")

      true ->
        wait_for(name, keys, deadline)
    end
  end

  test "every key has a state and a process of its own" do
    name = instance(:keyed_workers_own, @never, fn key -> if key == :b, do: 100, else: 0 end)
    assert KeyedWorkers.keys(name) == []
    assert add(name, :a, 1) == {:ok, 1}
    assert add(name, :a, 2) == {:ok, 3}
    assert add(name, :b, 1) == {:ok, 101}
    assert KeyedWorkers.keys(name) == [:a, :b]
    {:ok, a} = KeyedWorkers.call(name, :a, &{self(), &1})
    assert {:ok, ^a} = KeyedWorkers.call(name, :a, &{self(), &1})
    {:ok, b} = KeyedWorkers.call(name, :b, &{self(), &1})
    assert length(Enum.uniq([a, b, self()])) == 3
    for key <- [:a, :b], do: assert_received({:load, ^key, _pid})
    refute_received {_load_or_save, _key, _more}
  end

  test "calls for one key wait for each other, other keys do not" do
    name = instance(:keyed_workers_serial, @never)
    {caller, worker} = held(name, :a)
    test = self()
    second = spawn(fn -> send(test, {:answer, self(), add(name, :a, 1)}) end)
    assert add(name, :b, 5) == {:ok, 5}
    refute_receive {:answer, ^second, _answer}, 5
    send(worker, {:go, fn state -> {:first, state + 10} end})
    assert_receive {:answer, ^caller, {:ok, :first}}, 2_000
    assert_receive {:answer, ^second, {:ok, 11}}, 2_000
  end

  test "a slow load holds up nobody else" do
    test = self()

    load = fn
      :slow ->
        send(test, {:slow, self()})
        receive do: (:go -> 7)

      _other ->
        0
    end

    name = instance(:keyed_workers_load, @never, load)
    task = Task.async(fn -> add(name, :slow, 1) end)
    assert_receive {:slow, loading}, 2_000
    assert add(name, :quick, 1) == {:ok, 1}
    send(loading, :go)
    assert Task.await(task) == {:ok, 8}
  end

  test "no call is lost when many come at once" do
    name = instance(:keyed_workers_many, @never)
    tasks = for n <- 1..40, do: Task.async(fn -> add(name, rem(n, 2), 1) end)
    answers = tasks |> Task.await_many() |> Enum.sort()
    assert answers == Enum.sort(for n <- 1..20, _ <- 1..2, do: {:ok, n})
    for key <- [0, 1], do: assert_received({:load, ^key, _pid})
    refute_received {:load, _key, _pid}
  end

  test "an idle process saves and ends, and the next one loads" do
    name = instance(:keyed_workers_idle, 1)
    assert add(name, {:k, 1}, 3) == {:ok, 3}
    assert_receive {:load, {:k, 1}, first}, 2_000
    assert_receive {:save, {:k, 1}, 3}, 2_000
    wait_for(name, [])
    assert add(name, {:k, 1}, 4) == {:ok, 4}
    assert_receive {:load, {:k, 1}, second}, 2_000
    assert first != second
    assert_receive {:save, {:k, 1}, 4}, 2_000
  end

  test "callers do not notice that processes end" do
    stored = :atomics.new(1, [])
    load = fn :n -> :atomics.get(stored, 1) end
    save = fn :n, state -> :atomics.put(stored, 1, state) end
    opts = [name: :keyed_workers_race, load: load, save: save, idle: 1]
    start_supervised!(%{id: :race, start: {KeyedWorkers, :start_link, [opts]}, type: :supervisor})

    # Pauses as long as the idle time let calls meet processes in every stage of their end.
    work = fn ->
      for _ <- 1..8 do
        receive after: (1 -> :ok)
        for(_ <- 1..5, do: add(:keyed_workers_race, :n, 1))
      end
    end

    tasks = for _ <- 1..4, do: Task.async(work)
    seen = tasks |> Task.await_many() |> List.flatten() |> Enum.map(&elem(&1, 1))
    assert Enum.sort(seen) == Enum.to_list(1..160)
    wait_for(:keyed_workers_race, [])
    assert :atomics.get(stored, 1) == 160
  end

  test "a crash loses the state of its key and harms nobody else" do
    name = instance(:keyed_workers_crash, @never)
    add(name, :other, 1)

    for crash <- [
          fn _ -> raise "no" end,
          fn _ -> throw(1) end,
          fn _ -> exit(:normal) end,
          fn _ -> exit(:x) end
        ] do
      assert add(name, :a, 5) == {:ok, 5}
      assert_receive {:load, :a, _pid}, 2_000
      assert KeyedWorkers.call(name, :a, crash) == {:error, :crashed}
    end

    assert add(name, :a, 1) == {:ok, 1}
    assert add(name, :other, 1) == {:ok, 2}
    refute_received {:save, _key, _state}
  end

  test "a call that waits behind a crash is executed with a new state" do
    name = instance(:keyed_workers_behind, @never)
    assert add(name, :a, 5) == {:ok, 5}
    {caller, worker} = held(name, :a)
    tasks = for _ <- 1..3, do: Task.async(fn -> add(name, :a, 1) end)
    refute_receive {:never, :mind}, 5
    send(worker, {:go, fn _state -> raise "no" end})
    assert_receive {:answer, ^caller, {:error, :crashed}}, 2_000
    assert tasks |> Task.await_many() |> Enum.sort() == [{:ok, 1}, {:ok, 2}, {:ok, 3}]
  end

  test "everything is saved when the supervisor is shut down" do
    name = instance(:keyed_workers_shutdown, @never)
    for key <- [:a, :b], do: add(name, key, 2)
    {:ok, a} = KeyedWorkers.call(name, :a, &{self(), &1})
    ref = Process.monitor(a)
    assert stop_supervised(name) == :ok
    assert_receive {:DOWN, ^ref, :process, ^a, _reason}, 2_000
    for key <- [:a, :b], do: assert_receive({:save, ^key, 2}, 2_000)
  end
end
