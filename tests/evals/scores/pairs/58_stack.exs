# check: Pair.pop([1, 2]) == {:ok, 1, [2]}
# check: Pair.pop([]) == {:error, :empty}

# idiomatic
defmodule Pair do
  def pop([]), do: {:error, :empty}
  def pop([top | rest]), do: {:ok, top, rest}
end

# plain
defmodule Pair do
  def pop(stack) do
    if Enum.empty?(stack) do
      {:error, :empty}
    else
      top = List.first(stack)
      rest = List.delete_at(stack, 0)
      {:ok, top, rest}
    end
  end
end
