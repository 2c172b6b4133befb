defmodule ExpressionTest do
  use ExUnit.Case, async: true

  defp parsed(text) do
    assert {:ok, tree} = Expression.parse(text)
    tree
  end

  defp value(text, variables \\ %{}), do: Expression.eval(parsed(text), variables)

  test "reads the tree of the example" do
    assert Expression.parse("(a + 2) * -b^2") ==
             {:ok,
              {:*, {:+, {:variable, "a"}, {:number, 2}},
               {:negate, {:^, {:variable, "b"}, {:number, 2}}}}}
  end

  test "groups by precedence, to the left, and powers to the right" do
    n = &{:number, &1}
    assert parsed("1-2-3") == {:-, {:-, n.(1), n.(2)}, n.(3)}
    assert parsed("1+2*3") == {:+, n.(1), {:*, n.(2), n.(3)}}
    assert parsed("8/4%3*2") == {:*, {:%, {:/, n.(8), n.(4)}, n.(3)}, n.(2)}
    assert parsed("2^3^2") == {:^, n.(2), {:^, n.(3), n.(2)}}
    assert parsed("(2^3)^2") == {:^, {:^, n.(2), n.(3)}, n.(2)}
    assert parsed("-2^2") == {:negate, {:^, n.(2), n.(2)}}
    assert parsed("2^-1*3") == {:*, {:^, n.(2), {:negate, n.(1)}}, n.(3)}
    assert parsed("1--  -2") == {:-, n.(1), {:negate, {:negate, n.(2)}}}
  end

  test "reads names and calls" do
    assert parsed("_a1\n\t+ x_") == {:+, {:variable, "_a1"}, {:variable, "x_"}}

    assert parsed("max ( 1, f(x),(2) )") ==
             {:call, "max", [{:number, 1}, {:call, "f", [{:variable, "x"}]}, {:number, 2}]}

    assert parsed("f(1) * 007") == {:*, {:call, "f", [{:number, 1}]}, {:number, 7}}
  end

  test "says which token is wrong, and where" do
    assert Expression.parse("1 + $") == {:error, {4, "$"}}
    assert Expression.parse("1 + * 22") == {:error, {4, "*"}}
    assert Expression.parse("(1 + 2") == {:error, {6, :end}}
    assert Expression.parse("") == {:error, {0, :end}}
    assert Expression.parse("  2 ^ ") == {:error, {6, :end}}
    assert Expression.parse("1 22 x") == {:error, {2, "22"}}
    assert Expression.parse("abc def") == {:error, {4, "def"}}
    assert Expression.parse("1)") == {:error, {1, ")"}}
    assert Expression.parse("f()") == {:error, {2, ")"}}
    assert Expression.parse("f(1,") == {:error, {4, :end}}
    assert Expression.parse("f(1 2)") == {:error, {4, "2"}}
    assert Expression.parse("f(1") == {:error, {3, :end}}
    assert Expression.parse("f(1, -") == {:error, {6, :end}}
    assert Expression.parse("(1 * $)") == {:error, {5, "$"}}
    assert Expression.parse("(1, 2)") == {:error, {2, ","}}
    assert Expression.parse("2 Ab") == {:error, {2, "A"}}
    assert Expression.parse("1 + ü*") == {:error, {4, "ü"}}
    assert Expression.parse("1 2 $") == {:error, {2, "2"}}
  end

  test "computes with integers, rounding down" do
    assert value("1 + 2 * 3 - 4") == {:ok, 3}
    assert value("2^3^2") == {:ok, 512}
    assert value("-2^2") == {:ok, -4}
    assert value("(-7) / 2") == {:ok, -4}
    assert value("(-7) % 3") == {:ok, 2}
    assert value("7 % -3") == {:ok, -2}
    assert value("0^0") == {:ok, 1}
    assert value("(a + 2) * -b^2", %{"a" => 1, "b" => 3}) == {:ok, -27}
  end

  test "calls functions" do
    assert value("min(3, 1, 2) + max(3, 1, 4, 2)") == {:ok, 5}
    assert value("min(7) * max(-7)") == {:ok, -49}
    assert value("abs(-5) + abs(5)") == {:ok, 10}
  end

  test "the first error from the left counts" do
    assert value("x + y") == {:error, {:unbound, "x"}}
    assert value("x + y", %{"x" => 1}) == {:error, {:unbound, "y"}}
    assert value("1 / 0 + x") == {:error, :division_by_zero}
    assert value("-(1 % 0)") == {:error, :division_by_zero}
    assert value("0 / 0") == {:error, :division_by_zero}
    assert value("2^-1") == {:error, :negative_exponent}
    assert value("0^-1") == {:error, :negative_exponent}
    assert value("abs(1, 2)") == {:error, {:undefined, "abs", 2}}
    assert value("sqrt(x)") == {:error, {:unbound, "x"}}
    assert value("sqrt(4)") == {:error, {:undefined, "sqrt", 1}}
    assert value("min(1, z, 1/0)") == {:error, {:unbound, "z"}}
  end

  test "writes as few parentheses as needed" do
    for text <- [
          "(a + 2) * -b^2",
          "1 - (2 - 3) - 4",
          "1 - 2 - 3",
          "1 + (2 + 3)",
          "2 * 3 % 4 / (5 * 6)",
          "(2^3)^2",
          "2^3^2",
          "2^-1",
          "2^(1 + 1)",
          "(-2)^2",
          "--x",
          "-(1 + 2)",
          "-(2 * 3)",
          "-2 * 3",
          "-x^2",
          "2 * -3",
          "max(1 + 2, -x, f(y))^2"
        ] do
      assert Expression.to_string(parsed(text)) == text
    end

    assert Expression.to_string(parsed("((1)+((2*3)))-(f(((x))))")) == "1 + 2 * 3 - f(x)"
  end

  test "reads back every tree that it writes" do
    leaves = [{:number, 1}, {:variable, "x"}, {:call, "f", [{:number, 2}]}]

    small =
      for operator <- [:+, :-, :*, :/, :%, :^], a <- leaves, b <- Enum.take(leaves, 1) do
        {operator, a, b}
      end

    negated = for tree <- leaves ++ small, do: {:negate, tree}
    trees = leaves ++ Enum.take_every(small, 3) ++ Enum.take_every(negated, 2)

    for operator <- [:+, :-, :*, :/, :%, :^], a <- trees, b <- trees do
      tree = {operator, a, b}
      assert parsed(Expression.to_string(tree)) == tree
    end
  end
end
