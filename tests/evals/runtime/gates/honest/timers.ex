# capabilities: timer
defmodule Debounce do
  use GenServer
  def start_link(opts), do: GenServer.start_link(__MODULE__, Map.new(opts))
  def call(pid), do: GenServer.cast(pid, :call)
  @impl true
  def init(state), do: {:ok, Map.put(state, :timer, nil)}
  @impl true
  def handle_cast(:call, %{timer: timer} = state) do
    if timer, do: Process.cancel_timer(timer)
    {:noreply, %{state | timer: Process.send_after(self(), :fire, state.wait)}}
  end
  @impl true
  def handle_info(:fire, state) do
    state.fun.()
    {:ok, t} = :timer.send_after(10, :again)
    :timer.cancel(t)
    {:noreply, %{state | timer: nil}, :hibernate}
  end
  def handle_info(:timeout, state), do: {:stop, :normal, state}
end
