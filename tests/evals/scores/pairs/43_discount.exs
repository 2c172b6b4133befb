# check: Pair.discount(:gold, 100) == 80
# check: Pair.discount(:silver, 100) == 90
# check: Pair.discount(:none, 100) == 100

# idiomatic
defmodule Pair do
  def discount(:gold, price), do: div(price * 80, 100)
  def discount(:silver, price), do: div(price * 90, 100)
  def discount(_, price), do: price
end

# plain
defmodule Pair do
  def discount(level, price) do
    percent = if level == :gold, do: 80, else: if(level == :silver, do: 90, else: 100)
    div(price * percent, 100)
  end
end
