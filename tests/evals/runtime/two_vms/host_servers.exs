defmodule TestServer do
  use GenServer
  def init(s), do: {:ok, s}
  def handle_call(:get, _, s), do: {:reply, s, s}
  def handle_cast({:put, x}, _), do: {:noreply, x}
  def handle_info(:ping, s), do: {:noreply, {:pinged, s}}
end

defmodule ClientTest do
  use ExUnit.Case

  test "servers of the tests, called by the candidate" do
    {:ok, s} = GenServer.start_link(TestServer, 1)
    assert Client.ask(s) == 1
    Client.tell(s, 5)
    assert Client.ask(s) == 5
    Client.ping(s)
    assert GenServer.call(s, :get) == {:pinged, 5}
    assert Client.alive?(s)
    GenServer.stop(s)
    refute Client.alive?(s)
  end

  test "an agent of the test's" do
    {:ok, a} = Agent.start_link(fn -> 1 end)
    assert Client.agent(a) == 1
    assert Agent.get(a, & &1) == 2
  end

  test "by name" do
    {:ok, _} = GenServer.start_link(TestServer, 9, name: :test_server)
    assert Client.named() == 9
    Client.ping_name()
    assert Client.named() == {:pinged, 9}
  end
end
