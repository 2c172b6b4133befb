defmodule LazyTable do
  @moduledoc "A map that is loaded in the background; readers wait for the first one only."
  use GenServer

  @type loader :: (-> {:ok, map()} | {:error, term()})

  @doc "Starts a table that begins to load at once."
  @spec start_link(loader()) :: GenServer.on_start()
  def start_link(loader), do: GenServer.start_link(__MODULE__, loader)

  @doc "Looks a key up, after the first loading has ended."
  @spec fetch(GenServer.server(), term()) ::
          {:ok, term()} | {:error, :not_found | {:unavailable, term()}}
  def fetch(table, key), do: GenServer.call(table, {:fetch, key}, :infinity)

  @doc "Loads anew in the background."
  @spec reload(GenServer.server()) :: :ok
  def reload(table), do: GenServer.call(table, :reload)

  @doc "What the table is doing."
  @spec status(GenServer.server()) ::
          :loading | {:ready | :reloading, non_neg_integer()} | {:failed, term()}
  def status(table), do: GenServer.call(table, :status)

  # `worker` is the process that loads, or nil; `waiting` holds `{from, key}`, the latest first.
  @impl true
  def init(loader) do
    # Workers are linked, so that they end with the table; their failures must not end it.
    Process.flag(:trap_exit, true)
    state = %{loader: loader, map: nil, worker: nil, failure: nil, waiting: []}
    {:ok, state, {:continue, :load}}
  end

  @impl true
  def handle_continue(:load, state), do: {:noreply, load(state)}

  @impl true
  def handle_call({:fetch, key}, from, %{map: nil} = state) do
    {:noreply, load(%{state | waiting: [{from, key} | state.waiting]})}
  end

  def handle_call({:fetch, key}, _from, state), do: {:reply, lookup(state.map, key), state}
  def handle_call(:reload, _from, state), do: {:reply, :ok, load(state)}
  def handle_call(:status, _from, state), do: {:reply, describe(state), state}

  @impl true
  def handle_info({:EXIT, worker, reason}, %{worker: worker} = state) do
    case reason do
      {:shutdown, {__MODULE__, {:ok, map}}} ->
        for {from, key} <- state.waiting, do: GenServer.reply(from, lookup(map, key))
        {:noreply, %{state | map: map, worker: nil, waiting: []}}

      {:shutdown, {__MODULE__, {:error, reason}}} ->
        {:noreply, fail(state, reason)}

      _crash ->
        {:noreply, fail(state, :crashed)}
    end
  end

  defp load(%{worker: nil, loader: loader} = state) do
    # The result travels in the exit reason: it cannot arrive without the end of the loading.
    worker = spawn_link(fn -> exit({:shutdown, {__MODULE__, loader.()}}) end)
    %{state | worker: worker}
  end

  defp load(state), do: state

  defp fail(state, reason) do
    for {from, _key} <- state.waiting, do: GenServer.reply(from, {:error, {:unavailable, reason}})
    %{state | worker: nil, failure: reason, waiting: []}
  end

  defp lookup(map, key) do
    case map do
      %{^key => value} -> {:ok, value}
      %{} -> {:error, :not_found}
    end
  end

  defp describe(%{map: nil, worker: nil, failure: reason}), do: {:failed, reason}
  defp describe(%{map: nil}), do: :loading
  defp describe(%{map: map, worker: nil}), do: {:ready, map_size(map)}
  defp describe(%{map: map}), do: {:reloading, map_size(map)}
end
