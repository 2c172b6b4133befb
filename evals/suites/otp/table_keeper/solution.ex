defmodule TableKeeper do
  @moduledoc "Keeps an ETS table as its heir, and gives it to one worker after another."
  use GenServer

  @doc "Starts a keeper with an empty table."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Makes the calling process the owner, waiting in line for it."
  @spec claim(GenServer.server()) :: {:ok, :ets.table()} | {:error, :already_owner}
  def claim(keeper) do
    with {:ok, table} <- GenServer.call(keeper, :claim, :infinity) do
      receive do
        {:"ETS-TRANSFER", ^table, _keeper, :claimed} -> {:ok, table}
      end
    end
  end

  @doc "Gives the table back."
  @spec release(GenServer.server(), :ets.table()) :: :ok | {:error, :not_owner}
  def release(keeper, table) do
    if owner?(table) do
      :ets.give_away(table, GenServer.whereis(keeper), :released)
      # The keeper deals with the transfer before this question.
      _next = owner(keeper)
      :ok
    else
      {:error, :not_owner}
    end
  end

  @doc "The worker that owns the table."
  @spec owner(GenServer.server()) :: pid() | nil
  def owner(keeper), do: GenServer.call(keeper, :owner)

  @doc "Stores a value as the owner."
  @spec put(:ets.table(), term(), term()) :: :ok | {:error, :not_owner}
  def put(table, key, value) do
    if owner?(table) do
      :ets.insert(table, {key, value})
      :ok
    else
      {:error, :not_owner}
    end
  end

  @doc "Reads a value."
  @spec get(:ets.table(), term()) :: {:ok, term()} | :error
  def get(table, key) do
    case :ets.lookup(table, key) do
      [{_key, value}] -> {:ok, value}
      [] -> :error
    end
  end

  defp owner?(table), do: :ets.info(table, :owner) == self()

  @impl true
  def init(nil) do
    table = :ets.new(__MODULE__, [:set, :protected, {:heir, self(), :inherited}])
    {:ok, %{table: table, owner: nil, line: :queue.new()}}
  end

  @impl true
  def handle_call(:claim, {pid, _tag}, %{owner: pid} = state) do
    {:reply, {:error, :already_owner}, state}
  end

  def handle_call(:claim, from, state) do
    {:noreply, hand_over(%{state | line: :queue.in(from, state.line)})}
  end

  def handle_call(:owner, _from, state), do: {:reply, state.owner, state}

  @impl true
  def handle_info({:"ETS-TRANSFER", _table, _from, _data}, state) do
    {:noreply, hand_over(%{state | owner: nil})}
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp hand_over(%{owner: nil, table: table} = state) do
    case :queue.out(state.line) do
      {{:value, {pid, _tag} = from}, line} ->
        if give(table, pid) do
          GenServer.reply(from, {:ok, table})
          %{state | owner: pid, line: line}
        else
          hand_over(%{state | line: line})
        end

      {:empty, _line} ->
        state
    end
  end

  defp hand_over(state), do: state

  # The dead cannot be given anything; one who dies later leaves the table to its heir.
  defp give(table, pid) do
    :ets.give_away(table, pid, :claimed)
  rescue
    ArgumentError -> false
  end
end
