# capabilities:
defmodule :bitset do
  def new(), do: 0
  def add(set, n), do: :erlang.bor(set, :erlang.bsl(1, n))
  def member(set, n), do: :erlang.band(set, :erlang.bsl(1, n)) != 0
  def to_list(set), do: :lists.filter(fn n -> member(set, n) end, :lists.seq(0, 63))
end
