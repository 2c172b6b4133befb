defmodule ElixirEval.Proxy.Arrivals do
  @moduledoc """
  What each decoded frame does, and in the host what it may not.

  `arrive/2` takes the bridge's state (`ElixirEval.Proxy.Bridge`, which lists the frames) and gives
  it back changed, or `{:lost, reason}` for what an honest candidate VM never sends.
  """

  alias ElixirEval.Handles
  alias ElixirEval.Proxy.Bridge
  alias ElixirEval.Proxy.Modules
  alias ElixirEval.Proxy.Names

  @doc "Acts on one frame."
  def arrive({:call, pid, id, target, arguments, moved}, state)
      when is_pid(pid) and is_integer(id) and is_list(arguments) and length(arguments) < 256 do
    with true <- Handles.body?(pid) or Map.get(state.waiting, pid, []) != [],
         {:ok, moved} <- moved(moved),
         {:ok, function} <- function(target, length(arguments), state.context) do
      send(pid, {state.context.tag, :run, {id, function, arguments, moved}})
      state
    else
      false -> state
      :error -> {:lost, "a call that is not allowed"}
    end
  end

  def arrive({:return, pid, id, result, moved}, state) when is_pid(pid) do
    with [^id | rest] <- Map.get(state.waiting, pid, []),
         {:ok, moved} <- moved(moved),
         true <- result?(result) do
      send(pid, {state.context.tag, :return, id, result, moved})
      put_in(state.waiting[pid], rest)
    else
      ids when is_list(ids) -> state
      _ -> {:lost, "a malformed result"}
    end
  end

  def arrive({:send, to, message}, state) when is_pid(to) do
    if state.context.side == :candidate or Handles.body?(to) or Names.deliverable?(to, message),
      do: send(to, message)

    state
  end

  def arrive({:reply, ref, reply}, state) when is_reference(ref) do
    send(ref, {[:alias | ref], reply})
    state
  end

  def arrive({:exit, from, to, reason}, state) when is_pid(from) and is_pid(to) do
    case Process.info(to, :trap_exit) do
      {:trap_exit, true} when reason != :kill -> send(to, {:EXIT, from, reason})
      _ -> Process.exit(to, reason)
    end

    state
  end

  def arrive({:gone, pid, reason}, state) when is_pid(pid) do
    if Handles.body?(pid),
      do: Bridge.end_body(pid, reason, state),
      else: end_original(pid, reason, state)
  end

  def arrive({:name, name, pid}, state) when is_atom(name) and is_pid(pid) do
    if state.context.side == :candidate or
         (map_size(state.mirrored) < 1_000 and
            Names.free_name?(name)) do
      Bridge.unregister(name, state)

      try do
        Process.register(pid, name)
        put_in(state.mirrored[name], pid)
      rescue
        ArgumentError -> state
      end
    else
      state
    end
  end

  def arrive({:unname, name}, state) when is_atom(name) do
    Bridge.unregister(name, state)
    {_, state} = pop_in(state.mirrored[name])
    state
  end

  def arrive({:write, leader, encoding, bytes}, %{context: %{side: :host}} = state)
      when encoding in [:unicode, :latin1] and is_binary(bytes) do
    with {:ok, pid} <- Handles.owned(:leader, leader),
         do: send(pid, {:io_request, self(), make_ref(), {:put_chars, encoding, bytes}})

    state
  end

  def arrive({:read, leader, id, request}, %{context: %{side: :host}} = state) do
    with {:ok, pid} <- Handles.owned(:leader, leader),
         true <- read?(request) do
      ref = make_ref()
      send(pid, {:io_request, self(), ref, request})
      put_in(state.reads[ref], id)
    else
      _ -> Bridge.emit({:input, id, {:error, :enotsup}}, state)
    end
  end

  def arrive({:input, id, reply}, %{context: %{side: :candidate} = context} = state) do
    context.input.(id, reply)
    state
  end

  def arrive({:load, source, leader}, %{context: %{side: :candidate} = context} = state) do
    context.load.(source, leader, context)
    state
  end

  def arrive({:module, description}, %{context: %{side: :candidate}} = state) do
    unless :erlang.module_loaded(description.name),
      do: Modules.define([description])

    state
  end

  def arrive({:loaded, modules, diagnostics}, %{context: %{side: :host}} = state) do
    case Modules.check(modules) do
      {:ok, modules} when not state.loaded ->
        Handles.add_modules(Enum.map(modules, & &1.name))
        send(state.context.notify, {state.context.tag, :loaded, modules, diagnostics})
        %{state | loaded: true}

      _ ->
        {:lost, "a malformed list of modules"}
    end
  end

  def arrive({:not_loaded, why}, %{context: %{side: :host} = context} = state) do
    send(context.notify, {context.tag, :not_loaded, why})
    state
  end

  def arrive(_, _), do: {:lost, "a malformed frame"}

  # The host runs only functions that it handed out; a candidate VM, whatever the host asks for.
  defp function({:fun, id}, arity, _) when is_integer(id) do
    case Handles.owned(:fun, id) do
      {:ok, fun} when is_function(fun, arity) -> {:ok, fun}
      {:ok, fun} when is_function(fun) -> {:ok, fun}
      _ -> :error
    end
  end

  defp function({:mfa, module, name}, _, %{side: :candidate})
       when is_atom(module) and is_atom(name),
       do: {:ok, {module, name}}

  # Of the tests' own modules only those whose names it was given, and what they export.
  defp function({:mfa, module, name}, arity, _) when is_atom(module) and is_atom(name) do
    if Handles.exposed?(module) and function_exported?(module, name, arity),
      do: {:ok, {module, name}},
      else: :error
  end

  defp function(_, _, _), do: :error

  defp moved({trap?, mail, leader, linked, unlinked} = moved)
       when is_boolean(trap?) and is_list(mail) and (is_integer(leader) or leader == nil) and
              is_list(linked) and is_list(unlinked) do
    if Enum.all?(linked ++ unlinked, &is_pid/1), do: {:ok, moved}, else: :error
  end

  defp moved(_), do: :error

  defp result?({:ok, _}), do: true
  defp result?({kind, _, stack}), do: kind in [:error, :exit, :throw] and is_list(stack)
  defp result?(_), do: false

  defp read?({:get_line, encoding, prompt}),
    do: encoding in [:unicode, :latin1] and chars?(prompt)

  defp read?({:get_chars, encoding, prompt, count}),
    do:
      encoding in [:unicode, :latin1] and chars?(prompt) and is_integer(count) and
        count in 1..65_536

  defp read?(_), do: false

  defp chars?(prompt),
    do: is_binary(prompt) or (is_list(prompt) and List.ascii_printable?(prompt))

  # The other side's body of one of our processes was ended: by an exit signal to that process.
  defp end_original(pid, reason, state) do
    if Map.get(state.waiting, pid, []) != [],
      do: send(pid, {state.context.tag, :dead, reason}),
      else: Process.exit(pid, if(reason == :killed, do: :kill, else: reason))

    state
  end
end
