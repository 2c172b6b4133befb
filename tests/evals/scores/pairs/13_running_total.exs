# check: Pair.running_total([1, 2, 3]) == [1, 3, 6]

# idiomatic
defmodule Pair do
  def running_total(numbers), do: Enum.scan(numbers, &+/2)
end

# plain
defmodule Pair do
  def running_total(numbers) do
    Process.put(:total, 0)

    Enum.map(numbers, fn number ->
      total = Process.get(:total) + number
      Process.put(:total, total)
      total
    end)
  end
end
