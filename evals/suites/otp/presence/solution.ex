defmodule Presence do
  @moduledoc "Knows who is present in which topics, and tells watchers of every change."
  use GenServer

  @doc "Starts the process."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Makes the calling process present in a topic."
  @spec track(GenServer.server(), term(), term()) :: :ok
  def track(presence, topic, meta), do: GenServer.call(presence, {:track, topic, meta})

  @doc "Ends the calling process's presence in a topic."
  @spec untrack(GenServer.server(), term()) :: :ok
  def untrack(presence, topic), do: GenServer.call(presence, {:untrack, topic})

  @doc "Who is present in a topic."
  @spec list(GenServer.server(), term()) :: %{pid() => term()}
  def list(presence, topic), do: GenServer.call(presence, {:list, topic})

  @doc "Tells the calling process of changes in a topic from now on."
  @spec watch(GenServer.server(), term()) :: {:ok, %{pid() => term()}}
  def watch(presence, topic), do: GenServer.call(presence, {:watch, topic})

  @doc "Ends `watch/2`."
  @spec unwatch(GenServer.server(), term()) :: :ok
  def unwatch(presence, topic), do: GenServer.call(presence, {:unwatch, topic})

  # `present` is `topic => %{pid => meta}`, `watchers` is `topic => set of pids`. Every process that
  # was ever seen alive has one monitor, in `known`.
  @impl true
  def init(nil), do: {:ok, %{present: %{}, watchers: %{}, known: MapSet.new()}}

  @impl true
  def handle_call({:track, topic, meta}, {pid, _tag}, state) do
    state = know(state, pid)
    here = here(state, topic)

    case here do
      %{^pid => ^meta} -> :ok
      %{^pid => _old} -> tell(state, topic, {:updated, topic, pid, meta})
      %{} -> tell(state, topic, {:joined, topic, pid, meta})
    end

    {:reply, :ok, put_in(state.present[topic], Map.put(here, pid, meta))}
  end

  def handle_call({:untrack, topic}, {pid, _tag}, state) do
    {:reply, :ok, leave(state, topic, pid)}
  end

  def handle_call({:list, topic}, _from, state), do: {:reply, here(state, topic), state}

  def handle_call({:watch, topic}, {pid, _tag}, state) do
    watchers = state.watchers |> Map.get(topic, MapSet.new()) |> MapSet.put(pid)
    state = put_in(know(state, pid).watchers[topic], watchers)
    {:reply, {:ok, here(state, topic)}, state}
  end

  def handle_call({:unwatch, topic}, {pid, _tag}, state) do
    {:reply, :ok, forget(state, topic, pid)}
  end

  @impl true
  def handle_info({:DOWN, _ref, :process, pid, _reason}, state) do
    state = Enum.reduce(Map.keys(state.watchers), state, &forget(&2, &1, pid))
    state = Enum.reduce(Map.keys(state.present), state, &leave(&2, &1, pid))
    {:noreply, %{state | known: MapSet.delete(state.known, pid)}}
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp know(state, pid) do
    if not MapSet.member?(state.known, pid), do: Process.monitor(pid)
    %{state | known: MapSet.put(state.known, pid)}
  end

  defp here(state, topic), do: Map.get(state.present, topic, %{})

  defp leave(state, topic, pid) do
    case here(state, topic) do
      %{^pid => meta} = here ->
        tell(state, topic, {:left, topic, pid, meta})
        left = Map.delete(here, pid)
        %{state | present: put_or_drop(state.present, topic, left, map_size(left))}

      %{} ->
        state
    end
  end

  defp forget(state, topic, pid) do
    left = state.watchers |> Map.get(topic, MapSet.new()) |> MapSet.delete(pid)
    %{state | watchers: put_or_drop(state.watchers, topic, left, MapSet.size(left))}
  end

  # Topics that nobody uses any more must not pile up.
  defp put_or_drop(topics, topic, _empty, 0), do: Map.delete(topics, topic)
  defp put_or_drop(topics, topic, value, _size), do: Map.put(topics, topic, value)

  defp tell(state, topic, message) do
    for pid <- Map.get(state.watchers, topic, []), do: send(pid, message)
  end
end
