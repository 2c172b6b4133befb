defmodule Matrix do
  @moduledoc "Matrices of integers, as lists of rows."

  @doc "Rows become columns."
  def transpose(matrix), do: Enum.zip_with(matrix, & &1)

  @doc "The product of two matrices whose shapes fit."
  def multiply(a, b) do
    case {shape(a), shape(b)} do
      {{_, inner}, {inner, _}} -> {:ok, product(a, b)}
      {shape_a, shape_b} -> {:error, {:shape, shape_a, shape_b}}
    end
  end

  @doc "The `n`th power, by squaring."
  def power(matrix, n) when n >= 0 do
    if square?(matrix), do: {:ok, raised(matrix, n)}, else: {:error, :not_square}
  end

  @doc "The determinant, by Bareiss' elimination, in which every division is exact."
  def determinant(matrix) do
    if square?(matrix), do: {:ok, eliminate(matrix, 1, 1)}, else: {:error, :not_square}
  end

  @doc "The elements clockwise from the top left corner inwards."
  def spiral([]), do: []
  def spiral([top | rest]), do: top ++ (rest |> transpose() |> Enum.reverse() |> spiral())

  defp shape([row | _] = matrix), do: {length(matrix), length(row)}

  defp square?(matrix), do: match?({size, size}, shape(matrix))

  defp product(a, b) do
    columns = transpose(b)
    for row <- a, do: for(column <- columns, do: row |> Enum.zip_with(column, &*/2) |> Enum.sum())
  end

  defp raised(matrix, 0), do: identity(length(matrix))
  defp raised(matrix, n) when rem(n, 2) == 1, do: product(matrix, raised(matrix, n - 1))

  defp raised(matrix, n) do
    half = raised(matrix, div(n, 2))
    product(half, half)
  end

  defp identity(size) do
    for row <- 1..size, do: for(column <- 1..size, do: if(row == column, do: 1, else: 0))
  end

  defp eliminate([[last]], _divisor, sign), do: sign * last

  defp eliminate(rows, divisor, sign) do
    case Enum.split_while(rows, &match?([0 | _], &1)) do
      {_all, []} ->
        0

      {above, [[pivot | tail] | below]} ->
        sign = if rem(length(above), 2) == 0, do: sign, else: -sign

        rows =
          for [first | others] <- above ++ below do
            Enum.zip_with(others, tail, fn x, y -> div(x * pivot - first * y, divisor) end)
          end

        eliminate(rows, pivot, sign)
    end
  end
end
