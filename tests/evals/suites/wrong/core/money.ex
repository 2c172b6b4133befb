# Wrong: rounds halves up.
defmodule Money do
  @moduledoc "Amounts of money in whole smallest units."

  @places %{EUR: 2, USD: 2, JPY: 0, KWD: 3}
  @currencies Map.keys(@places)
  @names Map.new(@currencies, &{Atom.to_string(&1), &1})

  @enforce_keys [:amount, :currency]
  defstruct [:amount, :currency]

  defguardp is_money(amount, currency) when is_integer(amount) and currency in @currencies

  @doc "An amount in smallest units."
  def new(amount, currency) when is_money(amount, currency) do
    %__MODULE__{amount: amount, currency: currency}
  end

  def new(amount, currency) do
    raise ArgumentError, "no money: #{inspect(amount)} #{inspect(currency)}"
  end

  @doc "Reads an amount with the currency's decimal places."
  def parse(text) do
    with [_, sign, whole, point, decimals, name] <-
           Regex.run(~r/\A(-?)([0-9]+)(\.?)([0-9]*) ([A-Z]{3})\z/, text),
         {:ok, currency} <- Map.fetch(@names, name),
         places = @places[currency],
         true <- String.length(decimals) == places and point == "." == places > 0 do
      {:ok, new(String.to_integer(sign <> whole <> decimals), currency)}
    else
      _unfit -> :error
    end
  end

  @doc "The sum of two amounts of one currency."
  def add(%__MODULE__{currency: same} = a, %__MODULE__{currency: same} = b) do
    %{a | amount: a.amount + b.amount}
  end

  def add(%__MODULE__{} = a, %__MODULE__{} = b) do
    raise ArgumentError, "cannot add #{b.currency} to #{a.currency}"
  end

  @doc "An amount times a fraction, halves rounded to the even neighbour."
  def multiply(%__MODULE__{} = money, {numerator, denominator}) when denominator > 0 do
    product = money.amount * numerator
    floor = Integer.floor_div(product, denominator)
    twice = 2 * Integer.mod(product, denominator)

    up? = twice > denominator or twice == denominator
    %{money | amount: if(up?, do: floor + 1, else: floor)}
  end

  @doc "Splits an amount by weights without losing a unit."
  def allocate(%__MODULE__{amount: amount} = money, weights) when amount < 0 do
    for share <- allocate(%{money | amount: -amount}, weights),
        do: %{share | amount: -share.amount}
  end

  def allocate(%__MODULE__{amount: amount} = money, weights) do
    total = Enum.sum(weights)
    shares = for weight <- weights, do: {div(amount * weight, total), rem(amount * weight, total)}
    left = amount - Enum.sum_by(shares, &elem(&1, 0))

    favoured =
      shares
      |> Enum.with_index()
      |> Enum.sort_by(fn {{_share, remainder}, at} -> {-remainder, at} end)
      |> Enum.take(left)
      |> MapSet.new(&elem(&1, 1))

    for {{share, _remainder}, at} <- Enum.with_index(shares) do
      %{money | amount: if(at in favoured, do: share + 1, else: share)}
    end
  end

  @doc "Writes what `parse/1` reads."
  def to_string(%__MODULE__{amount: amount, currency: currency}) do
    places = @places[currency]
    sign = if amount < 0, do: "-", else: ""
    digits = amount |> abs() |> Integer.to_string() |> String.pad_leading(places + 1, "0")
    {whole, decimals} = String.split_at(digits, String.length(digits) - places)
    point = if places > 0, do: ".", else: ""
    "#{sign}#{whole}#{point}#{decimals} #{currency}"
  end

  defimpl String.Chars do
    defdelegate to_string(money), to: Money
  end
end
