# check: Pair.divide(6, 3) == {:ok, 2.0}
# check: Pair.divide(6, 0) == {:error, :division_by_zero}

# idiomatic
defmodule Pair do
  def divide(_, 0), do: {:error, :division_by_zero}
  def divide(a, b), do: {:ok, a / b}
end

# plain
defmodule Pair do
  def divide(a, b) do
    try do
      {:ok, a / b}
    rescue
      ArithmeticError -> {:error, :division_by_zero}
    end
  end
end
