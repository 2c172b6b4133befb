defmodule ElixirEval.Proxy.Bridge do
  @moduledoc """
  The one process of a VM through which everything crosses, in the order in which it happened.

  Both VMs run it. It sends what `ElixirEval.Proxy.Body` encoded, decodes what arrives, hands calls
  and results to the bodies, and tells the other side of deaths and registered names. Before a call
  or a result leaves, deaths and names that its sender could have seen are told first.

  Frames are encoded tuples:

      {:call, pid, id, target, arguments, state}    {:return, pid, id, result, state}
      {:send, to, message}        {:reply, reference, reply}      {:exit, from, to, reason}
      {:gone, pid, reason}        {:name, name, pid}              {:unname, name}
      {:write, leader, encoding, bytes}             {:read, leader, request_id, request}
      {:input, request_id, reply}
      {:load, source, leader}     {:loaded, modules, diagnostics} {:not_loaded, why}
      {:module, description}

  In the host whatever does not fit ends the candidate (`lost`): a frame that is too large or does
  not decode, a call of anything but a function that was handed out or is of a module of the tests
  whose name was, a call by a process that is
  not waiting for the candidate. A result for a call that nobody waits for is dropped: its caller
  may have died meanwhile.
  """

  alias ElixirEval.Handles
  alias ElixirEval.Proxy.Arrivals
  alias ElixirEval.Proxy.Names
  alias ElixirEval.Wire

  @doc """
  Runs the bridge in the calling process until told to stop. `context` as `Handles.create/1` takes
  it, with `:send` (a function that takes one frame), `:frame` (largest frame), `:bytes` (all that
  may arrive), `:words` that one frame may become, `:budget`
  (`t:ElixirEval.Wire.budget/0`), `:memory` (bytes the VM may hold when more arrives), `:owner` (the bridge ends with it), `:notify` (a pid that is sent
  `{tag, :loaded, modules, diagnostics}`, `{tag, :not_loaded, why}` or `{tag, :lost, reason}`), and
  in a candidate VM `:load`, a function that compiles.
  """
  def run(context) do
    Process.flag(:trap_exit, true)
    # A limit for all processes may be set in the host; what arrives here has its own budgets.
    Process.flag(:max_heap_size, 0)
    context = Handles.create(Map.put(context, :bridge, self()))

    loop(%{
      context: context,
      waiting: %{},
      monitors: %{},
      refs: %{},
      baseline: MapSet.new(Process.registered()),
      names: %{},
      mirrored: %{},
      reads: %{},
      bytes: 0,
      unweighed: 0,
      loaded: false,
      lost: nil
    })
  end

  defp loop(%{context: %{tag: tag} = context} = state) do
    receive do
      message -> message |> handle(tag, state) |> next()
    after
      # A supervisor gives a name to a new process while nobody calls.
      if(context.side == :candidate, do: 10, else: :infinity) -> state |> mirror_names() |> loop()
    end
  end

  defp next(:stop) do
    case :ets.lookup(Handles, :modules) do
      [{:modules, modules}] -> ElixirEval.Proxy.Modules.remove(modules)
      [] -> :ok
    end

    Handles.drop()
  end

  defp next(state), do: loop(state)

  # -- from this side --------------------------------------------------------------------------

  defp handle({tag, :out, meta, frame}, tag, state), do: out(meta, frame, state)
  defp handle({tag, :control, term}, tag, state), do: emit(term, state)

  defp handle({tag, :watch, pid}, tag, state) do
    monitor = Process.monitor(pid)
    watch(pid, if(Process.alive?(pid), do: :owned, else: :ended), monitor, state)
  end

  defp handle({tag, :body, pid, monitor}, tag, state), do: watch(pid, :body, monitor, state)
  defp handle({tag, :lost, reason}, tag, state), do: lost(reason, state)

  defp handle({tag, :stop}, tag, state), do: stop(state)

  defp handle({tag, :load, source, leader}, tag, state),
    do: emit({:load, source, Handles.name_leader(leader, state.context)}, state)

  defp handle({tag, :frame, frame}, tag, state), do: frame(frame, state)

  defp handle({port, {:data, frame}}, _, %{context: %{port: port}} = state),
    do: frame(frame, state)

  defp handle({port, :eof}, _, %{context: %{port: port}}), do: :erlang.halt(0, flush: false)

  defp handle({:DOWN, monitor, :process, pid, reason}, _, state) do
    case Map.pop(state.monitors, monitor) do
      {{pid, kind}, monitors} -> down(kind, pid, reason, %{state | monitors: monitors})
      {nil, _} when pid == state.context.owner -> stop(state)
      {nil, _} -> state
    end
  end

  # Replies of an I/O server of the host to a read that it was asked for.
  defp handle({:io_reply, ref, reply}, _, state) do
    case Map.pop(state.reads, ref) do
      {nil, _} -> state
      {id, reads} -> emit({:input, id, reply}, %{state | reads: reads})
    end
  end

  # References of the other side are aliases of this process: a reply sent to one arrives here.
  defp handle({[:alias | ref], reply}, _, state) when is_reference(ref),
    do: reply(ref, reply, state)

  defp handle({ref, reply}, _, state) when is_reference(ref), do: reply(ref, reply, state)
  defp handle(_, _, state), do: state

  defp reply(ref, reply, state) do
    if Handles.their_ref(ref), do: emit({:reply, ref, reply}, flush(state)), else: state
  end

  defp out(meta, _, %{lost: reason} = state) when reason != nil do
    with {:call, pid, _} <- meta, do: send(pid, {state.context.tag, :lost, reason})
    state
  end

  defp out({:call, pid, id}, frame, state) do
    state = settle(state)
    transmit(frame, put_in(state.waiting[pid], [id | Map.get(state.waiting, pid, [])]))
  end

  defp out({:return, _, _}, frame, state), do: transmit(frame, settle(state))
  defp out(_, frame, state), do: transmit(frame, state)

  @doc "Sends a frame of the bridge's own."
  def emit(_, %{lost: reason} = state) when reason != nil, do: state

  def emit(term, state) do
    frame = term |> conceal(state.context) |> Wire.encode(state.context)

    if byte_size(frame) > state.context.frame,
      do: state,
      else: transmit(frame, state)
  end

  # A process of the host may die with what only the host should know, marked by a reference that
  # was never handed out: how a test ended, and what it expected.
  defp conceal({:gone, pid, reason}, %{side: :host}),
    do: {:gone, pid, if(secret?(reason), do: :shutdown, else: reason)}

  defp conceal({:exit, from, to, reason}, %{side: :host}),
    do: {:exit, from, to, if(secret?(reason), do: :shutdown, else: reason)}

  defp conceal(term, _), do: term

  defp secret?(ref) when is_reference(ref), do: not Handles.known_ref?(ref)
  defp secret?([head | tail]), do: secret?(head) or secret?(tail)
  defp secret?(tuple) when is_tuple(tuple), do: tuple |> Tuple.to_list() |> secret?()
  defp secret?(map) when is_map(map), do: map |> :maps.to_list() |> secret?()
  defp secret?(_), do: false

  defp transmit(frame, state) do
    state.context.send.(frame)
    state
  end

  defp watch(pid, kind, monitor, state) do
    state = put_in(state.monitors[monitor], {pid, kind})
    put_in(state.refs[pid], monitor)
  end

  # -- deaths and names ------------------------------------------------------------------------

  # What died before a call or a result left must be seen dead when it arrives. The `:DOWN` message
  # is on its way, so this waits for it, after replies that the dead process may have sent.
  defp settle(state) do
    state.refs
    |> Enum.reject(fn {pid, _} -> Process.alive?(pid) end)
    |> Enum.reduce(state, fn {_, monitor}, state ->
      receive do
        {:DOWN, ^monitor, :process, _, _} = down ->
          handle(down, state.context.tag, state |> send_replies())
      end
    end)
    |> mirror_names()
  end

  defp send_replies(state) do
    receive do
      {[:alias | ref], _} = message when is_reference(ref) ->
        message |> handle(state.context.tag, state) |> send_replies()

      {ref, _} = message when is_reference(ref) and ref != state.context.tag ->
        message |> handle(state.context.tag, state) |> send_replies()
    after
      0 -> state
    end
  end

  # It ended between its mention and the monitor, so why is not known. Had it ended with an error,
  # whoever was linked to it would have been told, or ended with it.
  defp down(:ended, pid, reason, state),
    do: down(:owned, pid, if(reason == :noproc, do: :normal, else: reason), state)

  defp down(kind, pid, reason, state) do
    {_, state} = pop_in(state.refs[pid])
    {_, state} = pop_in(state.waiting[pid])
    known? = Handles.death(pid) != nil
    Handles.died(pid, reason)
    state = if kind == :owned, do: flush(state), else: state

    if kind == :body and known?, do: state, else: emit({:gone, pid, reason}, state)
  end

  # What a process sent before it died or replied may still lie with the bodies it was sent to.
  defp flush(%{context: %{tag: tag}} = state) do
    for body <- Handles.idle_bodies(), Process.alive?(body) do
      reply = :erlang.alias([:reply])
      send(body, {tag, :flush, reply})
      {body, reply}
    end
    |> Enum.reduce(state, &flushed/2)
  end

  defp flushed({body, reply} = pair, %{context: %{tag: tag}} = state) do
    receive do
      {^tag, :out, :send, frame} -> flushed(pair, out(:send, frame, state))
      ^reply -> state
    after
      # A body that has died or has been given a call meanwhile does not answer.
      20 ->
        if Process.alive?(body) and Handles.idle?(body) do
          flushed(pair, state)
        else
          :erlang.unalias(reply)
          state
        end
    end
  end

  defp mirror_names(state) do
    names =
      for name <- Process.registered(),
          name not in state.baseline,
          not Names.reserved?(name),
          not is_map_key(state.mirrored, name),
          pid = Process.whereis(name),
          is_pid(pid),
          into: %{},
          do: {name, pid}

    if names == state.names do
      state
    else
      for {name, _} <- state.names, not is_map_key(names, name), do: emit({:unname, name}, state)

      for {name, pid} <- names, state.names[name] != pid do
        emit({:name, name, pid}, state)
      end

      %{state | names: names}
    end
  end

  # -- from the other side ---------------------------------------------------------------------

  defp frame(_, %{lost: reason} = state) when reason != nil, do: state

  defp frame(frame, %{context: context} = state) do
    bytes = state.bytes + byte_size(frame)

    cond do
      byte_size(frame) > context.frame ->
        lost("a frame of #{byte_size(frame)} bytes", state)

      bytes > context.bytes ->
        lost("more than #{context.bytes} bytes in all", state)

      true ->
        :counters.put(context.budget, 1, context.words)
        state = %{state | bytes: bytes, unweighed: state.unweighed + byte_size(frame)}

        with {:ok, term} <- Wire.decode(frame, context), {:ok, state} <- weigh(state) do
          arrived(term, watch_new(state))
        else
          {:error, reason} -> lost(reason, state)
        end
    end
  end

  # What one frame may become is bounded by `:words`; what all of them became and is still held is
  # the VM's memory, looked at whenever so many bytes have come that it may have changed.
  @weighed_bytes 1_048_576

  defp weigh(%{unweighed: bytes} = state) when bytes < @weighed_bytes, do: {:ok, state}
  defp weigh(%{context: %{side: :candidate}} = state), do: {:ok, state}

  defp weigh(%{context: context} = state) do
    if :erlang.memory(:total) > context.memory, do: collect(state)

    if :erlang.memory(:total) > context.memory,
      do: {:error, "too much data is held"},
      else: {:ok, %{state | unweighed: 0}}
  end

  defp collect(state) do
    for {pid, _} <- state.refs, do: :erlang.garbage_collect(pid)
    :erlang.garbage_collect()
  end

  # Bodies made while decoding are watched before anything is done with them.
  defp watch_new(%{context: %{tag: tag}} = state) do
    receive do
      {^tag, :body, pid, monitor} -> watch_new(watch(pid, :body, monitor, state))
    after
      0 -> state
    end
  end

  defp arrived(term, state) do
    case Arrivals.arrive(term, state) do
      {:lost, reason} -> lost(reason, state)
      state -> state
    end
  end

  # -- endings ---------------------------------------------------------------------------------

  @doc "Ends what stands for a process that has died on the other side, and waits for its end."
  def end_body(pid, reason, state) do
    Handles.died(pid, reason)
    send(pid, {state.context.tag, :die, reason})

    case state.refs do
      %{^pid => monitor} ->
        unless Handles.idle?(pid), do: Process.exit(pid, reason)

        receive do
          {:DOWN, ^monitor, :process, _, _} = down -> handle(down, state.context.tag, state)
        after
          200 ->
            Process.exit(pid, :kill)

            receive do
              {:DOWN, ^monitor, :process, _, _} = down -> handle(down, state.context.tag, state)
            end
        end

      _ ->
        state
    end
  end

  defp lost(_, %{context: %{side: :candidate}}), do: :erlang.halt(3, flush: false)

  defp lost(reason, %{context: context} = state) do
    send(context.notify, {context.tag, :lost, reason})
    :ets.insert(Handles, {:lost, reason})
    %{state | lost: reason} |> tell_waiting() |> stop_bodies()
  end

  defp tell_waiting(state) do
    for {pid, [_ | _]} <- state.waiting, do: send(pid, {state.context.tag, :lost, state.lost})
    state
  end

  defp stop(state) do
    tell_waiting(%{state | lost: state.lost || "it was closed"})
    stop_bodies(state)
    :stop
  end

  defp stop_bodies(state) do
    for {name, _} <- state.mirrored, do: unregister(name, state)
    bodies = for {monitor, {pid, :body}} <- state.monitors, do: {monitor, pid}
    for {_, pid} <- bodies, do: Process.exit(pid, :kill)

    for {monitor, _} <- bodies do
      receive do
        {:DOWN, ^monitor, :process, _, _} -> :ok
      end
    end

    {monitors, pids} = Enum.unzip(bodies)

    %{
      state
      | monitors: Map.drop(state.monitors, monitors),
        refs: Map.drop(state.refs, pids),
        mirrored: %{}
    }
  end

  @doc "Takes a mirrored name away from its process."
  def unregister(name, state) do
    with %{^name => pid} <- state.mirrored, ^pid <- Process.whereis(name) do
      Process.unregister(name)
    end
  rescue
    ArgumentError -> :ok
  end
end
