defmodule ElixirEval.Guard do
  @moduledoc """
  Puts checked calls in place of dynamic ones, in the functions of a candidate, as they are compiled.

  It is a transform of Core Erlang, the last one before code generation: it sees the functions after
  every macro is expanded and every call is inlined, in a language with one kind of call. (A parse
  transform would do as well, but has the compiler lint the module first, a quarter of its time.) It
  replaces

    * `module.function(…)` where the module is not a literal, `apply/3`, `spawn/3` and their kin,
      and `&module.function/n`: by `ElixirEval.Dispatch`, which asks `ElixirEval.Allowed` when it runs;
    * what `value.field` does when the value is an atom (it calls);
    * `Process.flag`, of which some are not harmless (`:error_handler`, `:max_heap_size`);
    * what `use GenServer` and `defprotocol` put there and a candidate must not write: looking into
      a process, making a name;
    * `:erlang.term_to_binary`, which would show what a closure of the tests closes over;
    * `send`, `Process.whereis`, `:timer.send_after` and their kin, which may name a process of
      the VM.

  The BEAM gate checks afterwards that none of these is left. Module bodies are not compiled this
  way; the AST gate and the tracer allow nothing dynamic in them.
  """

  @dispatch ElixirEval.Dispatch

  @replaced %{
    {:erlang, :apply, 3} => :call,
    {:erlang, :make_fun, 3} => :capture,
    {:erlang, :spawn, 3} => :spawn,
    {:erlang, :spawn_link, 3} => :spawn_link,
    {:erlang, :spawn_monitor, 3} => :spawn_monitor,
    {:erlang, :spawn_opt, 4} => :spawn_opt,
    {Process, :spawn, 4} => :spawn_opt,
    {Function, :capture, 3} => :capture,
    {:erlang, :process_flag, 2} => :flag,
    {Process, :flag, 2} => :flag,
    {:erlang, :send, 2} => :send,
    {:erlang, :!, 2} => :send,
    {:erlang, :send, 3} => :send,
    {:erlang, :send_nosuspend, 2} => :send_nosuspend,
    {:erlang, :send_nosuspend, 3} => :send_nosuspend,
    {:erlang, :send_after, 3} => :send_after,
    {:erlang, :send_after, 4} => :send_after,
    {:erlang, :start_timer, 3} => :start_timer,
    {:erlang, :start_timer, 4} => :start_timer,
    {Process, :send, 3} => :send,
    {Process, :send_after, 3} => :send_later,
    {Process, :send_after, 4} => :send_later,
    {:timer, :send_after, 3} => :timer_send_after,
    {:timer, :send_interval, 3} => :timer_send_interval,
    {:timer, :exit_after, 3} => :timer_exit_after,
    {:timer, :kill_after, 2} => :timer_kill_after,
    {GenServer, :reply, 2} => :reply,
    {:gen_server, :reply, 2} => :reply,
    {:gen_statem, :reply, 2} => :reply,
    {Process, :whereis, 1} => :whereis,
    {:erlang, :whereis, 1} => :whereis,
    {GenServer, :whereis, 1} => :whereis_server,
    {Process, :unregister, 1} => :unregister,
    {:erlang, :unregister, 1} => :unregister,
    {Process, :info, 2} => :info,
    {:erlang, :term_to_binary, 1} => :to_binary,
    {:erlang, :term_to_binary, 2} => :to_binary,
    {:erlang, :term_to_iovec, 1} => :to_iovec,
    {:erlang, :term_to_iovec, 2} => :to_iovec,
    {Protocol, :__concat__, 2} => :concat,
    {:elixir_erl_pass, :no_parens_remote, 2} => :no_parens,
    {:elixir_erl_pass, :parens_map_field, 2} => :parens
  }

  @doc "The calls that no compiled module of a candidate may hold."
  @spec replaced() :: %{mfa => atom}
  def replaced, do: @replaced

  @doc false
  def core_transform({:c_module, at, name, exports, attributes, definitions}, _options),
    do: {:c_module, at, name, exports, attributes, walk(definitions)}

  defp walk({:c_call, at, module, name, arguments}) do
    with {:c_literal, _, m} when is_atom(m) <- module,
         {:c_literal, _, f} when is_atom(f) <- name do
      case Map.get(@replaced, {m, f, length(arguments)}) do
        nil -> {:c_call, at, module, name, walk(arguments)}
        checked -> dispatch(at, checked, walk(arguments))
      end
    else
      _ -> dispatch(at, :call, [walk(module), walk(name), list(walk(arguments))])
    end
  end

  # A captured function; one inside other data is left for the BEAM gate to stop.
  defp walk({:c_literal, at, function} = literal) when is_function(function) do
    {:module, module} = :erlang.fun_info(function, :module)
    {:name, name} = :erlang.fun_info(function, :name)
    {:arity, arity} = :erlang.fun_info(function, :arity)

    case Map.get(@replaced, {module, name, arity}) do
      nil -> literal
      checked -> {:c_literal, at, :erlang.make_fun(@dispatch, checked, arity)}
    end
  end

  defp walk({:c_literal, _, _} = literal), do: literal
  defp walk({:c_var, _, _} = variable), do: variable

  # A node's second element is its annotation. The commonest sizes are written out: as lists they
  # would take twice the time.
  defp walk({kind, at, part}), do: {kind, at, walk(part)}
  defp walk({kind, at, one, two}), do: {kind, at, walk(one), walk(two)}
  defp walk({kind, at, one, two, three}), do: {kind, at, walk(one), walk(two), walk(three)}

  defp walk(node) when is_tuple(node) and tuple_size(node) > 2 do
    [kind, at | parts] = Tuple.to_list(node)
    List.to_tuple([kind, at | walk(parts)])
  end

  # A definition: name and function.
  defp walk({name, function}), do: {name, walk(function)}
  defp walk([head | tail]), do: [walk(head) | walk(tail)]
  defp walk(other), do: other

  defp dispatch(at, name, arguments),
    do: {:c_call, at, {:c_literal, [], @dispatch}, {:c_literal, [], name}, arguments}

  defp list(arguments),
    do: Enum.reduce(Enum.reverse(arguments), {:c_literal, [], []}, &{:c_cons, [], &1, &2})
end
