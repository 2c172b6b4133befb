defmodule ElixirEval.Tests do
  @moduledoc """
  A problem's tests: compiled once, kept, loaded, and run by `ElixirEval.Runner`.

  Tests mostly need nothing of a candidate's modules while they are compiled, so they are compiled
  against empty stubs of the modules they name (a missing module costs a search through every code
  path) and serve every candidate. Tests that do need them (structs, imports, macros) are compiled
  against the candidate's own and kept by the signature of all that could have shaped the result.

  Nothing here is written to disk. `use ExUnit.Case` registers with `ExUnit.Server`, which is
  drained each time.
  """

  alias ElixirEval.{Output, Runner, Snapshot, Toolchain}

  @file_name "test.exs"
  @most_surfaces 8
  @compile_ms 60_000
  @heap_words 40_000_000
  @printed 1_000_000

  @doc "A problem as it is kept: `test` is its source."
  def problem(key, test, capabilities) do
    %{key: key, test: test, capabilities: capabilities, names: named(test), kept: %{}, used: 0}
  end

  @doc "Names that a candidate may not use: the modules that the tests define."
  def reserved(problem) do
    compiled = for {_, %{beams: beams}} <- problem.kept, {module, _} <- beams, do: module
    Enum.uniq(elem(problem.names, 0) ++ compiled)
  end

  @doc """
  The tests compiled without any candidate: `{:ok, entry, problem}`, or `{:needs_candidate,
  problem}` when they want something of it.
  """
  def general(%{kept: %{general: :needs_candidate}} = problem), do: {:needs_candidate, problem}
  def general(%{kept: %{general: entry}} = problem), do: {:ok, entry, problem}

  def general(problem) do
    {defined, mentioned} = problem.names

    stubs =
      for module <- mentioned,
          module not in defined,
          not :erlang.module_loaded(module),
          :code.where_is_file(~c"#{module}.beam") == :non_existing,
          do: module

    for module <- stubs, {:ok, ^module, beam} <- [:compile.forms(stub(module))] do
      {:module, _} = :code.load_binary(module, ~c"stub", beam)
    end

    compiled = compile(problem.test)
    unload(stubs)

    case compiled do
      {:ok, entry} -> {:ok, entry, put_in(problem.kept[:general], entry)}
      {:error, _} -> {:needs_candidate, put_in(problem.kept[:general], :needs_candidate)}
    end
  end

  @doc """
  The tests compiled against the candidate's modules, which are loaded: `{:ok, entry, problem}` or
  `{:error, why, problem}`.
  """
  def special(problem, modules) do
    # Asking a struct for its defaults calls the candidate.
    case {apart(fn -> {:ok, signature(modules)} end), problem.kept} do
      {{:error, why}, _} ->
        {:error, why, problem}

      {{:ok, signature}, %{} = kept} when is_map_key(kept, signature) ->
        {:ok, kept[signature], problem}

      {{:ok, signature}, kept} ->
        case compile(problem.test) do
          {:ok, entry} ->
            kept = if map_size(kept) > @most_surfaces, do: Map.take(kept, [:general]), else: kept
            {:ok, entry, %{problem | kept: Map.put(kept, signature, entry)}}

          {:error, why} ->
            {:error, why, problem}
        end
    end
  end

  @doc "Load an entry's modules."
  def load(entry) do
    for {module, beam} <- entry.beams do
      {:module, ^module} = :code.load_binary(module, ~c"test.exs", beam)
    end

    :ok
  end

  @doc "Unload modules, whatever still runs in them."
  def unload(modules) do
    for module <- modules do
      :code.purge(module)
      :code.delete(module)
      :code.purge(module)
    end

    :ok
  end

  @doc """
  Run the loaded tests, as `ElixirEval.Runner.run/2`, whose `:heap_words` and `:baseline` are the
  `options`.
  """
  def run(entry, options) do
    before = Application.get_all_env(:ex_unit)
    Application.put_all_env([{:ex_unit, entry.exunit}])

    try do
      Runner.run(entry.modules, Map.put(options, :exunit, entry.exunit))
    after
      restore(before)
    end
  end

  @doc "Every `{module, name}` that a run of the entry reports on."
  def expected(entry), do: entry.expected

  ## compiling

  # In a process of its own: against a candidate's modules, the candidate's code may run.
  defp compile(source) do
    before = Application.get_all_env(:ex_unit)
    Code.put_compiler_option(:infer_signatures, false)
    answer = apart(fn -> quietly(source) end)
    Code.put_compiler_option(:infer_signatures, true)
    drain()
    configured = Application.get_all_env(:ex_unit)
    restore(before)

    with {:ok, beams} <- answer, do: {:ok, entry(beams, configured)}
  end

  defp apart(fun) do
    secret = make_ref()
    caller = self()

    {pid, monitor} =
      :erlang.spawn_opt(
        fn ->
          Process.group_leader(self(), Output.start(@printed, {self(), secret}))
          send(caller, {secret, fun.()})
        end,
        [:monitor, Toolchain.room(@heap_words), max_heap_size: Runner.heap(@heap_words)]
      )

    receive do
      {^secret, answer} ->
        Process.exit(pid, :kill)
        Process.demonitor(monitor, [:flush])
        answer

      {:DOWN, ^monitor, :process, _, _} ->
        {:error, "the process that compiled the tests was killed"}
    after
      @compile_ms ->
        Process.exit(pid, :kill)
        Process.demonitor(monitor, [:flush])
        {:error, "compiling the tests took too long"}
    end
  end

  defp quietly(source) do
    Code.put_compiler_option(:tracers, [])

    {result, diagnostics} =
      Code.with_diagnostics([log: false], fn ->
        try do
          {:ok, unchecked(String.to_charlist(source))}
        catch
          kind, reason -> {:error, Exception.format_banner(kind, reason, __STACKTRACE__)}
        end
      end)

    case result do
      {:ok, beams} ->
        {:ok, beams}

      {:error, why} ->
        said = for %{severity: :error, message: text} <- diagnostics, do: text
        {:error, Enum.join([why | said], "\n")}
    end
  end

  # `Code.compile_string/2` without the check of types and of undefined functions, whose warnings
  # nobody would read.
  defp unchecked(source), do: :elixir_compiler.string(source, @file_name, fn _, _ -> :ok end)

  defp entry(beams, exunit) do
    modules =
      for {module, _} <- beams,
          function_exported?(module, :__ex_unit__, 1),
          params <- module.__ex_unit__(:config).parameterize || [%{}],
          do: {module, params}

    digests = for {module, _} <- beams, into: %{}, do: {module, Snapshot.digest(module)}
    expected = Runner.names(modules, exunit)

    %{
      id: make_ref(),
      beams: beams,
      modules: modules,
      exunit: exunit,
      digests: digests,
      expected: expected
    }
  end

  # The server hands modules out once it is told that all are loaded, and starts anew after that.
  defp drain do
    ExUnit.Server.modules_loaded(false)
    take_all()
    ExUnit.Server.take_sync_modules()
    :ok
  end

  defp take_all do
    if ExUnit.Server.take_async_modules(1_000), do: take_all(), else: :ok
  end

  defp restore(before) do
    for {key, _} <- Application.get_all_env(:ex_unit), not Keyword.has_key?(before, key) do
      Application.delete_env(:ex_unit, key)
    end

    Application.put_all_env([{:ex_unit, before}])
  end

  ## what tests name

  # `{defined, mentioned}`: modules that the source defines, and all it may mean by an alias.
  defp named(source) do
    with {:ok, ast} <- Code.string_to_quoted(source, emit_warnings: false) do
      {_, {defined, mentioned}} =
        Macro.traverse(ast, {[], []}, &enter/2, fn node, found -> {node, found} end)

      {Enum.uniq(defined), Enum.uniq(mentioned)}
    else
      _ -> {[], []}
    end
  end

  defp enter({:defmodule, _, [{:__aliases__, _, parts} | _]} = node, {defined, mentioned}) do
    case concat(parts) do
      {:ok, module} -> {node, {[module | defined], mentioned}}
      :error -> {node, {defined, mentioned}}
    end
  end

  defp enter({{:., _, [{:__aliases__, _, base}, :{}]}, _, members} = node, {defined, mentioned}) do
    found =
      for {:__aliases__, _, parts} <- members,
          {:ok, module} <- [concat(base ++ parts)],
          do: module

    {node, {defined, found ++ mentioned}}
  end

  defp enter({:__aliases__, _, parts} = node, {defined, mentioned}) do
    case concat(parts) do
      {:ok, module} -> {node, {defined, [module | mentioned]}}
      :error -> {node, {defined, mentioned}}
    end
  end

  defp enter(node, found), do: {node, found}

  defp concat(parts) do
    if Enum.all?(parts, &is_atom/1), do: {:ok, Module.concat(parts)}, else: :error
  end

  defp stub(module), do: [{:attribute, 1, :module, module}]

  # All that compiling something else can see of a module; a macro's body is in its digest.
  defp signature(modules) do
    parts =
      for module <- Enum.sort(modules) do
        macros = info(module, :macros)

        [
          module,
          info(module, :functions),
          macros,
          if(macros in [[], nil], do: nil, else: :erlang.get_module_info(module, :md5)),
          info(module, :struct),
          if(function_exported?(module, :__struct__, 0), do: struct_of(module)),
          if(function_exported?(module, :__protocol__, 1),
            do: :erlang.get_module_info(module, :md5)
          )
        ]
      end

    :crypto.hash(:sha256, :erlang.term_to_binary(parts, [:deterministic]))
  end

  defp info(module, what) do
    if function_exported?(module, :__info__, 1), do: module.__info__(what)
  end

  defp struct_of(module), do: module.__struct__()
end
