defmodule ElixirEval.Host.Watch do
  @moduledoc """
  Sees that a candidate does not use up the host VM: its memory, its processes, its heaps.

  One process of high priority, asleep between candidates. It polls the VM's memory, so that there
  is an answer before the sandbox kills the VM, and it is where the emulator reports heaps that went
  over their limit. What else the emulator reports is handed on to the logger when somebody listens.
  """

  @poll_ms 5

  @doc "Start it. `memory` is how many bytes the VM may use."
  def start(memory) do
    pid =
      :erlang.spawn_opt(fn -> idle(%{memory: memory, proxy: :logger_proxy}) end, priority: :high)

    :erlang.system_flag(:system_logger, pid)
    pid
  end

  @doc """
  Watch until `rest/1`; `pid` is sent `{ref, {:out_of_memory, why}}` at most once.
  """
  def watch(watch, pid, ref, processes) do
    send(watch, {:watch, pid, ref, :erlang.system_info(:process_count) + processes})
    :ok
  end

  @doc "Stop watching; gives the most memory that was seen, in bytes."
  def rest(watch) do
    ref = make_ref()
    send(watch, {:rest, self(), ref})

    receive do
      {^ref, peak} -> peak
    end
  end

  defp idle(state) do
    receive do
      {:watch, pid, ref, processes} ->
        watching(Map.merge(state, %{pid: pid, ref: ref, processes: processes, peak: 0}))

      {:rest, from, ref} ->
        send(from, {ref, 0})
        idle(state)

      {:log, _, _, _, _} = event ->
        logged(event, state)
        idle(state)

      _ ->
        idle(state)
    end
  end

  defp watching(state) do
    receive do
      {:rest, from, ref} ->
        send(from, {ref, state.peak})
        idle(state)

      {:log, _, format, _, _} = event ->
        if heap?(format) do
          told(state, "a process passed its heap's limit")
        else
          logged(event, state)
        end

        watching(state)

      _ ->
        watching(state)
    after
      @poll_ms ->
        memory = :erlang.memory(:total)
        state = %{state | peak: max(memory, state.peak)}

        cond do
          memory > state.memory ->
            told(state, "the VM used #{div(memory, 1_000_000)} MB")

          :erlang.system_info(:process_count) > state.processes ->
            told(state, "too many processes")

          true ->
            :ok
        end

        watching(state)
    end
  end

  defp told(state, why), do: send(state.pid, {state.ref, {:out_of_memory, why}})

  defp heap?(format) when is_list(format),
    do: :string.find(format, ~c"heap size reached") != :nomatch

  defp heap?(_), do: false

  defp logged(event, state) do
    if :logger.get_handler_ids() != [], do: send(state.proxy, event)
  rescue
    ArgumentError -> :ok
  end
end
