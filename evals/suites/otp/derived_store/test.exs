defmodule DerivedStoreTest do
  use ExUnit.Case, async: true

  @parts [:log, :index, :cache]

  defp start(names) do
    pid =
      start_supervised!(%{
        id: names,
        start: {DerivedStore, :start_link, [names]},
        type: :supervisor
      })

    assert is_pid(pid)
    names
  end

  defp pids(names), do: for(part <- @parts, do: DerivedStore.pid(names, part))

  # Kills a part and waits until all three are there, and that one is another process.
  defp kill(names, part) do
    pid = DerivedStore.pid(names, part)
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    settle(names, part, pid, System.monotonic_time(:millisecond) + 3_000)
  end

  defp settle(names, part, old, deadline) do
    {now, last} = {DerivedStore.pid(names, part), DerivedStore.pid(names, :cache)}

    cond do
      System.monotonic_time(:millisecond) > deadline -> flunk("#{part} did not come back")
      now in [nil, old] or last == nil -> settle(names, part, old, deadline)
      true -> pids(names)
    end
  end

  # Kills a part, and answers which parts are other processes after everything has come to rest.
  defp replaced(names, part) do
    before = pids(names)

    refs =
      for pid <- Enum.drop(before, Enum.find_index(@parts, &(&1 == part)) + 1),
          do: Process.monitor(pid)

    kill(names, part)
    for ref <- refs, do: assert_receive({:DOWN, ^ref, :process, _pid, _reason}, 2_000)
    later = for p <- @parts, do: present(names, p, System.monotonic_time(:millisecond) + 3_000)
    for {p, old, new} <- Enum.zip([@parts, before, later]), old != new, do: p
  end

  defp present(names, part, deadline) do
    cond do
      pid = DerivedStore.pid(names, part) -> pid
      System.monotonic_time(:millisecond) > deadline -> flunk("#{part} did not come back")
      true -> present(names, part, deadline)
    end
  end

  test "values are found in the index first, then in the cache" do
    names = start(log: :derived_a_log, index: :derived_a_index, cache: :derived_a_cache)
    assert DerivedStore.lookup(names, :a) == :error
    assert DerivedStore.append(names, :a, 1) == :ok
    assert DerivedStore.lookup(names, :a) == {:ok, 1, :index}
    assert DerivedStore.lookup(names, :a) == {:ok, 1, :cache}
    assert DerivedStore.append(names, :b, nil) == :ok
    assert DerivedStore.lookup(names, :b) == {:ok, nil, :index}
    assert DerivedStore.lookup(names, :b) == {:ok, nil, :cache}
    assert DerivedStore.lookup(names, :a) == {:ok, 1, :cache}
  end

  test "a new value drops the cached one" do
    names = start(log: :derived_b_log, index: :derived_b_index, cache: :derived_b_cache)
    for {key, value} <- [a: 1, b: 2], do: DerivedStore.append(names, key, value)
    for key <- [:a, :b], do: DerivedStore.lookup(names, key)
    DerivedStore.append(names, :a, 3)
    assert DerivedStore.lookup(names, :a) == {:ok, 3, :index}
    assert DerivedStore.lookup(names, :b) == {:ok, 2, :cache}
    assert DerivedStore.entries(names) == [a: 1, b: 2, a: 3]
  end

  test "a key that was missing is found once it is there" do
    names = start(log: :derived_c_log, index: :derived_c_index, cache: :derived_c_cache)
    assert DerivedStore.entries(names) == []
    for _ <- 1..2, do: assert(DerivedStore.lookup(names, "k") == :error)
    DerivedStore.append(names, "k", :v)
    assert DerivedStore.lookup(names, "k") == {:ok, :v, :index}
  end

  test "three processes run under the given names" do
    names = start(log: :derived_d_log, index: :derived_d_index, cache: :derived_d_cache)
    other = start(log: :derived_d2_log, index: :derived_d2_index, cache: :derived_d2_cache)
    assert length(Enum.uniq(pids(names) ++ pids(other))) == 6
    assert Enum.all?(pids(names), &is_pid/1)
    DerivedStore.append(names, :a, 1)
    assert DerivedStore.lookup(other, :a) == :error
    assert DerivedStore.pid([log: :derived_d_none], :log) == nil
  end

  test "a cache that ends comes back empty, alone" do
    names = start(log: :derived_e_log, index: :derived_e_index, cache: :derived_e_cache)
    DerivedStore.append(names, :a, 1)
    DerivedStore.lookup(names, :a)
    assert replaced(names, :cache) == [:cache]
    assert DerivedStore.lookup(names, :a) == {:ok, 1, :index}
    assert DerivedStore.lookup(names, :a) == {:ok, 1, :cache}
  end

  test "an index that ends is built from the log again, and takes the cache with it" do
    names = start(log: :derived_f_log, index: :derived_f_index, cache: :derived_f_cache)
    for {key, value} <- [a: 1, b: 2, a: 3], do: DerivedStore.append(names, key, value)
    DerivedStore.lookup(names, :a)
    assert replaced(names, :index) == [:index, :cache]
    assert DerivedStore.lookup(names, :a) == {:ok, 3, :index}
    assert DerivedStore.lookup(names, :b) == {:ok, 2, :index}
    assert DerivedStore.entries(names) == [a: 1, b: 2, a: 3]
  end

  test "when the log ends, everything begins anew" do
    names = start(log: :derived_g_log, index: :derived_g_index, cache: :derived_g_cache)
    DerivedStore.append(names, :a, 1)
    DerivedStore.lookup(names, :a)
    assert replaced(names, :log) == [:log, :index, :cache]
    assert DerivedStore.entries(names) == []
    assert DerivedStore.lookup(names, :a) == :error
    assert DerivedStore.append(names, :a, 2) == :ok
    assert DerivedStore.lookup(names, :a) == {:ok, 2, :index}
  end

  test "ten restarts are tolerated, an eleventh is not" do
    Process.flag(:trap_exit, true)
    names = [log: :derived_h_log, index: :derived_h_index, cache: :derived_h_cache]
    {:ok, supervisor} = DerivedStore.start_link(names)
    for _ <- 1..10, do: kill(names, :cache)
    assert DerivedStore.lookup(names, :a) == :error
    Process.exit(DerivedStore.pid(names, :cache), :kill)
    assert_receive {:EXIT, ^supervisor, :shutdown}, 2_000
  end
end
