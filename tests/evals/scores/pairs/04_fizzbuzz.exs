# check: Pair.fizzbuzz(15) == "FizzBuzz"
# check: Pair.fizzbuzz(9) == "Fizz"
# check: Pair.fizzbuzz(10) == "Buzz"
# check: Pair.fizzbuzz(7) == "7"

# idiomatic
defmodule Pair do
  def fizzbuzz(n), do: say(n, rem(n, 3), rem(n, 5))

  defp say(_, 0, 0), do: "FizzBuzz"
  defp say(_, 0, _), do: "Fizz"
  defp say(_, _, 0), do: "Buzz"
  defp say(n, _, _), do: Integer.to_string(n)
end

# plain
defmodule Pair do
  def fizzbuzz(n) do
    if rem(n, 3) == 0 do
      if rem(n, 5) == 0 do
        "FizzBuzz"
      else
        "Fizz"
      end
    else
      if rem(n, 5) == 0 do
        "Buzz"
      else
        "" <> Integer.to_string(n)
      end
    end
  end
end
