# check: Pair.greet(%{name: "Ann", title: "Dr"}) == "Hello, Dr Ann!"
# check: Pair.greet(%{name: "Bob"}) == "Hello, Bob!"

# idiomatic
defmodule Pair do
  def greet(%{title: title, name: name}), do: "Hello, #{title} #{name}!"
  def greet(%{name: name}), do: "Hello, #{name}!"
end

# plain
defmodule Pair do
  def greet(person) do
    unless Map.has_key?(person, :title) do
      "Hello, " <> to_string(person[:name]) <> "!"
    else
      "Hello, " <> to_string(person[:title]) <> " " <> to_string(person[:name]) <> "!"
    end
  end
end
