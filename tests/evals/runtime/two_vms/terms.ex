defmodule Terms do
  def same(x), do: x

  def all do
    [
      0,
      -129,
      1_000_000,
      -(2 ** 70),
      2 ** 64,
      1.5,
      -0.0,
      :atom,
      nil,
      true,
      "",
      "é",
      <<1::3>>,
      <<255>>,
      [],
      [1 | 2],
      [1, 2 | :tail],
      {},
      {1, {2, [3]}},
      %{},
      %{1 => %{2.0 => "x"}},
      ~c"abc",
      1..3//2,
      MapSet.new([1, 2])
    ]
  end

  def big, do: Map.new(1..2000, &{&1, Integer.to_string(&1)})
  def regex, do: ~r/(a+)b/i
  def date, do: ~D[2024-02-29]
  def deep, do: Enum.reduce(1..50_000, nil, &{&1, &2})
end
