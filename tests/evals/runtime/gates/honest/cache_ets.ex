# capabilities: ets
defmodule Cache do
  use GenServer
  require Logger

  @ttl :timer.seconds(1)

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, name: __MODULE__)

  def get(key, default \\ nil) do
    case :ets.lookup(__MODULE__, key) do
      [{^key, value, expires}] -> if expires > now(), do: value, else: default
      [] -> default
    end
  end

  def put(key, value, ttl \\ @ttl), do: :ets.insert(__MODULE__, {key, value, now() + ttl})
  def size, do: :ets.info(__MODULE__, :size)
  defp now, do: System.monotonic_time(:millisecond)

  @impl true
  def init(opts) do
    table = :ets.new(__MODULE__, [:named_table, :set, :public, read_concurrency: true])
    Process.send_after(self(), :sweep, Keyword.get(opts, :every, 100))
    {:ok, %{table: table}}
  end

  @impl true
  def handle_info(:sweep, %{table: table} = state) do
    gone = :ets.select_delete(table, [{{:_, :_, :"$1"}, [{:<, :"$1", now()}], [true]}])
    Logger.debug("swept #{gone}")
    Process.send_after(self(), :sweep, 100)
    {:noreply, state}
  end
end
