# check: Pair.total([%{price: 2, qty: 3}, %{price: 5, qty: 1}]) == 11

# idiomatic
defmodule Pair do
  def total(lines) do
    lines
    |> Enum.map(fn %{price: price, qty: qty} -> price * qty end)
    |> Enum.sum()
  end
end

# plain
defmodule Pair do
  def total(lines) do
    {:ok, agent} = Agent.start_link(fn -> 0 end)

    Enum.each(lines, fn line ->
      Agent.update(agent, fn sum -> sum + line.price * line.qty end)
    end)

    result = Agent.get(agent, fn sum -> sum end)
    Agent.stop(agent)
    result
  end
end
