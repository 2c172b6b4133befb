# check: Pair.slugify(" Hello, World! ") == "hello-world"

# idiomatic
defmodule Pair do
  def slugify(title) do
    title
    |> String.trim()
    |> String.downcase()
    |> String.replace(~r/[^a-z0-9\s-]/, "")
    |> String.replace(~r/\s+/, "-")
  end
end

# plain
defmodule Pair do
  def slugify(title) do
    title = String.trim(title)
    title = String.downcase(title)
    title = String.replace(title, ~r/[^a-z0-9\s-]/, "")
    title = String.replace(title, ~r/\s+/, "-")
    title
  end
end
