# check: Pair.bump(%{score: 1, name: "a"}, 5) == %{score: 6, name: "a"}

# idiomatic
defmodule Pair do
  def bump(%{score: score} = player, points) do
    %{player | score: score + points}
  end
end

# plain
defmodule Pair do
  def bump(player, points) do
    score = Map.get(player, :score)
    score = score + points
    player = Map.put(player, :score, score)
    player
  end
end
