defmodule Client do
  def ask(server), do: GenServer.call(server, :get)
  def tell(server, x), do: GenServer.cast(server, {:put, x})
  def named, do: GenServer.call(:test_server, :get)
  def agent(a), do: Agent.get_and_update(a, fn s -> {s, s + 1} end)
  def ping(pid), do: send(pid, :ping)
  def ping_name, do: send(:test_server, :ping)
  def alive?(pid), do: Process.alive?(pid)
end
