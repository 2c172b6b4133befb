# check: Pair.activate([%{id: 1, active: false}]) == [%{id: 1, active: true}]

# idiomatic
defmodule Pair do
  def activate(users), do: Enum.map(users, &%{&1 | active: true})
end

# plain
defmodule Pair do
  def activate(users) do
    for i <- 0..(length(users) - 1) do
      user = Enum.at(users, i)
      updated = Map.put(user, :active, true)
      updated
    end
  end
end
