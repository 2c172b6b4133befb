# check: Pair.gcd(12, 18) == 6

# idiomatic
defmodule Pair do
  def gcd(a, 0), do: a
  def gcd(a, b), do: gcd(b, rem(a, b))
end

# plain
defmodule Pair do
  def gcd(a, b) do
    cond do
      b == 0 -> a
      true -> gcd(b, rem(a, b))
    end
  end
end
