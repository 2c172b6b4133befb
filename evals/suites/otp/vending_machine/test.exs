defmodule VendingMachineTest do
  use ExUnit.Case, async: true

  defp machine(stock \\ %{:cola => {7, 2}, :gum => {1, 1}, "tea" => {12, 0}}) do
    {:ok, pid} = VendingMachine.start_link(stock)
    pid
  end

  defp insert(machine, coins),
    do: for(coin <- coins, do: assert(VendingMachine.insert(machine, coin) == :ok))

  test "coins add up and unknown ones fall through" do
    machine = machine()
    assert VendingMachine.credit(machine) == 0
    insert(machine, [1, 2, 3, 5, 10, 20, 50, 0, :button])
    assert VendingMachine.credit(machine) == 38
    assert VendingMachine.collect(machine) == [3, 50, 0, :button]
    assert VendingMachine.collect(machine) == []
  end

  test "an item is dispensed and the change is given when it has been taken" do
    machine = machine()
    insert(machine, [20, 20])
    assert VendingMachine.select(machine, :cola) == :ok
    assert VendingMachine.credit(machine) == 33
    assert VendingMachine.collect(machine) == []
    assert VendingMachine.taken(machine) == :ok
    assert VendingMachine.credit(machine) == 0
    assert VendingMachine.collect(machine) == [20, 10, 2, 1]
  end

  test "change of every size uses as few coins as possible, larger ones first" do
    machine = machine(%{gum: {1, 5}})

    for {coins, change} <- [
          {[1], []},
          {[5], [2, 2]},
          {[10], [5, 2, 2]},
          {[20, 20, 20], [20, 20, 10, 5, 2, 2]},
          {[10, 1], [10]}
        ] do
      insert(machine, coins)
      assert VendingMachine.select(machine, :gum) == :ok
      assert VendingMachine.taken(machine) == :ok
      assert VendingMachine.collect(machine) == change
    end
  end

  test "what cannot be sold says why and costs nothing" do
    machine = machine()
    assert VendingMachine.select(machine, :cola) == {:error, {:missing, 7}}
    insert(machine, [5, 1])
    assert VendingMachine.select(machine, :cola) == {:error, {:missing, 1}}
    assert VendingMachine.select(machine, "tea") == {:error, :sold_out}
    assert VendingMachine.select(machine, :tea) == {:error, :unknown_item}
    assert VendingMachine.credit(machine) == 6
    insert(machine, [1])
    assert VendingMachine.select(machine, :cola) == :ok
  end

  test "the stock runs out" do
    machine = machine()
    insert(machine, [1])
    assert VendingMachine.select(machine, :gum) == :ok
    assert VendingMachine.taken(machine) == :ok
    insert(machine, [5])
    assert VendingMachine.select(machine, :gum) == {:error, :sold_out}
    insert(machine, [2])
    assert VendingMachine.select(machine, :cola) == :ok
    assert VendingMachine.taken(machine) == :ok
    insert(machine, [10])
    assert VendingMachine.select(machine, :cola) == :ok
    assert VendingMachine.taken(machine) == :ok
    insert(machine, [10])
    assert VendingMachine.select(machine, :cola) == {:error, :sold_out}
    assert VendingMachine.collect(machine) == [2, 1]
  end

  test "cancelling gives back the very coins of the credit" do
    machine = machine()
    insert(machine, [1, 1, :stone, 5, 2])
    assert VendingMachine.cancel(machine) == :ok
    assert VendingMachine.credit(machine) == 0
    assert VendingMachine.collect(machine) == [:stone, 1, 1, 5, 2]
    assert VendingMachine.cancel(machine) == :ok
    assert VendingMachine.collect(machine) == []
    insert(machine, [10])
    assert VendingMachine.select(machine, :cola) == :ok
    assert VendingMachine.taken(machine) == :ok
    assert VendingMachine.cancel(machine) == :ok
    assert VendingMachine.collect(machine) == [2, 1]
  end

  test "while dispensing it is busy" do
    machine = machine()
    assert VendingMachine.taken(machine) == {:error, :not_dispensing}
    insert(machine, [20])
    assert VendingMachine.select(machine, :cola) == :ok
    assert VendingMachine.select(machine, :gum) == {:error, :busy}
    assert VendingMachine.select(machine, :unknown) == {:error, :busy}
    assert VendingMachine.cancel(machine) == {:error, :busy}
    assert VendingMachine.credit(machine) == 13
    assert VendingMachine.taken(machine) == :ok
    assert VendingMachine.taken(machine) == {:error, :not_dispensing}
    insert(machine, [1])
    assert VendingMachine.select(machine, :gum) == :ok
  end

  test "coins inserted while dispensing wait for the machine to accept again" do
    machine = machine()
    insert(machine, [10])
    assert VendingMachine.select(machine, :cola) == :ok
    insert(machine, [5, :stone, 1])
    assert VendingMachine.credit(machine) == 3
    assert VendingMachine.collect(machine) == []
    assert VendingMachine.taken(machine) == :ok
    assert VendingMachine.credit(machine) == 6
    assert VendingMachine.cancel(machine) == :ok
    assert VendingMachine.collect(machine) == [2, 1, :stone, 5, 1]
  end
end
