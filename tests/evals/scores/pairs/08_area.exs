# check: Pair.area({:square, 3}) == 9
# check: Pair.area({:rectangle, 2, 5}) == 10
# check: Pair.area(:circle) == {:error, :unknown_shape}

# idiomatic
defmodule Pair do
  def area({:square, side}), do: side * side
  def area({:rectangle, width, height}), do: width * height
  def area(_), do: {:error, :unknown_shape}
end

# plain
defmodule Pair do
  def area(shape) do
    cond do
      is_tuple(shape) and elem(shape, 0) == :square -> elem(shape, 1) * elem(shape, 1)
      is_tuple(shape) and elem(shape, 0) == :rectangle -> elem(shape, 1) * elem(shape, 2)
      true -> {:error, :unknown_shape}
    end
  end
end
