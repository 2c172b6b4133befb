# check: Pair.factorial(0) == 1
# check: Pair.factorial(5) == 120

# idiomatic
defmodule Pair do
  def factorial(0), do: 1
  def factorial(n) when n > 0, do: n * factorial(n - 1)
end

# plain
defmodule Pair do
  def factorial(n) do
    if n == 0 do
      1
    else
      n * factorial(n - 1)
    end
  end
end
