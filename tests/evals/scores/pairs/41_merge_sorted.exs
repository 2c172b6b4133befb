# check: Pair.merge([1, 4], [2, 3]) == [1, 2, 3, 4]
# check: Pair.merge([], [1]) == [1]

# idiomatic
defmodule Pair do
  def merge([], right), do: right
  def merge(left, []), do: left
  def merge([a | left], [b | _] = right) when a <= b, do: [a | merge(left, right)]
  def merge(left, [b | right]), do: [b | merge(left, right)]
end

# plain
defmodule Pair do
  def merge(left, right) do
    cond do
      length(left) == 0 ->
        right

      length(right) == 0 ->
        left

      true ->
        if hd(left) <= hd(right) do
          [hd(left)] ++ merge(tl(left), right)
        else
          [hd(right)] ++ merge(left, tl(right))
        end
    end
  end
end
