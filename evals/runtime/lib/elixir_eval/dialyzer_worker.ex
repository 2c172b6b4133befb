defmodule ElixirEval.DialyzerWorker do
  @moduledoc """
  OTP's Dialyzer kept warm: its PLT is loaded once, then it looks at one program after another.

  Dialyzer reads compiled modules, so a program is compiled here: only when the gates that the host VM
  has (see `ElixirEval.Gate`) let it be compiled beside code of ours, and with debug information. It
  is not run. What the gates leave to a VM of its own is not measured: the modules that such a VM
  shows may be others than the source's.

  A program silences nothing. `@dialyzer` is made another attribute before it is compiled, so that
  those which Elixir's own macros set keep their meaning; compiler options that it sets, which
  Dialyzer would obey as well, are taken from the debug information. (Code that a macro marks as
  generated is exempt from warnings; the gates let no candidate define a macro.)

  `dialyzer:run/1` would load the PLT for each program: 570 ms of processor time where this takes 70.
  So the analysis that it starts is started here as it starts it (`dialyzer_cl` of OTP 27),
  and what a program left in the PLT is taken out after it. Another OTP's Dialyzer, which may be
  started otherwise, must find what is wrong with a program of ours first, or counts as absent.
  """

  @behaviour ElixirEval.Tool
  @compile {:no_warn_undefined,
            [:dialyzer, :dialyzer_analysis_callgraph, :dialyzer_cplt, :dialyzer_plt]}

  alias ElixirEval.{Allowed, Compile, Dispatch, Protocol, Tool}

  @folder "/tmp/dialyzer"
  @most_warnings 200
  @heap_words 16_000_000

  # Dialyzer's own default but for `warn_unknown`: the PLT does not hold all that there is.
  @legal Enum.sort(
           ~w(warn_return_no_exit warn_not_called warn_non_proper_list warn_fun_app warn_matching
              warn_opaque warn_callgraph warn_failing_call warn_bin_construction
              warn_map_construction warn_contract_range warn_contract_types warn_contract_syntax
              warn_behaviour warn_undefined_callbacks)a
         )

  @faulty """
  defmodule Elixireval.Faulty do
    @spec size(String.t()) :: atom
    def size(text), do: String.length(text)
    def call, do: Integer.to_string(:one)
  end
  """

  @doc "The worker's program."
  def main, do: Tool.main(__MODULE__)

  @impl true
  def boot do
    {:ok, _} = Application.ensure_all_started(:logger)
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    Compile.options()
    Code.compiler_options(debug_info: true)
    Dispatch.harden()
    Allowed.reserved()
    :ok
  end

  @impl true
  def load({:bytes, _}), do: {:error, "Dialyzer is no escript"}

  def load({:file, path}) do
    with dir when is_list(dir) <- :code.lib_dir(:dialyzer),
         plt = :dialyzer_cplt.from_file(String.to_charlist(path)),
         :persistent_term.put(__MODULE__, plt),
         question = %{"source" => @faulty, "capabilities" => []},
         %{warnings: warnings} <- Tool.guarded(fn -> check(question) end, 60_000),
         {:kinds, ~w(contract_types failing_call return_no_exit)} <-
           {:kinds, Enum.sort(for warning <- warnings, do: warning.kind)} do
      :ok = Application.ensure_loaded(:dialyzer)
      {:ok, to_string(Application.spec(:dialyzer, :vsn))}
    else
      {:error, _} -> {:error, "there is no Dialyzer"}
      {:kinds, _} -> {:error, "this Dialyzer does not find what it should"}
      %{error: reason} -> {:error, "this Dialyzer is none that is known here: #{reason}"}
    end
  catch
    {:dialyzer_error, reason} -> {:error, to_string(reason)}
  end

  @impl true
  def check(%{"source" => source, "capabilities" => capabilities}) do
    # As long as before, so that columns stay.
    spoken = String.replace(source, ~r/\bdialyzer\b/u, "dialyzed")

    case Compile.candidate(spoken, capabilities, Allowed.baseline(), @heap_words, fn _ -> :ok end) do
      {:ok, beams, _} -> analysed(beams)
      {:compile_error, _} -> %{error: "the program does not compile"}
      {:killed, reason} -> %{error: "its compilation ended: #{reason}"}
      {_, why} -> %{error: "it is not compiled beside code of ours: #{why}"}
    end
  end

  defp analysed(beams) do
    modules = for {module, _} <- beams, do: module
    Dispatch.finish()

    for module <- modules do
      :code.delete(module)
      :code.purge(module)
    end

    if Enum.all?(modules, &fits_a_file?/1) do
      Tool.empty(@folder)
      plt = :persistent_term.get(__MODULE__)
      before = sizes(plt)
      found = plt |> analysis(Enum.map(beams, &file/1)) |> run()
      forget(plt, modules)
      if sizes(plt) == before, do: told(found), else: Map.put(told(found), :spent, true)
    else
      %{error: "a module's name is no file's"}
    end
  end

  defp fits_a_file?(module) do
    name = Atom.to_string(module)
    byte_size(name) <= 200 and not String.contains?(name, ["/", "\0"])
  end

  # Dialyzer reads nothing but the debug information.
  defp file({module, beam}) do
    {:ok, {^module, [debug_info: {:debug_info_v1, backend, {:elixir_v1, map, specs}}]}} =
      :beam_lib.chunks(beam, [:debug_info])

    data = {:debug_info_v1, backend, {:elixir_v1, %{map | compile_opts: []}, specs}}
    chunk = {~c"Dbgi", :erlang.term_to_binary(data)}
    {:ok, {^module, [{_, atoms}]}} = :beam_lib.chunks(beam, [~c"AtU8"])
    {:ok, small} = :beam_lib.build_module([{~c"AtU8", atoms}, chunk])
    path = Path.join(@folder, "#{module}.beam")
    File.write!(path, small)
    String.to_charlist(path)
  end

  # The record `analysis` of dialyzer.hrl.
  defp analysis(plt, files) do
    {:analysis, :undefined, :succ_typings, [], :undefined, files, [], :byte_code, plt, true,
     false, false, :none, ~c"", ~c"", []}
  end

  defp run(analysis) do
    me = self()
    Process.flag(:trap_exit, true)
    start = fn -> :dialyzer_analysis_callgraph.start(me, @legal, analysis) end
    collect(spawn_link(start), [])
  end

  defp collect(backend, found) do
    receive do
      {^backend, :warnings, warnings} -> collect(backend, warnings ++ found)
      {^backend, :done, _plt, _} -> {:ok, found |> Enum.uniq() |> Enum.sort_by(&elem(&1, 1))}
      {:EXIT, ^backend, :normal} -> collect(backend, found)
      {:EXIT, ^backend, reason} -> {:failed, reason}
      _ -> collect(backend, found)
    end
  end

  defp forget({:plt, info, _, _, _, _} = plt, modules) do
    Enum.each(modules, &:dialyzer_plt.delete_module(plt, &1))
    # Functions without a name are there under numbers.
    :ets.select_delete(info, [{{:"$1", :_}, [{:is_integer, :"$1"}], [true]}])
  end

  defp sizes(plt), do: for(table <- tl(Tuple.to_list(plt)), do: :ets.info(table, :size))

  defp told({:ok, warnings}) do
    %{
      count: length(warnings),
      warnings: warnings |> Enum.take(@most_warnings) |> Enum.map(&told/1)
    }
  end

  defp told({:failed, reason}) do
    text = inspect(reason, limit: 20, printable_limit: 500)
    %{error: Protocol.cut("Dialyzer failed: #{text}", 1_000), spent: true}
  end

  defp told({tag, {_file, location, _mfa}, _} = warning) do
    # `candidate.ex:3:7: The call …`
    [_, text] =
      warning
      |> :dialyzer.format_warning(indent_opt: false)
      |> to_string()
      |> String.split(": ", parts: 2)

    %{
      kind: tag |> Atom.to_string() |> String.replace_prefix("warn_", ""),
      message: text |> String.trim() |> Protocol.cut(500),
      line: line(location)
    }
  end

  defp line({line, _column}), do: line
  defp line(line) when is_integer(line), do: line
  defp line(_), do: 0
end
