# capabilities:
defmodule Matrix do
  def transpose([]), do: []
  def transpose([[] | _]), do: []
  def transpose(rows), do: [Enum.map(rows, &hd/1) | transpose(Enum.map(rows, &tl/1))]

  def multiply(a, b) do
    columns = transpose(b)
    for row <- a, do: for(column <- columns, do: dot(row, column))
  end

  defp dot(a, b), do: Enum.zip_reduce(a, b, 0, fn x, y, acc -> acc + x * y end)
  def identity(n), do: for(i <- 1..n, do: for(j <- 1..n, do: if(i == j, do: 1, else: 0)))
end
