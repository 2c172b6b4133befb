defmodule ElixirEval.Proxy.Modules do
  @moduledoc """
  The candidate's modules as they appear in the host: every function crosses the pipe.

  `describe/1` runs in the candidate VM and tells what a module exports; `check/1` and `define/1`
  run in the host, on what arrived. A proxy holds no code of the candidate's: names, arities and
  the literal of its struct, turned into functions that we wrote. Macros are not offered, since
  a macro's result would be compiled, and so run, in the host.
  """

  alias ElixirEval.Proxy.Names

  @max_modules 200
  @max_functions 2_000
  @generated [module_info: 0, module_info: 1, __info__: 1, __impl__: 1]

  @doc "What the host needs to know of a loaded module."
  def describe(module) do
    exports = Enum.reject(module.module_info(:exports), &hidden?/1)
    macros = if function_exported?(module, :__info__, 1), do: module.__info__(:macros), else: []

    %{
      name: module,
      functions: exports,
      macros: macros,
      struct: if({:__struct__, 0} in exports, do: module.__struct__()),
      enforced: if({:__struct__, 1} in exports, do: enforced(module), else: []),
      implements: implements(module, exports)
    }
  end

  # Keys without which it cannot be built.
  defp enforced(module) do
    keys = module.__struct__() |> Map.keys() |> List.delete(:__struct__)

    Enum.filter(keys, fn key ->
      try do
        module.__struct__(for other <- keys, other != key, do: {other, nil})
        false
      rescue
        ArgumentError -> true
      end
    end)
  end

  defp hidden?({name, arity}) do
    {name, arity} in [module_info: 0, module_info: 1, __info__: 1] or
      String.starts_with?(Atom.to_string(name), "MACRO-")
  end

  defp implements(module, exports) do
    if {:__impl__, 1} in exports,
      do: {module.__impl__(:protocol), module.__impl__(:for)}
  end

  @doc "What arrived as a list of descriptions, if it is one, without what the host will not have."
  def check(modules) when is_list(modules) and length(modules) <= @max_modules do
    if Enum.all?(modules, &description?/1) do
      structs = for %{struct: %{}, name: name} <- modules, Names.free_module?(name), do: name
      allowed = Enum.filter(modules, &(allowed?(&1, structs) and Names.free_module?(&1.name)))
      {:ok, Enum.map(allowed, &limited/1)}
    else
      :error
    end
  end

  def check(_), do: :error

  # Whatever the candidate VM says that it exports: the compiler would ask a macro for code to put
  # into the tests. It also builds structs, with what the tests expect as arguments.
  defp limited(module) do
    functions = Enum.reject(module.functions, &(hidden?(&1) or elem(&1, 0) == :__struct__))
    structs = if module.struct, do: [__struct__: 0, __struct__: 1], else: []
    %{module | macros: [], functions: structs ++ functions}
  end

  defp description?(%{
         name: name,
         functions: functions,
         macros: macros,
         struct: struct,
         implements: implements
       })
       when is_atom(name) and is_list(functions) and is_list(macros) and
              length(functions) <= @max_functions do
    Enum.all?(functions ++ macros, &function?/1) and struct?(struct, name) and
      (implements == nil or match?({p, f} when is_atom(p) and is_atom(f), implements))
  end

  defp description?(_), do: false

  defp function?({name, arity}) when is_atom(name) and is_integer(arity), do: arity in 0..255
  defp function?(_), do: false

  defp struct?(nil, _), do: true
  defp struct?(%{__struct__: name}, name), do: true
  defp struct?(_, _), do: false

  # A module named after a protocol of the host is that protocol's implementation, for everyone. It
  # is let in only where it concerns the candidate's own structs.
  defp allowed?(%{name: name, implements: implements}, structs) do
    case implements do
      {protocol, for} ->
        Module.concat(protocol, for) == name and
          (for in structs or not Names.host_module?(protocol))

      nil ->
        not Names.below_protocol?(name)
    end
  end

  @doc "Compiles and loads a proxy for each description; returns their names."
  def define(modules) do
    for %{name: name} = module <- modules do
      {:ok, ^name, binary} = :compile.forms(forms(module), [:return_errors])
      {:module, ^name} = :code.load_binary(name, ~c"candidate.ex", binary)
      name
    end
  end

  @doc "Unloads proxies."
  def remove(names) do
    for name <- names do
      :code.purge(name)
      :code.delete(name)
      :code.purge(name)
    end

    :ok
  end

  defp forms(%{name: name, functions: functions, macros: macros} = module) do
    functions = functions |> Enum.uniq() |> Enum.reject(&(&1 in @generated))
    generated = [{:__info__, 1} | if(module.implements, do: [{:__impl__, 1}], else: [])]

    [
      {:attribute, 1, :file, {~c"candidate.ex", 1}},
      {:attribute, 1, :module, name},
      {:attribute, 1, :export, generated ++ functions},
      info(module, functions, macros)
    ] ++
      implementation(module) ++
      Enum.map(functions, &function(&1, module))
  end

  defp info(module, functions, macros) do
    fields =
      for {field, default} <- Map.to_list(module.struct || %{}), field != :__struct__ do
        %{field: field, default: default}
      end

    answers = [
      module: module.name,
      functions: Enum.sort(functions -- [behaviour_info: 1]),
      macros: macros,
      struct: if(module.struct, do: fields),
      attributes: [],
      compile: [],
      deprecated: [],
      md5: <<0::128>>
    ]

    {:function, 1, :__info__, 1, for({key, value} <- answers, do: clause([key], value))}
  end

  defp implementation(%{implements: nil}), do: []

  defp implementation(%{name: name, implements: {protocol, for}}) do
    answers = [for: for, protocol: protocol, target: name]
    [{:function, 1, :__impl__, 1, for({key, value} <- answers, do: clause([key], value))}]
  end

  defp function({:__struct__, 0}, %{struct: %{} = struct}),
    do: {:function, 1, :__struct__, 0, [clause([], struct)]}

  defp function({:__struct__, 1}, %{struct: %{} = struct} = module) do
    enforced = for key <- List.wrap(module[:enforced]), is_map_key(struct, key), do: key
    target = {:remote, 1, {:atom, 1, __MODULE__}, {:atom, 1, :build}}
    call = {:call, 1, target, [abstract(struct), abstract(enforced), {:var, 1, :A}]}
    {:function, 1, :__struct__, 1, [{:clause, 1, [{:var, 1, :A}], [], [call]}]}
  end

  defp function({name, arity}, %{name: module}) do
    variables = for n <- 1..arity//1, do: {:var, 1, :"A#{n}"}
    list = Enum.reduce(Enum.reverse(variables), {nil, 1}, &{:cons, 1, &1, &2})

    call =
      {:call, 1, {:remote, 1, {:atom, 1, ElixirEval.Proxy}, {:atom, 1, :call}},
       [{:atom, 1, module}, {:atom, 1, name}, list]}

    {:function, 1, name, arity, [{:clause, 1, variables, [], [call]}]}
  end

  @doc false
  def build(struct, enforced, fields) do
    built = Enum.reduce(fields, struct, fn {key, value}, built -> %{built | key => value} end)

    case enforced -- for({key, _} <- fields, do: key) do
      [] ->
        built

      missing ->
        raise ArgumentError,
              "the following keys must also be given when building struct " <>
                "#{inspect(struct.__struct__)}: #{inspect(missing)}"
    end
  end

  defp clause(arguments, value) do
    {:clause, 1, Enum.map(arguments, &:erl_parse.abstract/1), [], [abstract(value)]}
  end

  # A default that is no literal (a function, a process) cannot stand in a module.
  defp abstract(value) do
    :erl_parse.abstract(value)
  rescue
    _ -> {:atom, 1, nil}
  end
end
