# check: Pair.next(:red) == :green
# check: Pair.next(:green) == :yellow
# check: Pair.next(:yellow) == :red

# idiomatic
defmodule Pair do
  def next(:red), do: :green
  def next(:green), do: :yellow
  def next(:yellow), do: :red
end

# plain
defmodule Pair do
  def next(color) do
    cond do
      color == :red -> :green
      color == :green -> :yellow
      color == :yellow -> :red
    end
  end
end
