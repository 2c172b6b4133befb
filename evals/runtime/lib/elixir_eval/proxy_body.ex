defmodule ElixirEval.Proxy.Body do
  @moduledoc """
  One process with two bodies: how a call crosses, and what stands for a process of the other side.

  A process of one VM that the other VM knows has a body in each. Only one of them is active. When
  the active one calls across, its mailbox, its exit trapping and its new links move over with the
  call, the other body runs the function, and all of it moves back with the result; so `self()`,
  `receive`, `Process.flag/2`, `start_link` and the process dictionary mean on the far side what
  they would mean in one VM. A body that is not active forwards: messages, exit signals, and its
  own death. A function handed across (a callback) is a call in the opposite direction, run by the
  body that is waiting, as deep as calls nest.

  The code is the same in both VMs. What the host refuses is decided by `ElixirEval.Proxy.Bridge`
  and `ElixirEval.Wire` before anything arrives here.
  """

  alias ElixirEval.Handles
  alias ElixirEval.Proxy.Names
  alias ElixirEval.Wire

  @doc "Starts a body; it lives until its original dies or the bridge ends."
  def start(context), do: spawn_monitor(fn -> be(context) end)

  defp be(context) do
    Process.flag(:trap_exit, true)
    idle(context)
  end

  @doc """
  Calls `{:fun, id}` or `{:mfa, module, name}` of the other side and behaves as the call does.

  Raises `ElixirEval.Proxy.Lost` when the other VM is gone.
  """
  def call(target, arguments) do
    context = Handles.context() || raise ElixirEval.Proxy.Lost, reason: "no candidate is open"
    id = :erlang.unique_integer([:positive])
    state = leave(context)
    out(context, {:call, self(), id}, {:call, self(), id, target, arguments, state})

    case await(context, id, [], []) do
      {:ok, value} -> value
      {:error, reason, stack} -> :erlang.raise(:error, reason, stack(stack) ++ here())
      {kind, reason, stack} -> :erlang.raise(kind, reason, stack(stack) ++ here())
    end
  end

  # -- the body that is not active -------------------------------------------------------------

  defp idle(%{tag: tag} = context) do
    receive do
      {^tag, :run, run} ->
        Handles.set_idle(self(), false)
        run(context, run)
        Process.flag(:trap_exit, true)
        Handles.set_idle(self(), true)

      {^tag, :die, reason} ->
        exit(reason)

      {^tag, :flush, reply} ->
        send(reply, reply)

      {:EXIT, from, reason} ->
        forward_exit(context, from, reason)

      message
      when not (is_tuple(message) and tuple_size(message) > 1 and elem(message, 0) == tag) ->
        out(context, :send, {:send, self(), message})

      _ ->
        :ok
    end

    idle(context)
  end

  # A link that both bodies have is broken on both sides, each by its own process's death; only a
  # signal that somebody sent, or a link that this side alone has, must cross.
  defp forward_exit(context, from, reason) do
    mirrored? = from in Handles.links(self()) or self() in Handles.links(from)

    if Process.alive?(from) or not mirrored?,
      do: out(context, :send, {:exit, from, self(), reason})
  end

  defp run(context, {id, function, arguments, state}) do
    enter(state, context)

    result =
      try do
        {:ok, apply_target(function, arguments)}
      catch
        kind, reason -> failure(kind, reason, __STACKTRACE__)
      end

    state = leave(context)
    meta = {:return, self(), id}

    try do
      out(context, meta, {:return, self(), id, result, state})
    rescue
      error in ArgumentError ->
        out(context, meta, {:return, self(), id, {:error, error, []}, put_elem(state, 1, [])})
    end
  end

  defp apply_target({module, name}, arguments), do: apply(module, name, arguments)
  defp apply_target(function, arguments), do: apply(function, arguments)

  # Details of a bad argument are found through the stack's top frame, which does not cross whole.
  defp failure(:error, reason, stack) do
    reason =
      case stack do
        [{_, _, _, location} | _] when is_list(location) ->
          if Keyword.has_key?(location, :error_info),
            do: Exception.normalize(:error, reason, stack),
            else: reason

        _ ->
          reason
      end

    {:error, reason, own_frames(stack)}
  end

  defp failure(kind, reason, stack), do: {kind, reason, own_frames(stack)}

  defp own_frames(stack) do
    stack
    |> Enum.take_while(fn frame -> elem(frame, 0) != __MODULE__ end)
    |> Enum.take(20)
    |> Enum.map(fn
      {module, name, arity, location} ->
        {module, name, arity, Keyword.take(location, [:file, :line])}

      {_, _, _} = frame ->
        Tuple.insert_at(frame, 3, [])
    end)
  end

  # -- waiting for the other body --------------------------------------------------------------

  # `stash` holds exits that reach both bodies, `sent` what was forwarded, the newest first.
  defp await(%{tag: tag} = context, id, stash, sent) do
    stays? = Names.keeps_mail?(context)

    receive do
      {^tag, :return, ^id, result, state} ->
        state |> with_returned(sent, context) |> enter(context)
        Enum.each(Enum.reverse(stash), &send(self(), &1))
        result

      {^tag, :run, {call, function, arguments, state}} ->
        run(context, {call, function, arguments, with_returned(state, sent, context)})
        await(context, id, stash, [])

      {^tag, :lost, reason} ->
        raise ElixirEval.Proxy.Lost, reason: reason

      {^tag, :dead, reason} ->
        exit(reason)

      {^tag, :die, reason} ->
        exit(reason)

      {^tag, :flush, reply} ->
        send(reply, reply)
        await(context, id, stash, sent)

      {:EXIT, from, _} = message when not stays? ->
        if from in Handles.links(self()) do
          await(context, id, [message | stash], sent)
        else
          out(context, :send, {:send, self(), message})
          await(context, id, stash, [message | sent])
        end

      message
      when not stays? and
             not (is_tuple(message) and tuple_size(message) > 1 and elem(message, 0) == tag) ->
        out(context, :send, {:send, self(), message})
        await(context, id, stash, [message | sent])
    end
  end

  # What was forwarded too late for the other body to see comes back, after what has come here
  # directly meanwhile. A mark sent along the same way tells when all of it is back; then the order
  # in which it was sent is restored.
  defp with_returned(state, [], _), do: state

  defp with_returned({trap?, mail, leader, linked, unlinked}, sent, context) do
    mark = make_ref()
    out(context, :send, {:send, self(), {__MODULE__, mark}})
    {back, direct} = split(sent, collect(mark, context.tag, []), [], [])
    {trap?, mail ++ back ++ direct, leader, linked, unlinked}
  end

  # Newest first.
  defp collect(mark, tag, acc) do
    receive do
      {__MODULE__, ^mark} ->
        acc

      message
      when not (is_tuple(message) and tuple_size(message) > 1 and elem(message, 0) == tag) ->
        collect(mark, tag, [message | acc])
    after
      1_000 -> acc
    end
  end

  defp split([message | sent], [message | come], back, direct),
    do: split(sent, come, [message | back], direct)

  defp split(_, [], back, direct), do: {back, direct}

  defp split(sent, [message | come], back, direct),
    do: split(sent, come, back, [message | direct])

  # -- moving over -----------------------------------------------------------------------------

  # What was sent to a body before this call must arrive before the call does.
  defp leave(context) do
    flush(context)
    {:trap_exit, trap?} = Process.info(self(), :trap_exit)
    before = Handles.links(self())
    now = shared_links(context)
    Handles.set_links(self(), now)

    leader =
      if context.side == :host and not Handles.body?(self()),
        do: Handles.name_leader(Process.group_leader(), context)

    {trap?, mail(context, before), leader, now -- before, before -- now}
  end

  defp enter({trap?, mail, leader, linked, unlinked}, context) do
    Process.flag(:trap_exit, trap?)
    if context.side == :candidate and leader, do: context.set_leader.(leader)
    Enum.each(unlinked, &Process.unlink/1)
    Enum.each(linked, &link(&1, trap?))
    Handles.set_links(self(), shared_links(context))
    mail = Enum.filter(mail, &(context.side == :candidate or Names.deliverable?(self(), &1)))
    # What moved over is older than what has come to this body since.
    if mail != [], do: Enum.each(mail ++ drain(context.tag, []), &send(self(), &1))
  end

  defp link(pid, trap?) do
    cond do
      pid == self() -> :ok
      Process.alive?(pid) -> Process.link(pid)
      trap? -> send(self(), {:EXIT, pid, Handles.death(pid) || :noproc})
      # It would end who sends it to itself.
      Handles.death(pid) == :normal -> :ok
      true -> Process.exit(self(), Handles.death(pid) || :noproc)
    end
  end

  # In the host a process may be linked to what is no business of the candidate's.
  defp shared_links(context) do
    {:links, links} = Process.info(self(), :links)

    if context.side == :host,
      do: Enum.filter(links, &(is_pid(&1) and Handles.known?(&1))),
      else: Enum.filter(links, &(is_pid(&1) and &1 != context.bridge))
  end

  # The exit of a process that both bodies are linked to reaches the other body by itself.
  defp mail(context, before) do
    if Names.keeps_mail?(context) do
      []
    else
      context.tag
      |> drain([])
      |> Enum.reject(&(match?({:EXIT, _, _}, &1) and elem(&1, 1) in before))
    end
  end

  defp drain(tag, acc) do
    receive do
      message
      when not (is_tuple(message) and tuple_size(message) > 1 and elem(message, 0) == tag) ->
        drain(tag, [message | acc])
    after
      0 -> Enum.reverse(acc)
    end
  end

  defp flush(%{tag: tag}) do
    for body <- Handles.idle_bodies(), body != self(), Process.alive?(body) do
      reply = :erlang.alias([:reply])
      send(body, {tag, :flush, reply})
      {body, reply}
    end
    |> Enum.each(&flushed/1)
  end

  defp flushed({body, reply}) do
    receive do
      ^reply -> :ok
    after
      20 ->
        if Process.alive?(body) and Handles.idle?(body),
          do: flushed({body, reply}),
          else: :erlang.unalias(reply)
    end
  end

  defp out(context, meta, term) do
    frame = Wire.encode(term, context)

    if byte_size(frame) > context.frame,
      do: raise(ArgumentError, "a value of #{byte_size(frame)} bytes is too large to cross")

    send(context.bridge, {context.tag, :out, meta, frame})
  end

  # -- stack traces ----------------------------------------------------------------------------

  defp here do
    {:current_stacktrace, stack} = Process.info(self(), :current_stacktrace)
    Enum.drop_while(stack, fn {module, _, _, _} -> module in [Process, __MODULE__] end)
  end

  # What came across is checked frame by frame: `:erlang.raise/3` does not raise for a bad one.
  defp stack(frames) when is_list(frames) and length(frames) <= 30 do
    for {module, name, arity, location} <- frames,
        is_atom(module) and is_atom(name),
        arity in 0..255 or (is_list(arity) and length(arity) < 256),
        is_list(location) do
      {module, name, arity, location(location)}
    end
  end

  defp stack(_), do: []

  defp location(location) do
    for {key, value} <- location,
        (key == :line and is_integer(value)) or
          (key == :file and is_list(value) and List.ascii_printable?(value)) do
      {key, value}
    end
  rescue
    _ -> []
  end
end

defmodule ElixirEval.Proxy.Lost do
  @moduledoc "Raised by a call of a candidate's function when its VM is no longer there."
  defexception [:reason]

  @impl true
  def message(%{reason: reason}), do: "the candidate's VM is gone: #{inspect(reason)}"
end
