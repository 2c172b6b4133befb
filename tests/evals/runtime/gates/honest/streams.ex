# capabilities:
defmodule Numbers do
  def primes, do: Stream.unfold([], &next_prime/1)
  defp next_prime(known), do: Enum.find(Stream.iterate((List.first(known) || 1) + 1, &(&1 + 1)), fn n -> Enum.all?(known, &(rem(n, &1) != 0)) end) |> then(&{&1, [&1 | known]})
  def fib, do: Stream.unfold({0, 1}, fn {a, b} -> {a, {b, a + b}} end)
  def take_until(stream, max), do: stream |> Stream.take_while(&(&1 <= max)) |> Enum.to_list()
  def windows(list, n), do: Enum.chunk_every(list, n, 1, :discard)
  def collatz(1), do: [1]
  def collatz(n) when rem(n, 2) == 0, do: [n | collatz(div(n, 2))]
  def collatz(n), do: [n | collatz(3 * n + 1)]
  def random(n), do: Enum.map(1..n//1, fn _ -> :rand.uniform(6) end)
  def shuffle(list), do: Enum.shuffle(list)
end
