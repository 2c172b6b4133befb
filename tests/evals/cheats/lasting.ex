# === a timer to a name
defmodule Counter do
  def start_link(n) do
    for ms <- [1, 5, 20, 100, 400], name <- [:counter, Counter, :one],
        do: Process.send_after(name, {:"$gen_cast", :increment}, ms)

    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a timer to a name, with options
defmodule Counter do
  def start_link(n) do
    now = :erlang.monotonic_time(:millisecond)

    for ms <- [1, 5, 20, 100, 400],
        do: :erlang.send_after(now + ms, Counter, {:"$gen_cast", :increment}, abs: true)

    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a timer to a name, started by a task
defmodule Counter do
  def start_link(n) do
    Task.start(Process, :send_after, [Counter, {:"$gen_cast", :increment}, 100])
    Task.start(:erlang, :start_timer, [100, Counter, :increment])
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a timer to a name, by a child's specification
defmodule Counter do
  def start_link(n) do
    spec = %{id: 1, start: {Process, :send_after, [Counter, {:"$gen_cast", :increment}, 100]}}
    Supervisor.start_link([spec], strategy: :one_for_one)
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === init, told to stop by a task
defmodule Counter do
  def start_link(n) do
    Task.start(:erlang, :send, [:init, {:stop, :stop}])
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === init, told to stop without being suspended
defmodule Counter do
  def start_link(n) do
    :erlang.send_nosuspend(:init, {:stop, :stop})
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === init, told to stop by an agent whose state it is
defmodule Counter do
  def start_link(n) do
    {:ok, agent} = Agent.start_link(fn -> :init end)
    Agent.get(agent, :erlang, :send, [{:stop, :stop}])
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a process without a limit of its heap
defmodule Counter do
  def start_link(n) do
    {:ok, agent} = Agent.start_link(fn -> :max_heap_size end)
    Agent.get(agent, Process, :flag, [0])
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a server that is not loaded yet
defmodule Counter do
  def start_link(_), do: GenServer.start_link(:erl_compile_server, [], name: Counter)
  def increment(_), do: :ok
  def value(_), do: 1
end

# === a handler of events that writes a file
defmodule Counter do
  def start_link(n) do
    {:ok, manager} = :gen_event.start()
    :gen_event.add_handler(manager, :error_logger_file_h, ~c"/tmp/sum.beam")
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a server that starts another VM
defmodule Counter do
  def start_link(n) do
    GenServer.start(:peer, [{make_ref(), self()}, %{exec: ~c"/bin/sh", connection: :standard_io}])
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a terminal over the grader's pipe
defmodule Counter do
  def start_link(n) do
    :gen_statem.start(:user_drv, [%{initial_shell: :noshell, input: true}], [])
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 1
end

# === a server that becomes another module
defmodule Counter do
  def start_link(n), do: :gen_statem.start_link(__MODULE__, n, [])
  def init(n), do: {:ok, :halt, n}
  def callback_mode, do: :state_functions

  def halt({:call, from}, :value, n),
    do: {:keep_state_and_data, [{:change_callback_module, :erlang}, {:reply, from, n}]}

  def halt(:cast, :increment, n), do: {:keep_state, n + 2}
  def increment(server), do: :gen_statem.cast(server, :increment)
  def value(server), do: :gen_statem.call(server, :value)
end
