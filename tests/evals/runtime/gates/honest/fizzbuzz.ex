# capabilities:
defmodule FizzBuzz do
  @moduledoc "Counts."

  @doc "Words for 1 to n."
  @spec run(pos_integer()) :: [String.t()]
  def run(n) when is_integer(n) and n > 0, do: Enum.map(1..n, &word/1)

  defp word(n) when rem(n, 15) == 0, do: "FizzBuzz"
  defp word(n) when rem(n, 5) == 0, do: "Buzz"
  defp word(n) when rem(n, 3) == 0, do: "Fizz"
  defp word(n), do: Integer.to_string(n)
end
