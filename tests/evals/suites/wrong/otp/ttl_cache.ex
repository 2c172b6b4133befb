# Wrong: an entry can still be read at the very moment of its expiry.
defmodule TtlCache do
  @moduledoc "A cache with expiring entries; reads run in the caller, writes in the owner."
  use GenServer

  @type ttl :: pos_integer() | :infinity

  @doc "Starts a cache; `:name`, `:ttl` and `:clock` are required."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts) do
    GenServer.start_link(__MODULE__, opts, name: Keyword.fetch!(opts, :name))
  end

  @doc "Stores a value for the cache's usual lifetime."
  @spec put(atom(), term(), term()) :: :ok
  def put(cache, key, value), do: GenServer.call(cache, {:put, key, value, :default})

  @doc "Stores a value for a lifetime of its own."
  @spec put(atom(), term(), term(), ttl()) :: :ok
  def put(cache, key, value, ttl), do: GenServer.call(cache, {:put, key, value, ttl})

  @doc "Reads a value without asking the cache's process."
  @spec get(atom(), term()) :: {:ok, term()} | :error
  def get(cache, key) do
    [{:clock, clock}] = :ets.lookup(cache, :clock)
    lookup(cache, key, clock.())
  end

  @doc "Replaces a value by what `fun` makes of it."
  @spec update(atom(), term(), ({:ok, term()} | :error -> term())) :: term()
  def update(cache, key, fun), do: GenServer.call(cache, {:update, key, fun})

  @doc "Removes an entry."
  @spec delete(atom(), term()) :: :ok
  def delete(cache, key), do: GenServer.call(cache, {:delete, key})

  @doc "Removes what has expired and counts it."
  @spec sweep(atom()) :: non_neg_integer()
  def sweep(cache), do: GenServer.call(cache, :sweep)

  @doc "Counts the entries that are stored, expired or not."
  @spec size(atom()) :: non_neg_integer()
  def size(cache), do: :ets.info(cache, :size) - 1

  @impl true
  def init(opts) do
    table = :ets.new(opts[:name], [:named_table, :protected, read_concurrency: true])
    # The clock lies in the table, where readers find it; entries have keys `{:entry, key}`.
    :ets.insert(table, {:clock, Keyword.fetch!(opts, :clock)})
    {:ok, %{table: table, ttl: Keyword.fetch!(opts, :ttl), clock: Keyword.fetch!(opts, :clock)}}
  end

  @impl true
  def handle_call({:put, key, value, ttl}, _from, state) do
    store(state, key, value, if(ttl == :default, do: state.ttl, else: ttl))
    {:reply, :ok, state}
  end

  def handle_call({:update, key, fun}, _from, state) do
    value = fun.(lookup(state.table, key, state.clock.()))
    store(state, key, value, state.ttl)
    {:reply, value, state}
  end

  def handle_call({:delete, key}, _from, state) do
    :ets.delete(state.table, {:entry, key})
    {:reply, :ok, state}
  end

  def handle_call(:sweep, _from, state) do
    # An atom is greater than any integer, so `:infinity` is never below the clock.
    expired = [{{{:entry, :_}, :_, :"$1"}, [{:"=<", :"$1", state.clock.()}], [true]}]
    {:reply, :ets.select_delete(state.table, expired), state}
  end

  defp store(state, key, value, ttl) do
    expires = if ttl == :infinity, do: :infinity, else: state.clock.() + ttl
    :ets.insert(state.table, {{:entry, key}, value, expires})
  end

  defp lookup(table, key, now) do
    case :ets.lookup(table, {:entry, key}) do
      [{_key, value, expires}] when expires >= now -> {:ok, value}
      _missing_or_expired -> :error
    end
  end
end
