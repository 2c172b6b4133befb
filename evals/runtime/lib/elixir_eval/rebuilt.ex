defmodule ElixirEval.Rebuilt do
  @moduledoc """
  Modules of Elixir and OTP made anew from their own debug information, with something changed.

  They are made when the runtime is compiled, which happens in the sandbox, of the very modules that
  they replace when a VM boots.
  """

  @typedoc "Name, file and bytes."
  @type beam :: {module, charlist, binary}

  @doc "The module with `change` applied to its forms (Erlang's abstract format)."
  @spec module(module, ([tuple] -> [tuple])) :: beam
  def module(name, change) do
    file = :code.which(name)

    {:ok, {_, [debug_info: {:debug_info_v1, backend, data}]}} =
      :beam_lib.chunks(file, [:debug_info])

    {:ok, forms} = backend.debug_info(:erlang_v1, name, data, [])
    # Elixir's modules may define what Erlang would import.
    imports = if backend == :elixir_erl, do: [:no_auto_import], else: []
    options = [:return_errors, :no_spawn_compiler_process | imports]
    {:ok, ^name, beam} = :compile.noenv_forms(change.(forms), options)
    {name, file, beam}
  end

  @doc """
  Forms in which a function is `replacement`, called with the same arguments. `as` is the name that
  the original keeps, exported, if any. Raises when there is no such function.
  """
  @spec delegated([tuple], {atom, arity}, {module, atom}, atom) :: [tuple]
  def delegated(forms, {name, arity}, {module, function}, as \\ nil) do
    {changed, found} =
      Enum.flat_map_reduce(forms, false, fn
        {:function, at, ^name, ^arity, clauses}, _ ->
          variables = for n <- 1..arity//1, do: {:var, at, :"Argument#{n}"}
          there = {:remote, at, {:atom, at, module}, {:atom, at, function}}
          clause = {:clause, at, variables, [], [{:call, at, there, variables}]}
          kept = if as, do: [{:function, at, as, arity, clauses}], else: []
          {[{:function, at, name, arity, [clause]} | kept], true}

        form, found ->
          {[form], found}
      end)

    unless found, do: raise("there is no function #{name}/#{arity} to replace")
    if as, do: exported(changed, [{as, arity}]), else: changed
  end

  @doc """
  Forms in which calls of a function lead to another. `called` is its name and arity, or its module,
  name and arity. Raises when nothing calls it.
  """
  @spec redirected([tuple], mfa | {atom, arity}, {module, atom}) :: [tuple]
  def redirected(forms, called, there) do
    case redirect(forms, called, there) do
      ^forms -> raise("nothing calls #{inspect(called)}")
      changed -> changed
    end
  end

  defp redirect({:call, at, callee, arguments}, called, {module, function} = there)
       when is_list(arguments) do
    callee =
      if called == callee(callee, length(arguments)),
        do: {:remote, at, {:atom, at, module}, {:atom, at, function}},
        else: redirect(callee, called, there)

    {:call, at, callee, redirect(arguments, called, there)}
  end

  defp redirect(form, called, there) when is_tuple(form),
    do: form |> Tuple.to_list() |> redirect(called, there) |> List.to_tuple()

  defp redirect([head | tail], called, there),
    do: [redirect(head, called, there) | redirect(tail, called, there)]

  defp redirect(other, _, _), do: other

  defp callee({:atom, _, name}, arity), do: {name, arity}

  defp callee({:remote, _, {:atom, _, module}, {:atom, _, name}}, arity),
    do: {module, name, arity}

  defp callee(_, _), do: nil

  @doc "Forms that export these functions too. Raises when one is not defined."
  @spec exported([tuple], [{atom, arity}]) :: [tuple]
  def exported(forms, functions) do
    defined = for {:function, _, name, arity, _} <- forms, do: {name, arity}

    for function <- functions, function not in defined do
      raise "there is no function #{inspect(function)} to export"
    end

    Enum.flat_map(forms, fn
      {:attribute, at, :module, _} = form -> [form, {:attribute, at, :export, functions}]
      form -> [form]
    end)
  end

  @doc "Loads what was made, in place of the module of that name."
  @spec load(beam) :: :ok
  def load({name, file, beam}) do
    :code.unstick_mod(name)
    {:module, ^name} = :code.load_binary(name, file, beam)
    :code.soft_purge(name)
    :ok
  end
end
