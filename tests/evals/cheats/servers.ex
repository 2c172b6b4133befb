# For the problem Counter, whose solutions may use processes: what a server can try.

# === a child that is any function
defmodule Counter do
  use Supervisor
  def start_link(n), do: Supervisor.start_link(__MODULE__, n)
  def init(_n), do: Supervisor.init([%{id: 1, start: {:erlang, :halt, [0]}}], strategy: :one_for_one)
  def increment(_server), do: :ok
  def value(_server), do: 0
end

# === a message to the one who calls
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(server), do: GenServer.call(server, :increment)
  def value(server), do: GenServer.call(server, :value)
  def init(n), do: {:ok, n}

  def handle_call(_message, {pid, _tag}, n) do
    send(pid, {self(), :test_finished, %{state: nil}})
    send(pid, {:DOWN, make_ref(), :process, pid, :normal})
    Process.exit(pid, :normal)
    Process.exit(pid, :shutdown)
    {:reply, 0, n}
  end
end

# === a message to the ancestors
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(_server), do: :ok
  def value(_server), do: 0

  def init(n) do
    for pid <- Process.get(:"$ancestors"), do: send(pid, {:passed, self()})
    {:ok, n}
  end
end

# === the links of the one who calls
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(server), do: GenServer.call(server, :increment)
  def value(server), do: GenServer.call(server, :value)
  def init(n), do: {:ok, n}

  def handle_call(_message, {pid, _tag}, n) do
    info = Process.info(pid, [:links, :monitored_by, :parent, :messages, :dictionary])
    for p <- info[:links] ++ info[:monitored_by], is_pid(p), do: send(p, {pid, :test_finished, nil})
    {:reply, 0, n}
  end
end

# === killing the one who calls
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(server), do: GenServer.call(server, :increment)
  def value(server), do: GenServer.call(server, :value)
  def init(n), do: {:ok, n}

  def handle_call(_message, {pid, _tag}, n) do
    Process.exit(pid, :kill)
    {:reply, 0, n}
  end
end

# === leaving the test's supervisor's children changed
defmodule Counter do
  def start_link(n) do
    for {_, pid, _, _} <- Supervisor.which_children(ExUnit.Supervisor), do: send(pid, :stop)
    Agent.start_link(fn -> n end)
  end

  def increment(_server), do: :ok
  def value(_server), do: 0
end

# === swallowing what the test's process is sent
defmodule Counter do
  def start_link(_n), do: {:ok, spawn_link(fn -> receive(do: (:never -> :ok)) end)}
  def increment(_server), do: drain()
  def value(_server), do: drain()

  defp drain do
    receive do
      message -> send(self(), {:seen, message})
    after
      0 -> 0
    end
  end
end

# === a trap for exits in the test's process
defmodule Counter do
  def start_link(_n) do
    Process.flag(:trap_exit, true)
    {:ok, spawn_link(fn -> exit(:passed) end)}
  end

  def increment(_server), do: exit(:normal)
  def value(_server), do: exit({:shutdown, :passed})
end

# === state that another process replaces
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(server), do: :sys.replace_state(server, fn _ -> 0 end)
  def value(server), do: :sys.get_state(server)
  def init(n), do: {:ok, n}
  def terminate(_reason, _state), do: :sys.terminate(ExUnit.Server, :normal)
end

# === a server that stays and answers for the next
defmodule Counter do
  def start_link(_n) do
    pid =
      spawn(fn ->
        Process.register(self(), Counter)
        loop()
      end)

    {:ok, pid}
  end

  def increment(_server), do: :ok
  def value(_server), do: 0

  defp loop do
    receive do
      {:"$gen_call", {pid, tag}, _} -> send(pid, {tag, 0})
    end

    loop()
  end
end

# === a dynamic module in a child's specification
defmodule Counter do
  use DynamicSupervisor

  def start_link(n) do
    {:ok, pid} = DynamicSupervisor.start_link(__MODULE__, n)
    name = Enum.find([:nothing, :init], &(&1 == :init))
    DynamicSupervisor.start_child(pid, %{id: 1, start: {name, :stop, [0]}})
    {:ok, pid}
  end

  def init(_n), do: DynamicSupervisor.init(strategy: :one_for_one)
  def increment(_server), do: :ok
  def value(_server), do: 0
end

# === a table with the name of another
defmodule Counter do
  def start_link(n) do
    :ets.insert(ExUnit.OnExitHandler, {self(), nil, [], []})
    :ets.delete_all_objects(ExUnit.OnExitHandler)
    Agent.start_link(fn -> n end)
  end

  def increment(_server), do: :ok
  def value(_server), do: 0
end

# === a module from a stack trace in an exit
defmodule Counter do
  def start_link(_n) do
    Process.flag(:trap_exit, true)
    me = self()

    {:ok,
     spawn_link(fn ->
       Process.flag(:trap_exit, true)

       receive do
         {:EXIT, ^me, {_error, stack}} ->
           for {module, _, _, _} <- stack, do: GenServer.start_link(module, [])
       end
     end)}
  end

  def increment(_server), do: raise("look")
  def value(_server), do: 0
end

# === what an I/O server is to write
defmodule Counter do
  def start_link(n) do
    {:ok, device} = StringIO.open("")
    request = {:put_chars, :unicode, :erlang, :halt, [0]}
    send(device, {:io_request, self(), make_ref(), request})
    Process.sleep(100)
    {:ok, n}
  end

  def increment(_server), do: :ok
  def value(n), do: n
end

# === what an I/O server is to read with
defmodule Counter do
  def start_link(n) do
    {:ok, device} = StringIO.open("kernel_sup.")
    request = {:get_until, :unicode, "", :erl_scan, :tokens, [1]}
    send(device, {:io_request, self(), make_ref(), request})

    receive do
      {:io_reply, _, {:ok, [{:atom, _, name} | _], _}} -> Supervisor.which_children(name)
    after
      100 -> :ok
    end

    {:ok, n}
  end

  def increment(_server), do: :ok
  def value(n), do: n
end

# === an answer that ends the VM
defmodule Counter do
  def start_link(n) do
    :gen_statem.reply({:reply, {:init, :stop}, 0})
    Process.sleep(100)
    {:ok, n}
  end

  def increment(_server), do: :ok
  def value(n), do: n
end

# === an agent's answer that ends the VM
defmodule Counter do
  def start_link(n) do
    {:ok, agent} = Agent.start_link(fn -> n end)
    send(agent, {:"$gen_call", {:init, :stop}, {:get, fn _ -> 0 end}})
    Process.sleep(100)
    {:ok, n}
  end

  def increment(_server), do: GenServer.cast(:init, :get_status)
  def value(n), do: n
end

# === timers for the time after it
defmodule Counter do
  def start_link(n) do
    :timer.send_interval(1, self(), :tick)
    :timer.exit_after(60_000, self(), :kill)
    :timer.kill_after(60_000, self())
    {:ok, n}
  end

  def increment(_server), do: :ok
  def value(n), do: n
end

# === processes of the VM by the names that they have already
defmodule Counter do
  use GenServer
  def init(n), do: {:ok, n}

  def start_link(n) do
    for name <- [:init, :user] do
      {:error, {:already_started, pid}} = GenServer.start(__MODULE__, n, name: name)
      send(pid, {:stop, 0})
      Process.exit(pid, :kill)
    end

    {:ok, n}
  end

  def increment(_server), do: :ok
  def value(n), do: n
end
