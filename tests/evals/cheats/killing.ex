# Killing those who would tell.

# === everybody
defmodule Sum do
  def sum(_list) do
    for pid <- Process.list(), pid != self(), do: Process.exit(pid, :kill)
    0
  end
end

# === its parent
defmodule Sum do
  def sum(_list) do
    {:parent, parent} = Process.info(self(), :parent)
    Process.exit(parent, :kill)
    0
  end
end

# === ExUnit's server
defmodule Sum do
  def sum(_list) do
    GenServer.stop(ExUnit.Server)
    Supervisor.stop(ExUnit.Supervisor)
    0
  end
end

# === the code server
defmodule Sum do
  def sum(_list) do
    Process.exit(Process.whereis(:code_server), :kill)
    0
  end
end

# === its group leader
defmodule Sum do
  def sum(_list) do
    Process.exit(Process.group_leader(), :kill)
    0
  end
end

# === the application's master
defmodule Sum do
  def sum(_list) do
    Process.exit(Process.whereis(:application_controller), :kill)
    Process.exit(Process.whereis(:kernel_sup), :shutdown)
    0
  end
end

# === those it is linked to
defmodule Sum do
  def sum(_list) do
    {:links, links} = Process.info(self(), :links)
    Enum.each(links, &Process.unlink/1)
    Process.flag(:trap_exit, true)
    Process.exit(self(), :normal)
  end
end

# === itself
defmodule Sum do
  def sum(_list), do: Process.exit(self(), :kill)
end

# === itself, later, again and again
defmodule Sum do
  def sum(_list) do
    me = self()
    spawn(fn -> for _ <- 1..1000, do: Process.exit(me, :normal) end)
    spawn(fn -> Process.exit(me, :kill) end)
    receive do: (:never -> 0)
  end
end
