# Runs the gates over the cases that come as JSON on standard input, and answers as JSON.
#
# A case is a source, capabilities and perhaps an expression to run when it is warm; the answer is
# where the gates sent it and why, and what became of the expression.

defmodule Drive do
  alias ElixirEval.{Allowed, BeamGate, Bodies, Compile, Dispatch, Gate, Toolchain, Tracer}

  def boot do
    Code.put_compiler_option(:ignore_module_conflict, true)
    Code.put_compiler_option(:docs, false)
    Code.put_compiler_option(:debug_info, false)
    for app <- [:logger, :crypto, :ex_unit], do: {:ok, _} = Application.ensure_all_started(app)
    Logger.configure(level: :none)
    :timer.start()
    for {module, _, _} <- :code.all_available(), do: module |> List.to_string() |> load()
    Dispatch.harden()
    # As the host compiles: the options that this script was compiled with are kept by Elixir.
    :persistent_term.erase(:elixir_erl_compiler)
    Compile.options()
    Bodies.install()
    Toolchain.install()
    Allowed.reserved()
  end

  # All of Elixir, so that nothing is loaded while a candidate runs.
  defp load("Elixir." <> _ = name), do: Code.ensure_loaded(String.to_atom(name))
  defp load(_), do: :ok

  def answer(%{"source" => source, "capabilities" => capabilities} = one, reserved) do
    inside(fn ->
      case judge(source, capabilities, reserved) do
        {:warm, modules} ->
          ran = if one["run"], do: run(one["run"], modules)
          Enum.each(modules, &forget/1)
          Map.merge(%{outcome: "warm"}, ran || %{})

        {outcome, reason} ->
          %{outcome: to_string(outcome), reason: reason}
      end
    end)
  end

  # In a process of its own, as the host does it: what it leaves behind goes with it.
  def inside(function) do
    {pid, monitor} = spawn_monitor(fn -> exit({:answer, function.()}) end)

    receive do
      {:DOWN, ^monitor, :process, ^pid, {:answer, answer}} -> answer
      {:DOWN, ^monitor, :process, ^pid, reason} -> %{outcome: "crash", reason: inspect(reason)}
    after
      10_000 -> %{outcome: "crash", reason: "no answer"}
    end
  end

  def judge(source, capabilities, reserved) do
    case Gate.check(source, capabilities, reserved) do
      {:warm, ast, modules} -> compiled(ast, modules)
      {:two_vms, reason, _} -> {:two_vms, reason}
      {:refused, reason} -> {:refused, reason}
      {:compile_error, [%{message: message} | _]} -> {:compile_error, message}
    end
  end

  defp compiled(ast, modules) do
    Code.put_compiler_option(:tracers, [Tracer])
    {result, _} = Code.with_diagnostics(fn -> compile(ast) end)
    Code.put_compiler_option(:tracers, [])

    with :none <- Tracer.verdict(),
         {:ok, beams} <- result,
         true <- Enum.sort(Enum.map(beams, &elem(&1, 0))) == Enum.sort(modules),
         nil <- Enum.find_value(beams, fn {_, beam} -> refusal(BeamGate.check(beam, modules)) end) do
      {:warm, modules}
    else
      {:two_vms, why} -> {:two_vms, why}
      {:raised, why} -> {:compile_error, why}
      false -> {:two_vms, "other modules"}
    end
  end

  defp compile(ast) do
    {:ok, Code.compile_quoted(ast, "candidate.ex")}
  catch
    kind, reason -> {:raised, Exception.format_banner(kind, reason)}
  end

  defp refusal(:ok), do: nil
  defp refusal(other), do: other

  defp run(expression, modules) do
    Dispatch.begin(modules)
    {:ok, io} = StringIO.open("")

    {pid, monitor} =
      spawn_monitor(fn ->
        Process.group_leader(self(), io)
        {value, _} = Code.eval_string(expression)
        exit({:value, inspect(value)})
      end)

    value =
      receive do
        {:DOWN, ^monitor, :process, ^pid, {:value, value}} -> value
        {:DOWN, ^monitor, :process, ^pid, reason} -> "exit: #{inspect(reason)}"
      after
        2_000 -> "no answer"
      end

    Process.exit(pid, :kill)
    violation = Dispatch.violation()
    Dispatch.finish()
    %{value: value, violation: violation}
  end

  defp forget(module) do
    :code.purge(module)
    :code.delete(module)
    :code.purge(module)
  end
end

reserved = Drive.boot()
tests = ElixirEval.Allowed.with_tests(reserved, [SumTest])
atoms = :erlang.system_info(:atom_count)
{:ok, cases} = :stdio |> IO.read(:eof) |> JSON.decode()
answers = Enum.map(cases, &Drive.answer(&1, tests))

left = for t <- :ets.all(), :ets.info(t, :name) == ElixirEval.Tracer, do: t

IO.puts(
  JSON.encode!(%{
    answers: answers,
    tables_left: length(left),
    atoms: :erlang.system_info(:atom_count) - atoms
  })
)
