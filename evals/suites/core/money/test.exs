defmodule MoneyTest do
  use ExUnit.Case, async: true

  defp amounts(moneys), do: Enum.map(moneys, & &1.amount)

  test "is an amount and a currency" do
    assert %{amount: 1230, currency: :EUR} = Money.new(1230, :EUR)
    assert Map.from_struct(Money.new(1, :JPY)) == %{amount: 1, currency: :JPY}
    assert_raise ArgumentError, fn -> Money.new(1, :DEM) end
    assert_raise ArgumentError, fn -> Money.new(1, "EUR") end
    assert_raise ArgumentError, fn -> Money.new(1.0, :EUR) end
    assert_raise ArgumentError, fn -> Money.new("1", :USD) end
  end

  test "reads amounts" do
    assert Money.parse("12.30 EUR") == {:ok, Money.new(1230, :EUR)}
    assert Money.parse("-0.05 USD") == {:ok, Money.new(-5, :USD)}
    assert Money.parse("1234 JPY") == {:ok, Money.new(1234, :JPY)}
    assert Money.parse("0.001 KWD") == {:ok, Money.new(1, :KWD)}
    assert Money.parse("-007.10 EUR") == {:ok, Money.new(-710, :EUR)}
    assert Money.parse("-0 JPY") == {:ok, Money.new(0, :JPY)}
  end

  test "reads nothing else" do
    for text <- [
          "",
          "EUR",
          "12.3 EUR",
          "12.345 EUR",
          "12 EUR",
          "1234 EUR",
          "1230. JPY",
          "12.30 JPY",
          "1.00 KWD",
          ".50 EUR",
          "1.00EUR",
          "1.00  EUR",
          " 1.00 EUR",
          "1.00 EUR ",
          "1.00 EUR\n",
          "+1.00 EUR",
          "--1.00 EUR",
          "1,00 EUR",
          "1.00 eur",
          "1.00 XXX",
          "1.00 EURO",
          "1.0a EUR",
          "１.00 EUR"
        ] do
      assert Money.parse(text) == :error, "#{inspect(text)} was read"
    end
  end

  test "makes no atoms of what it reads" do
    assert Money.parse("1.00 QZX") == :error
    assert_raise ArgumentError, fn -> String.to_existing_atom("QZ" <> "X") end
  end

  test "adds within a currency" do
    assert Money.add(Money.new(150, :EUR), Money.new(-50, :EUR)) == Money.new(100, :EUR)
    assert_raise ArgumentError, fn -> Money.add(Money.new(1, :EUR), Money.new(1, :USD)) end
  end

  test "multiplies by fractions and rounds halves to even" do
    times = fn amount, fraction -> Money.multiply(Money.new(amount, :USD), fraction).amount end
    assert Enum.map([1, 3, 5, 7, -1, -3, -5], &times.(&1, {1, 2})) == [0, 2, 2, 4, 0, -2, -2]
    assert Enum.map([1, 2, 4, 5, -1, -2], &times.(&1, {1, 3})) == [0, 1, 1, 2, 0, -1]
    assert times.(100, {-1, 8}) == -12
    assert times.(300, {-1, 8}) == -38
    assert times.(101, {19, 100}) == 19
    assert times.(103, {19, 100}) == 20
    assert times.(7, {3, 1}) == 21
    huge = 10 ** 30 + 1
    assert times.(huge, {1, 1}) == huge
    assert Money.multiply(Money.new(5, :JPY), {2, 1}) == Money.new(10, :JPY)
  end

  test "allocates without losing a unit" do
    split = fn amount, weights -> amounts(Money.allocate(Money.new(amount, :EUR), weights)) end
    assert split.(100, [1, 1, 1]) == [34, 33, 33]
    assert split.(101, [1, 1, 1]) == [34, 34, 33]
    assert split.(5, [3, 7]) == [2, 3]
    assert split.(10, [1, 0, 2]) == [3, 0, 7]
    assert split.(100, [50, 30, 20]) == [50, 30, 20]
    assert split.(1, [1, 2]) == [0, 1]
    assert split.(0, [1, 2]) == [0, 0]
    assert split.(7, [9]) == [7]
    assert split.(11, [1, 3, 3, 3]) == [1, 4, 3, 3]
    assert split.(13, [1, 1, 2, 2]) == [2, 2, 5, 4]
  end

  test "shares of a negative amount are the negated ones" do
    assert amounts(Money.allocate(Money.new(-100, :JPY), [1, 1, 1])) == [-34, -33, -33]
    assert amounts(Money.allocate(Money.new(-1, :JPY), [1, 2])) == [0, -1]
    assert [%{currency: :JPY} | _] = Money.allocate(Money.new(-1, :JPY), [1, 2])
  end

  test "writes amounts" do
    assert Money.to_string(Money.new(1230, :EUR)) == "12.30 EUR"
    assert Money.to_string(Money.new(-5, :KWD)) == "-0.005 KWD"
    assert Money.to_string(Money.new(0, :USD)) == "0.00 USD"
    assert Money.to_string(Money.new(-1200, :JPY)) == "-1200 JPY"
    assert Money.to_string(Money.new(0, :JPY)) == "0 JPY"
    assert "#{Money.new(123_456_789, :USD)}" == "1234567.89 USD"
  end

  test "reads what it wrote" do
    for amount <- [-1001, -100, -9, 0, 10, 99_999], currency <- [:EUR, :USD, :JPY, :KWD] do
      money = Money.new(amount, currency)
      assert money |> to_string() |> Money.parse() == {:ok, money}
    end
  end
end
