# check: Pair.tags([%{tags: ["a", "b"]}, %{tags: ["b"]}]) == ["a", "b"]

# idiomatic
defmodule Pair do
  def tags(posts) do
    posts
    |> Enum.flat_map(& &1.tags)
    |> Enum.uniq()
  end
end

# plain
defmodule Pair do
  def tags(posts) do
    lists = Enum.map(posts, fn post -> post.tags end)
    flat = List.flatten(lists)
    result = Enum.uniq(flat)
    result
  end
end
