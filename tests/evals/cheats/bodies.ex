# === any function by rex, named by a list of words
defmodule Relay do
  def ask(name), do: GenServer.call(name, {:call, :erlang, :halt, [], self()})
end

defmodule Counter do
  @answer Relay.ask(hd(~w(rex)a))
  def start_link(_), do: @answer
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a supervisor of the VM, named by a list of words with an escape
defmodule Relay do
  def ask(name), do: Supervisor.which_children(name)
end

defmodule Counter do
  @answer Relay.ask(hd(~w(kernel_s\x75p)a))
  def start_link(_), do: {:ok, @answer}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a supervisor of the VM, named by the sigil's macro in full
defmodule Relay do
  def ask(name), do: Supervisor.terminate_child(name, :code_server)
end

defmodule Counter do
  @answer Relay.ask(hd(Kernel.sigil_w(<<"kernel_sup">>, [?a])))
  def start_link(_), do: {:ok, @answer}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a server of the VM, named by a function that is missing
defmodule Relay do
  def ask(name), do: Agent.stop(name)
end

defmodule Counter do
  @answer Relay.ask(
            try do
              Enum.code_server()
            rescue
              error -> Map.get(error, :function)
            end
          )
  def start_link(_), do: {:ok, @answer}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a server of the VM, named by a missing function of its own
defmodule Relay do
  def ask(name), do: Agent.stop(name)
end

defmodule Counter do
  @answer Relay.ask(
            try do
              Relay.application_controller(1)
            rescue
              error -> Map.get(error, :function)
            end
          )
  def start_link(_), do: {:ok, @answer}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a supervisor of the VM, named by an alias that is no module
defmodule Relay do
  def ask(name), do: Agent.stop(name)
end

defmodule Counter do
  @answer Relay.ask(Logger.Supervisor)
  def start_link(_), do: {:ok, @answer}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a process that outlives the compilation
defmodule Relay do
  def stay, do: spawn(fn -> loop() end)

  defp loop do
    for name <- [:counter, Counter, CounterTest], pid = Process.whereis(name), do: Process.exit(pid, :kill)
    Process.sleep(1)
    loop()
  end
end

defmodule Counter do
  @pid inspect(Relay.stay())
  def start_link(_), do: {:ok, @pid}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === messages to the process that compiles
defmodule Relay do
  def fill, do: for(n <- 1..1000, do: send(self(), {make_ref(), {:ok, n}}))
end

defmodule Counter do
  @mail length(Relay.fill())
  def start_link(_), do: {:ok, @mail}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === the keys of the process that compiles
defmodule Relay do
  def spoil do
    Process.put(:elixir_code_diagnostics, {[], false})
    Process.put(:elixir_compiler_info, {self(), self()})
    Process.put(:elixir_module_binaries, [])
  end
end

defmodule Counter do
  @spoiled Relay.spoil()
  def start_link(_), do: {:ok, @spoiled}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === an exit that says that it compiled
defmodule Relay do
  def out, do: exit({:compiled, [], [Counter], []})
end

defmodule Counter do
  Relay.out()
  def start_link(n), do: {:ok, n}
  def increment(_), do: :ok
  def value(_), do: 5
end
