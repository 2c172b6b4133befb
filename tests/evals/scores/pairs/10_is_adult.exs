# check: Pair.adult?(%{age: 20}) == true
# check: Pair.adult?(%{age: 3}) == false

# idiomatic
defmodule Pair do
  def adult?(%{age: age}), do: age >= 18
end

# plain
defmodule Pair do
  def adult?(person) do
    if person.age >= 18 do
      true
    else
      false
    end
  end
end
