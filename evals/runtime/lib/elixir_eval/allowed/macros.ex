defmodule ElixirEval.Allowed.Macros do
  @moduledoc """
  The macros that a candidate may call, and what their expansions call that a candidate may not.

  None of these macros lets a candidate choose a function that the expansion calls, save
  `defdelegate`, which the gate rewrites into an ordinary definition first.
  """

  @macros %{
    "Kernel" => ~w(
      ! && .. ..// <> @ and def defexception defguard defguardp defimpl defmodule defoverridable
      defp defprotocol defstruct destructure get_and_update_in get_in if in is_exception is_nil
      is_non_struct_map is_struct match? or pop_in put_in raise reraise sigil_C sigil_D sigil_N sigil_R
      sigil_S sigil_T sigil_U sigil_W sigil_c sigil_r sigil_s sigil_w tap then to_charlist to_string
      unless update_in use |> ||
    ),
    "Integer" => ~w(is_even is_odd),
    "Logger" => ~w(alert critical debug emergency error info log notice warn warning),
    "Protocol" => ~w(def)
  }

  # Macros that only the expansions of those above may call.
  @generated_macros %{
    "Agent" => ~w(__using__),
    "Bitwise" => ~w(__using__),
    "DynamicSupervisor" => ~w(__using__),
    "GenServer" => ~w(__using__ __before_compile__),
    "Inspect" => ~w(__deriving__),
    "JSON.Encoder" => ~w(__deriving__),
    "Supervisor" => ~w(__using__),
    "Task" => ~w(__using__),
    "Kernel" => ~w(defmacro defmacrop var!),
    "elixir_bootstrap" => ~w(@ def defmacro defmacrop defmodule defp),
    "Kernel.Utils" => ~w(defguard)
  }

  # Functions that only expansions may call. A name stands for every arity.
  @generated %{
    "Access" => ~w(get fetch),
    "Code" => ~w(ensure_compiled ensure_compiled!),
    "Enumerable" => ~w(impl_for),
    "ElixirEval.Dispatch" =>
      ElixirEval.Guard.replaced()
      |> Map.values()
      |> Enum.uniq()
      |> Enum.map(&Atom.to_string/1)
      |> then(&["stack" | &1]),
    "Exception" => ~w(exception? message normalize),
    "GenServer" => ~w(behaviour_info format_report),
    "Agent" => ~w(behaviour_info),
    "Supervisor" => ~w(behaviour_info child_spec),
    "DynamicSupervisor" => ~w(behaviour_info),
    "Task" => ~w(behaviour_info),
    "Inspect" => ~w(behaviour_info),
    "Inspect.Any" => ~w(inspect),
    "Inspect.Map" => ~w(inspect),
    "JSON.Encoder" => ~w(behaviour_info),
    "Kernel.LexicalTracker" => ~w(read_cache),
    "Kernel.Typespec" => ~w(deftypespec),
    "Macro.Env" => ~w(in_guard?),
    "Kernel" => ~w(inspect raise),
    "Kernel.Utils" => ~w(
      announce_struct defdelegate_all defdelegate_each defguard defstruct destructure raise
    ),
    "Keyword" => ~w(pop fetch),
    "List" => ~w(wrap),
    "Logger" => ~w(__do_log__ __evaluate_log__ __should_log__),
    "Macro" => ~w(escape inspect_atom),
    "Module" => ~w(
      __get_attribute__ __put_attribute__ concat define_callback get_attribute has_attribute?
      make_overridable register_attribute spec_to_callback defines_type? put_attribute delete_attribute
    ),
    "Process" => ~w(info),
    "Protocol" => ~w(
      __before_compile__ behaviour_info __built_in__ __concat__ __derive__ __ensure_defimpl__ __functions_spec__ __impl__ __protocol__
      assert_protocol!
    ),
    "RuntimeError" => ~w(exception),
    "elixir_aliases" => ~w(alias concat),
    "elixir_def" => ~w(store_definition),
    "elixir_module" => ~w(compile expand_callback),
    "elixir_quote" => ~w(dot list shallow_validate_ast validate_runtime tail_list),
    "elixir_utils" => ~w(noop),
    "erlang" => ~w(andalso error fun_info length map_get orelse raise),
    "logger" => ~w(allow error macro_log)
  }

  # Functions that appear in a compiled module though a candidate may not call them. Far fewer than
  # those above, which run while a module is compiled: `apply(M, :f, [x])` becomes `M.f(x)` without
  # the tracer being told, and must not be one of them.
  @compiled %{
    "Access" => ~w(get fetch),
    "Code" => ~w(ensure_compiled),
    "ElixirEval.Dispatch" =>
      ElixirEval.Guard.replaced()
      |> Map.values()
      |> Enum.uniq()
      |> Enum.map(&Atom.to_string/1)
      |> then(&["stack" | &1]),
    "Enumerable" => ~w(impl_for),
    "Exception" => ~w(exception? message normalize),
    "GenServer" => ~w(format_report),
    "Inspect.Any" => ~w(inspect),
    "Inspect.Map" => ~w(inspect),
    "Kernel" => ~w(inspect raise),
    "Kernel.Utils" => ~w(destructure raise),
    "Keyword" => ~w(pop fetch),
    "List" => ~w(wrap),
    "Logger" => ~w(__do_log__ __evaluate_log__ __should_log__),
    "Macro" => ~w(inspect_atom),
    "Macro.Env" => ~w(in_guard?),
    "RuntimeError" => ~w(exception),
    "Supervisor" => ~w(child_spec),
    "elixir_env" => ~w(to_caller),
    "elixir_quote" => ~w(dot list shallow_validate_ast tail_list validate_runtime),
    "erlang" => ~w(andalso error get_module_info length map_get orelse raise),
    "logger" => ~w(allow error macro_log),
    "maps" => ~w(get put merge)
  }

  @spec macros() :: [{module, [String.t()]}]
  def macros, do: named(@macros)

  @spec generated_macros() :: [{module, [String.t()]}]
  def generated_macros, do: named(@generated_macros)

  @spec generated() :: [{module, [String.t()]}]
  def generated, do: named(@generated)

  @spec compiled() :: [{module, [String.t()]}]
  def compiled, do: named(@compiled)

  defp named(map) do
    for {name, names} <- map do
      {if(name =~ ~r/^[A-Z]/, do: Module.concat([name]), else: String.to_atom(name)), names}
    end
  end
end
