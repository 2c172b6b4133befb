defmodule ElixirEval.Bodies do
  @moduledoc """
  Evaluates the bodies of modules, where Elixir compiles each one to a module of its own first.

  A body runs once, and mostly registers definitions: to compile it costs half as much as to compile
  the functions that it defines. One that may loop (it holds a comprehension or a function of its
  own) is compiled as ever, so a body that computes much is no slower than it was.

  Elixir's compiler offers no such choice in this version. So the one function of it that runs a
  body is replaced at boot, in a module made from Elixir's own debug information. What the gates see
  of a body, its source and its expansion under the tracer, is as before.
  """

  alias ElixirEval.Rebuilt

  @beam Rebuilt.module(:elixir_compiler, fn forms ->
          forms
          |> Rebuilt.delegated({:compile, 4}, {__MODULE__, :run})
          |> Rebuilt.exported(spawned_compile: 3, dispatch: 4)
        end)

  @doc "Puts the replacement into Elixir's compiler; once, at boot."
  @spec install() :: :ok
  def install, do: Rebuilt.load(@beam)

  @doc false
  def run(body, values, options, env) do
    {expanded, state, env_after} =
      :elixir_expand.expand(kept(body, env.line), :elixir_env.env_to_ex(env), env)

    :elixir_env.check_unused_vars(state, env_after)
    {variables, scope} = :elixir_erl_var.from_env(env)
    {code, _} = :elixir_erl_pass.translate(expanded, :erl_anno.new(env.line), scope)

    value =
      if loops?(code),
        do: compiled(expanded, values, options, env),
        else: evaluated(code, variables, values, env)

    {value, state, env_after}
  end

  # The call that fails last should be in the stack, so none is the last.
  defp kept(body, line) do
    at = [line: line]
    result = {:result, at, __MODULE__}

    {:__block__, at,
     [{:=, at, [result, body]}, {{:., at, [:elixir_utils, :noop]}, at, []}, result]}
  end

  defp compiled(expanded, values, options, env) do
    compile = fn -> apply(:elixir_compiler, :spawned_compile, [expanded, options, env]) end
    {module, name, purgeable} = :elixir_erl_compiler.spawn(compile)
    apply(:elixir_compiler, :dispatch, [module, name, List.to_tuple(values), purgeable])
  end

  defp evaluated(code, variables, values, env) do
    bindings = for {{_, name}, value} <- Enum.zip(variables, values), into: %{}, do: {name, value}
    name = if env.module == nil, do: :__FILE__, else: :__MODULE__
    place = {env.module || :elixir_compiler, name, String.to_charlist(env.file)}
    external = {:value, fn at, called, arguments -> call(called, arguments, at, place) end}
    {:value, value, _} = :erl_eval.expr(code, bindings, :none, external, :none)
    value
  end

  # An error is shown with the line of the body where the call stands, and without the evaluator.
  defp call(called, arguments, at, place) do
    case called do
      {module, name} -> apply(module, name, arguments)
      function -> apply(function, arguments)
    end
  catch
    kind, reason -> :erlang.raise(kind, reason, stack(__STACKTRACE__, at, place))
  end

  defp stack(frames, at, {module, name, file}) do
    above = Enum.take_while(frames, &(elem(&1, 0) not in [__MODULE__, :erl_eval]))
    above ++ [{module, name, 1, [file: file, line: :erl_anno.line(at)]}]
  end

  defp loops?({:fun, _, {:clauses, _}}), do: true
  defp loops?(code) when is_tuple(code) and elem(code, 0) in [:named_fun, :lc, :bc, :mc], do: true
  defp loops?(code) when is_tuple(code), do: code |> Tuple.to_list() |> loops?()
  defp loops?([head | tail]), do: loops?(head) or loops?(tail)
  defp loops?(_), do: false
end
