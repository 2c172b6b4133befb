defmodule TextFilters do
  @moduledoc "Pipelines of filters that go over the lines of a text."

  defmodule Filter do
    @moduledoc "What a filter must do."

    @callback init(arguments :: [String.t()]) :: {:ok, state :: term()} | {:error, term()}
    @callback line(String.t(), state :: term()) :: {[String.t()], state :: term()}
    @callback finish(state :: term()) :: [String.t()]

    @optional_callbacks finish: 1
  end

  defmodule Replace do
    @moduledoc "Replaces one text by another."

    @behaviour Filter

    @impl Filter
    def init([from, to]) when from != "", do: {:ok, {from, to}}
    def init(_arguments), do: {:error, :arguments}

    @impl Filter
    def line(line, {from, to} = state), do: {[String.replace(line, from, to)], state}
  end

  defmodule Number do
    @moduledoc "Numbers the lines."

    @behaviour Filter

    @impl Filter
    def init([]), do: {:ok, 1}

    def init([start]) do
      if start =~ ~r/\A-?[0-9]+\z/,
        do: {:ok, String.to_integer(start)},
        else: {:error, :arguments}
    end

    def init(_arguments), do: {:error, :arguments}

    @impl Filter
    def line(line, number), do: {["#{number}: #{line}"], number + 1}
  end

  defmodule Unique do
    @moduledoc "Lets each line pass once."

    @behaviour Filter

    @impl Filter
    def init([]), do: {:ok, MapSet.new()}
    def init(_arguments), do: {:error, :arguments}

    @impl Filter
    def line(line, seen) do
      if line in seen, do: {[], seen}, else: {[line], MapSet.put(seen, line)}
    end
  end

  defmodule Sort do
    @moduledoc "Sorts all lines."

    @behaviour Filter

    @impl Filter
    def init([]), do: {:ok, {:asc, []}}
    def init(["desc"]), do: {:ok, {:desc, []}}
    def init(_arguments), do: {:error, :arguments}

    @impl Filter
    def line(line, {order, held}), do: {[], {order, [line | held]}}

    @impl Filter
    def finish({order, held}), do: Enum.sort(held, order)
  end

  @filters %{"replace" => Replace, "number" => Number, "unique" => Unique, "sort" => Sort}

  @doc "Reads a pipeline: a list of `{module, state}`."
  def compile(text) do
    if String.trim(text) == "", do: {:ok, []}, else: compile_each(String.split(text, "|"))
  end

  defp compile_each(texts) do
    texts
    |> Enum.with_index(1)
    |> Enum.reduce_while([], fn {text, position}, filters ->
      case filter(String.split(text)) do
        {:ok, filter} -> {:cont, [filter | filters]}
        {:error, reason} -> {:halt, {:error, {position, reason}}}
      end
    end)
    |> case do
      {:error, error} -> {:error, error}
      filters -> {:ok, Enum.reverse(filters)}
    end
  end

  defp filter([]), do: {:error, :empty}

  defp filter([name | arguments]) do
    with {:ok, module} <- find(name),
         {:ok, state} <- module.init(arguments) do
      {:ok, {module, state}}
    end
  end

  defp find(name) do
    with :error <- Map.fetch(@filters, name), do: {:error, {:unknown, name}}
  end

  @doc "Sends lines through a pipeline."
  def run(pipeline, lines), do: Enum.reduce(pipeline, Enum.to_list(lines), &through/2)

  defp through({module, state}, lines) do
    {passed, state} = Enum.flat_map_reduce(lines, state, &module.line/2)

    if function_exported?(module, :finish, 1),
      do: passed ++ module.finish(state),
      else: passed
  end
end
