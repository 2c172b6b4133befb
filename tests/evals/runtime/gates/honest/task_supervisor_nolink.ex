# capabilities: process
defmodule Jobs do
  use DynamicSupervisor

  def start_link(arg), do: DynamicSupervisor.start_link(__MODULE__, arg, name: __MODULE__)
  @impl true
  def init(_), do: DynamicSupervisor.init(strategy: :one_for_one, max_children: 10)

  def run(supervisor, fun) do
    task = Task.Supervisor.async_nolink(supervisor, fun)

    case Task.yield(task, 500) || Task.shutdown(task, :brutal_kill) do
      {:ok, value} -> {:ok, value}
      {:exit, reason} -> {:error, reason}
      nil -> {:error, :timeout}
    end
  end

  def spec(module), do: Supervisor.child_spec({module, []}, id: {module, :copy}, restart: :temporary)
  def mfa, do: Task.async(__MODULE__, :double, [21]) |> Task.await()
  def double(n), do: n * 2
  def bare, do: spawn(__MODULE__, :double, [1])
end
