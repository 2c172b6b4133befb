defmodule Streams do
  def fib, do: Stream.unfold({0, 1}, fn {a, b} -> {a, {b, a + b}} end)
  def evens(enum), do: Stream.filter(enum, &(rem(&1, 2) == 0))

  def resource(pid),
    do:
      Stream.resource(
        fn ->
          send(pid, :opened)
          3
        end,
        fn
          0 -> {:halt, 0}
          n -> {[n], n - 1}
        end,
        fn _ -> send(pid, :closed) end
      )

  def chunk(s), do: Stream.chunk_every(s, 2)
  def sum(s), do: Enum.sum(s)
end
