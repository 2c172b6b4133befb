defmodule Kid do
  use GenServer
  def start_link(name), do: GenServer.start_link(__MODULE__, name, name: name)
  def get(name), do: GenServer.call(name, :get)
  def put(name, v), do: GenServer.call(name, {:put, v})
  def init(_), do: {:ok, 0}
  def handle_call(:get, _, s), do: {:reply, s, s}
  def handle_call({:put, v}, _, _), do: {:reply, :ok, v}
end

defmodule Sup do
  use Supervisor
  def start_link(names), do: Supervisor.start_link(__MODULE__, names, name: __MODULE__)

  def init(names) do
    names
    |> Enum.map(&Supervisor.child_spec({Kid, &1}, id: &1))
    |> Supervisor.init(strategy: :one_for_one)
  end
end

defmodule Dyn do
  use DynamicSupervisor
  def start_link(_), do: DynamicSupervisor.start_link(__MODULE__, [], name: __MODULE__)
  def init(_), do: DynamicSupervisor.init(strategy: :one_for_one)
  def add(name), do: DynamicSupervisor.start_child(__MODULE__, {Kid, name})
  def count, do: DynamicSupervisor.count_children(__MODULE__).active
end

defmodule Reg do
  def start_link, do: Registry.start_link(keys: :unique, name: Reg.Registry)
  def via(k), do: {:via, Registry, {Reg.Registry, k}}
  def start(k), do: Agent.start_link(fn -> k end, name: via(k))
  def get(k), do: Agent.get(via(k), & &1)
  def lookup(k), do: Registry.lookup(Reg.Registry, k)
end
