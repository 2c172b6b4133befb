defmodule BusTest do
  use ExUnit.Case

  test "subscribers of the tests get messages, and are forgotten when they die" do
    {:ok, b} = Bus.start_link()
    Bus.subscribe(b, :t)
    me = self()

    other =
      spawn(fn ->
        Bus.subscribe(b, :t)
        send(me, :ready)

        receive do
          {:t, m} -> send(me, {:other, m})
        end
      end)

    assert_receive :ready
    assert Bus.count(b, :t) == 2
    ref = Process.monitor(other)
    Bus.publish(b, :t, 1)
    assert_receive {:t, 1}
    assert_receive {:other, 1}
    assert_receive {:DOWN, ^ref, _, _, _}
    assert Bus.count(b, :t) == 1
  end
end
