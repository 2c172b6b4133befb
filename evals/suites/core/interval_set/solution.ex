defmodule IntervalSet do
  @moduledoc "Sets of integers as ascending intervals that neither overlap nor touch."

  @doc "The set of all integers in any of the intervals."
  def new(intervals), do: Enum.reduce(intervals, [], &add(&2, &1))

  @doc "The intervals in ascending order."
  def to_list(set), do: set

  @doc "The set with the integers of an interval."
  def add(set, {first, last}) when first > last, do: set
  def add([], interval), do: [interval]

  def add([{_, b} = low | rest], {c, _} = interval) when b + 1 < c,
    do: [low | add(rest, interval)]

  def add([{a, _} | _] = set, {_, d} = interval) when d + 1 < a, do: [interval | set]
  def add([{a, b} | rest], {c, d}), do: add(rest, {min(a, c), max(b, d)})

  @doc "The set without the integers of an interval."
  def remove(set, {first, last}) when first > last, do: set

  def remove(set, {first, last}) do
    Enum.flat_map(set, fn {a, b} ->
      Enum.reject([{a, min(b, first - 1)}, {max(a, last + 1), b}], fn {c, d} -> c > d end)
    end)
  end

  @doc "Whether an integer is in the set."
  def member?(set, integer), do: Enum.any?(set, fn {a, b} -> integer in a..b//1 end)

  @doc "How many integers are in the set."
  def size(set), do: Enum.sum_by(set, fn {a, b} -> b - a + 1 end)

  @doc "The integers that are in both sets."
  def intersection([{a, b} | rest], [{c, d} | others]) do
    further =
      if b < d,
        do: intersection(rest, [{c, d} | others]),
        else: intersection([{a, b} | rest], others)

    add(further, {max(a, c), min(b, d)})
  end

  def intersection(_set, _other), do: []

  @doc "The integers between the smallest and the largest that are not in the set."
  def gaps(set) do
    set
    |> Enum.chunk_every(2, 1, :discard)
    |> Enum.map(fn [{_, b}, {c, _}] -> {b + 1, c - 1} end)
  end
end
