# check: Pair.port(%{port: 80}) == 80
# check: Pair.port(%{}) == 4000

# idiomatic
defmodule Pair do
  def port(%{port: port}), do: port
  def port(_), do: 4000
end

# plain
defmodule Pair do
  def port(config) do
    case Map.has_key?(config, :port) do
      true -> Map.get(config, :port)
      false -> 4000
    end
  end
end
