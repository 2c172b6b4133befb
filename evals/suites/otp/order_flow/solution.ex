defmodule OrderFlow do
  @moduledoc "The life of an order, which expires when it is not paid in time."
  @behaviour :gen_statem

  @type state ::
          :cart | :awaiting_payment | :paid | :shipped | :expired | :cancelled

  @doc "Starts an order; `:pay_within` and `:notify` are required."
  @spec start_link(keyword()) :: :gen_statem.start_ret()
  def start_link(opts), do: :gen_statem.start_link(__MODULE__, opts, [])

  @doc "Adds an item to the cart."
  @spec add(pid(), term(), pos_integer()) :: {:ok, pos_integer()} | {:error, term()}
  def add(order, name, price), do: :gen_statem.call(order, {:add, name, price})

  @doc "Ends the cart."
  @spec checkout(pid()) :: {:ok, pos_integer()} | {:error, term()}
  def checkout(order), do: :gen_statem.call(order, :checkout)

  @doc "Pays a part, or all."
  @spec pay(pid(), pos_integer()) :: :ok | {:partial, pos_integer()} | {:error, term()}
  def pay(order, amount), do: :gen_statem.call(order, {:pay, amount})

  @doc "Sends the order out."
  @spec ship(pid()) :: :ok | {:error, term()}
  def ship(order), do: :gen_statem.call(order, :ship)

  @doc "Cancels the order."
  @spec cancel(pid()) :: {:ok, non_neg_integer()} | {:error, term()}
  def cancel(order), do: :gen_statem.call(order, :cancel)

  @doc "The state."
  @spec state(pid()) :: state()
  def state(order), do: :gen_statem.call(order, :state)

  @impl true
  def callback_mode, do: :handle_event_function

  @impl true
  def init(opts) do
    data = %{
      pay_within: Keyword.fetch!(opts, :pay_within),
      notify: Keyword.fetch!(opts, :notify),
      items: %{},
      paid: 0
    }

    {:ok, :cart, data}
  end

  @impl true
  def handle_event({:call, from}, :state, state, _data) do
    {:keep_state_and_data, {:reply, from, state}}
  end

  def handle_event({:call, from}, {:add, name, price}, :cart, data) do
    data = put_in(data.items[name], price)
    {:keep_state, data, {:reply, from, {:ok, total(data)}}}
  end

  def handle_event({:call, from}, :checkout, :cart, %{items: items}) when items == %{} do
    {:keep_state_and_data, {:reply, from, {:error, :empty}}}
  end

  def handle_event({:call, from}, :checkout, :cart, data) do
    # A state timeout ends with the state, and nothing that happens in the state touches it.
    actions = [{:reply, from, {:ok, total(data)}}, {:state_timeout, data.pay_within, :expire}]
    change(:cart, :awaiting_payment, data, actions)
  end

  def handle_event({:call, from}, {:pay, amount}, :awaiting_payment, data) do
    missing = total(data) - data.paid
    paid = %{data | paid: data.paid + amount}

    cond do
      amount > missing ->
        {:keep_state_and_data, {:reply, from, {:error, {:too_much, missing}}}}

      amount == missing ->
        change(:awaiting_payment, :paid, paid, {:reply, from, :ok})

      true ->
        {:keep_state, paid, {:reply, from, {:partial, missing - amount}}}
    end
  end

  def handle_event(:state_timeout, :expire, :awaiting_payment, data) do
    change(:awaiting_payment, :expired, data, [])
  end

  def handle_event({:call, from}, :ship, :paid, data) do
    change(:paid, :shipped, data, {:reply, from, :ok})
  end

  def handle_event({:call, from}, :cancel, state, data)
      when state in [:cart, :awaiting_payment, :paid] do
    change(state, :cancelled, data, {:reply, from, {:ok, data.paid}})
  end

  def handle_event({:call, from}, _request, state, _data) do
    {:keep_state_and_data, {:reply, from, {:error, {:not_possible, state}}}}
  end

  defp change(from, to, data, actions) do
    refund = if to in [:cancelled, :expired], do: data.paid, else: 0
    send(data.notify, {:order, self(), from, to, refund})
    {:next_state, to, data, actions}
  end

  defp total(data), do: data.items |> Map.values() |> Enum.sum()
end
