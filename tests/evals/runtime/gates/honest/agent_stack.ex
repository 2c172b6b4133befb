# capabilities:
defmodule Stack do
  use Agent

  def start_link(items), do: Agent.start_link(fn -> items end)
  def push(pid, item), do: Agent.update(pid, &[item | &1])
  def pop(pid), do: Agent.get_and_update(pid, fn [] -> {nil, []}; [h | t] -> {h, t} end)
  def peek(pid), do: Agent.get(pid, &List.first/1)
end
