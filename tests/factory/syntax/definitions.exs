# Lists the definitions of Elixir files as Elixir's own parser sees them: the truth that the outline
# is compared with. Reads paths from standard input, one a line; prints one line per fact, fields
# separated by tabs, free text in Base64.

defmodule Definitions do
  @functions [:def, :defp, :defmacro, :defmacrop, :defguard, :defguardp, :defdelegate]
  @types [:type, :typep, :opaque]

  def file(path) do
    case path |> File.read!() |> Code.string_to_quoted() do
      {:ok, ast} ->
        put(["file", path])
        walk(statements(ast), nil, MapSet.new())

      {:error, _} ->
        put(["unreadable", path])
    end
  end

  # Goes through the statements of one block; the accumulator is {documentation that waits,
  # functions seen so far}.
  defp walk(statements, module, known) do
    {_doc, seen} = Enum.reduce(statements, {"-", MapSet.new()}, &statement(&1, &2, module, known))
    seen
  end

  defp statement({kind, _, args}, {_, seen}, module, _) when kind in [:defmodule, :defprotocol] do
    case args do
      [{:__aliases__, _, parts}, [{:do, body}]] ->
        name = parts |> Enum.map_join(".", &to_string/1) |> nest(module)
        open(kind, name, body)

      [name, [{:do, body}]] when is_atom(name) ->
        open(kind, inspect(name), body)

      _ ->
        :ok
    end

    {"-", seen}
  end

  defp statement({:defimpl, _, [protocol | rest]}, {_, seen}, module, _) do
    options = rest |> List.flatten() |> Enum.filter(&is_tuple/1)
    target = options |> Enum.find_value(module, fn {key, value} -> key == :for && value end)
    target = if is_list(target), do: hd(target), else: target
    body = Enum.find_value(options, fn {key, value} -> key == :do && value end)
    open(:defimpl, "#{label(protocol)}.#{label(target)}", body)
    {"-", seen}
  end

  defp statement({kind, _, [{:when, _, [head | _]} | rest]}, acc, module, known)
       when kind in @functions,
       do: statement({kind, [], [head | rest]}, acc, module, known)

  defp statement({kind, _, [head | rest]}, {doc, seen}, module, known) when kind in @functions do
    case head do
      {{:unquote, _, [name]}, _, args} when is_atom(name) -> clause(name, args, kind, doc, module)
      {{:unquote, _, _}, _, _} -> :skip
      {:unquote, _, [_]} -> :skip
      {name, _, context} when is_atom(context) -> clause(name, [], kind, doc, module)
      {name, _, args} when is_atom(name) -> clause(name, args, kind, doc, module)
      _ -> :skip
    end
    |> case do
      :skip -> {"-", seen}
      {key, _} when is_nil(module) -> {rest && "-", MapSet.put(seen, key)}
      {key, fields} -> {if(key in known, do: "-", else: put(fields) && "-"), MapSet.put(seen, key)}
    end
  end

  defp statement({:@, _, [{:moduledoc, _, [value]}]}, acc, module, _) do
    unless Keyword.keyword?(value) and value != [], do: put(["moduledoc", module, doc(value)])
    acc
  end

  defp statement({:@, _, [{:doc, _, [value]}]}, {doc, seen}, _, _),
    do: {if(Keyword.keyword?(value) and value != [], do: doc, else: doc(value)), seen}

  defp statement({:@, _, [{:spec, _, [spec]}]}, acc, module, _) do
    typed("spec", spec, module)
    acc
  end

  defp statement({:@, _, [{kind, _, [spec]}]}, {_, seen}, module, _)
       when kind in [:callback, :macrocallback] do
    typed("callback", spec, module)
    {"-", seen}
  end

  defp statement({:@, _, [{kind, _, [type]}]}, acc, module, _) when kind in @types do
    typed(to_string(kind), type, module)
    acc
  end

  defp statement({:@, _, [{_, _, [_]}]}, acc, _, _), do: acc
  defp statement({kind, _, [_ | _]}, acc, _, _) when kind in [:use, :import, :alias, :require], do: acc

  defp statement({kind, _, [_, [_ | _] = branches]}, {_, seen}, module, known)
       when kind in [:if, :unless] do
    first = walk(statements(branches[:do]), module, known)
    all = seen |> MapSet.union(first) |> MapSet.union(known)
    second = walk(statements(branches[:else]), module, all)
    {"-", seen |> MapSet.union(first) |> MapSet.union(second)}
  end

  defp statement({:test, _, [name | _]}, {_, seen}, module, _) when is_binary(name) do
    put(["test", module, encode(name)])
    {"-", seen}
  end

  defp statement({:describe, _, [name, [{_, body}]]}, {_, seen}, module, known) do
    put(["describe", module, encode(name)])
    inside = walk(statements(body), module, known)
    put(["describe", module, "="])
    {"-", MapSet.union(seen, inside)}
  end

  defp statement(_, {_, seen}, _, _), do: {"-", seen}

  defp open(kind, name, body) do
    put([kind, name])
    walk(statements(body), name, MapSet.new())
  end

  defp clause(name, args, kind, doc, module) do
    defaults = Enum.count(args, &match?({:\\, _, _}, &1))
    {{name, length(args)}, ["clause", module, kind, name, length(args), defaults, doc]}
  end

  defp typed(kind, {:when, _, [inner | _]}, module), do: typed(kind, inner, module)

  defp typed(kind, {:"::", _, [{name, _, args}, _]}, module) when is_atom(name) and name != :unquote,
    do: put([kind, module, name, if(is_list(args), do: length(args), else: 0)])

  defp typed(_, _, _), do: :ok

  defp doc(false), do: "hidden"
  defp doc(text) when is_binary(text), do: encode(text)
  defp doc({:sigil_S, _, [{:<<>>, _, [text]}, _]}) when is_binary(text), do: encode(text)

  defp doc({:sigil_s, _, [{:<<>>, _, [text]}, _]}) when is_binary(text),
    do: encode(Macro.unescape_string(text))

  defp doc(_), do: encode("")

  defp statements({:__block__, _, list}), do: list
  defp statements(nil), do: []
  defp statements(one), do: [one]

  defp nest(name, nil), do: name
  defp nest("Elixir." <> name, _), do: name
  defp nest(name, module), do: module <> "." <> name

  defp label({:__aliases__, _, parts}), do: Enum.map_join(parts, ".", &to_string/1)
  defp label(other) when is_binary(other), do: other
  defp label(other), do: Macro.to_string(other)

  defp encode(text), do: "=" <> Base.encode64(text)
  defp put(fields), do: IO.puts(Enum.map_join(fields, "\t", &to_string/1))
end

IO.stream() |> Enum.each(&(&1 |> String.trim_trailing("\n") |> Definitions.file()))
