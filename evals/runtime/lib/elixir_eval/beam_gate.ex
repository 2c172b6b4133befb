defmodule ElixirEval.BeamGate do
  @moduledoc """
  Judges a compiled module of a candidate: the last gate, and the one that sees what will run.

  It reads the chunks of the BEAM file and the disassembled code:

    * every imported function is allowed to candidates, or one that the compiler and the allowed
      macros put in, or the candidate's own;
    * no `apply` instruction, and none of the calls that `ElixirEval.Guard` replaces: so every
      dynamic call goes through `ElixirEval.Dispatch`, whatever the other gates missed;
    * functions in literals are captures of what may be called;
    * no atom, in whatever place, is a name of a process or table of the VM, or a key that OTP keeps
      in the process dictionary (`$ancestors`, `$callers`);
    * no atom in the code is a module of the VM that a candidate may not name, nor one that could be
      started as a server;
    * no `on_load`, no native stubs, no attributes that mean something to the VM.

  Which capabilities a problem grants is the tracer's to judge; here a call is allowed when any
  capability allows it.
  """

  alias ElixirEval.{Allowed, Guard}

  @forbidden_operations ~w(apply apply_last on_load send)a

  @doc "Whether a compiled module may be loaded, given the names of all modules of the candidate."
  @spec check(binary, [module]) :: :ok | {:two_vms, String.t()}
  def check(beam, candidate_modules) do
    own = Map.new(candidate_modules, &{&1, true})

    {:ok, {_module, [imports: imports, atoms: atoms, attributes: attributes]}} =
      :beam_lib.chunks(beam, [:imports, :atoms, :attributes])

    {:beam_file, module, _exports, _attributes, _info, functions} = :beam_disasm.file(beam)

    unless is_map_key(own, module), do: stop("compiles to #{inspect(module)}")
    Enum.each(imports, &import!(&1, own))

    # Names of what it rightly calls; the name of a function of its own, or of none, is an atom that
    # an error would show it.
    called =
      for {module, name, _} = mfa <- imports,
          not is_map_key(own, module),
          Allowed.group(mfa) != nil or Allowed.compiled?(mfa),
          atom <- [module, name],
          into: %{},
          do: {atom, true}

    for {_, atom} <- atoms, not is_map_key(called, atom), do: atom!(atom)
    Enum.each(attributes, &attribute!/1)

    Enum.each(functions, fn {:function, _, _, _, code} ->
      Enum.each(code, &operation!(&1, own))
    end)

    :ok
  catch
    {:stop, why} -> {:two_vms, why}
  end

  defp import!({module, name, arity} = mfa, own) do
    cond do
      is_map_key(Guard.replaced(), mfa) ->
        stop("calls #{Exception.format_mfa(module, name, arity)} unguarded")

      is_map_key(own, module) or Allowed.group(mfa) != nil or Allowed.compiled?(mfa) ->
        :ok

      not Allowed.module?(module) and Allowed.unknown?(module) ->
        :ok

      Allowed.module?(module) and not :erlang.function_exported(module, name, arity) and
          not :erlang.is_builtin(module, name, arity) ->
        :ok

      true ->
        stop("calls #{Exception.format_mfa(module, name, arity)}")
    end
  end

  defp atom!(atom) do
    if why = Allowed.forbidden_atom(atom), do: stop(why)
  end

  defp attribute!({name, _}) when name in [:vsn, :behaviour, :dialyzer, :__protocol__, :__impl__],
    do: :ok

  defp attribute!({name, _}), do: stop("has the attribute #{inspect(name)}")

  defp operation!(operation, own) when is_tuple(operation) do
    case elem(operation, 0) do
      name when name in @forbidden_operations -> stop("uses #{name}")
      :func_info -> :ok
      :call_ext -> :ok
      :call_ext_last -> :ok
      :call_ext_only -> :ok
      _ -> operation |> Tuple.to_list() |> tl() |> Enum.each(&operand!(&1, own))
    end
  end

  # One without operands.
  defp operation!(name, _own) when name in @forbidden_operations, do: stop("uses #{name}")
  defp operation!(_, _own), do: :ok

  defp operand!({:atom, atom}, own), do: data!(atom, own)
  defp operand!({:literal, literal}, own), do: literal!(literal, own)
  defp operand!({:extfunc, _, _, _}, _own), do: :ok
  defp operand!({:tr, register, _type}, own), do: operand!(register, own)

  # A label holds names of the candidate's; an instruction named as one of its modules is none.
  defp operand!(tuple, own) when is_tuple(tuple) do
    if tuple_size(tuple) == 3 and is_atom(elem(tuple, 0)) and is_map_key(own, elem(tuple, 0)),
      do: :ok,
      else: tuple |> Tuple.to_list() |> tl() |> Enum.each(&operand!(&1, own))
  end

  defp operand!(list, own) when is_list(list), do: Enum.each(list, &operand!(&1, own))
  defp operand!(_, _own), do: :ok

  defp literal!(atom, own) when is_atom(atom), do: data!(atom, own)

  defp literal!(function, own) when is_function(function) do
    {:module, module} = :erlang.fun_info(function, :module)
    {:name, name} = :erlang.fun_info(function, :name)
    {:arity, arity} = :erlang.fun_info(function, :arity)
    import!({module, name, arity}, own)
  end

  defp literal!([head | tail], own) do
    literal!(head, own)
    literal!(tail, own)
  end

  defp literal!(tuple, own) when is_tuple(tuple), do: tuple |> Tuple.to_list() |> literal!(own)
  defp literal!(map, own) when is_map(map), do: map |> :maps.to_list() |> literal!(own)
  defp literal!(_, _own), do: :ok

  # An atom that the code holds as data.
  defp data!(atom, own) do
    if why = Allowed.forbidden_datum(atom, own), do: stop(why)
  end

  defp stop(why), do: throw({:stop, why})
end
