# capabilities:
defmodule Machine do
  defstruct stack: [], user: nil, state: :init, code: 200, halt: false

  def run(program), do: Enum.reduce(program, %Machine{}, &step/2)
  defp step(_, %{halt: true} = m), do: m
  defp step(:halt, m), do: %{m | halt: true}
  defp step({:push, n}, m), do: %{m | stack: [n | m.stack], state: :run}
  defp step(:add, %{stack: [a, b | rest]} = m), do: %{m | stack: [a + b | rest]}
  defp step({:user, name}, m), do: %{m | user: name}
  defp step({:apply, fun}, m), do: %{m | stack: apply(fun, [m.stack])}
  def done?(m), do: m.halt
  def info(m), do: {m.user, m.code, m.state, :file, :string, :timer, :erlang, :node}
end
