defmodule ElixirEval.CredoWorker do
  @moduledoc """
  Credo kept warm: its escript is loaded once, then looks at one source after another.

  This VM is Credo's own. No candidate runs in it: sources are parsed, never compiled, and Credo
  reads no configuration but ours, from a folder that holds nothing else. Comments that would turn
  checks off (`# credo:disable-for-this-file`) are made unreadable first. A source that does not
  parse is refused here, since Credo would find no issue in it.
  """

  @behaviour ElixirEval.Tool
  @compile {:no_warn_undefined, [Credo, Credo.Execution]}

  alias ElixirEval.{Protocol, Tool}

  @folder "/tmp/credo"
  @config "/tmp/credo-config/config.exs"
  @most_issues 500

  # An answer is not asked for documentation, and has no end of file. All else is as Credo has it.
  @configuration """
  %{
    configs: [
      %{
        name: "default",
        files: %{included: ["candidate.ex"], excluded: []},
        plugins: [],
        requires: [],
        strict: true,
        color: false,
        parse_timeout: 5_000,
        checks: %{
          disabled: [
            {Credo.Check.Readability.ModuleDoc, []},
            {Credo.Check.Readability.TrailingBlankLine, []},
            {Credo.Check.Design.TagTODO, []},
            {Credo.Check.Design.TagFIXME, []}
          ]
        }
      }
    ]
  }
  """

  @doc "The worker's program."
  def main, do: Tool.main(__MODULE__)

  @impl true
  def boot, do: :ok

  @impl true
  def load(from) do
    with :ok <- Tool.load_escript(from),
         {:loaded, true} <- {:loaded, :erlang.module_loaded(Credo)},
         {:ok, _} <- :application.ensure_all_started(:credo),
         :ok <- prepare(),
         # The first run loads what the others find in memory.
         source = "defmodule Warm do\n  def up(x), do: x\nend\n",
         %{issues: _} <- Tool.guarded(fn -> check(%{"source" => source}) end, 30_000) do
      {:ok, Credo.version()}
    else
      {:error, reason} when is_binary(reason) -> {:error, reason}
      {:error, reason} -> {:error, "Credo does not start: #{inspect(reason)}"}
      {:loaded, false} -> {:error, "holds no Credo"}
      %{error: reason} -> {:error, reason}
    end
  end

  defp prepare do
    File.mkdir_p!(Path.dirname(@config))
    File.write!(@config, @configuration)
    Tool.empty(@folder)
    File.cd!(@folder)
  end

  @impl true
  def check(%{"source" => source}) do
    readable = String.replace(source, ~r/credo(?=\s*:)/i, "cred_")

    case Code.string_to_quoted(readable, emit_warnings: false) do
      {:ok, _} -> run(readable)
      {:error, {where, _, _}} -> %{error: "does not parse", line: where[:line]}
    end
  end

  defp run(source) do
    path = Path.join(@folder, "candidate.ex")
    for name <- File.ls!(@folder), do: File.rm_rf!(Path.join(@folder, name))
    File.write!(path, source)
    arguments = ["suggest", "--config-file", @config, "--format", "json", "--mute-exit-status"]
    issues = Credo.Execution.get_issues(Credo.run(arguments ++ ["--working-dir", @folder]))

    %{
      count: length(issues),
      issues:
        for issue <- Enum.take(issues, @most_issues) do
          %{
            check: issue.check |> inspect() |> String.replace_prefix("Credo.Check.", ""),
            category: to_string(issue.category),
            message: Protocol.cut(to_string(issue.message), 500),
            line: issue.line_no || 0
          }
        end
    }
  end
end
