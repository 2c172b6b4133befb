defmodule ElixirEval.Gate.Modules do
  @moduledoc """
  The names of the modules that a source defines: nested ones, protocols and implementations too.

  It follows aliases and nesting by the syntax alone. Where that is not what the compiler makes of
  it, the compilation is stopped (see `ElixirEval.Tracer`), so a mistake here costs time, not safety.
  """

  @type found :: %{module: module, kind: :module | :protocol | :implementation, for: module | nil}

  @doc "Every module that the source defines, outermost first; nil when a name is not literal."
  @spec find(Macro.t()) :: [found] | nil
  def find(ast) do
    {found, _} = statements(block(ast), %{module: nil, aliases: %{}}, [])
    Enum.reverse(found)
  catch
    :not_literal -> nil
  end

  @doc "The statements of a body."
  @spec block(Macro.t()) :: [Macro.t()]
  def block({:__block__, _, statements}), do: statements
  def block(nil), do: []
  def block(statement), do: [statement]

  defp statements(list, env, found) do
    Enum.reduce(list, {found, env}, fn statement, {found, env} ->
      statement(statement, env, found)
    end)
  end

  defp statement({:alias, _, [{{:., _, [base, :{}]}, _, names} | _]}, env, found) do
    base = resolve(base, env)

    aliases =
      for {:__aliases__, _, parts} <- names, into: env.aliases do
        {List.last(parts), Module.concat([base | parts])}
      end

    {found, %{env | aliases: aliases}}
  end

  defp statement({:alias, _, [module]}, env, found), do: {found, aliased(module, nil, env)}

  defp statement({kind, _, [module, options]}, env, found)
       when kind in [:alias, :require] and is_list(options),
       do: {found, aliased(module, options[:as], env)}

  defp statement({kind, _, [name | rest]}, env, found) when kind in [:defmodule, :defprotocol] do
    {module, env} = define(name, env)

    found = [
      %{module: module, kind: if(kind == :defmodule, do: :module, else: :protocol), for: nil}
      | found
    ]

    {found, _} = statements(body(rest), %{env | module: module}, found)
    {found, env}
  end

  defp statement({:defimpl, _, [protocol | rest]}, env, found) do
    protocol = resolve(protocol, env)

    targets =
      case Enum.find_value(rest, &(is_list(&1) and Keyword.keyword?(&1) and &1[:for])) do
        nil -> [env.module || throw(:not_literal)]
        targets when is_list(targets) -> Enum.map(targets, &resolve(&1, env))
        target -> [resolve(target, env)]
      end

    found =
      Enum.reduce(targets, found, fn target, found ->
        [%{module: Module.concat(protocol, target), kind: :implementation, for: target} | found]
      end)

    {found, _} =
      statements(body(rest), %{env | module: Module.concat(protocol, hd(targets))}, found)

    {found, env}
  end

  # `@derive` has the protocol define an implementation.
  defp statement({:@, _, [{:derive, _, [protocols]}]}, %{module: module} = env, found)
       when module != nil do
    derived =
      for protocol <- List.wrap(protocols) do
        name =
          if is_tuple(protocol) and tuple_size(protocol) == 2,
            do: elem(protocol, 0),
            else: protocol

        %{module: Module.concat(resolve(name, env), module), kind: :implementation, for: module}
      end

    {Enum.reverse(derived) ++ found, env}
  end

  defp statement(_other, env, found), do: {found, env}

  defp body(arguments) do
    block(Enum.find_value(arguments, &(is_list(&1) and Keyword.keyword?(&1) and &1[:do])) || nil)
  end

  # A module inside another takes its name, and is known by its own from there on.
  defp define({:__aliases__, _, [:"Elixir" | _] = parts}, env) when is_list(parts),
    do: {Module.concat(literal(parts)), env}

  defp define({:__aliases__, _, [first | _] = parts}, %{module: outer} = env)
       when outer != nil and is_atom(first) do
    {Module.concat([outer | literal(parts)]),
     %{env | aliases: Map.put(env.aliases, first, Module.concat(outer, first))}}
  end

  defp define(name, env), do: {resolve(name, env), env}

  defp aliased({:__aliases__, _, parts} = module, nil, env),
    do: %{env | aliases: Map.put(env.aliases, List.last(parts), resolve(module, env))}

  defp aliased(module, {:__aliases__, _, [name]}, env),
    do: %{env | aliases: Map.put(env.aliases, name, resolve(module, env))}

  defp aliased(_, _, env), do: env

  defp resolve({:__aliases__, _, [{:__MODULE__, _, context} | rest]}, %{module: module})
       when is_atom(context) and module != nil,
       do: Module.concat([module | literal(rest)])

  defp resolve({:__aliases__, _, [first | rest]}, env) when is_atom(first) do
    case env.aliases do
      %{^first => module} -> Module.concat([module | literal(rest)])
      _ -> Module.concat(literal([first | rest]))
    end
  end

  defp resolve({:__MODULE__, _, context}, %{module: module})
       when is_atom(context) and module != nil,
       do: module

  defp resolve(module, _env) when is_atom(module) and module != nil, do: module
  defp resolve(_, _), do: throw(:not_literal)

  defp literal(parts), do: if(Enum.all?(parts, &is_atom/1), do: parts, else: throw(:not_literal))
end
