defmodule DoorTest do
  use ExUnit.Case

  test "a state machine with a time-out" do
    {:ok, d} = Door.start_link(7)
    assert Door.push(d, 1) == :wrong
    assert Door.state(d) == :locked
    assert Door.push(d, 7) == :ok
    assert :gen_statem.call(d, :state) == :open
    Process.sleep(60)
    assert Door.state(d) == :locked
    assert {:locked, 7} = :sys.get_state(d)
    :gen_statem.stop(d)
    refute Process.alive?(d)
  end
end
