# capabilities:
defmodule Memo do
  def fib(n), do: elem(fib(n, %{}), 0)
  defp fib(n, memo) when n < 2, do: {n, memo}

  defp fib(n, memo) do
    case memo do
      %{^n => value} ->
        {value, memo}

      _ ->
        {a, memo} = fib(n - 1, memo)
        {b, memo} = fib(n - 2, memo)
        {a + b, Map.put(memo, n, a + b)}
    end
  end

  def slow(n) do
    case Process.get({:memo, n}) do
      nil ->
        value = n * n
        Process.put({:memo, n}, value)
        value

      value ->
        value
    end
  end
end
