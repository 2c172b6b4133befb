defprotocol Shape do
  @fallback_to_any false
  def area(shape)
  def name(shape)
end

defmodule Square do
  defstruct [:side]

  defimpl Shape do
    def area(%{side: s}), do: s * s
    def name(_), do: "square"
  end
end

defmodule Circle do
  defstruct [:r]
end

defimpl Shape, for: Circle do
  def area(%{r: r}), do: 3 * r * r
  def name(_), do: "circle"
end

defimpl Shape, for: Integer do
  def area(n), do: n
  def name(_), do: "integer"
end

defmodule Shapes do
  def total(shapes), do: shapes |> Enum.map(&Shape.area/1) |> Enum.sum()
end
