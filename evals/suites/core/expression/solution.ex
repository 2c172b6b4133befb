defmodule Expression do
  @moduledoc "Arithmetic over integers: reading, evaluating and writing expressions."

  @sums ["+", "-"]
  @products ["*", "/", "%"]
  @operators %{"+" => :+, "-" => :-, "*" => :*, "/" => :/, "%" => :%, "^" => :^}
  @unary 3

  @doc "The tree of a text."
  def parse(text) do
    with {:ok, tree, rest} <- text |> tokens(0, []) |> sum() do
      case rest do
        [{:end, _position}] -> {:ok, tree}
        rest -> unexpected(rest)
      end
    end
  end

  defp tokens("", position, found), do: Enum.reverse([{:end, position} | found])

  defp tokens(text, position, found) do
    {found_text, kind, rest} = token(text)
    found = if kind == :space, do: found, else: [{found_text, kind, position} | found]
    tokens(rest, position + String.length(found_text), found)
  end

  defp token(text) do
    patterns = [
      space: ~r/\A[ \t\r\n]+/,
      number: ~r/\A[0-9]+/,
      name: ~r/\A[a-z_][a-z0-9_]*/,
      sign: ~r/\A[-+*\/%^(),]/
    ]

    Enum.find_value(patterns, fn {kind, pattern} ->
      with [found] <- Regex.run(pattern, text) do
        {found, kind, String.replace_prefix(text, found, "")}
      end
    end) || unknown(text)
  end

  defp unknown(text) do
    {character, rest} = String.next_grapheme(text)
    {character, :unknown, rest}
  end

  defp sum(tokens), do: left(tokens, &product/1, @sums)
  defp product(tokens), do: left(tokens, &unary/1, @products)

  # A chain of operators that group to the left.
  defp left(tokens, operand, signs) do
    with {:ok, first, rest} <- operand.(tokens), do: left(first, rest, operand, signs)
  end

  defp left(tree, [{sign, :sign, _position} | rest] = tokens, operand, signs) do
    if sign in signs do
      with {:ok, right, rest} <- operand.(rest) do
        left({@operators[sign], tree, right}, rest, operand, signs)
      end
    else
      {:ok, tree, tokens}
    end
  end

  defp left(tree, tokens, _operand, _signs), do: {:ok, tree, tokens}

  defp unary([{"-", :sign, _position} | rest]) do
    with {:ok, tree, rest} <- unary(rest), do: {:ok, {:negate, tree}, rest}
  end

  defp unary(tokens) do
    with {:ok, base, [{"^", :sign, _position} | rest]} <- primary(tokens),
         {:ok, exponent, rest} <- unary(rest) do
      {:ok, {:^, base, exponent}, rest}
    end
  end

  defp primary([{digits, :number, _position} | rest]) do
    {:ok, {:number, String.to_integer(digits)}, rest}
  end

  defp primary([{name, :name, _}, {"(", :sign, _} | rest]) do
    with {:ok, arguments, rest} <- arguments(rest, []), do: {:ok, {:call, name, arguments}, rest}
  end

  defp primary([{name, :name, _position} | rest]), do: {:ok, {:variable, name}, rest}

  defp primary([{"(", :sign, _position} | rest]) do
    case sum(rest) do
      {:ok, tree, [{")", :sign, _} | rest]} -> {:ok, tree, rest}
      {:ok, _tree, rest} -> unexpected(rest)
      error -> error
    end
  end

  defp primary(tokens), do: unexpected(tokens)

  defp arguments(tokens, found) do
    case sum(tokens) do
      {:ok, tree, [{",", :sign, _} | rest]} -> arguments(rest, [tree | found])
      {:ok, tree, [{")", :sign, _} | rest]} -> {:ok, Enum.reverse([tree | found]), rest}
      {:ok, _tree, rest} -> unexpected(rest)
      error -> error
    end
  end

  defp unexpected([{:end, position} | _]), do: {:error, {position, :end}}
  defp unexpected([{token, _kind, position} | _]), do: {:error, {position, token}}

  @doc "The value of a tree."
  def eval({:number, n}, _variables), do: {:ok, n}

  def eval({:variable, name}, variables) do
    with :error <- Map.fetch(variables, name), do: {:error, {:unbound, name}}
  end

  def eval({:negate, tree}, variables) do
    with {:ok, value} <- eval(tree, variables), do: {:ok, -value}
  end

  def eval({:call, name, arguments}, variables) do
    with {:ok, values} <- eval_all(arguments, variables, []), do: apply_function(name, values)
  end

  def eval({operator, left, right}, variables) do
    with {:ok, a} <- eval(left, variables), {:ok, b} <- eval(right, variables) do
      operate(operator, a, b)
    end
  end

  # The values come out last one first, which is all the same to these functions.
  defp eval_all([], _variables, values), do: {:ok, values}

  defp eval_all([tree | rest], variables, values) do
    with {:ok, value} <- eval(tree, variables), do: eval_all(rest, variables, [value | values])
  end

  defp operate(:+, a, b), do: {:ok, a + b}
  defp operate(:-, a, b), do: {:ok, a - b}
  defp operate(:*, a, b), do: {:ok, a * b}
  defp operate(:^, _a, b) when b < 0, do: {:error, :negative_exponent}
  defp operate(:^, a, b), do: {:ok, Integer.pow(a, b)}
  defp operate(_division, _a, 0), do: {:error, :division_by_zero}
  defp operate(:/, a, b), do: {:ok, Integer.floor_div(a, b)}
  defp operate(:%, a, b), do: {:ok, Integer.mod(a, b)}

  defp apply_function("min", values), do: {:ok, Enum.min(values)}
  defp apply_function("max", values), do: {:ok, Enum.max(values)}
  defp apply_function("abs", [value]), do: {:ok, abs(value)}
  defp apply_function(name, values), do: {:error, {:undefined, name, length(values)}}

  @doc "The text of a tree, without parentheses that are not needed."
  def to_string({:number, n}), do: Integer.to_string(n)
  def to_string({:variable, name}), do: name
  def to_string({:negate, tree}), do: "-" <> within(tree, @unary)

  def to_string({:call, name, arguments}) do
    "#{name}(#{Enum.map_join(arguments, ", ", &__MODULE__.to_string/1)})"
  end

  # What stands right of `^` is read as a unary expression, what stands left of it is not.
  def to_string({:^, base, exponent}), do: within(base, 5) <> "^" <> within(exponent, @unary)

  def to_string({operator, left, right} = tree) do
    level = level(tree)
    "#{within(left, level)} #{operator} #{within(right, level + 1)}"
  end

  defp within(tree, lowest) do
    if level(tree) < lowest,
      do: "(#{__MODULE__.to_string(tree)})",
      else: __MODULE__.to_string(tree)
  end

  defp level({operator, _, _}) when operator in [:+, :-], do: 1
  defp level({operator, _, _}) when operator in [:*, :/, :%], do: 2
  defp level({:negate, _}), do: @unary
  defp level({:^, _, _}), do: 4
  defp level(_primary), do: 5
end
