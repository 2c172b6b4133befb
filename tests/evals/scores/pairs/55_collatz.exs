# check: Pair.steps(6) == 8
# check: Pair.steps(1) == 0

# idiomatic
defmodule Pair do
  def steps(n, count \\ 0)
  def steps(1, count), do: count
  def steps(n, count) when rem(n, 2) == 0, do: steps(div(n, 2), count + 1)
  def steps(n, count), do: steps(3 * n + 1, count + 1)
end

# plain
defmodule Pair do
  def steps(n) do
    stepCount = countSteps(n, 0)
    stepCount
  end

  def countSteps(n, acc) do
    if n != 1 do
      if rem(n, 2) == 0 do
        countSteps(div(n, 2), acc + 1)
      else
        countSteps(3 * n + 1, acc + 1)
      end
    else
      acc
    end
  end
end
