defmodule ElixirEval.Snapshot do
  @moduledoc """
  Puts the VM back as it was after a candidate, and tells what could not be put back.

  `take/0` notes everything that must not change; `clean/3` ends, unloads and deletes what is not in
  it and compares the rest. A difference does not mean that a verdict is wrong, only that it may be:
  the host's caller throws the VM and the verdict away. It is a backstop. What leaves no trace, as a
  forged message, is kept out by the gates and by how `ElixirEval.Runner` learns results.
  """

  alias ElixirEval.{Allowed, Output, Tests}

  defstruct [
    :processes,
    :names,
    :ports,
    :tables,
    :modules,
    :environment,
    :terms,
    :compiler,
    :system,
    :folder,
    :sink
  ]

  @doc "What holds now; `sink` is the process that takes what nobody should print."
  def take(sink) do
    settle()
    compiler_modules()

    %__MODULE__{
      processes: Map.new(Process.list(), &{&1, true}),
      names: names(),
      ports: Enum.sort(:erlang.ports()),
      tables: Map.new(:ets.all(), &{&1, true}),
      modules: Map.new(:erlang.loaded(), &{&1, digest(&1)}),
      environment: environment(),
      terms: terms(),
      compiler: compiler(),
      system: system(),
      folder: folder(asked_folder()),
      sink: sink
    }
  end

  @doc "What identifies a loaded module's code (nil for what is built into the VM)."
  def digest(module) do
    :erlang.get_module_info(module, :md5)
  rescue
    ArgumentError -> nil
  end

  @doc """
  Clean up. `tests` are the digests of the test modules that stay; every other module that is new
  is unloaded, unless it is one of Elixir's or OTP's that was loaded when first called. Gives
  `{:ok, snapshot}` or `{:tainted, what}`.
  """
  def clean(snapshot, tests, output) do
    Code.put_compiler_option(:tracers, [])
    # Rows are of tests whose processes are about to be dead.
    :ets.delete_all_objects(ExUnit.Server)

    # `output` goes last: a captured device is given back to it.
    with :ok <- kill(Map.put(snapshot.processes, output, true), 0),
         :ok <- settle(),
         :ok <- restore_names(snapshot),
         :ok <- kill(snapshot.processes, 0),
         :ok <- complete(snapshot),
         :ok <- compiler_modules(),
         {:ok, snapshot} <- timers(snapshot),
         folder = asked_folder(),
         {:ok, snapshot} <- modules(snapshot, tests),
         :ok <- tables(snapshot),
         :ok <- same(:names, snapshot.names, names()),
         :ok <- same(:ports, snapshot.ports, Enum.sort(:erlang.ports())),
         :ok <- same(:environment, snapshot.environment, environment()),
         :ok <- same(:terms, snapshot.terms, terms()),
         :ok <- same(:compiler, snapshot.compiler, compiler()),
         :ok <- same(:system, snapshot.system, system()),
         :ok <- same(:folder, snapshot.folder, folder(folder)),
         :ok <- queues(snapshot, 20) do
      {:ok, snapshot}
    end
  end

  @doc "How much of everything the VM holds, for whoever looks for leaks."
  def sizes do
    :erlang.garbage_collect()

    %{
      atoms: :erlang.system_info(:atom_count),
      processes: :erlang.system_info(:process_count),
      ports: :erlang.system_info(:port_count),
      tables: length(:ets.all()),
      modules: length(:erlang.loaded()),
      memory: :erlang.memory(:total)
    }
  end

  @doc "End every process that is not a key of `processes`, nor the caller."
  def alone(processes), do: kill(processes, 0)

  ## processes

  # A process that was sent a kill runs no more code of its own, so the count only falls; the
  # rounds are for what was spawned on another scheduler between looking and killing.
  defp kill(_, round) when round > 50, do: {:tainted, "processes that cannot be killed"}

  defp kill(processes, round) do
    case for pid <- Process.list(), not is_map_key(processes, pid), pid != self(), do: pid do
      [] ->
        :ok

      pids ->
        for pid <- pids, do: Process.monitor(pid)
        for pid <- pids, do: Process.exit(pid, :kill)
        gone(length(pids))
        kill(processes, round + 1)
    end
  end

  defp complete(snapshot) do
    if Enum.all?(Map.keys(snapshot.processes), &Process.alive?/1),
      do: :ok,
      else: {:tainted, "a process of the VM's own is gone"}
  end

  # In the order in which they end: to look for each one's message would take the square of their
  # number. Nothing else of the caller's is monitored then.
  defp gone(0), do: :ok

  defp gone(count) do
    receive do
      {:DOWN, _, :process, _, _} -> gone(count - 1)
    after
      1_000 -> :ok
    end
  end

  # ExUnit's server of captured devices gives names back, and Elixir's forgets modules under way,
  # when they learn that who asked is dead; a call that they answer comes after that.
  defp settle do
    for server <- [ExUnit.CaptureServer, :elixir_code_server], do: :sys.get_state(server, 2_000)
    :ok
  catch
    :exit, _ -> {:tainted, "a server of ExUnit's or Elixir's"}
  end

  defp restore_names(snapshot) do
    Output.take_over(:standard_error, snapshot.sink)
    :ok
  end

  defp names, do: Map.new(Process.registered(), &{&1, Process.whereis(&1)})

  # Who still has mail after a moment has been sent something that it does not understand, or hangs.
  defp queues(_, 0), do: {:tainted, "messages to processes of the VM's own"}

  defp queues(snapshot, tries) do
    busy =
      for {pid, _} <- snapshot.processes,
          pid != self(),
          {:message_queue_len, n} when n > 0 <- [Process.info(pid, :message_queue_len)],
          do: pid

    if busy == [] do
      :ok
    else
      :timer.sleep(1)
      queues(snapshot, tries - 1)
    end
  end

  # Timers of `:timer` outlive who set them, and call functions.
  defp timers(snapshot) do
    server = Process.whereis(:timer_server)
    owned = for {table, _} <- snapshot.tables, :ets.info(table, :owner) == server, do: table

    if Enum.any?(owned, &(:ets.info(&1, :size) > 0)) do
      :ok = :supervisor.terminate_child(:kernel_sup, :timer_server)
      {:ok, new} = :supervisor.restart_child(:kernel_sup, :timer_server)
      :sys.get_state(new)
      made = for table <- :ets.all(), :ets.info(table, :owner) == new, do: {table, true}

      {:ok,
       %{
         snapshot
         | processes: snapshot.processes |> Map.delete(server) |> Map.put(new, true),
           names: Map.put(snapshot.names, :timer_server, new),
           tables: snapshot.tables |> Map.drop(owned) |> Map.merge(Map.new(made))
       }}
    else
      {:ok, snapshot}
    end
  end

  ## modules

  defp modules(snapshot, tests) do
    now = Map.new(:erlang.loaded(), &{&1, digest(&1)})

    {adopted, wrong} =
      Enum.reduce(now, {%{}, []}, fn {module, digest}, {adopted, wrong} ->
        cond do
          snapshot.modules[module] == digest and is_map_key(snapshot.modules, module) ->
            {adopted, wrong}

          is_map_key(snapshot.modules, module) ->
            {adopted, [module | wrong]}

          is_map_key(tests, module) and tests[module] == digest ->
            {adopted, wrong}

          is_map_key(tests, module) ->
            {adopted, [module | wrong]}

          from_disk?(module, digest) ->
            {Map.put(adopted, module, digest), wrong}

          true ->
            unloaded(module, adopted, wrong)
        end
      end)

    missing = Enum.find(Map.keys(snapshot.modules) ++ Map.keys(tests), &(not is_map_key(now, &1)))

    cond do
      wrong != [] -> {:tainted, "the module #{inspect(hd(wrong))}"}
      missing -> {:tainted, "the module #{inspect(missing)} is gone"}
      true -> {:ok, %{snapshot | modules: Map.merge(snapshot.modules, adopted)}}
    end
  end

  defp unloaded(module, adopted, wrong) do
    Tests.unload([module])
    {adopted, wrong}
  end

  # What Elixir or OTP loaded when it was first called.
  defp from_disk?(module, digest) do
    # What was on the disk at boot still is, and nothing else. To look costs as much as all else here.
    with true <- is_map_key(Allowed.baseline().modules, module),
         path when is_list(path) <- :code.where_is_file(~c"#{module}.beam") do
      match?({:ok, {^module, ^digest}}, :beam_lib.md5(path))
    else
      _ -> false
    end
  end

  # A module's body is compiled as a module `elixir_compiler_N` of its own. Elixir keeps those that
  # may still be in use (with closures), or were cut short: code and names that would add up.
  defp compiler_modules do
    with {_, _, {used, unused, made}, _} when made > length(unused) <-
           :sys.get_state(:elixir_code_server) do
      all = for number <- 0..(made - 1)//1, do: :"elixir_compiler_#{number}"

      for module <- all -- (used ++ unused) do
        :code.delete(module)
        :elixir_code_server.cast({:return_compiler_module, module})
      end

      Code.purge_compiler_modules()
    end

    :ok
  end

  ## tables, environment, flags

  defp tables(snapshot) do
    case for table <- :ets.all(), not is_map_key(snapshot.tables, table), do: table do
      [] ->
        case Enum.find(Map.keys(snapshot.tables), &(:ets.info(&1, :id) == :undefined)) do
          nil -> :ok
          _ -> {:tainted, "an ETS table of the VM's own is gone"}
        end

      left ->
        # Its owner is one of ours, so it was given to us.
        if Enum.all?(left, &deleted?/1), do: :ok, else: {:tainted, "an ETS table"}
    end
  end

  defp deleted?(table) do
    :ets.delete(table)
  rescue
    ArgumentError -> :ets.info(table, :id) == :undefined
  end

  defp environment, do: {:lists.sort(:ets.tab2list(:ac_tab)), :lists.sort(:os.getenv())}

  # The logger notes each module's level when it first logs, and handlers that come and go; its
  # table, compared below, has what was set.
  defp terms do
    kept =
      for {key, _} = term <- :persistent_term.get(),
          not match?({:logger_config, _}, key) or key == {:logger_config, :"$primary_config$"},
          do: term

    Enum.sort_by(kept, &elem(&1, 0))
  end

  # Elixir's own tables: options, `at_exit`, URI ports, modules under way; ExUnit's and the logger's.
  defp compiler do
    for table <- [:elixir_config, :elixir_modules, ExUnit.Server, ExUnit.CaptureServer, :logger],
        do: {table, :lists.sort(:ets.tab2list(table))}
  end

  defp system do
    {:code.get_path(), :code.get_mode(), :erlang.system_info(:system_logger),
     for(flag <- flags(), do: {flag, :erlang.system_info(flag)}),
     :erlang.trace_info(:new, :flags), :erlang.system_monitor(), :erlang.get_cookie(), node()}
  end

  # The current folder. The answer comes from another thread, so there is time for something else
  # between question and answer.
  defp asked_folder, do: :gen_server.send_request(:file_server_2, :get_cwd)
  defp folder(asked), do: :gen_server.receive_response(asked, 2_000)

  defp flags do
    [
      :schedulers_online,
      :multi_scheduling,
      :max_heap_size,
      :min_heap_size,
      :min_bin_vheap_size,
      :fullsweep_after,
      :scheduler_bind_type,
      :time_offset
    ]
  end

  defp same(_, same, same), do: :ok

  defp same(what, before, now) do
    changed = parts(now) -- parts(before)
    gone = parts(before) -- parts(now)
    {:tainted, "#{what}: #{inspect({changed, gone}, limit: 10, printable_limit: 200)}"}
  end

  defp parts(%{} = map), do: Map.to_list(map)
  defp parts(tuple) when is_tuple(tuple), do: tuple |> Tuple.to_list() |> Enum.flat_map(&parts/1)
  defp parts(list) when is_list(list), do: list
  defp parts(other), do: [other]
end
