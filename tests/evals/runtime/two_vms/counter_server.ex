defmodule Counter do
  use GenServer

  def start_link(opts \\ []),
    do:
      GenServer.start_link(__MODULE__, Keyword.get(opts, :value, 0), Keyword.take(opts, [:name]))

  def inc(s, n \\ 1), do: GenServer.call(s, {:inc, n})
  def cast(s), do: GenServer.cast(s, :inc)
  def value(s), do: GenServer.call(s, :value)
  def crash(s), do: GenServer.cast(s, :crash)
  def stop(s, reason \\ :normal), do: GenServer.stop(s, reason)
  def slow(s), do: GenServer.call(s, :slow, 20)
  def notify(s, pid), do: GenServer.call(s, {:notify, pid})
  @impl true
  def init(:bad), do: {:stop, :bad_value}
  def init(:ignore), do: :ignore
  def init(n), do: {:ok, n}
  @impl true
  def handle_call({:inc, k}, _, n), do: {:reply, n + k, n + k}
  def handle_call(:value, _, n), do: {:reply, n, n}
  def handle_call(:slow, _, n), do: {:noreply, n}

  def handle_call({:notify, pid}, {from, _}, n) do
    send(pid, {:counter, self(), n})
    {:reply, {:from, from}, n}
  end

  @impl true
  def handle_cast(:inc, n), do: {:noreply, n + 1}
  def handle_cast(:crash, _), do: raise("boom")
  @impl true
  def handle_info(:tick, n), do: {:noreply, n + 100}

  def handle_info({:ping, pid}, n) do
    send(pid, {:pong, n})
    {:noreply, n}
  end
end
