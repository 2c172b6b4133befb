defmodule TinySupervisor do
  @moduledoc "A supervisor made of links, trapped exits and a list of children."
  use GenServer

  @grace 50

  @type child :: {term(), :permanent | :transient | :temporary, (-> term())}

  @doc "Starts the children, in order, under a new supervisor."
  @spec start_link([child()], keyword()) :: GenServer.on_start()
  def start_link(children, opts), do: GenServer.start_link(__MODULE__, {children, opts})

  @doc "The children that are running, in order."
  @spec children(GenServer.server()) :: [{term(), pid()}]
  def children(supervisor), do: GenServer.call(supervisor, :children, :infinity)

  @doc "Stops a child for good."
  @spec stop_child(GenServer.server(), term()) :: :ok | {:error, :not_found}
  def stop_child(supervisor, id), do: GenServer.call(supervisor, {:stop_child, id}, :infinity)

  # `children` holds `{pid, child}` in the order of the list.
  @impl true
  def init({children, opts}) do
    Process.flag(:trap_exit, true)

    {:ok,
     %{
       children: Enum.map(children, &start/1),
       strategy: Keyword.fetch!(opts, :strategy),
       max_restarts: Keyword.fetch!(opts, :max_restarts),
       window: Keyword.fetch!(opts, :window),
       clock: Keyword.fetch!(opts, :clock),
       restarts: []
     }}
  end

  @impl true
  def handle_call(:children, _from, state) do
    {:reply, for({pid, {id, _restart, _fun}} <- state.children, do: {id, pid}), state}
  end

  def handle_call({:stop_child, id}, _from, state) do
    case Enum.find(state.children, &match?({_pid, {^id, _restart, _fun}}, &1)) do
      nil ->
        {:reply, {:error, :not_found}, state}

      child ->
        stop(child)
        {:reply, :ok, %{state | children: List.delete(state.children, child)}}
    end
  end

  @impl true
  def handle_info({:EXIT, pid, reason}, state) do
    case List.keyfind(state.children, pid, 0) do
      nil ->
        {:noreply, state}

      {^pid, child} ->
        if restart?(child, reason),
          do: restart(pid, state),
          else: {:noreply, %{state | children: List.keydelete(state.children, pid, 0)}}
    end
  end

  def handle_info(_other, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state), do: stop_all(state.children)

  defp restart?({_id, :permanent, _fun}, _reason), do: true
  defp restart?({_id, :temporary, _fun}, _reason), do: false
  defp restart?({_id, :transient, _fun}, :normal), do: false
  defp restart?({_id, :transient, _fun}, :shutdown), do: false
  defp restart?({_id, :transient, _fun}, {:shutdown, _term}), do: false
  defp restart?({_id, :transient, _fun}, _reason), do: true

  defp restart(pid, state) do
    now = state.clock.()
    recent = Enum.filter(state.restarts, &(now - &1 <= state.window))

    {before, [ended | rest]} = Enum.split_while(state.children, fn {one, _} -> one != pid end)

    if length(recent) >= state.max_restarts do
      {:stop, :shutdown, %{state | children: before ++ rest}}
    else
      children = renew(state.strategy, before, ended, rest)
      {:noreply, %{state | children: children, restarts: [now | recent]}}
    end
  end

  defp renew(:one_for_one, before, {_pid, child}, rest), do: before ++ [start(child) | rest]

  defp renew(:rest_for_one, before, ended, rest) do
    stop_all(rest)
    before ++ start_again([ended | rest])
  end

  defp renew(:one_for_all, before, ended, rest) do
    stop_all(before ++ rest)
    start_again(before ++ [ended | rest])
  end

  defp start_again(children) do
    for {_pid, {_id, restart, _fun} = child} <- children, restart != :temporary, do: start(child)
  end

  defp start({_id, _restart, fun} = child), do: {spawn_link(fun), child}

  defp stop_all(children), do: children |> Enum.reverse() |> Enum.each(&stop/1)

  defp stop({pid, _child}) do
    Process.exit(pid, :shutdown)

    receive do
      {:EXIT, ^pid, _reason} -> :ok
    after
      @grace ->
        Process.exit(pid, :kill)

        receive do
          {:EXIT, ^pid, _reason} -> :ok
        end
    end
  end
end
