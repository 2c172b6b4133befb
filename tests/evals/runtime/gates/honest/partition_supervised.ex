# capabilities: process
defmodule Sharded do
  def start_link do
    Supervisor.start_link(
      [
        {PartitionSupervisor, child_spec: DynamicSupervisor, name: Sharded.Supers, partitions: 2},
        Supervisor.child_spec({Agent, fn -> %{} end}, id: :one),
        {Task, fn -> Process.sleep(:infinity) end}
      ],
      strategy: :one_for_all,
      name: __MODULE__
    )
  end

  def add(key, spec) do
    DynamicSupervisor.start_child({:via, PartitionSupervisor, {Sharded.Supers, key}}, spec)
  end

  def children, do: Supervisor.which_children(__MODULE__) |> Enum.map(fn {id, _, type, _} -> {id, type} end)
end
