defmodule ElixirEval.CandidateVm do
  @moduledoc """
  A VM for one candidate: compiles it, then does what the host VM asks, until its pipe closes.

  Nothing but frames is ever written to standard output: `main/0` puts a process of ours where OTP
  has started one that writes there. The sandbox around this VM is what holds the
  candidate; nothing in here tries to, and the host believes nothing that it says.
  """

  alias ElixirEval.CandidateVm.Output
  alias ElixirEval.Handles
  alias ElixirEval.Proxy.Bridge
  alias ElixirEval.Proxy.Modules
  alias ElixirEval.Wire

  @unbounded 1_152_921_504_606_846_975

  @doc "Serves the host over file descriptors 0 and 1."
  def main do
    take_over_user()

    spawn(fn ->
      {:ok, _} = :application.ensure_all_started(:elixir)
      Process.flag(:priority, :high)
      port = Port.open({:fd, 0, 1}, [:binary, :eof, {:packet, 4}])
      warm_up()
      # An empty frame: this VM is up, and what follows is the candidate's own time.
      Port.command(port, "")

      Bridge.run(%{
        side: :candidate,
        tag: make_ref(),
        owner: nil,
        port: port,
        notify: nil,
        send: &Port.command(port, &1),
        frame: 64 * 1024 * 1024,
        bytes: :infinity,
        words: @unbounded,
        budget: Wire.budget(@unbounded, @unbounded, @unbounded),
        load: &load/3,
        input: &Output.input/2,
        set_leader: &Output.lead/1
      })
    end)
  end

  # Loads the compiler, which takes longer than compiling most candidates: not in their time.
  @warm """
  defmodule ElixirEval.CandidateVm.Warm do
    defstruct [:a]
    def f(x) when is_integer(x), do: for(i <- 1..x, do: "\#{i}")
    def g(list), do: Enum.map(list, fn {k, v} -> {v, k} end)
  end
  """

  defp warm_up do
    {_, _} = Code.with_diagnostics(fn -> Code.compile_string(@warm, "warm.ex") end)
    :code.purge(ElixirEval.CandidateVm.Warm)
    :code.delete(ElixirEval.CandidateVm.Warm)
  end

  defp take_over_user do
    sink = spawn(&Output.sink/0)
    if Process.whereis(:user), do: Process.unregister(:user)
    Process.register(sink, :user)
    Process.group_leader(Process.whereis(:application_controller), sink)
    Process.group_leader(self(), sink)
  end

  defp load(source, leader, context) do
    spawn(fn ->
      Output.lead(leader)
      send(context.bridge, {context.tag, :control, compile(source)})
    end)
  end

  defp compile(source) do
    {result, diagnostics} =
      Code.with_diagnostics(fn ->
        try do
          {:ok, Code.compile_string(source, "candidate.ex")}
        catch
          kind, reason -> {:error, Exception.format_banner(kind, reason, __STACKTRACE__)}
        end
      end)

    diagnostics = Enum.map(diagnostics, &diagnostic/1)

    case result do
      {:ok, modules} ->
        Handles.add_modules(for {module, _} <- modules, do: module)
        modules = for {module, _} <- modules, do: Modules.describe(module)
        {:loaded, Enum.uniq_by(modules, & &1.name), diagnostics}

      {:error, message} ->
        error = %{severity: :error, message: message, line: 0}
        found? = Enum.any?(diagnostics, &(&1.severity == :error))
        {:not_loaded, {:compile_error, if(found?, do: diagnostics, else: diagnostics ++ [error])}}
    end
  end

  defp diagnostic(%{severity: severity, message: message, position: position}) do
    line =
      case position do
        {line, _} -> line
        line when is_integer(line) -> line
        _ -> 0
      end

    %{severity: severity, message: IO.iodata_to_binary(message), line: line}
  end
end
