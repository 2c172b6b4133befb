defmodule ElixirEval.Toolchain do
  @moduledoc """
  Elixir's compiler, with what took a quarter of its time here and nobody has use of left out.
  What it compiles to, and what it says of it, is the same.

    * Its checker of types knows the exports of the standard library beforehand
      (`ElixirEval.Signatures`).
    * It compiles each module in a process of its own, which begins with a heap of a few kilobytes
      and collects garbage some twenty times. It begins with more.
    * Erlang's compiler checks what it was given by Elixir's (for Elixir's mistakes), what it makes of
      it when registers are given out, and the same again after peephole optimizations, of which there
      are none here. It checks the second, which is what keeps a VM whole, and not what its own passes
      assert of each other.
    * For each definition that a macro makes, it asks for the current folder, to make absolute what is
      so already. It is asked of another process, and that of another thread.

  How bodies of modules are run is `ElixirEval.Bodies`'.
  """

  alias ElixirEval.{Rebuilt, Signatures}

  # As large as a heap may be whose garbage the scheduler itself collects: that of larger ones is
  # another thread's, for which this one waits.
  @heap_words 120_000

  @process Rebuilt.module(
             :elixir_erl_compiler,
             &Rebuilt.redirected(&1, {:spawn_monitor, 1}, {__MODULE__, :spawn_monitor})
           )

  @definitions Rebuilt.module(
                 :elixir_def,
                 &Rebuilt.redirected(&1, {:filename, :absname, 1}, {__MODULE__, :absolute})
               )

  @checker Rebuilt.module(
             Module.ParallelChecker,
             &Rebuilt.delegated(&1, {:fetch_export, 4}, {Signatures, :fetch}, :fetch_unknown)
           )

  @passes Rebuilt.module(
            :compile,
            fn forms ->
              forms
              |> Rebuilt.delegated({:beam_validator_weak, 2}, {__MODULE__, :valid})
              |> Rebuilt.delegated({:core_lint_module, 2}, {__MODULE__, :valid})
            end
          )

  @registers Rebuilt.module(
               :beam_ssa_pre_codegen,
               &Rebuilt.delegated(&1, {:assert_no_critical_edges, 1}, {__MODULE__, :itself})
             )

  @doc "Puts the replacements in place; once, at boot."
  @spec install() :: :ok
  def install,
    do: Enum.each([@process, @definitions, @checker, @passes, @registers], &Rebuilt.load/1)

  @doc "The option for a process that compiles, and whose heap may have so many words."
  @spec room(pos_integer) :: {:min_heap_size, pos_integer}
  def room(most), do: {:min_heap_size, min(@heap_words, div(most, 4))}

  @doc false
  def spawn_monitor(fun), do: :erlang.spawn_opt(fun, [:monitor, min_heap_size: @heap_words])

  @doc false
  def valid(code, state), do: {:ok, code, state}

  @doc false
  def itself(state), do: state

  @doc false
  def absolute(file) do
    if :filename.pathtype(file) == :absolute,
      do: :filename.absname(file, "/"),
      else: :filename.absname(file)
  end
end
