defmodule ElixirEval.CredoWorker do
  @moduledoc """
  Credo kept warm: its escript is loaded once, then looks at one source after another.

  This VM is Credo's own. No candidate runs in it: sources are parsed, never compiled, and Credo
  reads no configuration but ours, from a folder that holds nothing else. Comments that would turn
  checks off (`# credo:disable-for-this-file`) are made unreadable first. A source that does not
  parse is refused here, since Credo would find no issue in it.

  Frames: the first is channel 0 with the escript's bytes, or `{"op": "load", "path": …}` for one
  of the image; then `{"op": "check", "id", "source", "seconds"}`, answered by `{"id", "issues"}`
  or `{"id", "error"}`.
  """

  alias ElixirEval.{Output, Protocol}

  @folder "/tmp/credo"
  @config "/tmp/credo-config/config.exs"
  @most_issues 500
  @heap_words 24_000_000

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

  @doc "Boot, load Credo from the first frame, and serve until descriptor 0 ends."
  def main do
    port = Protocol.open()
    # Credo and the logger print; descriptor 1 belongs to the frames.
    sink = Output.start(:infinity, {self(), nil})
    Process.group_leader(self(), sink)
    Process.group_leader(Process.whereis(:application_controller), sink)
    Output.take_over(:standard_error, sink)
    Output.take_over(:user, Output.start(:infinity, {self(), nil}))
    {:ok, _} = Application.ensure_all_started(:elixir)
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    Code.compiler_options(ignore_module_conflict: true)
    serve(port)
  end

  defp serve(port) do
    receive do
      {^port, {:data, frame}} ->
        Protocol.control(port, answer(Protocol.decode(frame)))
        serve(port)

      {^port, :eof} ->
        :erlang.halt(0)

      _ ->
        serve(port)
    end
  end

  defp answer({:relay, 0, escript}), do: load(escript)

  defp answer({:control, %{"op" => "load", "path" => path}}) do
    case File.read(path) do
      {:ok, escript} -> load(escript)
      {:error, reason} -> %{id: 0, error: "#{path}: #{:file.format_error(reason)}"}
    end
  end

  defp answer({:control, %{"op" => "check", "id" => id, "source" => source, "seconds" => seconds}}) do
    source
    |> check(trunc(seconds * 1000))
    |> Map.merge(%{id: id, atoms: :erlang.system_info(:atom_count)})
  end

  defp answer(_), do: %{id: 0, error: "no such question"}

  # The archive of an escript holds `APP/ebin/*`. Elixir itself is in it too and stays there.
  defp load(escript) do
    path = "/tmp/credo.escript"
    File.write!(path, escript)

    with {:ok, sections} <- :escript.extract(String.to_charlist(path), []),
         archive when is_binary(archive) <- sections[:archive],
         {:ok, files} <- :zip.unzip(archive, [:memory]) do
      File.rm!(path)
      for {name, content} <- files, do: load_file(Path.basename(to_string(name)), content)
      start()
    else
      _ -> %{id: 0, error: "is no escript with an archive"}
    end
  rescue
    error -> %{id: 0, error: Exception.message(error)}
  end

  defp load_file(name, content) do
    case Path.extname(name) do
      ".beam" ->
        module = name |> Path.rootname() |> String.to_atom()

        if :code.which(module) == :non_existing do
          {:module, _} = :code.load_binary(module, String.to_charlist(name), content)
        end

      ".app" ->
        {:ok, tokens, _} = content |> to_string() |> String.to_charlist() |> :erl_scan.string()
        {:ok, description} = :erl_parse.parse_term(tokens)
        :application.load(description)

      _ ->
        :ok
    end
  end

  defp start do
    credo = Module.concat(["Credo"])

    with true <- :erlang.module_loaded(credo),
         {:ok, _} <- :application.ensure_all_started(:credo) do
      File.mkdir_p!(@folder)
      File.mkdir_p!(Path.dirname(@config))
      File.write!(@config, @configuration)
      File.cd!(@folder)
      # The first run loads what the others find in memory.
      case check("defmodule Warm do\n  def up(x), do: x\nend\n", 30_000) do
        %{error: reason} -> %{id: 0, error: reason}
        _ -> %{id: 0, version: credo.version()}
      end
    else
      false -> %{id: 0, error: "holds no Credo"}
      {:error, reason} -> %{id: 0, error: "Credo does not start: #{inspect(reason)}"}
    end
  end

  defp check(source, milliseconds) do
    me = self()
    ref = make_ref()
    heap = %{size: @heap_words, kill: true, error_logger: false}

    {pid, monitor} =
      :erlang.spawn_opt(fn -> send(me, {ref, parse_and_run(source)}) && exit(:shutdown) end, [
        :monitor,
        max_heap_size: heap
      ])

    receive do
      {^ref, result} ->
        # Credo's servers of this run are linked to the process and go with it.
        receive do: ({:DOWN, ^monitor, _, _, _} -> result)

      {:DOWN, ^monitor, _, _, reason} ->
        %{error: "Credo failed: #{inspect(reason, limit: 20, printable_limit: 500)}"}
    after
      milliseconds ->
        Process.exit(pid, :kill)
        receive do: ({:DOWN, ^monitor, _, _, _} -> :ok)
        %{error: "Credo took longer than #{div(milliseconds, 1000)} s"}
    end
  end

  defp parse_and_run(source) do
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
    credo = Module.concat(["Credo"])
    execution = Module.concat(["Credo", "Execution"])
    arguments = ["suggest", "--config-file", @config, "--format", "json", "--mute-exit-status"]
    issues = execution.get_issues(credo.run(arguments ++ ["--working-dir", @folder]))

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
