# capabilities: process
defmodule Buffer do
  use GenServer

  def start_link(max), do: GenServer.start_link(__MODULE__, max)
  def put(pid, item), do: GenServer.call(pid, {:put, item}, 5_000)
  def take(pid), do: GenServer.call(pid, :take)

  @impl true
  def init(max), do: {:ok, %{max: max, items: :queue.new(), producers: :queue.new(), consumers: :queue.new()}}

  @impl true
  def handle_call({:put, item}, from, state) do
    cond do
      not :queue.is_empty(state.consumers) ->
        {{:value, consumer}, rest} = :queue.out(state.consumers)
        GenServer.reply(consumer, {:ok, item})
        {:reply, :ok, %{state | consumers: rest}}

      :queue.len(state.items) < state.max ->
        {:reply, :ok, update_in(state.items, &:queue.in(item, &1))}

      true ->
        {:noreply, %{state | producers: :queue.in({from, item}, state.producers)}}
    end
  end

  def handle_call(:take, from, state) do
    case :queue.out(state.items) do
      {{:value, item}, items} -> {:reply, {:ok, item}, refill(%{state | items: items})}
      {:empty, _} -> {:noreply, %{state | consumers: :queue.in(from, state.consumers)}}
    end
  end

  defp refill(state) do
    case :queue.out(state.producers) do
      {{:value, {from, item}}, producers} ->
        GenServer.reply(from, :ok)
        %{state | producers: producers, items: :queue.in(item, state.items)}

      {:empty, _} ->
        state
    end
  end
end
