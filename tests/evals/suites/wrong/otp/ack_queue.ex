# Wrong: what has failed goes to the end of the queue.
defmodule AckQueue do
  @moduledoc "A queue whose deliveries are leases that have to be confirmed."
  use GenServer

  @doc "Starts a queue; `:lease`, `:attempts` and `:clock` are required."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

  @doc "Appends an item."
  @spec push(GenServer.server(), term()) :: :ok
  def push(queue, item), do: GenServer.call(queue, {:push, item})

  @doc "Delivers the oldest item that is ready."
  @spec pull(GenServer.server()) :: {:ok, reference(), term(), pos_integer()} | :empty
  def pull(queue), do: GenServer.call(queue, :pull)

  @doc "Confirms a delivery."
  @spec ack(GenServer.server(), term()) :: :ok | {:error, :unknown_receipt}
  def ack(queue, receipt), do: GenServer.call(queue, {:ack, receipt})

  @doc "Gives a delivered item back."
  @spec nack(GenServer.server(), term()) :: :ok | {:error, :unknown_receipt}
  def nack(queue, receipt), do: GenServer.call(queue, {:nack, receipt})

  @doc "The items that have been given up."
  @spec dead(GenServer.server()) :: [term()]
  def dead(queue), do: GenServer.call(queue, :dead)

  @doc "Counts the items by what has become of them."
  @spec counts(GenServer.server()) :: %{atom() => non_neg_integer()}
  def counts(queue), do: GenServer.call(queue, :counts)

  # Items have numbers in the order of their pushing. `ready` is `number => {item, attempts}`;
  # `leased` is `receipt => {number, item, attempts, until}`, where the receipt is the monitor of
  # the consumer; `dead` holds items, the latest first.
  @impl true
  def init(opts) do
    {:ok,
     %{
       lease: Keyword.fetch!(opts, :lease),
       attempts: Keyword.fetch!(opts, :attempts),
       clock: Keyword.fetch!(opts, :clock),
       next: 1,
       ready: :gb_trees.empty(),
       leased: %{},
       dead: []
     }}
  end

  @impl true
  def handle_call(request, from, state) do
    now = state.clock.()
    serve(request, from, now, run_out(state, now))
  end

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, _reason}, state) do
    # A lease that has run out before its consumer's death is given up before it.
    {:noreply, state |> run_out(state.clock.()) |> fail(ref)}
  end

  defp serve({:push, item}, _from, _now, %{next: number} = state) do
    ready = :gb_trees.insert(number, {item, 0}, state.ready)
    {:reply, :ok, %{state | next: number + 1, ready: ready}}
  end

  defp serve(:pull, {consumer, _tag}, now, state) do
    if :gb_trees.is_empty(state.ready) do
      {:reply, :empty, state}
    else
      {number, {item, attempts}, ready} = :gb_trees.take_smallest(state.ready)
      receipt = Process.monitor(consumer)
      lease = {number, item, attempts + 1, now + state.lease}
      state = %{state | ready: ready, leased: Map.put(state.leased, receipt, lease)}
      {:reply, {:ok, receipt, item, attempts + 1}, state}
    end
  end

  defp serve({:ack, receipt}, _from, _now, state) when is_map_key(state.leased, receipt) do
    Process.demonitor(receipt, [:flush])
    {:reply, :ok, %{state | leased: Map.delete(state.leased, receipt)}}
  end

  defp serve({:nack, receipt}, _from, _now, state) when is_map_key(state.leased, receipt) do
    {:reply, :ok, fail(state, receipt)}
  end

  defp serve({_ack_or_nack, _receipt}, _from, _now, state) do
    {:reply, {:error, :unknown_receipt}, state}
  end

  defp serve(:dead, _from, _now, state), do: {:reply, Enum.reverse(state.dead), state}

  defp serve(:counts, _from, _now, state) do
    counts = %{
      ready: :gb_trees.size(state.ready),
      leased: map_size(state.leased),
      dead: length(state.dead)
    }

    {:reply, counts, state}
  end

  defp run_out(state, now) do
    over =
      for {receipt, {number, _, _, until}} <- state.leased,
          until <= now,
          do: {until, number, receipt}

    over
    |> Enum.sort()
    |> Enum.reduce(state, fn {_, _, receipt}, state -> fail(state, receipt) end)
  end

  defp fail(state, receipt) do
    case Map.pop(state.leased, receipt) do
      {nil, _leased} ->
        state

      {{number, item, attempts, _until}, leased} ->
        Process.demonitor(receipt, [:flush])
        failed(%{state | leased: leased}, number, item, attempts)
    end
  end

  defp failed(%{attempts: attempts} = state, _number, item, attempts) do
    %{state | dead: [item | state.dead]}
  end

  defp failed(%{next: next} = state, _number, item, attempts) do
    %{state | next: next + 1, ready: :gb_trees.insert(next, {item, attempts}, state.ready)}
  end
end
