defmodule SingleFlight do
  @moduledoc "Concurrent callers with the same key share one execution of a function."
  use GenServer

  @type outcome :: {:ok, term()} | {:error, {:raised | :thrown | :exited, term()}}

  @doc "Starts the server."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Executes `fun`, or joins the execution for `key` that is under way."
  @spec run(GenServer.server(), term(), (-> term())) :: outcome()
  def run(server, key, fun), do: GenServer.call(server, {:run, key, fun}, :infinity)

  @doc "How many callers wait for the execution for `key`."
  @spec waiting(GenServer.server(), term()) :: non_neg_integer()
  def waiting(server, key), do: GenServer.call(server, {:waiting, key})

  # `flights` is `key => {worker, [{caller's monitor, from}]}`; `monitors` is `ref => key`.
  @impl true
  def init(nil) do
    # Workers are linked, so that they end with the server; their failures must not end it.
    Process.flag(:trap_exit, true)
    {:ok, %{flights: %{}, monitors: %{}}}
  end

  @impl true
  def handle_call({:run, key, fun}, {caller, _tag} = from, state) do
    ref = Process.monitor(caller)
    {worker, callers} = Map.get_lazy(state.flights, key, fn -> {launch(fun), []} end)
    flights = Map.put(state.flights, key, {worker, [{ref, from} | callers]})
    {:noreply, %{state | flights: flights, monitors: Map.put(state.monitors, ref, key)}}
  end

  def handle_call({:waiting, key}, _from, state) do
    case state.flights do
      %{^key => {_worker, callers}} -> {:reply, length(callers), state}
      %{} -> {:reply, 0, state}
    end
  end

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, _reason}, state) do
    {key, monitors} = Map.pop!(state.monitors, ref)
    {worker, callers} = Map.fetch!(state.flights, key)

    flights =
      case List.keydelete(callers, ref, 0) do
        [] ->
          Process.exit(worker, :kill)
          Map.delete(state.flights, key)

        left ->
          Map.put(state.flights, key, {worker, left})
      end

    {:noreply, %{state | flights: flights, monitors: monitors}}
  end

  def handle_info({:EXIT, worker, reason}, state) do
    case Enum.find(state.flights, &match?({_key, {^worker, _callers}}, &1)) do
      {key, {_worker, callers}} -> {:noreply, land(state, key, callers, outcome(reason))}
      nil -> {:noreply, state}
    end
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp land(state, key, callers, outcome) do
    for {ref, from} <- callers do
      Process.demonitor(ref, [:flush])
      GenServer.reply(from, outcome)
    end

    monitors = Map.drop(state.monitors, Enum.map(callers, &elem(&1, 0)))
    %{state | flights: Map.delete(state.flights, key), monitors: monitors}
  end

  # The outcome travels in the exit reason: it cannot arrive without the end of the execution.
  defp launch(fun) do
    spawn_link(fn ->
      outcome =
        try do
          {:ok, fun.()}
        rescue
          exception -> {:error, {:raised, exception}}
        catch
          :throw, value -> {:error, {:thrown, value}}
        end

      exit({:shutdown, {__MODULE__, outcome}})
    end)
  end

  defp outcome({:shutdown, {__MODULE__, outcome}}), do: outcome
  defp outcome(reason), do: {:error, {:exited, reason}}
end
