defmodule Jobs do
  def start_link, do: Task.Supervisor.start_link(name: Jobs.Sup)
  def run(f), do: Task.Supervisor.async_nolink(Jobs.Sup, f)

  def safe(f, timeout \\ 200) do
    t = run(f)

    case Task.yield(t, timeout) || Task.shutdown(t) do
      {:ok, v} -> {:ok, v}
      {:exit, r} -> {:error, r}
      nil -> :timeout
    end
  end

  def race(funs) do
    me = self()
    pids = for f <- funs, do: spawn(fn -> send(me, {:won, f.()}) end)

    receive do
      {:won, v} ->
        Enum.each(pids, &Process.exit(&1, :kill))
        v
    end
  end

  def leave(ms) do
    for _ <- 1..3, do: spawn_link(fn -> Process.sleep(ms) end)
    :left
  end
end
