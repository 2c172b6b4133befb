# capabilities: process
defmodule Counter do
  use GenServer

  def start_link(opts \\ []), do: GenServer.start_link(__MODULE__, opts[:start] || 0, name: opts[:name])
  def increment(server, by \\ 1), do: GenServer.call(server, {:increment, by})
  def reset(server), do: GenServer.cast(server, :reset)
  def value(server), do: GenServer.call(server, :value)

  @impl true
  def init(start), do: {:ok, start, {:continue, :announce}}

  @impl true
  def handle_continue(:announce, n), do: {:noreply, n}

  @impl true
  def handle_call({:increment, by}, _from, n), do: {:reply, n + by, n + by}
  def handle_call(:value, _from, n), do: {:reply, n, n}

  @impl true
  def handle_cast(:reset, _), do: {:noreply, 0}

  @impl true
  def handle_info(:tick, n), do: {:noreply, n + 1}

  @impl true
  def code_change(_old, state, _extra), do: {:ok, state}
end
