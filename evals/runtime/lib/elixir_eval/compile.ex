defmodule ElixirEval.Compile do
  @moduledoc """
  Gate and compiler for one candidate, in a process that can be killed.

  The process's word is believed only with a reference that its first frame holds (see
  `ElixirEval.Runner`), since a module's body runs while it is compiled. What was compiled counts
  only when it is exactly the modules that the gate saw and each passes the BEAM gate.
  """

  alias ElixirEval.{BeamGate, Gate, Runner, Toolchain, Tracer}

  @file_name "candidate.ex"
  @message 2_000
  @most_diagnostics 50

  # Half of a candidate's time was Erlang's optimizer, for code that runs for a millisecond. It
  # changes no result, and the reference is compiled the same way. The folding of Core Erlang stays:
  # the BEAM gate knows captures as the literals that it makes of them.
  @erlang ~c"[no_alias,no_share_opt,no_bsm_opt,no_ssa_opt,no_throw_opt,no_postopt,no_bool_opt,no_module_opt,no_type_opt]"

  @doc "The compiler's options for all that is compiled here; set once at boot."
  def options do
    Code.compiler_options(
      docs: false,
      debug_info: false,
      ignore_module_conflict: true,
      relative_paths: false
    )

    # Elixir reads this once, and keeps it.
    :os.putenv(~c"ERL_COMPILER_OPTIONS", @erlang)
    :elixir_erl_compiler.env_compiler_options()
    :os.unsetenv(~c"ERL_COMPILER_OPTIONS")
    :ok
  end

  @doc """
  Gate and compile a source. `phase` is called with `:gate` and `:compile` as they begin.

    * `{:ok, [{module, beam}], diagnostics}`: loaded, and clean
    * `{:two_vms, reason}`: cannot be judged here
    * `{:refused, reason}`
    * `{:compile_error, diagnostics}`
    * `{:killed, reason}`: the process was killed, by its heap's limit or by the candidate
  """
  def candidate(source, capabilities, reserved, heap_words, phase) do
    secret = make_ref()
    caller = self()

    {pid, monitor} =
      :erlang.spawn_opt(
        fn ->
          phase.(:gate)
          answer = gated(source, capabilities, reserved, phase)
          send(caller, {secret, answer})
        end,
        [:monitor, Toolchain.room(heap_words), max_heap_size: Runner.heap(heap_words)]
      )

    receive do
      {^secret, answer} ->
        Process.exit(pid, :kill)
        Process.demonitor(monitor, [:flush])
        checked(answer)

      {:DOWN, ^monitor, :process, _, reason} ->
        {:killed, if(is_atom(reason), do: inspect(reason), else: "an exit")}
    end
  end

  defp gated(source, capabilities, reserved, phase) do
    case Gate.check(source, capabilities, reserved) do
      {:warm, ast, modules} ->
        phase.(:compile)
        compiled(ast, modules)

      {:two_vms, reason, _} ->
        {:two_vms, reason}

      {:refused, reason} ->
        {:refused, reason}

      {:compile_error, diagnostics} ->
        {:compile_error, plains(diagnostics)}
    end
  end

  defp compiled(ast, modules) do
    Code.put_compiler_option(:tracers, [Tracer])

    {result, diagnostics} =
      Code.with_diagnostics([log: false], fn ->
        try do
          {:ok, Code.compile_quoted(ast, @file_name)}
        catch
          kind, reason -> {kind, reason, __STACKTRACE__}
        end
      end)

    diagnostics = for found <- diagnostics, not ours?(found), do: plain(found)

    # Also of what compiled: a module's body may have rescued what stopped a module inside it.
    case {Tracer.verdict(), result} do
      {{:two_vms, why}, _} -> {:two_vms, why}
      {:none, {:ok, beams}} -> {:compiled, beams, unjudged(beams), modules, diagnostics}
      {:none, {kind, reason, stack}} -> {:compile_error, error(kind, reason, stack, diagnostics)}
    end
  end

  # Those that the tracer was not told of.
  defp unjudged(beams), do: Enum.reject(beams, fn {_, beam} -> Tracer.judged?(beam) end)

  # The gate puts a transform into each module.
  defp ours?(%{message: message}), do: message =~ "@compile {:parse_transform"

  # An exception tells what the compiler has not already described.
  defp error(kind, reason, stack, diagnostics) do
    if Enum.any?(diagnostics, &(&1.severity == "error")) do
      limited(diagnostics)
    else
      exception = Exception.normalize(kind, reason, stack)
      message = if kind == :error, do: message(exception), else: "#{kind} while compiling"
      at = if(is_map(exception), do: Map.get(exception, :line)) || line_in(stack)
      limited([%{severity: "error", message: text(message), line: line(at)} | diagnostics])
    end
  end

  defp message(exception) do
    case exception do
      %{description: text} when is_binary(text) -> text
      _ -> Exception.message(exception)
    end
  end

  defp checked({:compiled, beams, unjudged, modules, diagnostics}) do
    made = beams |> Enum.map(&elem(&1, 0)) |> Enum.sort()

    cond do
      made != Enum.sort(modules) ->
        {:two_vms, "the modules that were defined are not those in the source"}

      reason = Enum.find_value(unjudged, &gate_reason(&1, made)) ->
        {:two_vms, reason}

      true ->
        {:ok, beams, limited(diagnostics)}
    end
  end

  defp checked(other), do: other

  defp gate_reason({_, beam}, modules) do
    case BeamGate.check(beam, modules) do
      :ok -> nil
      {:two_vms, reason} -> reason
    end
  end

  ## diagnostics

  @doc "The compiler's diagnostic as JSON has it."
  def plain(diagnostic) do
    %{
      severity: if(diagnostic[:severity] in [:error, nil], do: "error", else: "warning"),
      message: text(diagnostic.message),
      line: line(diagnostic[:position] || diagnostic[:line])
    }
  end

  @doc "At most so many diagnostics as an answer may hold, as JSON has them."
  def plains(diagnostics), do: diagnostics |> Enum.take(@most_diagnostics) |> Enum.map(&plain/1)

  defp limited(diagnostics), do: Enum.take(diagnostics, @most_diagnostics)

  defp text(message), do: message |> to_string() |> ElixirEval.Protocol.cut(@message)

  defp line({line, _column}), do: line(line)
  # As large as the source says, which JSON's readers may not take.
  defp line(line) when is_integer(line) and line > 0, do: min(line, 1_000_000)
  defp line(_), do: 0

  defp line_in(stack) do
    Enum.find_value(stack, 0, fn
      {_, _, _, location} when is_list(location) ->
        if location[:file] && Path.basename(to_string(location[:file])) == @file_name,
          do: location[:line]

      _ ->
        nil
    end)
  end
end
