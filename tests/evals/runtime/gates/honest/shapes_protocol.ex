# capabilities:
defprotocol Shape do
  @doc "The area."
  @fallback_to_any true
  @spec area(t) :: number
  def area(shape)

  def name(shape)
end

defmodule Circle do
  defstruct [:r]
end

defmodule Square do
  @derive {Inspect, only: [:side]}
  defstruct [:side, :secret]
end

defimpl Shape, for: Circle do
  def area(%{r: r}), do: :math.pi() * r * r
  def name(_), do: "circle"
end

defimpl Shape, for: Square do
  def area(square), do: square.side ** 2
  def name(_), do: "square"
end

defimpl Shape, for: [Integer, Float] do
  def area(n), do: n
  def name(_), do: "number"
end

defimpl Shape, for: Any do
  def area(_), do: 0
  def name(_), do: "unknown"
end

defimpl String.Chars, for: Circle do
  def to_string(circle), do: "circle of #{circle.r}"
end

defmodule Shapes do
  def total(shapes), do: shapes |> Enum.map(&Shape.area/1) |> Enum.sum()
end
