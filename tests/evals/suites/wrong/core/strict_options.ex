# Wrong: a type among several decides whether a value fits, but not what becomes of it.
defmodule StrictOptions do
  @moduledoc "Options checked against a schema."

  defmodule Error do
    @moduledoc "An option that is not as the schema wants it."

    defexception [:reason, :value, path: []]

    @impl Exception
    def message(%{reason: :not_keyword, path: [], value: value}) do
      "expected options to be a keyword list, got: #{inspect(value)}"
    end

    def message(%{reason: :not_keyword} = error) do
      "expected #{name(error)} to be a keyword list, got: #{inspect(error.value)}"
    end

    def message(%{reason: :unknown} = error), do: "unknown option #{name(error)}"
    def message(%{reason: :required} = error), do: "required option #{name(error)} is missing"

    def message(%{reason: :type} = error) do
      "invalid value for #{name(error)}: #{inspect(error.value)}"
    end

    defp name(error), do: Enum.join(error.path, ".")
  end

  @doc "The options with defaults filled in, or what is wrong first."
  def validate(options, schema), do: options(options, schema, [])

  @doc "Like `validate/2`, but raises."
  def validate!(options, schema) do
    case validate(options, schema) do
      {:ok, options} -> options
      {:error, error} -> raise error
    end
  end

  # `above` is the path, reversed.
  defp options(options, schema, above) do
    with :ok <- keyword(options, above),
         :ok <- known(options, schema, above) do
      all(schema, fn {name, rules} -> option(options, name, rules, [name | above]) end)
    end
  end

  defp keyword(options, above) do
    if Keyword.keyword?(options), do: :ok, else: error(:not_keyword, options, above)
  end

  defp known(options, schema, above) do
    case Enum.find(options, fn {name, _value} -> not Keyword.has_key?(schema, name) end) do
      nil -> :ok
      {name, value} -> error(:unknown, value, [name | above])
    end
  end

  defp option(options, name, rules, path) do
    case {Keyword.fetch(options, name), Keyword.fetch(rules, :default)} do
      {{:ok, value}, _default} ->
        with {:ok, value} <- check(Keyword.get(rules, :type, :any), value, path) do
          {:ok, [{name, value}]}
        end

      {:error, {:ok, default}} ->
        {:ok, [{name, default}]}

      {:error, :error} ->
        if rules[:required], do: error(:required, nil, path), else: {:ok, []}
    end
  end

  defp check({:options, schema}, value, path), do: options(value, schema, path)

  defp check({:list, type}, value, path) do
    if is_list(value) and not List.improper?(value) do
      value
      |> Enum.with_index()
      |> all(fn {element, at} ->
        with {:ok, element} <- check(type, element, [at | path]), do: {:ok, [element]}
      end)
    else
      error(:type, value, path)
    end
  end

  defp check({:or, types}, value, path) do
    if Enum.any?(types, &match?({:ok, _value}, check(&1, value, path))),
      do: {:ok, value},
      else: error(:type, value, path)
  end

  defp check(type, value, path) do
    if fits?(type, value), do: {:ok, value}, else: error(:type, value, path)
  end

  defp fits?(:any, _value), do: true
  defp fits?(:atom, value), do: is_atom(value)
  defp fits?(:boolean, value), do: is_boolean(value)
  defp fits?(:string, value), do: is_binary(value)
  defp fits?(:integer, value), do: is_integer(value)
  defp fits?(:pos_integer, value), do: is_integer(value) and value > 0
  defp fits?({:in, values}, value), do: Enum.any?(values, &(&1 == value))

  # What `fun` gives for all elements, one after another, or its first error.
  defp all(enumerable, fun) do
    result =
      Enum.reduce_while(enumerable, [], fn element, parts ->
        case fun.(element) do
          {:ok, part} -> {:cont, [part | parts]}
          error -> {:halt, error}
        end
      end)

    with parts when is_list(parts) <- result, do: {:ok, parts |> Enum.reverse() |> Enum.concat()}
  end

  defp error(reason, value, path) do
    {:error, %Error{reason: reason, value: value, path: Enum.reverse(path)}}
  end
end
