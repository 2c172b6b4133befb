# check: Pair.first([7, 8]) == {:ok, 7}
# check: Pair.first([]) == :error

# idiomatic
defmodule Pair do
  def first([head | _]), do: {:ok, head}
  def first([]), do: :error
end

# plain
defmodule Pair do
  def first(list) do
    if length(list) > 0 do
      {:ok, hd(list)}
    else
      :error
    end
  end
end
