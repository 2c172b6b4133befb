defmodule KeyedWorkers do
  @moduledoc "Work is serialised per key by processes that end when they are idle."
  use Supervisor

  @doc "Starts an instance; `:name`, `:load`, `:save` and `:idle` are required."
  @spec start_link(keyword()) :: Supervisor.on_start()
  def start_link(opts), do: Supervisor.start_link(__MODULE__, opts)

  @doc "Calls `fun` with the state of `key` in that key's process."
  @spec call(atom(), term(), (state -> {reply, state})) :: {:ok, reply} | {:error, :crashed}
        when state: term(), reply: term()
  def call(name, key, fun) do
    GenServer.call(process(name, key), {:run, fun}, :infinity)
  catch
    # The process ended before it came to this call, so that it can be made again.
    :exit, {reason, {GenServer, :call, _args}} when reason in [:noproc, :normal] ->
      call(name, key, fun)

    :exit, {{:shutdown, :crashed}, {GenServer, :call, _args}} ->
      call(name, key, fun)
  end

  @doc "The keys that have a process."
  @spec keys(atom()) :: [term()]
  def keys(name) do
    name |> Registry.select([{{{:worker, :"$1"}, :_, :_}, [], [:"$1"]}]) |> Enum.sort()
  end

  @impl true
  def init(opts) do
    name = Keyword.fetch!(opts, :name)

    # The supervisor of the workers, and the options, are found through the registry too.
    children = [
      {Registry, keys: :unique, name: name},
      {DynamicSupervisor, name: {:via, Registry, {name, :supervisor, Map.new(opts)}}}
    ]

    Supervisor.init(children, strategy: :rest_for_one)
  end

  defp process(name, key) do
    case Registry.lookup(name, {:worker, key}) do
      [{pid, _value}] -> pid
      [] -> start(name, key)
    end
  end

  defp start(name, key) do
    [{supervisor, opts}] = Registry.lookup(name, :supervisor)

    case DynamicSupervisor.start_child(supervisor, {KeyedWorkers.Worker, {opts, key}}) do
      {:ok, pid} -> pid
      {:error, {:already_started, pid}} -> pid
    end
  end
end

defmodule KeyedWorkers.Worker do
  @moduledoc false
  use GenServer, restart: :temporary, shutdown: 5_000

  def start_link({opts, key}) do
    via = {:via, Registry, {opts.name, {:worker, key}}}
    GenServer.start_link(__MODULE__, {opts, key}, name: via)
  end

  @impl true
  def init({opts, key}) do
    # `terminate/2` has to be called when the supervisor shuts down.
    Process.flag(:trap_exit, true)
    {:ok, {opts, key, nil}, {:continue, :load}}
  end

  @impl true
  def handle_continue(:load, {opts, key, nil}) do
    {:noreply, {opts, key, opts.load.(key)}, opts.idle}
  end

  @impl true
  def handle_call({:run, fun}, _from, {opts, key, value} = state) do
    {reply, value} = fun.(value)
    {:reply, {:ok, reply}, {opts, key, value}, opts.idle}
  catch
    _kind, _reason -> {:stop, {:shutdown, :crashed}, {:error, :crashed}, state}
  end

  @impl true
  def handle_info(:timeout, state), do: {:stop, :normal, state}

  @impl true
  def terminate({:shutdown, :crashed}, _state), do: :ok
  def terminate(_reason, {opts, key, value}), do: opts.save.(key, value)
end
