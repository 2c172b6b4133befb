defmodule ElixirEval.SobelowWorker do
  @moduledoc """
  Sobelow kept warm. It scans projects: each source is put as the one file of a project that holds
  nothing else, so that there is no `.sobelow-conf`, `.sobelow-skips` or dependency to be found.

  No candidate runs in this VM: Sobelow parses. `# sobelow_skip` is obeyed only with `--skip`, which
  is not given, and made unreadable besides. A source that does not parse is refused here, since
  Sobelow would find nothing in it.
  """

  @behaviour ElixirEval.Tool
  @compile {:no_warn_undefined, Mix.Tasks.Sobelow}

  alias ElixirEval.{Protocol, Tool}

  @root "/tmp/sobelow"
  @found "/tmp/sobelow-findings.json"
  @most_findings 500
  # Of one run; they are registered under these names.
  @servers [Sobelow.FindingLog, Sobelow.MetaLog, Sobelow.Fingerprint]

  @project """
  defmodule Candidate.MixProject do
    use Mix.Project
    def project, do: [app: :candidate, version: "0.0.0"]
  end
  """

  @arguments ["--root", @root, "--private", "--no-config", "--router", ":none"] ++
               ["--threshold", "low", "--format", "json", "--out", @found]

  @doc "The worker's program."
  def main, do: Tool.main(__MODULE__)

  @impl true
  def boot, do: :ok

  @impl true
  def load(from) do
    with :ok <- Tool.load_escript(from),
         {:loaded, true} <- {:loaded, :erlang.module_loaded(Mix.Tasks.Sobelow)},
         {:ok, _} <- Application.ensure_all_started([:logger, :eex]),
         # The first run loads what the others find in memory, and shows that it works.
         source = "defmodule Warm do\n  def up(text), do: Code.eval_string(text)\nend\n",
         %{findings: [_ | _]} <- Tool.guarded(fn -> check(%{"source" => source}) end, 30_000) do
      {:ok, to_string(Application.spec(:sobelow, :vsn))}
    else
      {:error, reason} when is_binary(reason) -> {:error, reason}
      {:loaded, false} -> {:error, "holds no Sobelow"}
      %{error: reason} -> {:error, reason}
      _ -> {:error, "Sobelow finds nothing in what it should"}
    end
  end

  @impl true
  def check(%{"source" => source}) do
    readable = String.replace(source, ~r/sobelow(?=_skip)/i, "sobelo_")

    case Code.string_to_quoted(readable, emit_warnings: false) do
      {:ok, _} -> scan(readable)
      {:error, _} -> %{error: "does not parse"}
    end
  end

  defp scan(source) do
    Enum.each(@servers, &stop/1)
    File.rm(@found)
    Tool.empty(@root)
    File.mkdir_p!(Path.join(@root, "lib"))
    File.write!(Path.join(@root, "mix.exs"), @project)
    File.write!(Path.join(@root, "lib/candidate.ex"), source)
    Mix.Tasks.Sobelow.run(@arguments)
    %{"findings" => by_confidence} = @found |> File.read!() |> JSON.decode!()

    findings =
      for confidence <- ~w(high medium low),
          finding <- Map.fetch!(by_confidence, confidence <> "_confidence"),
          do: described(finding, confidence)

    %{count: length(findings), findings: Enum.take(findings, @most_findings)}
  end

  # `RCE.CodeModule: Code Execution in …` names the check first.
  defp described(%{"type" => type} = finding, confidence) do
    [check | message] = String.split(type, ": ", parts: 2)

    %{
      check: Protocol.cut(check, 100),
      confidence: confidence,
      message: Protocol.cut(Enum.join(message), 500),
      line: finding["line"] || 0
    }
  end

  defp stop(name) do
    if pid = Process.whereis(name) do
      monitor = Process.monitor(pid)
      Process.exit(pid, :kill)
      receive do: ({:DOWN, ^monitor, _, _, _} -> :ok)
    end
  end
end
