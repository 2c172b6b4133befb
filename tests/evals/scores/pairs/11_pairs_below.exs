# check: Pair.pairs_below([1, 2, 3], 4) == [{1, 2}]

# idiomatic
defmodule Pair do
  def pairs_below(numbers, limit) do
    for a <- numbers, b <- numbers, a < b, a + b < limit, do: {a, b}
  end
end

# plain
defmodule Pair do
  def pairs_below(numbers, limit) do
    all =
      Enum.map(numbers, fn a ->
        Enum.map(numbers, fn b ->
          if a < b do
            if a + b < limit do
              {a, b}
            end
          end
        end)
      end)

    flat = List.flatten(all)
    Enum.filter(flat, fn x -> x != nil end)
  end
end
