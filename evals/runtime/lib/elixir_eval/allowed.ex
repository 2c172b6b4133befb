defmodule ElixirEval.Allowed do
  @moduledoc """
  What a candidate may call in the warm VM, as one table that every gate reads.

  It is a list of what is allowed; what it does not name is not. The names are data, in
  `ElixirEval.Allowed.Pure`, `.Processes` and `.Macros`; here they are expanded, once, at compile
  time, to module, function and arity.

  It does not say that a call is right, nor that it ends; and it says nothing about calls that a
  candidate never makes itself but that allowed functions make for it. Those that apply a module and
  function given as data are hardened by `ElixirEval.Dispatch`.
  """

  alias ElixirEval.Allowed.{Macros, Processes, Pure}
  alias ElixirEval.Dispatch

  @typedoc """
  What belongs to the VM and the tests: modules that exist, names of processes and tables, and
  modules of the tests (whose definition by a candidate is refused outright).
  """
  @type reserved :: %{
          modules: %{module => true},
          names: %{atom => true},
          tests: %{module => true},
          servers: %{module => true}
        }

  expand = fn module, names, kind ->
    Code.ensure_loaded!(module)

    exports =
      cond do
        not function_exported?(module, :__info__, 1) -> module.module_info(:exports)
        kind == :macros -> module.__info__(:macros)
        true -> module.__info__(:functions) ++ [behaviour_info: 1]
      end

    for name <- names,
        {function, arity} <- exports,
        name in ["#{function}", "#{function}/#{arity}"],
        do: {module, function, arity}
  end

  private = [
    :module_info,
    :__info__,
    :on_load,
    :init,
    :handle_call,
    :handle_info,
    :behaviour_info
  ]

  whole =
    for module <- Pure.whole(), {:module, _} <- [Code.ensure_loaded(module)], reduce: [] do
      acc ->
        exports =
          if function_exported?(module, :__info__, 1),
            do: module.__info__(:functions),
            else: module.module_info(:exports)

        for({f, a} <- exports, f not in private, do: {module, f, a}) ++ acc
    end

  partly =
    Enum.flat_map(Pure.partly(), fn {module, names} -> expand.(module, names, :functions) end)

  grouped =
    for {group, modules} <- Processes.groups(),
        {module, names} <- modules,
        mfa <- expand.(module, names, :functions),
        do: {mfa, group}

  # What two groups name belongs to the one that is always granted.
  @functions Map.merge(
               Map.new(grouped |> Enum.sort_by(fn {_, group} -> group == "plain" end)),
               Map.new(whole ++ partly, &{&1, "pure"})
             )

  @macros (for {module, names} <- Macros.macros(),
               mfa <- expand.(module, names, :macros),
               into: %{} do
             {mfa, true}
           end)

  @generated_macros (for {module, names} <- Macros.generated_macros(), name <- names, into: %{} do
                       {{module, String.to_atom(name)}, true}
                     end)

  @generated (for {module, names} <- Macros.generated(), name <- names, into: %{} do
                {{module, String.to_atom(name)}, true}
              end)

  @compiled (for {module, names} <- Macros.compiled(), name <- names, into: %{} do
               {{module, String.to_atom(name)}, true}
             end)

  @dispatching Map.new(Processes.dispatching(), &{&1, true})

  @modules Map.new(Map.keys(@functions) ++ Map.keys(@macros), fn {module, _, _} ->
             {module, true}
           end)

  # What could be started as a server, be it loaded yet or not: any module that has `init`.
  @startable for {_, file, _} <- :code.all_available(),
                 is_list(file),
                 {:ok, {module, [exports: exports]}} <- [:beam_lib.chunks(file, [:exports])],
                 not is_map_key(@modules, module),
                 Enum.any?([init: 1, init: 2, callback_mode: 0], &(&1 in exports)),
                 into: %{},
                 do: {module, true}

  # Words that honest data uses, and that also name a process of the VM. As data they are harmless;
  # what would reach that process is stopped as it runs (`ElixirEval.Dispatch`).
  @ordinary_names [:init, :user]

  # Options that open a file, make atoms, or put a handler in the way of undefined functions.
  @meaning [:error_handler, :log_to_file, :allow_nonexistent_atoms]

  # Atoms beginning with a dollar that match specifications and servers use.
  @specification ~w($end_of_table $$ $_ $gen_cast $gen_call)a

  @doc "What allows this call: `\"pure\"`, the name of a group, or nil."
  @spec group(mfa) :: String.t() | nil
  def group(mfa), do: Map.get(@functions, mfa)

  @doc "Whether a problem with these capabilities allows this call."
  @spec call?(mfa, %{String.t() => true}) :: boolean
  def call?(mfa, granted) do
    case @functions do
      %{^mfa => "pure"} -> true
      %{^mfa => group} -> is_map_key(granted, group)
      _ -> false
    end
  end

  @doc "Whether the function applies a module and function that it is given."
  @spec dispatching?(mfa) :: boolean
  def dispatching?(mfa), do: is_map_key(@dispatching, mfa)

  @doc "Whether a candidate may call this macro."
  @spec macro?(mfa) :: boolean
  def macro?(mfa), do: is_map_key(@macros, mfa)

  @doc "Whether the expansion of an allowed macro may call this macro."
  @spec generated_macro?(mfa) :: boolean
  def generated_macro?({module, name, _} = mfa),
    do: is_map_key(@macros, mfa) or is_map_key(@generated_macros, {module, name})

  @doc "Whether the expansion of an allowed macro may call this function."
  @spec generated?(mfa) :: boolean
  def generated?({module, name, _}), do: is_map_key(@generated, {module, name})

  @doc "Whether the compiler or an allowed macro may have put this call into a compiled module."
  @spec compiled?(mfa) :: boolean
  def compiled?({module, name, _}), do: is_map_key(@compiled, {module, name})

  @doc "Whether a candidate may name this module: call it, alias it, or hold its name as data."
  @spec module?(module) :: boolean
  def module?(module), do: is_map_key(@modules, module)

  @doc "Why no atom of a candidate, in whatever place, may be this one; nil when it may."
  @spec forbidden_atom(atom) :: String.t() | nil
  def forbidden_atom(atom) do
    cond do
      is_map_key(baseline().names, atom) or atom in @meaning -> "names #{inspect(atom)}"
      hidden_key?(atom) -> "names #{inspect(atom)}"
      true -> nil
    end
  end

  @doc """
  Why a candidate may not hold this atom as data; nil when it may. `own` are its modules.

  A module's name as data can be applied by nobody without `ElixirEval.Dispatch`'s consent; but a
  struct's name chooses implementations (`File.Stream` reads a file when enumerated), and the name
  of a server can be started.
  """
  @spec forbidden_datum(atom, %{module => true}) :: String.t() | nil
  def forbidden_datum(atom, own) do
    cond do
      is_map_key(own, atom) or is_map_key(@modules, atom) -> forbidden_atom(atom)
      is_map_key(baseline().servers, atom) -> "names #{inspect(atom)}"
      elixir?(atom) and not unknown?(atom) -> "names #{inspect(atom)}"
      true -> forbidden_atom(atom)
    end
  end

  @doc """
  Whether no module of this name is to be found: then it cannot be called either. The tests' are
  loaded only after the candidate.
  """
  @spec unknown?(module) :: boolean
  def unknown?(module) do
    not :erlang.module_loaded(module) and not is_map_key(baseline().modules, module) and
      not Dispatch.of_tests?(module)
  end

  @doc "Whether a process of the VM has this name."
  @spec reserved_name?(atom) :: boolean
  def reserved_name?(name), do: name in @ordinary_names or is_map_key(baseline().names, name)

  # A key that OTP keeps in the process dictionary, as `$ancestors`.
  defp hidden_key?(atom) do
    case Atom.to_string(atom) do
      "$" <> rest -> atom not in @specification and not match?({_, ""}, Integer.parse(rest))
      _ -> false
    end
  end

  defp elixir?(atom), do: match?("Elixir." <> _, Atom.to_string(atom))

  @doc "The groups that the capabilities grant, as a set."
  @spec granted([String.t()]) :: %{String.t() => true}
  def granted(capabilities), do: Map.new(Processes.granted(capabilities), &{&1, true})

  @doc "What `reserved/0` answered at boot."
  @spec baseline() :: reserved
  def baseline, do: :persistent_term.get(__MODULE__)

  @doc """
  What is reserved in this VM, now. Call it once, at boot, before any candidate; add the modules of
  a problem's tests with `with_tests/2`. It is kept for the BEAM gate as a persistent term.
  """
  @spec reserved() :: reserved
  def reserved do
    available =
      for {name, _file, _loaded} <- :code.all_available(), do: List.to_atom(name)

    loaded = for {module, _} <- :code.all_loaded(), do: module
    modules = Enum.uniq(available ++ loaded)
    tables = for table <- :ets.all(), is_atom(table), do: table
    named = for table <- :ets.all(), :ets.info(table, :named_table), do: :ets.info(table, :name)
    terms = for {key, _} <- :persistent_term.get(), is_atom(key), do: key
    names = Process.registered() ++ tables ++ named ++ terms ++ [:timer_server, :timer_tab]

    servers =
      for module <- loaded,
          not is_map_key(@modules, module),
          function_exported?(module, :init, 1) or function_exported?(module, :callback_mode, 0),
          do: module

    reserved = %{
      modules: Map.new(modules, &{&1, true}),
      names: names |> Enum.reject(&(&1 in @ordinary_names)) |> Map.new(&{&1, true}),
      tests: %{},
      servers: Map.new(servers, &{&1, true}) |> Map.merge(@startable)
    }

    :persistent_term.put(__MODULE__, reserved)
    reserved
  end

  @doc "Adds the modules that the tests of a problem define."
  @spec with_tests(reserved, [module]) :: reserved
  def with_tests(reserved, modules), do: %{reserved | tests: Map.new(modules, &{&1, true})}
end
