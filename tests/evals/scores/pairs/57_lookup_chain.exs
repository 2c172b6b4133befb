# check: Pair.city(%{address: %{city: "Rome"}}) == "Rome"
# check: Pair.city(%{address: nil}) == "unknown"

# idiomatic
defmodule Pair do
  def city(%{address: %{city: city}}) when is_binary(city), do: city
  def city(_), do: "unknown"
end

# plain
defmodule Pair do
  def city(user) do
    if user[:address] do
      if user[:address][:city] do
        user[:address][:city]
      else
        "unknown"
      end
    else
      "unknown"
    end
  end
end
