# capabilities: process
defmodule Pool.Worker do
  use GenServer, restart: :transient

  def start_link(id), do: GenServer.start_link(__MODULE__, id, name: via(id))
  def via(id), do: {:via, Registry, {Pool.Registry, id}}
  def work(id, fun), do: GenServer.call(via(id), {:work, fun})

  @impl true
  def init(id) do
    Process.flag(:trap_exit, true)
    {:ok, %{id: id, done: 0}}
  end

  @impl true
  def handle_call({:work, fun}, _from, state) do
    {:reply, fun.(state.id), Map.update!(state, :done, &(&1 + 1))}
  end

  @impl true
  def terminate(_reason, _state), do: :ok
end

defmodule Pool do
  use Supervisor

  def start_link(opts \\ []), do: Supervisor.start_link(__MODULE__, opts, name: __MODULE__)

  @impl true
  def init(_opts) do
    children = [
      {Registry, keys: :unique, name: Pool.Registry},
      {DynamicSupervisor, name: Pool.Workers, strategy: :one_for_one},
      {Task.Supervisor, name: Pool.Tasks},
      %{id: :counter, start: {Agent, :start_link, [fn -> 0 end, [name: Pool.Counter]]}}
    ]

    Supervisor.init(children, strategy: :rest_for_one, max_restarts: 5, max_seconds: 10)
  end

  def add(id), do: DynamicSupervisor.start_child(Pool.Workers, {Pool.Worker, id})

  def remove(id) do
    case Registry.lookup(Pool.Registry, id) do
      [{pid, _}] -> DynamicSupervisor.terminate_child(Pool.Workers, pid)
      [] -> {:error, :not_found}
    end
  end

  def count, do: DynamicSupervisor.count_children(Pool.Workers).active
end
