# capabilities:
defmodule Wrong do
  def a(x), do: String.to_upper(x)
  def b(x), do: Enum.foo(x)
  def c(x), do: Decimal.new(x)
end
