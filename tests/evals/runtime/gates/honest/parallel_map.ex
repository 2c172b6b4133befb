# capabilities:
defmodule Parallel do
  def map(items, fun, opts \\ []) do
    items
    |> Task.async_stream(fun, max_concurrency: opts[:max] || System.schedulers_online(), ordered: true)
    |> Enum.map(fn {:ok, value} -> value end)
  end

  def first(funs) do
    parent = self()
    ref = make_ref()
    pids = for fun <- funs, do: spawn(fn -> send(parent, {ref, fun.()}) end)

    receive do
      {^ref, value} ->
        Enum.each(pids, &Process.exit(&1, :kill))
        value
    after
      1_000 -> :timeout
    end
  end

  def all(funs), do: funs |> Enum.map(&Task.async/1) |> Task.await_many(5_000)
end
