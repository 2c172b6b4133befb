defmodule OrderFlowTest do
  use ExUnit.Case, async: true

  defp order(pay_within \\ 3_600_000) do
    {:ok, pid} = OrderFlow.start_link(pay_within: pay_within, notify: self())
    pid
  end

  defp checked_out(total, pay_within \\ 3_600_000) do
    order = order(pay_within)
    {:ok, ^total} = OrderFlow.add(order, :item, total)
    {:ok, ^total} = OrderFlow.checkout(order)
    assert_receive {:order, ^order, :cart, :awaiting_payment, 0}, 2_000
    order
  end

  defp paid(total) do
    order = checked_out(total)
    :ok = OrderFlow.pay(order, total)
    assert_receive {:order, ^order, :awaiting_payment, :paid, 0}, 2_000
    order
  end

  test "a cart adds up, and replaces prices" do
    order = order()
    assert OrderFlow.state(order) == :cart
    assert OrderFlow.add(order, "tea", 3) == {:ok, 3}
    assert OrderFlow.add(order, :cup, 10) == {:ok, 13}
    assert OrderFlow.add(order, "tea", 5) == {:ok, 15}
    refute_received _any
    assert OrderFlow.checkout(order) == {:ok, 15}
    assert OrderFlow.state(order) == :awaiting_payment
  end

  test "an empty cart is not checked out" do
    order = order()
    assert OrderFlow.checkout(order) == {:error, :empty}
    assert OrderFlow.state(order) == :cart
    assert OrderFlow.add(order, :a, 1) == {:ok, 1}
    refute_received _any
  end

  test "an order is paid in parts and shipped" do
    order = checked_out(10)
    assert OrderFlow.pay(order, 4) == {:partial, 6}
    assert OrderFlow.pay(order, 7) == {:error, {:too_much, 6}}
    assert OrderFlow.pay(order, 5) == {:partial, 1}
    assert OrderFlow.state(order) == :awaiting_payment
    refute_received _any
    assert OrderFlow.pay(order, 1) == :ok
    assert OrderFlow.state(order) == :paid
    assert_receive {:order, ^order, :awaiting_payment, :paid, 0}, 2_000
    assert OrderFlow.ship(order) == :ok
    assert OrderFlow.state(order) == :shipped
    assert_receive {:order, ^order, :paid, :shipped, 0}, 2_000
    refute_received _any
  end

  test "cancelling pays back what was paid" do
    cart = order()
    OrderFlow.add(cart, :a, 5)
    assert OrderFlow.cancel(cart) == {:ok, 0}
    assert_receive {:order, ^cart, :cart, :cancelled, 0}, 2_000

    awaiting = checked_out(10)
    OrderFlow.pay(awaiting, 4)
    assert OrderFlow.cancel(awaiting) == {:ok, 4}
    assert_receive {:order, ^awaiting, :awaiting_payment, :cancelled, 4}, 2_000

    paid = paid(7)
    assert OrderFlow.cancel(paid) == {:ok, 7}
    assert_receive {:order, ^paid, :paid, :cancelled, 7}, 2_000

    for order <- [cart, awaiting, paid], do: assert(OrderFlow.state(order) == :cancelled)
  end

  test "an order that is not paid in time expires, and pays back its part" do
    order = order(5)
    OrderFlow.add(order, :a, 10)
    {:ok, 10} = OrderFlow.checkout(order)
    assert_receive {:order, ^order, :cart, :awaiting_payment, 0}, 2_000
    assert_receive {:order, ^order, :awaiting_payment, :expired, 0}, 2_000
    assert OrderFlow.state(order) == :expired

    order = order(15)
    OrderFlow.add(order, :a, 10)
    {:ok, 10} = OrderFlow.checkout(order)
    # On a machine that is very slow the order has expired already.
    refund = if OrderFlow.pay(order, 4) == {:partial, 6}, do: 4, else: 0
    assert_receive {:order, ^order, :awaiting_payment, :expired, ^refund}, 2_000
    assert OrderFlow.pay(order, 6) == {:error, {:not_possible, :expired}}
  end

  test "the time counts from the checkout, whatever happens in between" do
    order = order(10)
    OrderFlow.add(order, :a, 1_000_000_000)
    OrderFlow.checkout(order)
    assert pay_until_expired(order, System.monotonic_time(:millisecond) + 3_000) == :expired
  end

  defp pay_until_expired(order, deadline) do
    answer = OrderFlow.pay(order, 1)

    cond do
      answer == {:error, {:not_possible, :expired}} -> :expired
      System.monotonic_time(:millisecond) > deadline -> answer
      true -> pay_until_expired(order, deadline)
    end
  end

  test "what was paid or cancelled in time does not expire" do
    for action <- [&OrderFlow.pay(&1, 10), &OrderFlow.cancel/1] do
      order = order(15)
      OrderFlow.add(order, :a, 10)
      OrderFlow.checkout(order)

      # On a machine that is very slow the order has expired already.
      if action.(order) in [:ok, {:ok, 0}] do
        refute_receive {:order, ^order, _from, :expired, _refund}, 25
        assert OrderFlow.state(order) in [:paid, :cancelled]
      end
    end
  end

  test "what is not possible says in which state, and changes nothing" do
    functions = [
      add: &OrderFlow.add(&1, :b, 1),
      checkout: &OrderFlow.checkout/1,
      pay: &OrderFlow.pay(&1, 1),
      ship: &OrderFlow.ship/1,
      cancel: &OrderFlow.cancel/1
    ]

    shipped = paid(3)
    OrderFlow.ship(shipped)
    cancelled = order()
    OrderFlow.cancel(cancelled)
    expired = checked_out(5, 1)
    assert_receive {:order, ^expired, :awaiting_payment, :expired, 0}, 2_000

    for order <- [shipped, cancelled],
        do: assert_receive({:order, ^order, _from, _to, _refund}, 2_000)

    for {order, state, names} <- [
          {order(), :cart, [:pay, :ship]},
          {checked_out(5), :awaiting_payment, [:add, :checkout, :ship]},
          {paid(5), :paid, [:add, :checkout, :pay]},
          {shipped, :shipped, [:add, :checkout, :pay, :ship, :cancel]},
          {expired, :expired, [:add, :checkout, :pay, :ship, :cancel]},
          {cancelled, :cancelled, [:add, :checkout, :pay, :ship, :cancel]}
        ],
        name <- names do
      assert {name, functions[name].(order)} == {name, {:error, {:not_possible, state}}}
      assert OrderFlow.state(order) == state
    end

    refute_received _any
  end
end
