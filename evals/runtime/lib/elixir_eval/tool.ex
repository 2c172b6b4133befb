defmodule ElixirEval.Tool do
  @moduledoc """
  A tool that judges sources, kept warm in a VM of its own: loaded once, it looks at one after another.

  Frames: the first is channel 0 with an escript's bytes, or `{"op": "load", "path": …}` for a file of
  the image, and is answered by `{"id": 0, "version"}`; then `{"op": "check", "id", "source",
  "seconds", …}`, answered by what the tool found, with `"id"`. Either is answered by `"error"` where
  it fails; `"spent"` says that this VM is good for no other source. `"atoms"` counts the VM's names,
  which it never forgets.
  """

  alias ElixirEval.{Output, Protocol}

  @doc "Loads the tool from an escript's bytes or a file of the image; `{:ok, version}`."
  @callback load({:bytes, binary} | {:file, Path.t()}) :: {:ok, String.t()} | {:error, String.t()}

  @doc "What the tool finds, in a process that may be killed: a map as JSON has them."
  @callback check(question :: map) :: map

  @doc "What the VM needs beside the tool's own, once at boot."
  @callback boot() :: :ok

  @heap_words 24_000_000

  @doc "Boot, and serve until descriptor 0 ends."
  def main(tool) do
    port = Protocol.open()
    # Tools and the logger print; descriptor 1 belongs to the frames.
    sink = Output.start(:infinity, {self(), nil})
    Process.group_leader(self(), sink)
    Process.group_leader(Process.whereis(:application_controller), sink)
    Output.take_over(:standard_error, sink)
    Output.take_over(:user, Output.start(:infinity, {self(), nil}))
    {:ok, _} = Application.ensure_all_started(:elixir)
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    Code.compiler_options(ignore_module_conflict: true)
    :ok = tool.boot()
    serve(port, tool)
  end

  defp serve(port, tool) do
    receive do
      {^port, {:data, frame}} ->
        Protocol.control(port, answer(Protocol.decode(frame), tool))
        serve(port, tool)

      {^port, :eof} ->
        :erlang.halt(0)

      _ ->
        serve(port, tool)
    end
  end

  defp answer({:relay, 0, escript}, tool), do: load(tool, {:bytes, escript})
  defp answer({:control, %{"op" => "load", "path" => path}}, tool), do: load(tool, {:file, path})

  defp answer({:control, %{"op" => "check", "id" => id, "seconds" => seconds} = question}, tool) do
    fn -> tool.check(question) end
    |> guarded(trunc(seconds * 1000))
    |> Map.merge(%{id: id, atoms: :erlang.system_info(:atom_count)})
  end

  defp answer(_, _tool), do: %{id: 0, error: "no such question"}

  defp load(tool, from) do
    case tool.load(from) do
      {:ok, version} -> %{id: 0, version: version}
      {:error, reason} -> %{id: 0, error: reason}
    end
  rescue
    error -> %{id: 0, error: Exception.message(error)}
  end

  @doc "The map that `fun` gives in a process of its own, or `%{error: …}` when it does not end well."
  def guarded(fun, milliseconds) do
    me = self()
    ref = make_ref()
    heap = %{size: @heap_words, kill: true, error_logger: false}

    {pid, monitor} =
      :erlang.spawn_opt(fn -> send(me, {ref, fun.()}) && exit(:shutdown) end, [
        :monitor,
        max_heap_size: heap
      ])

    receive do
      {^ref, result} ->
        # Servers of this run are linked to the process and go with it.
        receive do: ({:DOWN, ^monitor, _, _, _} -> result)

      {:DOWN, ^monitor, _, _, reason} ->
        text = "it failed: #{inspect(reason, limit: 20, printable_limit: 500)}"
        %{error: Protocol.cut(text, 1_000), spent: true}
    after
      milliseconds ->
        Process.exit(pid, :kill)
        receive do: ({:DOWN, ^monitor, _, _, _} -> :ok)
        %{error: "it took longer than #{div(milliseconds, 1000)} s", spent: true}
    end
  end

  @doc """
  Loads the modules and applications in an escript, given by its bytes or as a file of the image.

  Its archive holds `APP/ebin/*`. Elixir itself is in it too and stays there.
  """
  @spec load_escript({:bytes, binary} | {:file, Path.t()}) :: :ok | {:error, String.t()}
  def load_escript({:file, path}) do
    case File.read(path) do
      {:ok, escript} -> load_escript({:bytes, escript})
      {:error, reason} -> {:error, "#{path}: #{:file.format_error(reason)}"}
    end
  end

  def load_escript({:bytes, escript}) do
    path = "/tmp/tool.escript"
    File.write!(path, escript)

    with {:ok, sections} <- :escript.extract(String.to_charlist(path), []),
         archive when is_binary(archive) <- sections[:archive],
         {:ok, files} <- :zip.unzip(archive, [:memory]) do
      for {name, content} <- files, do: load_file(Path.basename(to_string(name)), content)
      :ok
    else
      _ -> {:error, "is no escript with an archive"}
    end
  after
    File.rm("/tmp/tool.escript")
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

  @doc "An empty folder, made anew."
  def empty(folder) do
    File.rm_rf!(folder)
    File.mkdir_p!(folder)
  end
end
