defmodule Leaderboard do
  @moduledoc "The best scores of players, in the order of the board."
  use GenServer

  @type entry :: {player :: String.t(), score :: integer()}

  @doc "Starts a board."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Records a score."
  @spec record(GenServer.server(), String.t(), integer()) :: :new | :improved | :unchanged
  def record(board, player, score), do: GenServer.call(board, {:record, player, score})

  @doc "A player's best score."
  @spec score(GenServer.server(), String.t()) :: {:ok, integer()} | {:error, :unknown_player}
  def score(board, player), do: GenServer.call(board, {:score, player})

  @doc "The first `n` of the board."
  @spec top(GenServer.server(), non_neg_integer()) :: [entry()]
  def top(board, n), do: GenServer.call(board, {:top, n})

  @doc "A player's rank, which players with equal scores share."
  @spec rank(GenServer.server(), String.t()) :: {:ok, pos_integer()} | {:error, :unknown_player}
  def rank(board, player), do: GenServer.call(board, {:rank, player})

  @doc "A player and its neighbours."
  @spec around(GenServer.server(), String.t(), non_neg_integer()) ::
          {:ok, [entry()]} | {:error, :unknown_player}
  def around(board, player, n), do: GenServer.call(board, {:around, player, n})

  @doc "Removes a player."
  @spec remove(GenServer.server(), String.t()) :: :ok
  def remove(board, player), do: GenServer.call(board, {:remove, player})

  # `best` maps players to scores; the keys of `order`, `{-score, player}`, sort as the board does.
  @impl true
  def init(nil) do
    {:ok, {:ets.new(:best, [:set, :private]), :ets.new(:order, [:ordered_set, :private])}}
  end

  @impl true
  def handle_call({:record, player, score}, _from, tables) do
    case find(tables, player) do
      {:error, :unknown_player} ->
        insert(tables, player, score)
        {:reply, :new, tables}

      {:ok, best} when score > best ->
        delete(tables, player, best)
        insert(tables, player, score)
        {:reply, :improved, tables}

      {:ok, _best} ->
        {:reply, :unchanged, tables}
    end
  end

  def handle_call({:score, player}, _from, tables), do: {:reply, find(tables, player), tables}

  def handle_call({:top, n}, _from, {_best, order} = tables) do
    {:reply, order |> walk(:ets.first(order), &:ets.next/2, n) |> Enum.map(&entry/1), tables}
  end

  def handle_call({:rank, player}, _from, {_best, order} = tables) do
    with {:ok, score} <- find(tables, player) do
      better = [{{{:"$1", :_}}, [{:<, :"$1", -score}], [true]}]
      {:reply, {:ok, :ets.select_count(order, better) + 1}, tables}
    else
      error -> {:reply, error, tables}
    end
  end

  def handle_call({:around, player, n}, _from, {_best, order} = tables) do
    with {:ok, score} <- find(tables, player) do
      key = {-score, player}
      above = walk(order, :ets.prev(order, key), &:ets.prev/2, n)
      below = walk(order, :ets.next(order, key), &:ets.next/2, n)
      {:reply, {:ok, Enum.map(Enum.reverse(above, [key | below]), &entry/1)}, tables}
    else
      error -> {:reply, error, tables}
    end
  end

  def handle_call({:remove, player}, _from, tables) do
    with {:ok, score} <- find(tables, player), do: delete(tables, player, score)
    {:reply, :ok, tables}
  end

  defp find({best, _order}, player) do
    case :ets.lookup(best, player) do
      [{_player, score}] -> {:ok, score}
      [] -> {:error, :unknown_player}
    end
  end

  defp insert({best, order}, player, score) do
    :ets.insert(best, {player, score})
    :ets.insert(order, {{-score, player}})
  end

  defp delete({best, order}, player, score) do
    :ets.delete(best, player)
    :ets.delete(order, {-score, player})
  end

  defp walk(_order, _key, _step, 0), do: []
  defp walk(_order, :"$end_of_table", _step, _n), do: []
  defp walk(order, key, step, n), do: [key | walk(order, step.(order, key), step, n - 1)]

  defp entry({negative, player}), do: {player, -negative}
end
