defmodule ElixirEval.Guard do
  @moduledoc """
  Puts checked calls in place of dynamic ones, in the functions of a candidate, as they are compiled.

  It is an Erlang parse transform: it sees the function bodies after every macro is expanded, in
  Erlang's small abstract syntax, and no dynamic call can hide from it there. It replaces

    * `module.function(…)` where the module is not a literal, `apply/3`, `spawn/3` and their kin,
      and `&module.function/n`: by `ElixirEval.Dispatch`, which asks `ElixirEval.Allowed` when it runs;
    * what `value.field` does when the value is an atom (it calls);
    * `Process.flag`, of which some are not harmless (`:error_handler`, `:max_heap_size`);
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
    {:erlang, :send_after, 3} => :send_after,
    {:erlang, :start_timer, 3} => :start_timer,
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
    {:elixir_erl_pass, :no_parens_remote, 2} => :no_parens,
    {:elixir_erl_pass, :parens_map_field, 2} => :parens
  }

  @doc "The calls that no compiled module of a candidate may hold."
  @spec replaced() :: %{mfa => atom}
  def replaced, do: @replaced

  @doc false
  def parse_transform(forms, _options) do
    Enum.map(forms, fn
      {:function, at, name, arity, clauses} -> {:function, at, name, arity, walk(clauses)}
      form -> form
    end)
  end

  defp walk({:call, at, {:remote, at2, {:atom, _, module} = m, {:atom, _, name} = f}, arguments}) do
    case Map.get(@replaced, {module, name, length(arguments)}) do
      nil -> {:call, at, {:remote, at2, m, f}, walk(arguments)}
      checked -> dispatch(at, checked, walk(arguments))
    end
  end

  defp walk({:call, at, {:remote, _, module, name}, arguments}),
    do: dispatch(at, :call, [walk(module), walk(name), list(at, walk(arguments))])

  defp walk({:fun, at, {:function, module, name, arity}} = fun) do
    case {module, name, arity} do
      {{:atom, _, m}, {:atom, _, f}, {:integer, _, a}}
      when not is_map_key(@replaced, {m, f, a}) ->
        fun

      {_, _, _} ->
        dispatch(at, :capture, [walk(module), walk(name), walk(arity)])
    end
  end

  defp walk({:op, at, :!, left, right}), do: dispatch(at, :send, [walk(left), walk(right)])
  defp walk(form) when is_tuple(form), do: form |> Tuple.to_list() |> walk() |> List.to_tuple()
  defp walk([head | tail]), do: [walk(head) | walk(tail)]
  defp walk(other), do: other

  defp dispatch(at, name, arguments),
    do: {:call, at, {:remote, at, {:atom, at, @dispatch}, {:atom, at, name}}, arguments}

  defp list(at, []), do: {nil, at}
  defp list(at, [head | tail]), do: {:cons, at, head, list(at, tail)}
end
