defmodule ElixirEval.Signatures do
  @moduledoc """
  What Elixir's checker of types and of undefined functions knows of the modules of the standard
  library, looked up once.

  The checker reads it from each module's file, for every candidate anew: a tenth of the time that a
  candidate takes. Here it is a literal, made by the checker itself when the runtime is compiled. It
  holds of what a candidate may not redefine only, and of modules that are not in it the checker
  finds out as ever.
  """

  alias ElixirEval.Allowed

  generated = Allowed.Macros.generated() ++ Allowed.Macros.compiled()

  modules =
    for {name, _, _} <- :code.all_available(),
        module = List.to_atom(name),
        Allowed.module?(module) or List.keymember?(generated, module, 0),
        do: module

  {:ok, {_, table} = cache} = Module.ParallelChecker.start_link()

  for module <- Enum.uniq([:erlang | modules]),
      do: Module.ParallelChecker.fetch_export(cache, module, :__info__, 1)

  rows = :ets.tab2list(table)
  Module.ParallelChecker.stop(cache)

  @known (for {module, mode} <- rows, is_atom(module), mode != false, into: %{} do
            exports =
              for {{^module, function}, deprecated, signature} <- rows,
                  into: %{},
                  do: {function, {deprecated, signature}}

            {module, {mode, exports}}
          end)

  @doc "As `Module.ParallelChecker.fetch_export/4`."
  def fetch(cache, module, name, arity) do
    function = {name, arity}

    case @known do
      %{^module => {mode, exports}} ->
        case exports do
          %{^function => {deprecated, signature}} -> {:ok, mode, deprecated, signature}
          _ -> {:error, :function}
        end

      _ ->
        apply(Module.ParallelChecker, :fetch_unknown, [cache, module, name, arity])
    end
  end
end
