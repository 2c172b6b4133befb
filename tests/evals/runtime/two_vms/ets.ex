defmodule Cache do
  use GenServer
  def start_link(_ \\ []), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)
  def init(_), do: {:ok, :ets.new(__MODULE__, [:named_table, :public])}
  def handle_call({:put, k, v}, _, t), do: {:reply, :ets.insert(t, {k, v}), t}
  def put(k, v), do: GenServer.call(__MODULE__, {:put, k, v})

  def get(k),
    do:
      (case :ets.lookup(__MODULE__, k) do
         [{_, v}] -> {:ok, v}
         [] -> :error
       end)

  def fetch(k, fun) do
    case get(k) do
      {:ok, v} ->
        v

      :error ->
        v = fun.()
        put(k, v)
        v
    end
  end
end
