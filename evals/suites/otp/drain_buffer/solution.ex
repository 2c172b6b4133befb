defmodule DrainBuffer do
  @moduledoc "Collects items and writes them in batches, the last one when it is shut down."
  use GenServer, restart: :transient, shutdown: 10_000

  @doc "Starts a buffer; `:write`, `:size` and `:interval` are required."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

  @doc "Adds an item."
  @spec add(GenServer.server(), term()) :: :ok
  def add(buffer, item), do: GenServer.call(buffer, {:add, item}, :infinity)

  @doc "Writes what there is."
  @spec flush(GenServer.server()) :: {:ok, non_neg_integer()} | {:error, term()}
  def flush(buffer), do: GenServer.call(buffer, :flush, :infinity)

  @doc "How many items have not been written."
  @spec pending(GenServer.server()) :: non_neg_integer()
  def pending(buffer), do: GenServer.call(buffer, :pending, :infinity)

  # `timer` is the reference of the interval that runs, in which its message carries it too.
  @impl true
  def init(opts) do
    # `terminate/2` has to be called when the supervisor shuts the buffer down.
    Process.flag(:trap_exit, true)

    {:ok,
     %{
       write: Keyword.fetch!(opts, :write),
       size: Keyword.fetch!(opts, :size),
       interval: Keyword.fetch!(opts, :interval),
       items: [],
       timer: nil
     }}
  end

  @impl true
  def handle_call({:add, item}, _from, %{items: items} = state) do
    state = if items == [], do: arm(state), else: state
    state = %{state | items: [item | items]}

    if length(state.items) >= state.size do
      {_result, state} = write(state)
      {:reply, :ok, state}
    else
      {:reply, :ok, state}
    end
  end

  def handle_call(:flush, _from, state) do
    {result, state} = write(state)
    {:reply, result, state}
  end

  def handle_call(:pending, _from, state), do: {:reply, length(state.items), state}

  @impl true
  def handle_info({:timeout, timer, :interval}, %{timer: timer} = state) do
    {_result, state} = write(state)
    {:noreply, state}
  end

  # An interval that is void may have sent its message already.
  def handle_info(_other, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state), do: write(state)

  defp write(%{items: []} = state), do: {{:ok, 0}, state}

  defp write(%{items: items} = state) do
    case state.write.(Enum.reverse(items)) do
      :ok -> {{:ok, length(items)}, disarm(%{state | items: []})}
      {:error, reason} -> {{:error, reason}, state |> disarm() |> arm()}
    end
  end

  defp arm(state), do: %{state | timer: :erlang.start_timer(state.interval, self(), :interval)}

  defp disarm(state) do
    :erlang.cancel_timer(state.timer)
    %{state | timer: nil}
  end
end
