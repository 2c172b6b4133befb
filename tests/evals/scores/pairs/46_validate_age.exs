# check: Pair.validate(20) == {:ok, 20}
# check: Pair.validate(-1) == {:error, :negative}
# check: Pair.validate("x") == {:error, :not_a_number}

# idiomatic
defmodule Pair do
  def validate(age) when not is_integer(age), do: {:error, :not_a_number}
  def validate(age) when age < 0, do: {:error, :negative}
  def validate(age), do: {:ok, age}
end

# plain
defmodule Pair do
  def validate(age) do
    if !is_integer(age) do
      {:error, :not_a_number}
    else
      if age < 0 do
        {:error, :negative}
      else
        {:ok, age}
      end
    end
  end
end
