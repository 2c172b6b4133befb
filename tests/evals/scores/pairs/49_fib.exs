# check: Pair.fib(10) == 55
# check: Pair.fib(0) == 0

# idiomatic
defmodule Pair do
  def fib(n), do: fib(n, 0, 1)

  defp fib(0, a, _), do: a
  defp fib(n, a, b), do: fib(n - 1, b, a + b)
end

# plain
defmodule Pair do
  def fib(n) do
    cond do
      n == 0 -> 0
      n == 1 -> 1
      n > 1 -> fib(n - 1) + fib(n - 2)
    end
  end
end
