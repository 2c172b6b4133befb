defmodule MatrixTest do
  use ExUnit.Case, async: true

  test "transposes" do
    assert Matrix.transpose([[1, 2, 3], [4, 5, 6]]) == [[1, 4], [2, 5], [3, 6]]
    assert Matrix.transpose([[7]]) == [[7]]
    assert Matrix.transpose([[1], [2]]) == [[1, 2]]
  end

  test "multiplies" do
    assert Matrix.multiply([[1, 2], [3, 4]], [[0, 1], [1, 0]]) == {:ok, [[2, 1], [4, 3]]}
    assert Matrix.multiply([[1, 2, 3]], [[4], [5], [6]]) == {:ok, [[32]]}
    assert Matrix.multiply([[1], [2]], [[3, 4]]) == {:ok, [[3, 4], [6, 8]]}
    assert Matrix.multiply([[2, 0, -1], [1, 3, 2]], [[1], [0], [4]]) == {:ok, [[-2], [9]]}
  end

  test "refuses shapes that do not fit" do
    assert Matrix.multiply([[1, 2]], [[1, 2]]) == {:error, {:shape, {1, 2}, {1, 2}}}
    assert Matrix.multiply([[1], [2], [3]], [[1], [2]]) == {:error, {:shape, {3, 1}, {2, 1}}}
  end

  test "raises to powers" do
    assert Matrix.power([[1, 1], [1, 0]], 10) == {:ok, [[89, 55], [55, 34]]}
    assert Matrix.power([[2, 3], [4, 5]], 0) == {:ok, [[1, 0], [0, 1]]}
    assert Matrix.power([[2, 3], [4, 5]], 1) == {:ok, [[2, 3], [4, 5]]}

    assert Matrix.power([[0, 0, 1], [1, 0, 0], [0, 1, 0]], 3) ==
             Matrix.power([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 5)

    assert Matrix.power([[3]], 4) == {:ok, [[81]]}
    assert Matrix.power([[1, 2, 3]], 2) == {:error, :not_square}
    assert Matrix.power([[1], [2]], 0) == {:error, :not_square}
  end

  test "raises to huge powers" do
    assert Matrix.power([[0, -1], [1, 0]], 1_000_000_000_000_000_003) == {:ok, [[0, 1], [-1, 0]]}

    assert Matrix.power([[1, 1], [0, 1]], 1_000_000_000_000_000_000) ==
             {:ok, [[1, 1_000_000_000_000_000_000], [0, 1]]}
  end

  test "computes determinants" do
    assert Matrix.determinant([[7]]) == {:ok, 7}
    assert Matrix.determinant([[0, 2], [3, 4]]) == {:ok, -6}
    assert Matrix.determinant([[6, 1, 1], [4, -2, 5], [2, 8, 7]]) == {:ok, -306}
    assert Matrix.determinant([[0, 1, 2], [3, 4, 5], [6, 7, 9]]) == {:ok, -3}
    assert Matrix.determinant([[1, 2], [2, 4]]) == {:ok, 0}
    assert Matrix.determinant([[0, 1, 2], [0, 3, 4], [0, 5, 6]]) == {:ok, 0}
    assert Matrix.determinant([[0, 0, 1], [0, 1, 0], [1, 0, 0]]) == {:ok, -1}
    assert Matrix.determinant([[0, 1, 0], [0, 0, 1], [1, 0, 0]]) == {:ok, 1}
    assert Matrix.determinant([[1, 2, 3], [4, 5, 6]]) == {:error, :not_square}
  end

  test "determinants are exact, and 12 rows are no trouble" do
    big = 100_000_000_000_000_000_001
    assert Matrix.determinant([[big, 1], [1, big]]) == {:ok, big * big - 1}
    # Pascal's matrix has determinant 1.
    pascal =
      Enum.scan(1..12, List.duplicate(1, 12), fn _, row -> Enum.scan(row, &+/2) end)

    assert Matrix.determinant(pascal) == {:ok, 1}

    assert Matrix.determinant(Enum.map(pascal, fn row -> Enum.map(row, &(2 * &1)) end)) ==
             {:ok, 4096}

    assert Matrix.determinant(Enum.reverse(pascal)) == {:ok, 1}
    assert pascal |> Enum.slide(0, 1) |> Matrix.determinant() == {:ok, -1}
  end

  test "walks along the spiral" do
    assert Matrix.spiral([[1, 2, 3], [4, 5, 6]]) == [1, 2, 3, 6, 5, 4]
    assert Matrix.spiral([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == [1, 2, 3, 6, 9, 8, 7, 4, 5]
    assert Matrix.spiral([[1], [2], [3]]) == [1, 2, 3]
    assert Matrix.spiral([[1, 2, 3, 4]]) == [1, 2, 3, 4]
    assert Matrix.spiral([[1, 2], [3, 4], [5, 6], [7, 8]]) == [1, 2, 4, 6, 8, 7, 5, 3]
  end
end
