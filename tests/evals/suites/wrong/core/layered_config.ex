# Wrong: merges through values that hide what is below.
defmodule LayeredConfig do
  @moduledoc "A configuration in layers, the first of which that has a key decides."

  @behaviour Access

  @enforce_keys [:layers]
  defstruct [:layers, overrides: %{}]

  defguardp is_plain(value) when is_map(value) and not is_struct(value)

  @doc "A configuration of named layers, the most important first."
  def new(layers), do: %__MODULE__{layers: layers}

  @impl Access
  def fetch(%__MODULE__{overrides: overrides} = config, key) do
    case overrides do
      %{^key => {:put, value}} -> {:ok, value}
      %{^key => :delete} -> :error
      _unchanged -> config |> values(key) |> merge()
    end
  end

  @impl Access
  def get_and_update(%__MODULE__{} = config, key, fun) do
    current = config[key]

    case fun.(current) do
      {got, new} -> {got, change(config, key, {:put, new})}
      :pop -> {current, delete(config, key)}
      other -> raise ArgumentError, "expected {got, new} or :pop, got: #{inspect(other)}"
    end
  end

  @impl Access
  def pop(%__MODULE__{} = config, key), do: {config[key], delete(config, key)}

  @doc "The name of the layer that decides about a key."
  def origin(%__MODULE__{overrides: overrides} = config, key) do
    case overrides do
      %{^key => {:put, _value}} ->
        :overrides

      %{^key => :delete} ->
        nil

      _unchanged ->
        Enum.find_value(config.layers, fn {name, map} -> is_map_key(map, key) && name end)
    end
  end

  @doc "What was changed."
  def overrides(%__MODULE__{overrides: overrides}), do: overrides

  defp values(config, key) do
    for {_name, %{^key => value}} <- config.layers, do: value
  end

  defp merge([]), do: :error

  defp merge([first | rest]) when is_plain(first) do
    maps = Enum.filter(rest, &is_plain/1)
    {:ok, Enum.reduce(maps, first, &below/2)}
  end

  defp merge([first | _hidden]), do: {:ok, first}

  # `lower` fills what `upper` leaves open.
  defp below(lower, upper) do
    Map.merge(lower, upper, fn
      _key, low, high when is_plain(low) and is_plain(high) -> below(low, high)
      _key, _low, high -> high
    end)
  end

  defp delete(config, key) do
    case fetch(config, key) do
      {:ok, _value} -> change(config, key, :delete)
      :error -> config
    end
  end

  defp change(config, key, change) do
    %{config | overrides: Map.put(config.overrides, key, change)}
  end
end
