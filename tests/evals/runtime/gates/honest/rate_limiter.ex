# capabilities: process
defmodule RateLimiter do
  use GenServer

  defmodule State do
    @moduledoc false
    defstruct limit: 5, window: 1_000, hits: %{}
  end

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)
  def allow?(pid, key), do: GenServer.call(pid, {:allow, key}, :infinity)

  @impl GenServer
  def init(opts), do: {:ok, struct!(State, opts)}

  @impl GenServer
  def handle_call({:allow, key}, _from, %State{} = state) do
    now = System.monotonic_time(:millisecond)
    recent = state.hits |> Map.get(key, []) |> Enum.filter(&(&1 > now - state.window))

    if length(recent) < state.limit do
      {:reply, true, %{state | hits: Map.put(state.hits, key, [now | recent])}}
    else
      {:reply, false, put_in(state.hits[key], recent)}
    end
  end
end
