# check: Pair.by_age([%{age: 1, name: "a"}, %{age: 2, name: "b"}, %{age: 1, name: "c"}]) == %{1 => ["a", "c"], 2 => ["b"]}

# idiomatic
defmodule Pair do
  def by_age(people), do: Enum.group_by(people, & &1.age, & &1.name)
end

# plain
defmodule Pair do
  def by_age(people) do
    Enum.reduce(people, %{}, fn person, acc ->
      existing = Map.get(acc, person.age)

      if existing == nil do
        Map.put(acc, person.age, [person.name])
      else
        Map.put(acc, person.age, existing ++ [person.name])
      end
    end)
  end
end
