# Wrong: progress towards the next token is lost whenever tokens are counted.
defmodule TokenBucket do
  @moduledoc "A rate limiter with one token bucket per key and an injected clock."
  use GenServer

  @doc "Starts the limiter; `:capacity`, `:refill_ms` and `:clock` are required."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

  @doc "Takes `n` tokens from the bucket of `key`, or says how long to wait for them."
  @spec take(GenServer.server(), term(), pos_integer()) ::
          {:ok, non_neg_integer()} | {:error, :too_many | {:retry_after, pos_integer()}}
  def take(server, key, n \\ 1) when is_integer(n) and n > 0 do
    GenServer.call(server, {:take, key, n})
  end

  @impl true
  def init(opts) do
    {:ok,
     %{
       capacity: Keyword.fetch!(opts, :capacity),
       refill_ms: Keyword.fetch!(opts, :refill_ms),
       clock: Keyword.fetch!(opts, :clock),
       buckets: %{}
     }}
  end

  @impl true
  def handle_call({:take, _key, n}, _from, %{capacity: capacity} = state) when n > capacity do
    {:reply, {:error, :too_many}, state}
  end

  def handle_call({:take, key, n}, _from, state) do
    now = state.clock.()
    {tokens, since} = state.buckets |> Map.get(key, {state.capacity, now}) |> refill(now, state)

    if tokens >= n do
      {:reply, {:ok, tokens - n}, put_in(state.buckets[key], {tokens - n, since})}
    else
      wait = since + (n - tokens) * state.refill_ms - now
      {:reply, {:error, {:retry_after, wait}}, put_in(state.buckets[key], {tokens, since})}
    end
  end

  # `since` is the moment up to which time has been turned into tokens.
  defp refill({tokens, since}, now, state) do
    gained = div(max(now - since, 0), state.refill_ms)

    if tokens + gained >= state.capacity do
      {state.capacity, now}
    else
      {tokens + gained, now}
    end
  end
end
