defmodule DerivedStore do
  @moduledoc "A log, an index built from it, and a cache, restarted in the order of derivation."
  use Supervisor

  alias DerivedStore.{Cache, Index, Log}

  @type names :: [log: atom(), index: atom(), cache: atom()]

  @doc "Starts the three processes under a supervisor."
  @spec start_link(names()) :: Supervisor.on_start()
  def start_link(names), do: Supervisor.start_link(__MODULE__, names)

  @doc "Appends an entry."
  @spec append(names(), term(), term()) :: :ok
  def append(names, key, value) do
    :ok = GenServer.call(names[:log], {:append, key, value})
    :ok = GenServer.call(names[:index], {:put, key, value})
    GenServer.call(names[:cache], {:drop, key})
  end

  @doc "Finds the latest value of a key, and tells where."
  @spec lookup(names(), term()) :: {:ok, term(), :cache | :index} | :error
  def lookup(names, key), do: GenServer.call(names[:cache], {:lookup, key})

  @doc "Everything that was appended, the oldest first."
  @spec entries(names()) :: [{term(), term()}]
  def entries(names), do: GenServer.call(names[:log], :entries)

  @doc "The process that plays a part at the moment."
  @spec pid(names(), :log | :index | :cache) :: pid() | nil
  def pid(names, part), do: names |> Keyword.fetch!(part) |> GenServer.whereis()

  @impl true
  def init(names) do
    Supervisor.init([{Log, names}, {Index, names}, {Cache, names}],
      strategy: :rest_for_one,
      max_restarts: 10,
      max_seconds: 5
    )
  end
end

defmodule DerivedStore.Log do
  @moduledoc false
  use GenServer

  def start_link(names), do: GenServer.start_link(__MODULE__, nil, name: names[:log])

  @impl true
  def init(nil), do: {:ok, []}

  @impl true
  def handle_call({:append, key, value}, _from, log), do: {:reply, :ok, [{key, value} | log]}
  def handle_call(:entries, _from, log), do: {:reply, Enum.reverse(log), log}
end

defmodule DerivedStore.Index do
  @moduledoc false
  use GenServer

  def start_link(names), do: GenServer.start_link(__MODULE__, names, name: names[:index])

  @impl true
  def init(names), do: {:ok, Map.new(DerivedStore.entries(names))}

  @impl true
  def handle_call({:put, key, value}, _from, index), do: {:reply, :ok, Map.put(index, key, value)}
  def handle_call({:find, key}, _from, index), do: {:reply, Map.fetch(index, key), index}
end

defmodule DerivedStore.Cache do
  @moduledoc false
  use GenServer

  def start_link(names), do: GenServer.start_link(__MODULE__, names, name: names[:cache])

  @impl true
  def init(names), do: {:ok, %{index: names[:index], values: %{}}}

  @impl true
  def handle_call({:drop, key}, _from, state) do
    {:reply, :ok, %{state | values: Map.delete(state.values, key)}}
  end

  def handle_call({:lookup, key}, _from, state) do
    with :error <- Map.fetch(state.values, key),
         {:ok, value} <- GenServer.call(state.index, {:find, key}) do
      {:reply, {:ok, value, :index}, put_in(state.values[key], value)}
    else
      {:ok, value} -> {:reply, {:ok, value, :cache}, state}
      :error -> {:reply, :error, state}
    end
  end
end
