# Wrong: coins inserted while dispensing fall through instead of waiting.
defmodule VendingMachine do
  @moduledoc "A vending machine that accepts coins, or dispenses an item."
  @behaviour :gen_statem

  @coins [20, 10, 5, 2, 1]

  @doc "Starts a machine with a stock of `item => {price, count}`."
  @spec start_link(map()) :: :gen_statem.start_ret()
  def start_link(stock), do: :gen_statem.start_link(__MODULE__, stock, [])

  @doc "Inserts a coin."
  @spec insert(pid(), term()) :: :ok
  def insert(machine, coin), do: :gen_statem.cast(machine, {:insert, coin})

  @doc "Buys an item with the credit."
  @spec select(pid(), term()) :: :ok | {:error, term()}
  def select(machine, item), do: :gen_statem.call(machine, {:select, item})

  @doc "Reports that the item has been taken out."
  @spec taken(pid()) :: :ok | {:error, :not_dispensing}
  def taken(machine), do: :gen_statem.call(machine, :taken)

  @doc "Gives the inserted coins back."
  @spec cancel(pid()) :: :ok | {:error, :busy}
  def cancel(machine), do: :gen_statem.call(machine, :cancel)

  @doc "The credit."
  @spec credit(pid()) :: non_neg_integer()
  def credit(machine), do: :gen_statem.call(machine, :credit)

  @doc "Empties the return tray."
  @spec collect(pid()) :: [term()]
  def collect(machine), do: :gen_statem.call(machine, :collect)

  @impl true
  def callback_mode, do: :state_functions

  @impl true
  def init(stock), do: {:ok, :accepting, %{stock: stock, credit: 0, inserted: [], tray: []}}

  @doc false
  def accepting(:cast, {:insert, coin}, data) when coin in @coins do
    {:keep_state, %{data | credit: data.credit + coin, inserted: [coin | data.inserted]}}
  end

  def accepting(:cast, {:insert, other}, data), do: {:keep_state, drop(data, [other])}

  def accepting({:call, from}, {:select, item}, data) do
    case data.stock do
      %{^item => {_price, count}} when count <= 0 ->
        {:keep_state_and_data, {:reply, from, {:error, :sold_out}}}

      %{^item => {price, _count}} when price > data.credit ->
        {:keep_state_and_data, {:reply, from, {:error, {:missing, price - data.credit}}}}

      %{^item => {price, count}} ->
        stock = %{data.stock | item => {price, count - 1}}
        data = %{data | stock: stock, credit: data.credit - price, inserted: []}
        {:next_state, :dispensing, data, {:reply, from, :ok}}

      %{} ->
        {:keep_state_and_data, {:reply, from, {:error, :unknown_item}}}
    end
  end

  def accepting({:call, from}, :taken, _data) do
    {:keep_state_and_data, {:reply, from, {:error, :not_dispensing}}}
  end

  def accepting({:call, from}, :cancel, data) do
    data = drop(data, Enum.reverse(data.inserted))
    {:keep_state, %{data | credit: 0, inserted: []}, {:reply, from, :ok}}
  end

  def accepting({:call, from}, request, data), do: common(from, request, data)

  @doc false
  def dispensing(:cast, {:insert, coin}, data), do: {:keep_state, drop(data, [coin])}

  def dispensing({:call, from}, :taken, data) do
    data = drop(data, change(data.credit, @coins))
    {:next_state, :accepting, %{data | credit: 0}, {:reply, from, :ok}}
  end

  def dispensing({:call, from}, {:select, _item}, _data), do: busy(from)
  def dispensing({:call, from}, :cancel, _data), do: busy(from)
  def dispensing({:call, from}, request, data), do: common(from, request, data)

  defp busy(from), do: {:keep_state_and_data, {:reply, from, {:error, :busy}}}

  defp common(from, :credit, data), do: {:keep_state_and_data, {:reply, from, data.credit}}

  defp common(from, :collect, data) do
    {:keep_state, %{data | tray: []}, {:reply, from, Enum.reverse(data.tray)}}
  end

  # The tray is held with the latest coin first.
  defp drop(data, coins), do: %{data | tray: Enum.reverse(coins, data.tray)}

  defp change(0, _coins), do: []

  defp change(amount, [coin | _] = coins) when coin <= amount,
    do: [coin | change(amount - coin, coins)]

  defp change(amount, [_too_large | coins]), do: change(amount, coins)
end
