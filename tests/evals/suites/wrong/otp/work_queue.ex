# Wrong: the demand of dead consumers is never forgotten.
defmodule WorkQueue do
  @moduledoc "A bounded queue that serves demand and blocks producers when it is full."
  use GenServer

  @doc "Starts a queue that holds `:capacity` items."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts), do: GenServer.start_link(__MODULE__, Keyword.fetch!(opts, :capacity))

  @doc "Asks for `n` more items."
  @spec ask(GenServer.server(), pos_integer()) :: :ok
  def ask(queue, n) when is_integer(n) and n > 0, do: GenServer.call(queue, {:ask, n})

  @doc "Hands over an item, and waits for a place."
  @spec push(GenServer.server(), term()) :: :ok
  def push(queue, item), do: GenServer.call(queue, {:push, item}, :infinity)

  @doc "Hands over an item unless the queue is full."
  @spec try_push(GenServer.server(), term()) :: :ok | {:error, :full}
  def try_push(queue, item), do: GenServer.call(queue, {:try_push, item})

  @doc "Counts items, blocked producers and demand."
  @spec stats(GenServer.server()) :: %{atom() => non_neg_integer()}
  def stats(queue), do: GenServer.call(queue, :stats)

  # `demands` holds `{ref, consumer, n}`, `blocked` holds `{ref, from, item}`: each has a monitor.
  @impl true
  def init(capacity) do
    {:ok, %{capacity: capacity, items: :queue.new(), demands: [], blocked: []}}
  end

  @impl true
  def handle_call({:ask, n}, {consumer, _tag}, state) do
    demand = {Process.monitor(consumer), consumer, n}
    {:reply, :ok, serve(%{state | demands: state.demands ++ [demand]})}
  end

  def handle_call({:push, item}, {producer, _tag} = from, state) do
    if full?(state) do
      blocked = {Process.monitor(producer), from, item}
      {:noreply, %{state | blocked: state.blocked ++ [blocked]}}
    else
      {:reply, :ok, accept(state, item)}
    end
  end

  def handle_call({:try_push, item}, _from, state) do
    if full?(state),
      do: {:reply, {:error, :full}, state},
      else: {:reply, :ok, accept(state, item)}
  end

  def handle_call(:stats, _from, state) do
    demand = state.demands |> Enum.map(&elem(&1, 2)) |> Enum.sum()
    queued = :queue.len(state.items)
    {:reply, %{queued: queued, blocked: length(state.blocked), demand: demand}, state}
  end

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, _reason}, state) do
    blocked = List.keydelete(state.blocked, ref, 0)
    {:noreply, %{state | blocked: blocked}}
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp full?(state), do: :queue.len(state.items) >= state.capacity

  defp accept(state, item), do: serve(%{state | items: :queue.in(item, state.items)})

  # Sends items while there is demand; a place that becomes free goes to who has waited longest.
  defp serve(%{demands: [{ref, consumer, n} | demands]} = state) do
    case :queue.out(state.items) do
      {{:value, item}, items} ->
        send(consumer, {:work, item})
        serve(unblock(%{state | items: items, demands: less(ref, consumer, n, demands)}))

      {:empty, _items} ->
        state
    end
  end

  defp serve(state), do: state

  defp less(ref, _consumer, 1, demands) do
    Process.demonitor(ref, [:flush])
    demands
  end

  defp less(ref, consumer, n, demands), do: [{ref, consumer, n - 1} | demands]

  defp unblock(%{blocked: [{ref, from, item} | blocked]} = state) do
    Process.demonitor(ref, [:flush])
    GenServer.reply(from, :ok)
    %{state | items: :queue.in(item, state.items), blocked: blocked}
  end

  defp unblock(state), do: state
end
