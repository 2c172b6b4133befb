defmodule ElixirEval.Compile do
  @moduledoc """
  Gate and compiler for one candidate, in a process that can be killed.

  The process's word is believed only with a reference that its first frame holds (see
  `ElixirEval.Runner`), since a module's body runs while it is compiled. What was compiled counts
  only when it is exactly the modules that the gate saw and each passes the BEAM gate.
  """

  alias ElixirEval.{BeamGate, Gate, Runner, Tracer}

  @file_name "candidate.ex"
  @message 2_000
  @most_diagnostics 50

  @doc "The compiler's options for all that is compiled here; set once at boot."
  def options do
    Code.compiler_options(
      docs: false,
      debug_info: false,
      ignore_module_conflict: true,
      relative_paths: false
    )

    Code.put_compiler_option(:ignore_module_conflict, true)
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
        [:monitor, max_heap_size: Runner.heap(heap_words)]
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
        {:compile_error,
         Enum.map(
           diagnostics,
           &%{severity: "error", message: text(&1.message), line: line(&1.line)}
         )}
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

    diagnostics = Enum.map(diagnostics, &plain/1)

    case result do
      {:ok, beams} -> {:compiled, beams, modules, diagnostics}
      {kind, reason, stack} -> failed(kind, reason, stack, diagnostics)
    end
  end

  # An error that the compiler has not already described.
  defp failed(kind, reason, stack, diagnostics) do
    case Tracer.verdict(reason) do
      {:two_vms, why} ->
        {:two_vms, why}

      :none ->
        if Enum.any?(diagnostics, &(&1.severity == "error")) do
          {:compile_error, limited(diagnostics)}
        else
          exception = Exception.normalize(kind, reason, stack)
          message = if kind == :error, do: message(exception), else: "#{kind} while compiling"
          at = Map.get(if(is_map(exception), do: exception, else: %{}), :line) || line_in(stack)
          error = %{severity: "error", message: text(message), line: line(at)}
          {:compile_error, limited([error | diagnostics])}
        end
    end
  end

  defp message(exception) do
    case exception do
      %{description: text} when is_binary(text) -> text
      _ -> Exception.message(exception)
    end
  end

  defp checked({:compiled, beams, modules, diagnostics}) do
    made = beams |> Enum.map(&elem(&1, 0)) |> Enum.sort()

    cond do
      made != Enum.sort(modules) ->
        {:two_vms, "the modules that were defined are not those in the source"}

      reason = Enum.find_value(beams, &gate_reason(&1, made)) ->
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
      severity: if(diagnostic.severity == :error, do: "error", else: "warning"),
      message: text(diagnostic.message),
      line: line(diagnostic.position)
    }
  end

  defp limited(diagnostics), do: Enum.take(diagnostics, @most_diagnostics)

  defp text(message), do: message |> to_string() |> ElixirEval.Protocol.cut(@message)

  defp line({line, _column}), do: line(line)
  defp line(line) when is_integer(line) and line > 0, do: line
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
