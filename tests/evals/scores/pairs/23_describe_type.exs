# check: Pair.describe(1) == "number"
# check: Pair.describe("a") == "text"
# check: Pair.describe([]) == "list"
# check: Pair.describe(%{}) == "something"

# idiomatic
defmodule Pair do
  def describe(value) when is_number(value), do: "number"
  def describe(value) when is_binary(value), do: "text"
  def describe(value) when is_list(value), do: "list"
  def describe(_), do: "something"
end

# plain
defmodule Pair do
  def describe(value) do
    if is_number(value) do
      "number"
    else
      if is_binary(value) do
        "text"
      else
        if is_list(value), do: "list", else: "something"
      end
    end
  end
end
