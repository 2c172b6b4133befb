# check: Pair.parse("a=1") == {:ok, {"a", "1"}}
# check: Pair.parse("a") == {:error, :malformed}

# idiomatic
defmodule Pair do
  def parse(line) do
    case String.split(line, "=", parts: 2) do
      [key, value] -> {:ok, {key, value}}
      _ -> {:error, :malformed}
    end
  end
end

# plain
defmodule Pair do
  def parse(line) do
    parts = String.split(line, "=", parts: 2)

    if length(parts) == 2 do
      {:ok, {Enum.at(parts, 0), Enum.at(parts, 1)}}
    else
      {:error, :malformed}
    end
  end
end
