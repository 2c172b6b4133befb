defmodule ElixirEval.Hardened do
  @moduledoc """
  The modules of OTP and Elixir that apply a module, function and arguments taken from a message,
  from a child specification or from a stack trace, with that application checked.

  They are made from the debug information of the very modules that they replace, when this one is
  compiled, which happens in the sandbox: `apply(module, …)` with a module that is not literal
  becomes `ElixirEval.Dispatch.applied(module, …)`, and nothing else changes. That a module here
  has no such call (another Elixir, say) is an error at compile time.

  `gen_server`, `gen_statem` and `gen_event` are not here: they call functions with fixed names, of a
  module that the BEAM gate has seen as an atom (see `ElixirEval.BeamGate`).
  """

  alias ElixirEval.Rebuilt

  @names [
    :supervisor,
    DynamicSupervisor,
    PartitionSupervisor,
    Agent.Server,
    Task.Supervised,
    Registry,
    :timer,
    # An I/O request may name what is to write or read.
    StringIO,
    :file_io_server,
    :io_lib,
    # A stack trace names what explains its error, and anybody may raise with any stack trace.
    ErlangError
  ]

  rewrite = fn rewrite, form ->
    case form do
      {:call, at, {:remote, at2, {:atom, at3, :erlang}, {:atom, at4, :apply}},
       [module, _, _] = arguments}
      when elem(module, 0) != :atom ->
        Process.put(:replaced, Process.get(:replaced) + 1)

        {:call, at, {:remote, at2, {:atom, at3, ElixirEval.Dispatch}, {:atom, at4, :applied}},
         rewrite.(rewrite, arguments)}

      {:call, at, {:atom, at2, :apply}, [module, _, _] = arguments}
      when elem(module, 0) != :atom ->
        Process.put(:replaced, Process.get(:replaced) + 1)

        {:call, at, {:remote, at2, {:atom, at2, ElixirEval.Dispatch}, {:atom, at2, :applied}},
         rewrite.(rewrite, arguments)}

      {:call, at, {:atom, at2, :spawn}, [module, name, arguments]}
      when elem(module, 0) != :atom ->
        Process.put(:replaced, Process.get(:replaced) + 1)
        list = {:cons, at, module, {:cons, at, name, {:cons, at, arguments, {nil, at}}}}

        {:call, at, {:atom, at2, :spawn},
         [{:atom, at, ElixirEval.Dispatch}, {:atom, at, :applied}, list]}

      form when is_tuple(form) ->
        form |> Tuple.to_list() |> then(&rewrite.(rewrite, &1)) |> List.to_tuple()

      [head | tail] ->
        [rewrite.(rewrite, head) | rewrite.(rewrite, tail)]

      other ->
        other
    end
  end

  @modules (for name <- @names do
              Rebuilt.module(name, fn forms ->
                Process.put(:replaced, 0)
                forms = rewrite.(rewrite, forms)
                if Process.get(:replaced) == 0, do: raise("#{inspect(name)} applies nothing")
                forms
              end)
            end)

  @doc "The replacements."
  @spec modules() :: [Rebuilt.beam()]
  def modules, do: @modules
end
