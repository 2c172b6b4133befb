defmodule TinySupervisorTest do
  use ExUnit.Case, async: true

  defp supervisor(children, strategy, opts \\ []) do
    defaults = [strategy: strategy, max_restarts: 100, window: 1_000, clock: fn -> 0 end]
    {:ok, pid} = TinySupervisor.start_link(children, Keyword.merge(defaults, opts))
    pid
  end

  # A child that reports its start, and its end when it is told to end by its supervisor.
  defp child(id, restart \\ :permanent) do
    test = self()

    {id, restart,
     fn ->
       Process.flag(:trap_exit, true)
       send(test, {:started, id, self()})

       receive do
         {:go, action} -> action.()
         {:EXIT, _supervisor, :shutdown} -> send(test, {:stopped, id})
       end
     end}
  end

  defp started(id) do
    assert_receive {:started, ^id, pid}, 2_000
    pid
  end

  defp crash(pid), do: send(pid, {:go, fn -> exit(:crash) end})

  # All that has been reported so far, in order; the ids are enough.
  defp reports(count) do
    for _ <- 1..count//1 do
      receive do
        {:started, id, _pid} -> {:started, id}
        {:stopped, id} -> {:stopped, id}
      after
        2_000 -> :nothing
      end
    end
  end

  defp ids(supervisor), do: for({id, _pid} <- TinySupervisor.children(supervisor), do: id)

  defp wait_for(supervisor, ids, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = ids(supervisor)

    cond do
      seen == ids ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(ids)}")

      true ->
        wait_for(supervisor, ids, deadline)
    end
  end

  test "children run in processes of their own, in order" do
    supervisor = supervisor([child(:a), child(:b), child({:c, 1})], :one_for_one)
    pids = for id <- [:a, :b, {:c, 1}], do: {id, started(id)}
    assert TinySupervisor.children(supervisor) == pids
    assert length(Enum.uniq([self(), supervisor | Enum.map(pids, &elem(&1, 1))])) == 5
    assert TinySupervisor.children(supervisor([], :one_for_all)) == []
  end

  test "one_for_one restarts the child alone, at its place" do
    supervisor = supervisor(for(id <- [:a, :b, :c], do: child(id)), :one_for_one)
    [a, b, c] = for id <- [:a, :b, :c], do: started(id)
    crash(b)
    again = started(:b)
    assert again != b
    assert TinySupervisor.children(supervisor) == [a: a, b: again, c: c]
    refute_received _any
  end

  test "one_for_all stops in reverse order and starts in order" do
    supervisor = supervisor(for(id <- [:a, :b, :c, :d], do: child(id)), :one_for_all)
    [_a, b, _c, _d] = for id <- [:a, :b, :c, :d], do: started(id)
    crash(b)
    assert reports(3) == [stopped: :d, stopped: :c, stopped: :a]
    for id <- [:a, :b, :c, :d], do: started(id)
    assert ids(supervisor) == [:a, :b, :c, :d]
    refute_received _any
  end

  test "rest_for_one restarts those that come later" do
    supervisor = supervisor(for(id <- [:a, :b, :c, :d], do: child(id)), :rest_for_one)
    [a, b, _c, d] = for id <- [:a, :b, :c, :d], do: started(id)
    crash(b)
    assert reports(2) == [stopped: :d, stopped: :c]
    [b, c, d2] = for id <- [:b, :c, :d], do: started(id)
    assert d2 != d
    assert TinySupervisor.children(supervisor) == [a: a, b: b, c: c, d: d2]
    crash(d2)
    again = started(:d)
    assert TinySupervisor.children(supervisor) == [a: a, b: b, c: c, d: again]
    refute_received _any
  end

  test "how a child ended decides whether it is restarted" do
    for {restart, reason, again} <- [
          {:permanent, :normal, true},
          {:permanent, :shutdown, true},
          {:transient, :normal, false},
          {:transient, :shutdown, false},
          {:transient, {:shutdown, 1}, false},
          {:transient, :crash, true},
          {:temporary, :crash, false}
        ] do
      supervisor = supervisor([child(:other), child(:a, restart), child(:last)], :one_for_all)
      for id <- [:other, :last], do: started(id)
      send(started(:a), {:go, fn -> exit(reason) end})

      if again do
        assert reports(2) == [stopped: :last, stopped: :other]
        for id <- [:other, :a, :last], do: started(id)
        assert ids(supervisor) == [:other, :a, :last]
      else
        wait_for(supervisor, [:other, :last])
      end

      refute_received _any
    end
  end

  test "temporary children that are stopped for others do not come back" do
    supervisor =
      supervisor([child(:a), child(:b, :temporary), child(:c, :transient)], :rest_for_one)

    a = started(:a)
    for id <- [:b, :c], do: started(id)
    crash(a)
    assert reports(2) == [stopped: :c, stopped: :b]
    for id <- [:a, :c], do: started(id)
    assert ids(supervisor) == [:a, :c]
    refute_received _any
  end

  test "a child can be stopped for good" do
    supervisor = supervisor([child(:a), child(:b), child(:c)], :one_for_all)
    assert TinySupervisor.stop_child(supervisor, :b) == :ok
    assert_receive {:stopped, :b}, 2_000
    assert ids(supervisor) == [:a, :c]
    assert TinySupervisor.stop_child(supervisor, :b) == {:error, :not_found}
    refute_received {:stopped, _id}
    crash(started(:a))
    assert_receive {:stopped, :c}, 2_000
    for id <- [:a, :c], do: started(id)
    assert ids(supervisor) == [:a, :c]
  end

  test "a child that does not listen is killed" do
    test = self()

    deaf = fn ->
      Process.flag(:trap_exit, true)
      send(test, {:started, :deaf, self()})
      receive do: (:never -> :ok)
    end

    supervisor = supervisor([{:deaf, :permanent, deaf}], :one_for_one)
    pid = started(:deaf)
    ref = Process.monitor(pid)
    assert TinySupervisor.stop_child(supervisor, :deaf) == :ok
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    assert TinySupervisor.children(supervisor) == []
  end

  test "too many restarts within the window make it give up" do
    Process.flag(:trap_exit, true)
    time = :atomics.new(1, [])
    opts = [max_restarts: 2, window: 100, clock: fn -> :atomics.get(time, 1) end]
    supervisor = supervisor([child(:a), child(:b), child(:c)], :one_for_one, opts)
    for id <- [:a, :c], do: started(id)

    for now <- [0, 50, 101, 151] do
      pid = started(:b)
      :atomics.put(time, 1, now)
      crash(pid)
    end

    last = started(:b)
    :atomics.put(time, 1, 201)
    crash(last)
    assert_receive {:EXIT, ^supervisor, :shutdown}, 2_000
    assert reports(2) == [stopped: :c, stopped: :a]
    refute_received _any
  end

  test "strange messages and strange links do not disturb it" do
    supervisor = supervisor([child(:a)], :one_for_all)
    a = started(:a)
    send(supervisor, :strange)
    send(supervisor, {:strange, make_ref()})

    stranger =
      spawn(fn ->
        Process.link(supervisor)
        receive do: (:go -> exit(:crash))
      end)

    ref = Process.monitor(stranger)
    send(stranger, :go)
    assert_receive {:DOWN, ^ref, :process, ^stranger, :crash}, 2_000
    assert TinySupervisor.children(supervisor) == [a: a]
    assert TinySupervisor.stop_child(supervisor, :a) == :ok
    assert TinySupervisor.children(supervisor) == []
  end

  test "when its starter exits, children are stopped in reverse order" do
    test = self()

    starter =
      spawn(fn ->
        opts = [strategy: :one_for_one, max_restarts: 1, window: 1, clock: fn -> 0 end]
        children = receive do: ({:children, children} -> children)
        {:ok, supervisor} = TinySupervisor.start_link(children, opts)
        send(test, {:supervisor, supervisor})
        receive do: (:stop -> exit(:going))
      end)

    send(starter, {:children, [child(:a), child(:b), child(:c, :temporary)]})
    assert_receive {:supervisor, supervisor}, 2_000
    for id <- [:a, :b, :c], do: started(id)
    ref = Process.monitor(supervisor)
    send(starter, :stop)
    assert_receive {:DOWN, ^ref, :process, ^supervisor, :going}, 2_000
    assert reports(3) == [stopped: :c, stopped: :b, stopped: :a]
  end
end
