defmodule Debouncer do
  @moduledoc "Executes only the last of several calls that come in quick succession, per key."
  use GenServer

  @doc "Starts a debouncer."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Executes `fun` in `delay` milliseconds, unless another call for the key comes before."
  @spec call(GenServer.server(), term(), non_neg_integer(), (-> term())) :: :ok
  def call(debouncer, key, delay, fun), do: GenServer.call(debouncer, {:call, key, delay, fun})

  @doc "Executes the pending call for the key now."
  @spec flush(GenServer.server(), term()) :: :ok | {:error, :not_pending}
  def flush(debouncer, key), do: GenServer.call(debouncer, {:flush, key})

  @doc "Drops the pending call for the key."
  @spec cancel(GenServer.server(), term()) :: :ok | {:error, :not_pending}
  def cancel(debouncer, key), do: GenServer.call(debouncer, {:cancel, key})

  @doc "The keys with a pending call."
  @spec pending(GenServer.server()) :: [term()]
  def pending(debouncer), do: GenServer.call(debouncer, :pending)

  # `calls` is `key => {timer, fun}`. The reference of a timer is in its message, so that one that
  # has fired already when it is cancelled is not mistaken for its successor.
  @impl true
  def init(nil), do: {:ok, %{}}

  @impl true
  def handle_call({:call, key, delay, fun}, _from, calls) do
    {_old, calls} = take(calls, key)
    timer = :erlang.start_timer(delay, self(), key)
    {:reply, :ok, Map.put(calls, key, {timer, fun})}
  end

  def handle_call({:flush, key}, _from, calls) do
    case take(calls, key) do
      {nil, calls} ->
        {:reply, {:error, :not_pending}, calls}

      {fun, calls} ->
        spawn(fun)
        {:reply, :ok, calls}
    end
  end

  def handle_call({:cancel, key}, _from, calls) do
    case take(calls, key) do
      {nil, calls} -> {:reply, {:error, :not_pending}, calls}
      {_fun, calls} -> {:reply, :ok, calls}
    end
  end

  def handle_call(:pending, _from, calls), do: {:reply, calls |> Map.keys() |> Enum.sort(), calls}

  @impl true
  def handle_info({:timeout, timer, key}, calls) do
    case calls do
      %{^key => {^timer, fun}} ->
        spawn(fun)
        {:noreply, Map.delete(calls, key)}

      %{} ->
        {:noreply, calls}
    end
  end

  defp take(calls, key) do
    case Map.pop(calls, key) do
      {{timer, fun}, calls} ->
        :erlang.cancel_timer(timer)
        {fun, calls}

      {nil, calls} ->
        {nil, calls}
    end
  end
end
