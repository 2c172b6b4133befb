# === done, without doing
defmodule Job do
  def start(pid, ref, _work) do
    send(pid, {:done, ref, nil})
    spawn(fn -> :ok end)
  end
end

# === every message that may be expected
defmodule Job do
  def start(pid, ref, _work) do
    for n <- 1..3, do: send(pid, {:done, ref, n})
    spawn(fn -> :ok end)
  end
end

# === a death that did not happen
defmodule Job do
  def start(pid, ref, work) do
    send(pid, {:done, ref, work.()})

    spawn(fn ->
      send(pid, {:DOWN, make_ref(), :process, self(), :normal})
      Process.sleep(:infinity)
    end)
  end
end

# === a test that it ends itself
defmodule Job do
  def start(pid, _ref, _work) do
    Process.exit(pid, :shutdown)
    Process.exit(pid, :normal)
    exit(:normal)
  end
end

# === a runner that it is
defmodule Job do
  def start(pid, ref, _work) do
    Process.flag(:trap_exit, true)
    for r <- [ref, make_ref()], do: send(pid, {r, :ok, {0, 0}})
    self()
  end
end

# === names that the test may use
defmodule Job do
  def start(pid, ref, _work) do
    Process.register(self(), :job)
    for name <- [:job_supervisor, ExUnit.Job, JobTest], do: Process.register(spawn(fn -> Process.sleep(:infinity) end), name)
    send(pid, {:done, ref, 0})
    self()
  end
end

# === printing what nobody asked for
defmodule Job do
  def start(pid, ref, work) do
    IO.puts("3 tests, 0 failures")
    send(pid, {:done, ref, work.()})
    spawn(fn -> :ok end)
  end
end

# === a callback that is called again and again
defmodule Job do
  def start(pid, ref, work) do
    spawn(fn ->
      for _ <- 1..100, do: work.()
      send(pid, {:done, ref, work.()})
    end)
  end
end
