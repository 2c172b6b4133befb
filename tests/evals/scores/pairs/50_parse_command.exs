# check: Pair.parse("push 3") == {:push, 3}
# check: Pair.parse("pop") == :pop
# check: Pair.parse("jump") == {:error, "jump"}

# idiomatic
defmodule Pair do
  def parse("push " <> number), do: {:push, String.to_integer(number)}
  def parse("pop"), do: :pop
  def parse(other), do: {:error, other}
end

# plain
defmodule Pair do
  def parse(line) do
    if String.starts_with?(line, "push ") do
      {:push, String.to_integer(String.replace(line, "push ", ""))}
    else
      if line == "pop" do
        :pop
      else
        {:error, line}
      end
    end
  end
end
