defmodule ResourcePool do
  @moduledoc "Lends out a limited number of resources, and discards what dead borrowers held."
  use GenServer

  @doc "Starts a pool; `:max`, `:create` and `:discard` are required."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)

  @doc "Borrows a resource, waiting in line for at most `timeout` milliseconds."
  @spec checkout(GenServer.server(), timeout()) :: {:ok, term()} | {:error, :timeout}
  def checkout(pool, timeout), do: GenServer.call(pool, {:checkout, timeout}, :infinity)

  @doc "Gives a borrowed resource back."
  @spec checkin(GenServer.server(), term()) :: :ok | {:error, :not_borrowed}
  def checkin(pool, resource), do: GenServer.call(pool, {:checkin, resource}, :infinity)

  @doc "Calls `fun` with a borrowed resource."
  @spec with_resource(GenServer.server(), timeout(), (term() -> result)) ::
          {:ok, result} | {:error, :timeout}
        when result: term()
  def with_resource(pool, timeout, fun) do
    with {:ok, resource} <- checkout(pool, timeout) do
      try do
        {:ok, fun.(resource)}
      after
        checkin(pool, resource)
      end
    end
  end

  @doc "Counts resources and callers in line."
  @spec stats(GenServer.server()) :: %{atom() => non_neg_integer()}
  def stats(pool), do: GenServer.call(pool, :stats, :infinity)

  # `lent` is `resource => {monitor, borrower}`; `waiting` holds `{monitor, from, timer}`.
  @impl true
  def init(opts) do
    {:ok,
     %{
       max: Keyword.fetch!(opts, :max),
       create: Keyword.fetch!(opts, :create),
       discard: Keyword.fetch!(opts, :discard),
       idle: [],
       lent: %{},
       waiting: []
     }}
  end

  @impl true
  def handle_call({:checkout, timeout}, {caller, _tag} = from, state) do
    case take(state) do
      {:ok, resource, state} ->
        {:reply, {:ok, resource}, lend(state, resource, Process.monitor(caller), caller)}

      :none ->
        ref = Process.monitor(caller)
        waiting = state.waiting ++ [{ref, from, arm(timeout, ref)}]
        {:noreply, %{state | waiting: waiting}}
    end
  end

  def handle_call({:checkin, resource}, {caller, _tag}, state) do
    case state.lent do
      %{^resource => {ref, ^caller}} ->
        Process.demonitor(ref, [:flush])
        lent = Map.delete(state.lent, resource)
        {:reply, :ok, serve(%{state | lent: lent, idle: [resource | state.idle]})}

      %{} ->
        {:reply, {:error, :not_borrowed}, state}
    end
  end

  def handle_call(:stats, _from, state) do
    counts = %{
      idle: length(state.idle),
      lent: map_size(state.lent),
      waiting: length(state.waiting)
    }

    {:reply, counts, state}
  end

  @impl true
  def handle_info({:give_up, ref}, state) do
    case List.keytake(state.waiting, ref, 0) do
      {{ref, from, _timer}, waiting} ->
        Process.demonitor(ref, [:flush])
        GenServer.reply(from, {:error, :timeout})
        {:noreply, %{state | waiting: waiting}}

      nil ->
        {:noreply, state}
    end
  end

  def handle_info({:DOWN, ref, :process, _pid, _reason}, state) do
    waiting = List.keydelete(state.waiting, ref, 0)

    {dirty, lent} =
      Map.split_with(state.lent, fn {_resource, {held_by, _pid}} -> held_by == ref end)

    for {resource, _holder} <- dirty, do: state.discard.(resource)
    {:noreply, serve(%{state | waiting: waiting, lent: lent})}
  end

  defp take(%{idle: [resource | idle]} = state), do: {:ok, resource, %{state | idle: idle}}

  defp take(%{max: max, lent: lent} = state) when map_size(lent) < max do
    {:ok, state.create.(), state}
  end

  defp take(_state), do: :none

  defp lend(state, resource, ref, pid), do: put_in(state.lent[resource], {ref, pid})

  defp serve(%{waiting: [{ref, {caller, _tag} = from, timer} | waiting]} = state) do
    case take(state) do
      {:ok, resource, state} ->
        disarm(timer)
        GenServer.reply(from, {:ok, resource})
        serve(lend(%{state | waiting: waiting}, resource, ref, caller))

      :none ->
        state
    end
  end

  defp serve(state), do: state

  defp arm(:infinity, _ref), do: nil
  defp arm(timeout, ref), do: Process.send_after(self(), {:give_up, ref}, timeout)

  # A timer that has fired already finds nobody in line under its reference.
  defp disarm(nil), do: :ok
  defp disarm(timer), do: Process.cancel_timer(timer)
end
