defmodule ElixirEval.Dispatch do
  @moduledoc """
  Calls a module and function that were given as data, if the candidate may call them.

  Two sides come here. A candidate's own dynamic calls do, put there by `ElixirEval.Guard`. And the
  parts of OTP and Elixir that apply what a candidate tells them do (a supervisor's child
  specification, an agent's or a task's module, function and arguments): `harden/1` replaces them,
  once, at boot, by versions that ask here first. So a module's name as data is harmless, wherever a
  candidate got it (a crash's reason holds the stack with names of modules and functions), and
  apart from literal calls every call that a candidate causes is checked against one list.

  What may not be called is not called: the process ends, and `violation/0` tells. That verdict is
  then void, and the candidate belongs in two VMs.

  The host calls, in this order: `harden/0` once at boot, before what it takes as the baseline;
  `begin/1` before the tests of a candidate, with its modules and those of the tests; `violation/0`
  after them; `finish/0`. Between `finish/0` and `begin/1` hardened code works as it always did.
  """

  alias ElixirEval.{Allowed, Guard, Rebuilt}

  # What allowed functions apply on their way, not for a candidate to call.
  @inner %{
    {Registry.Partition, :start_link} => true,
    {Registry.Supervisor, :start_link} => true,
    {Task.Supervised, :start_link} => true,
    {PartitionSupervisor, :start_child} => true,
    {Supervisor, :start_link} => true
  }

  @flags ~w(trap_exit message_queue_data min_heap_size min_bin_vheap_size fullsweep_after)a

  ## the host's side

  @doc "Loads the hardened modules. The table that it makes belongs to the calling process."
  @spec harden([Rebuilt.beam()]) :: :ok
  def harden(modules \\ ElixirEval.Hardened.modules()) do
    :persistent_term.put(
      __MODULE__,
      :ets.new(__MODULE__, [:public, :set, read_concurrency: true])
    )

    Enum.each(modules, &Rebuilt.load/1)
  end

  @doc "Whether `harden/0` has run in this VM."
  @spec ready?() :: boolean
  def ready?, do: :persistent_term.get(__MODULE__, nil) != nil

  @doc """
  Begins with the compilation of a candidate that defines these modules, while the tests define
  those of `tests`; `ElixirEval.Gate` calls it.
  """
  @spec candidate([module], %{module => true}) :: :ok
  def candidate(modules, tests) do
    begin(modules)
    :ets.insert(table(), [{:candidate, Map.new(modules, &{&1, true})}, {:tests, tests}])
    :ok
  end

  @doc "Whether the tests of this candidate define the module, be it loaded now or not."
  @spec of_tests?(module) :: boolean
  def of_tests?(module), do: is_map_key(:ets.lookup_element(table(), :tests, 2, %{}), module)

  @doc "From here on, hardened code applies functions of these modules and allowed ones only."
  @spec begin([module]) :: :ok
  def begin(modules) do
    forget()
    :ets.insert(table(), [{:active} | Enum.map(modules, &{{:own, &1}})])
    :ok
  end

  @doc "The call that was stopped since `begin/1`, as text; nil when none was."
  @spec violation() :: String.t() | nil
  def violation do
    case :ets.lookup(table(), :violation) do
      [{:violation, why}] -> why
      [] -> nil
    end
  end

  @doc "The candidate is gone."
  @spec finish() :: :ok
  def finish do
    :ets.delete(table(), :candidate)
    :ets.delete(table(), :tests)
    forget()
  end

  defp forget do
    :ets.match_delete(table(), {{:own, :_}})
    :ets.delete(table(), :violation)
    :ets.delete(table(), :active)
    :ok
  end

  ## the side of hardened modules

  # What explains an error to `Exception.normalize/3` reads it, whatever its module.
  @doc false
  def applied(module, :format_error, [_, _] = arguments),
    do: apply(module, :format_error, arguments)

  # A file's server works on the file by its handle, which nobody can make up.
  def applied(:prim_file, name, [{:file_descriptor, :prim_file, %{handle: handle}} | _] = arguments)
      when is_reference(handle),
      do: apply(:prim_file, name, arguments)

  def applied(module, name, arguments) do
    if is_atom(module) and is_atom(name) and is_list(arguments) and :ets.member(table(), :active) and
         not is_map_key(@inner, {module, name}),
       do: call(module, name, arguments),
       else: apply(module, name, arguments)
  end

  ## the candidate's side

  @doc false
  def call(module, name, arguments)
      when is_atom(module) and is_atom(name) and is_list(arguments) do
    arity = length(arguments)

    case Map.get(Guard.replaced(), {module, name, arity}) do
      nil ->
        check(module, name, arity)
        apply(module, name, arguments)

      checked ->
        apply(__MODULE__, checked, arguments)
    end
  end

  def call(module, name, arguments), do: apply(module, name, arguments)

  @doc false
  def capture(module, name, arity) when is_atom(module) and is_atom(name) and is_integer(arity) do
    case Map.get(Guard.replaced(), {module, name, arity}) do
      nil ->
        check(module, name, arity)
        :erlang.make_fun(module, name, arity)

      checked ->
        :erlang.make_fun(__MODULE__, checked, arity)
    end
  end

  def capture(module, name, arity), do: :erlang.make_fun(module, name, arity)

  @doc false
  def no_parens(value, key) do
    if is_atom(value), do: check(value, key, 0)
    :elixir_erl_pass.no_parens_remote(value, key)
  end

  # The bytes of a closure show what it closes over: a test's may hold what the test expects.
  @doc false
  def to_binary(term, options \\ []) do
    opaque(term)
    :erlang.term_to_binary(term, options)
  end

  @doc false
  def to_iovec(term, options \\ []) do
    opaque(term)
    :erlang.term_to_iovec(term, options)
  end

  # `map.field()`: Elixir would warn, once in the life of the VM.
  @doc false
  def parens(_key, value), do: value

  # As `use GenServer` asks it, of a message that it does not know.
  @doc false
  def info(pid, :registered_name) when pid == self(), do: Process.info(pid, :registered_name)
  def info(_, _), do: stop("looks into a process")

  # The name of a protocol's implementation.
  @doc false
  def concat(protocol, target) do
    if is_atom(protocol) and :ets.member(table(), {:own, protocol}),
      do: Protocol.__concat__(protocol, target),
      else: stop("makes a name")
  end

  @doc false
  def spawn(module, name, arguments), do: :erlang.spawn(fn -> call(module, name, arguments) end)

  @doc false
  def spawn_link(module, name, arguments),
    do: :erlang.spawn_link(fn -> call(module, name, arguments) end)

  @doc false
  def spawn_monitor(module, name, arguments),
    do: :erlang.spawn_monitor(fn -> call(module, name, arguments) end)

  @doc false
  def spawn_opt(module, name, arguments, options),
    do: :erlang.spawn_opt(fn -> call(module, name, arguments) end, options)

  @doc false
  def stack(frames) do
    own = :ets.lookup_element(table(), :candidate, 2, %{})

    for {module, _, _, _} = frame <- frames,
        is_map_key(own, module) or Allowed.module?(module),
        do: frame
  end

  @doc false
  def flag(flag, value) do
    if flag in @flags, do: :erlang.process_flag(flag, value), else: stop("sets a process flag")
  end

  @doc false
  def send(destination, message) do
    address(destination)
    :erlang.send(destination, message)
  end

  @doc false
  def send(destination, message, options) do
    address(destination)
    :erlang.send(destination, message, options)
  end

  @doc false
  def send_after(time, destination, message),
    do: :erlang.send_after(time, mortal(destination), message)

  @doc false
  def send_after(time, destination, message, options),
    do: :erlang.send_after(time, mortal(destination), message, options)

  @doc false
  def start_timer(time, destination, message),
    do: :erlang.start_timer(time, mortal(destination), message)

  @doc false
  def start_timer(time, destination, message, options),
    do: :erlang.start_timer(time, mortal(destination), message, options)

  @doc false
  def send_nosuspend(destination, message, options \\ []) do
    address(destination)
    :erlang.send_nosuspend(destination, message, options)
  end

  @doc false
  def send_later(destination, message, time, options \\ []),
    do: Process.send_after(mortal(destination), message, time, options)

  @doc false
  def timer_send_after(time, destination, message) do
    address(destination)
    :timer.send_after(time, destination, message)
  end

  @doc false
  def timer_send_interval(time, destination, message) do
    address(destination)
    :timer.send_interval(time, destination, message)
  end

  @doc false
  def timer_exit_after(time, destination, reason) do
    address(destination)
    :timer.exit_after(time, destination, reason)
  end

  @doc false
  def timer_kill_after(time, destination) do
    address(destination)
    :timer.kill_after(time, destination)
  end

  @doc false
  def reply({destination, _} = client, reply) do
    address(destination)
    GenServer.reply(client, reply)
  end

  @doc false
  def whereis(name) do
    address(name)
    :erlang.whereis(name)
  end

  @doc false
  def whereis_server(server) do
    address(server)
    GenServer.whereis(server)
  end

  @doc false
  def unregister(name) do
    address(name)
    :erlang.unregister(name)
  end

  # The emulator looks a name up when the timer fires, which may be in the time of another candidate,
  # and cancels only timers of processes that are dead. So it fires at a process that can be killed.
  defp mortal(name) when is_atom(name) do
    address(name)

    :erlang.spawn(fn ->
      receive do
        message -> if pid = :erlang.whereis(name), do: :erlang.send(pid, message)
      end
    end)
  end

  defp mortal(destination), do: destination

  defp opaque(function) when is_function(function) do
    {:module, module} = :erlang.fun_info(function, :module)
    own = :ets.lookup_element(table(), :candidate, 2, %{})

    if :erlang.fun_info(function, :type) == {:type, :local} and not is_map_key(own, module),
      do: stop("looks into a function")
  end

  defp opaque([head | tail]) do
    opaque(head)
    opaque(tail)
  end

  defp opaque(tuple) when is_tuple(tuple), do: tuple |> Tuple.to_list() |> opaque()
  defp opaque(map) when is_map(map), do: map |> :maps.to_list() |> opaque()
  defp opaque(_), do: :ok

  # It has no name, so that no atom leads to it.
  defp table, do: :persistent_term.get(__MODULE__)

  # Processes of the VM have names; a candidate has no business with them.
  defp address(name) when is_atom(name) do
    if Allowed.reserved_name?(name), do: stop("addresses #{inspect(name)}")
  end

  defp address({name, _node}) when is_atom(name), do: address(name)
  defp address(_), do: :ok

  defp check(module, name, arity) do
    mfa = {module, name, arity}

    cond do
      :ets.member(table(), {:own, module}) and not hidden?(module, name) -> :ok
      Allowed.group(mfa) != nil -> :ok
      missing?(mfa) -> :ok
      true -> stop("calls #{Exception.format_mfa(module, name, arity)}")
    end
  end

  # Helpers that the tests hand over are called; a module of test cases may hold what they expect.
  defp hidden?(module, name),
    do: :erlang.function_exported(module, :__ex_unit__, 0) or generated?(Atom.to_string(name))

  defp generated?("__ex_unit" <> _), do: true
  defp generated?("test " <> _), do: true
  defp generated?(_), do: false

  # A call of what does not exist fails by itself.
  defp missing?({module, name, arity}) do
    if :erlang.module_loaded(module),
      do:
        not function_exported?(module, name, arity) and
          not :erlang.is_builtin(module, name, arity),
      else: not is_map_key(Allowed.baseline().modules, module)
  end

  defp stop(why) do
    :ets.insert_new(table(), {:violation, why})
    exit(:needs_two_vms)
  end
end
