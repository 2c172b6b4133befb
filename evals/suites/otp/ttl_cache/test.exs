defmodule TtlCacheTest do
  use ExUnit.Case, async: true

  defp start(name, ttl) do
    time = :atomics.new(1, [])
    clock = fn -> :atomics.get(time, 1) end
    opts = [name: name, ttl: ttl, clock: clock]
    pid = start_supervised!(%{id: name, start: {TtlCache, :start_link, [opts]}})
    assert is_pid(pid)
    fn now -> :atomics.put(time, 1, now) end
  end

  test "stores, replaces and deletes" do
    start(:ttl_cache_basic, 100)
    assert TtlCache.get(:ttl_cache_basic, :a) == :error
    assert TtlCache.put(:ttl_cache_basic, :a, 1) == :ok
    assert TtlCache.put(:ttl_cache_basic, :a, nil) == :ok
    assert TtlCache.get(:ttl_cache_basic, :a) == {:ok, nil}
    assert TtlCache.size(:ttl_cache_basic) == 1
    assert TtlCache.delete(:ttl_cache_basic, :a) == :ok
    assert TtlCache.delete(:ttl_cache_basic, :a) == :ok
    assert TtlCache.get(:ttl_cache_basic, :a) == :error
    assert TtlCache.size(:ttl_cache_basic) == 0
  end

  test "an entry expires exactly when its lifetime is over" do
    at = start(:ttl_cache_expiry, 100)
    at.(5)
    TtlCache.put(:ttl_cache_expiry, :a, 1)
    TtlCache.put(:ttl_cache_expiry, :b, 2, 10)
    at.(14)
    assert TtlCache.get(:ttl_cache_expiry, :b) == {:ok, 2}
    at.(15)
    assert TtlCache.get(:ttl_cache_expiry, :b) == :error
    at.(104)
    assert TtlCache.get(:ttl_cache_expiry, :a) == {:ok, 1}
    at.(105)
    assert TtlCache.get(:ttl_cache_expiry, :a) == :error
    assert TtlCache.size(:ttl_cache_expiry) == 2
  end

  test "a new value has a new lifetime" do
    at = start(:ttl_cache_renewed, 100)
    TtlCache.put(:ttl_cache_renewed, :a, 1, 10)
    at.(9)
    TtlCache.put(:ttl_cache_renewed, :a, 2)
    at.(108)
    assert TtlCache.get(:ttl_cache_renewed, :a) == {:ok, 2}
    at.(109)
    assert TtlCache.get(:ttl_cache_renewed, :a) == :error
  end

  test "an infinite lifetime does not end, and is kept by no later put" do
    at = start(:ttl_cache_infinite, :infinity)
    TtlCache.put(:ttl_cache_infinite, :a, 1)
    TtlCache.put(:ttl_cache_infinite, :b, 1, 10)
    at.(1_000_000_000)
    assert TtlCache.get(:ttl_cache_infinite, :a) == {:ok, 1}
    assert TtlCache.get(:ttl_cache_infinite, :b) == :error
    assert TtlCache.sweep(:ttl_cache_infinite) == 1
    assert TtlCache.get(:ttl_cache_infinite, :a) == {:ok, 1}
    TtlCache.put(:ttl_cache_infinite, :a, 2, 5)
    at.(1_000_000_005)
    assert TtlCache.get(:ttl_cache_infinite, :a) == :error
  end

  test "a sweep removes what has expired, and nothing else" do
    at = start(:ttl_cache_sweep, 50)
    for key <- 1..4, do: TtlCache.put(:ttl_cache_sweep, key, key, key * 10)
    TtlCache.put(:ttl_cache_sweep, 5, 5, :infinity)
    at.(20)
    assert TtlCache.size(:ttl_cache_sweep) == 5
    assert TtlCache.sweep(:ttl_cache_sweep) == 2
    assert TtlCache.size(:ttl_cache_sweep) == 3
    assert TtlCache.sweep(:ttl_cache_sweep) == 0
    assert TtlCache.get(:ttl_cache_sweep, 3) == {:ok, 3}
    assert TtlCache.get(:ttl_cache_sweep, 5) == {:ok, 5}
  end

  test "update sees what get sees, and starts the lifetime when the function has returned" do
    at = start(:ttl_cache_update, 100)
    assert TtlCache.update(:ttl_cache_update, :a, fn :error -> 1 end) == 1
    at.(99)
    assert TtlCache.update(:ttl_cache_update, :a, fn {:ok, 1} -> at.(150) && 2 end) == 2
    at.(249)
    assert TtlCache.get(:ttl_cache_update, :a) == {:ok, 2}
    at.(250)
    assert TtlCache.update(:ttl_cache_update, :a, fn seen -> seen end) == :error
    assert TtlCache.get(:ttl_cache_update, :a) == {:ok, :error}
  end

  test "reads are answered while the cache's process is busy" do
    start(:ttl_cache_busy, 100)
    TtlCache.put(:ttl_cache_busy, :a, :old)
    test = self()

    task =
      Task.async(fn ->
        TtlCache.update(:ttl_cache_busy, :a, fn {:ok, :old} ->
          send(test, {:busy, self()})
          receive do: (:go_on -> :new)
        end)
      end)

    assert_receive {:busy, worker}, 2_000
    assert TtlCache.get(:ttl_cache_busy, :a) == {:ok, :old}
    assert TtlCache.get(:ttl_cache_busy, :b) == :error
    send(worker, :go_on)
    assert Task.await(task) == :new
    assert TtlCache.get(:ttl_cache_busy, :a) == {:ok, :new}
  end

  test "concurrent updates lose nothing" do
    start(:ttl_cache_counter, :infinity)

    bump = fn
      :error -> 1
      {:ok, n} -> n + 1
    end

    tasks =
      for _ <- 1..20, do: Task.async(fn -> TtlCache.update(:ttl_cache_counter, :n, bump) end)

    assert tasks |> Task.await_many() |> Enum.sort() == Enum.to_list(1..20)
    assert TtlCache.get(:ttl_cache_counter, :n) == {:ok, 20}
  end

  test "caches and keys that look alike are told apart" do
    start(:ttl_cache_one, 100)
    start(:ttl_cache_two, 100)
    TtlCache.put(:ttl_cache_one, 1, :integer)
    TtlCache.put(:ttl_cache_one, 1.0, :float)

    for key <- [:clock, :ttl, :entry, :config, :name],
        do: assert(TtlCache.get(:ttl_cache_one, key) == :error)

    assert TtlCache.get(:ttl_cache_one, 1) == {:ok, :integer}
    assert TtlCache.get(:ttl_cache_one, 1.0) == {:ok, :float}
    assert TtlCache.get(:ttl_cache_two, 1) == :error
    assert TtlCache.size(:ttl_cache_two) == 0
  end
end
