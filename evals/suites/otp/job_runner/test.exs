defmodule JobRunnerTest do
  use ExUnit.Case, async: true

  defp runner(opts \\ []) do
    defaults = [max_restarts: 10, max_seconds: 60, max_jobs: 10]
    {:ok, pid} = JobRunner.start_link(Keyword.merge(defaults, opts))
    pid
  end

  # A function that reports its process and does what it is told to.
  defp job(label) do
    test = self()

    fn ->
      send(test, {:job, label, self()})
      receive do: ({:go, action} -> action.())
    end
  end

  defp started(label) do
    assert_receive {:job, ^label, pid}, 2_000
    pid
  end

  defp go(pid, action) do
    ref = Process.monitor(pid)
    send(pid, {:go, action})
    assert_receive {:DOWN, ^ref, :process, ^pid, _reason}, 2_000
  end

  defp wait_for(runner, count, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = JobRunner.count(runner)

    cond do
      seen == count -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("#{seen} jobs, not #{count}")
      true -> wait_for(runner, count, deadline)
    end
  end

  test "a job runs in the process that is returned" do
    runner = runner()
    assert JobRunner.count(runner) == 0
    assert {:ok, pid} = JobRunner.run(runner, :temporary, job(:a))
    assert started(:a) == pid
    assert pid not in [self(), runner]
    assert JobRunner.count(runner) == 1
    go(pid, fn -> :done end)
    wait_for(runner, 0)
  end

  test "a temporary job is never started again" do
    runner = runner(max_restarts: 0)

    for action <- [fn -> :done end, fn -> exit(:crash) end, fn -> Process.exit(self(), :kill) end] do
      {:ok, pid} = JobRunner.run(runner, :temporary, job(:a))
      assert started(:a) == pid
      go(pid, action)
      wait_for(runner, 0)
      refute_received {:job, :a, _pid}
    end
  end

  test "a transient job is started again when it ends abnormally" do
    runner = runner()

    for action <- [fn -> :done end, fn -> exit(:shutdown) end, fn -> exit({:shutdown, 1}) end] do
      {:ok, first} = JobRunner.run(runner, :transient, job(:a))
      assert started(:a) == first
      go(first, fn -> exit(:crash) end)
      second = started(:a)
      assert second != first
      go(second, fn -> Process.exit(self(), :kill) end)
      third = started(:a)
      assert JobRunner.count(runner) == 1
      go(third, action)
      wait_for(runner, 0)
      refute_received {:job, :a, _pid}
    end
  end

  test "a permanent job is started again whenever it ends" do
    runner = runner()
    {:ok, first} = JobRunner.run(runner, :permanent, job(:a))
    assert started(:a) == first
    go(first, fn -> :done end)
    go(started(:a), fn -> exit(:shutdown) end)
    go(started(:a), fn -> exit(:crash) end)
    last = started(:a)
    assert JobRunner.count(runner) == 1
    assert JobRunner.stop_job(runner, last) == :ok
    assert JobRunner.count(runner) == 0
    refute_received {:job, :a, _pid}
  end

  test "a job can be stopped, and is gone then" do
    runner = runner()
    {:ok, a} = JobRunner.run(runner, :permanent, job(:a))
    {:ok, b} = JobRunner.run(runner, :permanent, job(:b))
    assert {started(:a), started(:b)} == {a, b}
    ref = Process.monitor(a)
    assert JobRunner.stop_job(runner, a) == :ok
    assert_receive {:DOWN, ^ref, :process, ^a, :shutdown}, 2_000
    assert JobRunner.count(runner) == 1
    assert JobRunner.stop_job(runner, a) == {:error, :not_found}
    assert JobRunner.stop_job(runner, self()) == {:error, :not_found}
    refute_received {:job, _label, _pid}
  end

  test "a job that does not listen is killed" do
    runner = runner()
    test = self()

    {:ok, pid} =
      JobRunner.run(runner, :transient, fn ->
        Process.flag(:trap_exit, true)
        send(test, :ready)
        receive do: (:never -> :ok)
      end)

    assert_receive :ready, 2_000
    ref = Process.monitor(pid)
    assert JobRunner.stop_job(runner, pid) == :ok
    assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2_000
    refute_received :ready
  end

  test "there are no more jobs than allowed" do
    runner = runner(max_jobs: 2)
    {:ok, a} = JobRunner.run(runner, :temporary, job(:a))
    {:ok, _b} = JobRunner.run(runner, :temporary, job(:b))
    assert JobRunner.run(runner, :temporary, job(:c)) == {:error, :too_many_jobs}
    assert JobRunner.count(runner) == 2
    assert JobRunner.stop_job(runner, a) == :ok
    assert {:ok, c} = JobRunner.run(runner, :temporary, job(:c))
    assert started(:c) == c
  end

  test "after too many restarts the runner gives up" do
    Process.flag(:trap_exit, true)
    runner = runner(max_restarts: 2, max_seconds: 1_000)
    {:ok, other} = JobRunner.run(runner, :temporary, job(:other))
    other = Process.monitor(other)
    {:ok, _pid} = JobRunner.run(runner, :transient, job(:a))
    for _ <- 1..2, do: go(started(:a), fn -> exit(:crash) end)
    last = started(:a)
    assert JobRunner.count(runner) == 2
    go(last, fn -> exit(:crash) end)
    assert_receive {:EXIT, ^runner, :shutdown}, 2_000
    assert_receive {:DOWN, ^other, :process, _pid, _reason}, 2_000
    refute_received {:job, :a, _pid}
  end

  test "only the three ways of restarting are accepted" do
    runner = runner()
    assert_raise FunctionClauseError, fn -> JobRunner.run(runner, :sometimes, fn -> :ok end) end
    assert JobRunner.count(runner) == 0
  end
end
