# check: Pair.balance([{:deposit, 10}, {:withdraw, 3}]) == 7

# idiomatic
defmodule Pair do
  def balance(events), do: Enum.reduce(events, 0, &apply_event/2)

  defp apply_event({:deposit, amount}, balance), do: balance + amount
  defp apply_event({:withdraw, amount}, balance), do: balance - amount
end

# plain
defmodule Pair do
  def balance(events) do
    Enum.reduce(events, 0, fn event, balance ->
      type = elem(event, 0)
      amount = elem(event, 1)

      if type == :deposit do
        balance + amount
      else
        if type == :withdraw do
          balance - amount
        else
          raise FunctionClauseError
        end
      end
    end)
  end
end
