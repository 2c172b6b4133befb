defmodule Bus do
  use GenServer
  def start_link(opts \\ []), do: GenServer.start_link(__MODULE__, %{}, opts)
  def subscribe(b, topic), do: GenServer.call(b, {:sub, topic, self()})
  def publish(b, topic, m), do: GenServer.cast(b, {:pub, topic, m})
  def count(b, topic), do: GenServer.call(b, {:count, topic})
  def init(s), do: {:ok, s}

  def handle_call({:sub, t, pid}, _, s) do
    Process.monitor(pid)
    {:reply, :ok, Map.update(s, t, [pid], &[pid | &1])}
  end

  def handle_call({:count, t}, _, s), do: {:reply, length(Map.get(s, t, [])), s}

  def handle_cast({:pub, t, m}, s) do
    for p <- Map.get(s, t, []), do: send(p, {t, m})
    {:noreply, s}
  end

  def handle_info({:DOWN, _, :process, pid, _}, s) do
    {:noreply, Map.new(s, fn {t, ps} -> {t, List.delete(ps, pid)} end)}
  end
end
