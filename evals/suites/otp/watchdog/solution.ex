defmodule Watchdog do
  @moduledoc "Tells who has stopped sending heartbeats."
  use GenServer

  @doc "Starts a watchdog; `:clock` and `:notify` are required."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

  @doc "Expects a heartbeat at least every `interval` milliseconds."
  @spec watch(GenServer.server(), term(), pos_integer()) :: :ok
  def watch(watchdog, name, interval), do: GenServer.call(watchdog, {:watch, name, interval})

  @doc "A heartbeat."
  @spec beat(GenServer.server(), term()) :: :ok | {:error, :unknown}
  def beat(watchdog, name), do: GenServer.call(watchdog, {:beat, name})

  @doc "Ends the watch of a name."
  @spec forget(GenServer.server(), term()) :: :ok
  def forget(watchdog, name), do: GenServer.call(watchdog, {:forget, name})

  @doc "The names that are late."
  @spec check(GenServer.server()) :: [term()]
  def check(watchdog), do: GenServer.call(watchdog, :check)

  # `watched` is `name => %{interval, beat, reported}`.
  @impl true
  def init(opts) do
    clock = Keyword.fetch!(opts, :clock)
    {:ok, %{clock: clock, notify: Keyword.fetch!(opts, :notify), watched: %{}}}
  end

  @impl true
  def handle_call({:watch, name, interval}, _from, state) do
    {:reply, :ok, beaten(state, name, interval)}
  end

  def handle_call({:beat, name}, _from, state) do
    case state.watched do
      %{^name => %{interval: interval}} -> {:reply, :ok, beaten(state, name, interval)}
      %{} -> {:reply, {:error, :unknown}, state}
    end
  end

  def handle_call({:forget, name}, _from, state) do
    {:reply, :ok, %{state | watched: Map.delete(state.watched, name)}}
  end

  def handle_call(:check, _from, state) do
    now = state.clock.()
    late = for {name, one} <- state.watched, now - one.beat > one.interval, do: name
    late = Enum.sort(late)
    {:reply, late, Enum.reduce(late, state, &report(&2, &1, now))}
  end

  defp report(state, name, now) do
    case state.watched[name] do
      %{reported: true} ->
        state

      %{beat: beat} ->
        send(state.notify, {:late, name, now - beat})
        put_in(state.watched[name].reported, true)
    end
  end

  defp beaten(state, name, interval) do
    now = state.clock.()

    with %{^name => %{reported: true, beat: beat}} <- state.watched do
      send(state.notify, {:recovered, name, now - beat})
    end

    put_in(state.watched[name], %{interval: interval, beat: now, reported: false})
  end
end
