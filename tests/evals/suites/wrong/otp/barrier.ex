# Wrong: a party that dies merely makes the others wait for a replacement.
defmodule Barrier do
  @moduledoc "A meeting point for a fixed number of processes, round after round."
  use GenServer

  @doc "Starts a barrier; `action` is called with the number of every round that is complete."
  @spec start_link(pos_integer(), (pos_integer() -> term())) :: GenServer.on_start()
  def start_link(parties, action), do: GenServer.start_link(__MODULE__, {parties, action})

  @doc "Waits for the others."
  @spec wait(GenServer.server()) ::
          {:ok, round :: pos_integer(), place :: pos_integer()} | {:error, :broken | :reset}
  def wait(barrier), do: GenServer.call(barrier, :wait, :infinity)

  @doc "Whether the barrier is open, in which round, and how many wait."
  @spec status(GenServer.server()) :: {:open, pos_integer(), non_neg_integer()} | :broken
  def status(barrier), do: GenServer.call(barrier, :status, :infinity)

  @doc "Sends all who wait away and begins the round again."
  @spec reset(GenServer.server()) :: :ok
  def reset(barrier), do: GenServer.call(barrier, :reset, :infinity)

  # `waiting` holds `{monitor, from}`, the latest first; `round` is the number of the present one.
  @impl true
  def init({parties, action}) do
    {:ok, %{parties: parties, action: action, round: 1, waiting: [], broken: false}}
  end

  @impl true
  def handle_call(:wait, _from, %{broken: true} = state), do: {:reply, {:error, :broken}, state}

  def handle_call(:wait, {pid, _tag} = from, state) do
    state = %{state | waiting: [{Process.monitor(pid), from} | state.waiting]}
    if length(state.waiting) == state.parties, do: complete(state), else: {:noreply, state}
  end

  def handle_call(:status, _from, %{broken: true} = state), do: {:reply, :broken, state}

  def handle_call(:status, _from, state) do
    {:reply, {:open, state.round, length(state.waiting)}, state}
  end

  def handle_call(:reset, _from, state) do
    {:reply, :ok, %{release(state, fn _place -> {:error, :reset} end) | broken: false}}
  end

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, _reason}, state) do
    case List.keytake(state.waiting, ref, 0) do
      {_dead, waiting} -> {:noreply, %{state | waiting: waiting}}
      nil -> {:noreply, state}
    end
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp complete(%{round: round} = state) do
    state.action.(round)
  catch
    _kind, _reason -> {:noreply, break(state)}
  else
    _result ->
      state = release(state, fn place -> {:ok, round, place} end)
      {:noreply, %{state | round: round + 1}}
  end

  defp break(state), do: %{release(state, fn _place -> {:error, :broken} end) | broken: true}

  defp release(state, answer) do
    for {{ref, from}, place} <- state.waiting |> Enum.reverse() |> Enum.with_index(1) do
      Process.demonitor(ref, [:flush])
      GenServer.reply(from, answer.(place))
    end

    %{state | waiting: []}
  end
end
