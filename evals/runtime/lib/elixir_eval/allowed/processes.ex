defmodule ElixirEval.Allowed.Processes do
  @moduledoc """
  The functions that start, address or watch processes, by the capability that grants them.

  They are safe in the warm VM because each needs a pid, a reference or a name, and a candidate has
  only those it was given: its own, those of processes that it started, and those that the test
  sent it. What would show it others (`Process.info`, `Process.list`, `:sys`, the `$ancestors` of
  the process dictionary) is not here; names of the VM's own processes and tables are stopped by the
  BEAM gate and by `ElixirEval.Guard`.
  """

  @groups %{
    # Closures run elsewhere, and plain messages: what any problem may use.
    "plain" => %{
      "Task" => ~w(
        async async_stream await await_many completed ignore shutdown start start_link yield
        yield_many child_spec __struct__
      ),
      "Agent" => ~w(cast get get_and_update start start_link stop update child_spec),
      "Kernel" => ~w(send spawn/1 spawn_link/1 spawn_monitor/1),
      "Process" => ~w(
        alias alive? cancel_timer delete demonitor exit get/1 get/2 link monitor put read_timer
        send send_after sleep unalias unlink
      ),
      "erlang" => ~w(
        ! alias cancel_timer demonitor exit/2 get/1 is_process_alive link monitor/2 monitor/3 put
        read_timer send send_after send_nosuspend spawn/1 spawn_link/1 spawn_monitor/1 start_timer
        unalias unlink
      ),
      "timer" => ~w(sleep)
    },
    "process" => %{
      "GenServer" => ~w(call cast reply start start_link stop whereis),
      "Supervisor" => ~w(
        child_spec count_children delete_child init restart_child start_child start_link stop
        terminate_child which_children
      ),
      "DynamicSupervisor" => ~w(
        child_spec count_children init start_child start_link stop terminate_child which_children
        __struct__
      ),
      "PartitionSupervisor" => ~w(
        child_spec count_children partitions start_link stop which_children whereis_name
        register_name unregister_name send
      ),
      "Task.Supervisor" => ~w(
        async async_nolink async_stream async_stream_nolink child_spec children start_child
        start_link terminate_child
      ),
      "Process" => ~w(flag/2 register set_label spawn/2 unregister whereis),
      "erlang" => ~w(process_flag/2 register spawn_opt/2 unregister whereis),
      "gen_server" => ~w(
        call cast check_response receive_response reply reqids_add reqids_new reqids_size
        reqids_to_list send_request start start_link start_monitor stop wait_response
      ),
      "gen_statem" => ~w(
        call cast check_response receive_response reply reqids_add reqids_new reqids_size
        reqids_to_list send_request start start_link start_monitor stop wait_response
      ),
      "gen_event" => ~w(
        add_handler add_sup_handler call delete_handler notify send_request start start_link
        start_monitor stop swap_handler swap_sup_handler sync_notify which_handlers
      ),
      "supervisor" => ~w(
        check_childspecs count_children delete_child restart_child start_child start_link
        terminate_child which_children
      ),
      "proc_lib" => ~w(init_ack init_fail set_label spawn/1 spawn_link/1 stop),
      "StringIO" => ~w(close contents flush open)
    },
    "registry" => %{
      "Registry" => ~w(
        child_spec count count_match count_select delete_meta dispatch keys lock lookup match meta
        put_meta register register_name select send start_link unregister unregister_match
        unregister_name update_value values whereis_name
      )
    },
    "timer" => %{
      "timer" => ~w(cancel exit_after kill_after send_after send_interval)
    },
    "ets" => %{
      "ets" => ~w(
        delete delete_all_objects delete_object first first_lookup foldl foldr give_away
        info insert insert_new is_compiled_ms last last_lookup lookup lookup_element match
        match_delete match_object match_spec_compile match_spec_run member new next next_lookup prev
        prev_lookup rename safe_fixtable select select_count select_delete select_replace
        select_reverse setopts slot tab2list take test_ms update_counter update_element whereis
      )
    },
    "io" => %{
      "IO" => ~w(binwrite/1 gets inspect/1 inspect/2 puts/1 read/1 write/1),
      "io" => ~w(format/1 format/2 fwrite/1 fwrite/2 nl/0 put_chars/1 write/1)
    }
  }

  # A name that a capability grants besides its own. A problem about processes may time, register
  # and print; a plain one may print.
  @implied %{
    "process" => ~w(registry timer),
    "registry" => ~w(process timer),
    "timer" => ~w(process),
    "ets" => ~w(process registry timer),
    "random" => [],
    "io" => [],
    "file" => [],
    "macro" => []
  }

  # These call a module, function and arguments given as data. In a function body
  # `ElixirEval.Guard` puts a checked call in their place; in a module body they are not allowed.
  @dispatching [
    {Kernel, :apply, 3},
    {Kernel, :spawn, 3},
    {Kernel, :spawn_link, 3},
    {Kernel, :spawn_monitor, 3},
    {Process, :spawn, 4},
    {Function, :capture, 3},
    {:erlang, :apply, 3},
    {:erlang, :make_fun, 3},
    {:erlang, :spawn, 3},
    {:erlang, :spawn_link, 3},
    {:erlang, :spawn_monitor, 3},
    {:erlang, :spawn_opt, 4}
  ]

  @doc "The groups: for each, the modules and what of them is allowed."
  @spec groups() :: [{String.t(), [{module, [String.t()]}]}]
  def groups do
    for {group, modules} <- @groups do
      {group, Enum.map(modules, fn {name, names} -> {module(name), names} end)}
    end
  end

  @doc "The groups that the capabilities of a problem grant."
  @spec granted([String.t()]) :: [String.t()]
  def granted(capabilities) do
    Enum.uniq(
      ["plain", "io"] ++ capabilities ++ Enum.flat_map(capabilities, &Map.get(@implied, &1, []))
    )
  end

  @doc "The functions that `ElixirEval.Guard` replaces in function bodies."
  @spec dispatching() :: [mfa]
  def dispatching, do: @dispatching

  defp module(name) do
    if name =~ ~r/^[A-Z]/, do: Module.concat([name]), else: String.to_atom(name)
  end
end
