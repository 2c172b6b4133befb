defmodule OrderForm do
  @moduledoc "Orders as they come from a web form."

  @fields [:email, :items, :express, :note]
  @express_fee 500
  @free_from 5000
  @longest_note 20

  @doc "The order that a form holds, or what is wrong with each field."
  def parse(params) do
    results = for field <- @fields, do: {field, field(field, params[Atom.to_string(field)])}

    case for {field, {:error, reason}} <- results, do: {field, reason} do
      [] -> {:ok, Map.new(results, fn {field, {:ok, value}} -> {field, value} end)}
      errors -> {:error, errors}
    end
  end

  @doc "What an order costs, in cents."
  def total(%{items: items, express: express}, prices) do
    case for {name, _quantity} <- items, not is_map_key(prices, name), do: name do
      [] ->
        cost = Enum.sum_by(items, fn {name, quantity} -> quantity * prices[name] end)
        {:ok, cost + fee(express, cost)}

      unknown ->
        {:error, {:unknown, unknown}}
    end
  end

  defp fee(true, cost) when cost < @free_from, do: @express_fee
  defp fee(_express, _cost), do: 0

  defp field(:email, text) do
    with {:ok, text} <- present(text) do
      if text =~ ~r/\A[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\z/u,
        do: {:ok, String.downcase(text)},
        else: {:error, :invalid}
    end
  end

  defp field(:items, text) do
    with {:ok, text} <- present(text),
         {:ok, entries} <- entries(text),
         items = collect(entries),
         nil <- Enum.find(items, fn {_name, quantity} -> quantity not in 1..99 end) do
      {:ok, items}
    else
      {:error, reason} -> {:error, reason}
      {name, _quantity} -> {:error, {:quantity, name}}
    end
  end

  defp field(:express, "on"), do: {:ok, true}
  defp field(:express, empty) when empty in [nil, ""], do: {:ok, false}
  defp field(:express, _other), do: {:error, :invalid}

  defp field(:note, text) do
    length = String.length(text || "")

    cond do
      present(text) == {:error, :missing} -> {:ok, nil}
      length > @longest_note -> {:error, {:too_long, length}}
      true -> {:ok, text}
    end
  end

  defp present(text) do
    case String.trim(text || "") do
      "" -> {:error, :missing}
      trimmed -> {:ok, trimmed}
    end
  end

  defp entries(text) do
    parsed = for entry <- String.split(text, ","), do: entry(String.trim(entry))
    Enum.find(parsed, {:ok, parsed}, &match?({:error, _reason}, &1))
  end

  defp entry(text) do
    case Regex.run(~r/\A([a-z]+):([0-9]+)\z/, text) do
      [_all, name, quantity] -> {name, String.to_integer(quantity)}
      nil -> {:error, {:invalid, text}}
    end
  end

  # Adds the quantities of each name, in the order in which the names come first.
  defp collect(entries) do
    sums = Enum.group_by(entries, &elem(&1, 0), &elem(&1, 1))
    for {name, _quantity} <- entries, uniq: true, do: {name, Enum.sum(sums[name])}
  end
end
