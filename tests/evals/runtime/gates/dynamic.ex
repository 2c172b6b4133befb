# Sources that are warm, with what happens when `A.run()` is called: `value: …` of it, or
# `stopped: …`, the call that `ElixirEval.Dispatch` did not make.

# === a module of its own, dynamically
# value: 3
defmodule B do
  def add(a, b), do: a + b
end

defmodule A do
  def run, do: call(B)
  def call(m), do: m.add(1, 2)
end

# === a module of Elixir, dynamically
# value: "A"
defmodule A do
  def run, do: Enum.map([String], & &1.upcase("a")) |> hd()
end

# === apply with an allowed function
# value: [1, 2]
defmodule A do
  def run, do: apply(Enum, :sort, [[2, 1]])
end

# === apply of a closure
# value: 5
defmodule A do
  def run, do: apply(fn a -> a end, [5])
end

# === apply of halt
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: apply(erlang(), :halt, [])
  def erlang, do: Process.get(:none, :erlang)
end

# === a call of halt
# stopped: calls :erlang.halt/1
defmodule A do
  def run, do: Enum.each([:erlang], & &1.halt(0))
end

# === a call of halt without parentheses
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: stop(:erlang)
  def stop(x), do: x.halt
end

# === a capture of halt
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: capture(:erlang).()
  def capture(m), do: &m.halt/0
end

# === Function.capture of halt
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: Function.capture(erlang(), :halt, 0).()
  def erlang, do: Process.get(:none, :erlang)
end

# === a capture of apply
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: (&apply/3).(erlang(), :halt, [])
  def erlang, do: Process.get(:none, :erlang)
end

# === a capture of apply by apply
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: apply(:erlang, :apply, [erlang(), :halt, []])
  def erlang, do: Process.get(:none, :erlang)
end

# === apply of apply, as Kernel's
# stopped: calls Kernel.apply/3
defmodule A do
  def run, do: Enum.map([Kernel], & &1.apply(:erlang, :halt, []))
end

# === spawning halt
# stopped: calls :erlang.halt/0
defmodule A do
  def run do
    {_, m} = spawn_monitor(:erlang, :halt, [])
    receive do: ({:DOWN, ^m, _, _, _} -> :ok)
  end
end

# === a task of halt
# stopped: calls :erlang.halt/0
defmodule A do
  def run, do: Task.await(Task.async(:erlang, :halt, []))
end

# === a task of its own function
# value: 4
defmodule A do
  def run, do: Task.await(Task.async(A, :double, [2]))
  def double(n), do: 2 * n
end

# === a task of a closure
# value: 4
defmodule A do
  def run, do: Task.await(Task.async(fn -> 4 end))
end

# === tasks over a collection
# value: [ok: 2, ok: 3]
defmodule A do
  def run, do: [1, 2] |> Task.async_stream(Kernel, :+, [1]) |> Enum.to_list()
end

# === tasks of halt over a collection
# stopped: calls :erlang.halt/1
defmodule A do
  def run, do: [1, 2] |> Task.async_stream(:erlang, :halt, []) |> Enum.to_list()
end

# === an agent of halt
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    {:ok, pid} = Agent.start(fn -> 0 end)
    Agent.get(pid, :erlang, :halt, [])
  end
end

# === an agent of halt by a raw message
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    {:ok, pid} = Agent.start(fn -> 0 end)
    GenServer.call(pid, {:get, {:erlang, :halt, []}})
  end
end

# === a child specification of halt
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    Supervisor.start_link([%{id: 1, start: {:erlang, :halt, [0]}}], strategy: :one_for_one)
  end
end

# === a child specification of halt in a callback
# stopped: calls :erlang.halt/1
defmodule A do
  @behaviour :supervisor
  def run, do: :supervisor.start_link(A, [])
  def init(_), do: {:ok, {%{}, [%{id: 1, start: {:erlang, :halt, [0]}}]}}
end

# === a dynamic child of halt
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    {:ok, pid} = DynamicSupervisor.start_link(strategy: :one_for_one)
    DynamicSupervisor.start_child(pid, %{id: 1, start: {:erlang, :halt, [0]}})
  end
end

# === a dynamic child of halt by a raw message
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    {:ok, pid} = DynamicSupervisor.start_link(strategy: :one_for_one)
    GenServer.call(pid, {:start_child, {{:erlang, :halt, [0]}, :permanent, 5000, :worker, [A]}})
  end
end

# === a module from a stack trace
# stopped: calls String.to_atom/1
defmodule A do
  def run do
    module =
      try do
        String.length(Process.get(:nothing))
      rescue
        e -> e.module
      end

    Supervisor.start_link([%{id: 1, start: {module, :to_atom, ["Elixir.System"]}}], strategy: :one_for_one)
  end
end

# === a partition of halt
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    PartitionSupervisor.start_link(child_spec: %{id: 1, start: {:erlang, :halt, [0]}}, name: A.P)
  end
end

# === a registry that dispatches to halt
# stopped: calls :erlang.halt/1
defmodule A do
  def run do
    {:ok, _} = Registry.start_link(keys: :duplicate, name: A.R)
    {:ok, _} = Registry.register(A.R, :k, 1)
    Registry.dispatch(A.R, :k, {:erlang, :halt, []})
  end
end

# === a registry at work
# value: [{1, 2}]
defmodule A do
  def run do
    {:ok, _} = Registry.start_link(keys: :unique, name: A.R, partitions: 2)
    {:ok, _} = Agent.start_link(fn -> 2 end, name: {:via, Registry, {A.R, 1, 2}})
    for {pid, v} <- Registry.lookup(A.R, 1), is_pid(pid), do: {1, v}
  end
end

# === a tree of supervisors at work
# value: [1, 2, 3, 4, 5]
defmodule A do
  use Supervisor
  def start_link(x), do: Supervisor.start_link(__MODULE__, x)

  def init(_) do
    children = [
      {Registry, keys: :unique, name: A.R},
      {DynamicSupervisor, name: A.D, strategy: :one_for_one},
      {Task.Supervisor, name: A.T},
      {PartitionSupervisor, child_spec: DynamicSupervisor, name: A.P},
      {Agent, fn -> 3 end}
    ]

    Supervisor.init(children, strategy: :one_for_one)
  end

  def run do
    {:ok, pid} = start_link(1)
    {:ok, _} = DynamicSupervisor.start_child(A.D, {Agent, fn -> 1 end})
    {:ok, a} = DynamicSupervisor.start_child({:via, PartitionSupervisor, {A.P, 1}}, {Agent, fn -> 2 end})
    {_, agent, _, _} = List.keyfind(Supervisor.which_children(pid), Agent, 0)
    four = Task.await(Task.Supervisor.async(A.T, fn -> 4 end))
    five = Task.await(Task.Supervisor.async_nolink(A.T, Kernel, :+, [2, 3]))
    [1, Agent.get(a, & &1), Agent.get(agent, & &1), four, five]
  end
end

# === a restarted child
# value: true
defmodule A do
  use GenServer
  def start_link(_), do: GenServer.start_link(A, nil, name: A)
  def init(_), do: {:ok, nil}
  def handle_cast(:boom, _), do: exit(:boom)

  def run do
    {:ok, _} = Supervisor.start_link([A], strategy: :one_for_one)
    old = Process.whereis(A)
    ref = Process.monitor(old)
    GenServer.cast(A, :boom)
    receive do: ({:DOWN, ^ref, _, _, _} -> :ok)
    wait(old)
  end

  defp wait(old) do
    case Process.whereis(A) do
      pid when is_pid(pid) and pid != old -> true
      _ -> wait(old)
    end
  end
end

# === a message to the VM's own process
# stopped: addresses :init
defmodule A do
  def run, do: send(:init, {:stop, :stop})
end

# === a message to the VM's own process, by name and node
# stopped: addresses :user
defmodule A do
  def run, do: Process.send({:user, node()}, :hello, [])
end

# === a message to the VM's own process, later
# stopped: addresses :init
defmodule A do
  def run, do: Process.send_after(:init, {:stop, :stop}, 1)
end

# === a message by a captured send
# stopped: addresses :init
defmodule A do
  def run, do: Enum.each([:init], &send(&1, :x))
end

# === a message by send as a value
# stopped: addresses :init
defmodule A do
  def run, do: Enum.reduce([:init], :x, &send/2)
end

# === a message by apply
# stopped: addresses :init
defmodule A do
  def run, do: apply(:erlang, :send, [:init, :x])
end

# === a message to itself
# value: :x
defmodule A do
  def run do
    send(self(), :x)
    receive do: (m -> m)
  end
end

# === trapping exits
# value: false
defmodule A do
  def run, do: Process.flag(:trap_exit, true)
end

# === a flag that is not harmless
# stopped: sets a process flag
defmodule A do
  def run, do: Process.flag(:max_heap_size, 0)
end

# === a flag by apply
# stopped: sets a process flag
defmodule A do
  def run, do: apply(Process, :flag, [:priority, :max])
end

# === a stack without others' frames
# value: [A]
defmodule A do
  def run do
    f(1)
  rescue
    _ -> __STACKTRACE__ |> Enum.map(&elem(&1, 0)) |> Enum.uniq()
  end

  def f(:a), do: 1
end

# === a field of what is not a map
# value: "key :name not found in: %{}"
defmodule A do
  def run do
    name(%{})
  rescue
    e in KeyError -> Exception.message(e)
  end

  def name(x), do: x.name
end

# === a field of nil
# value: KeyError
defmodule A do
  def run do
    name(Process.get(:nothing))
  rescue
    e -> e.__struct__
  end

  def name(x), do: x.name
end

# === a call of what does not exist
# value: {UndefinedFunctionError, nil, :name, 1}
defmodule A do
  def run do
    name(Process.get(:nothing))
  rescue
    e -> {e.__struct__, e.module, e.function, e.arity}
  end

  def name(x), do: x.name(1)
end

# === a protocol at work
# value: [1, "any"]
defprotocol P do
  @fallback_to_any true
  def f(x)
end

defmodule A do
  defstruct [:x]

  defimpl P do
    def f(a), do: a.x
  end

  def run, do: [P.f(%A{x: 1}), P.f(:a)]
end

defimpl P, for: Any do
  def f(_), do: "any"
end

# === a log
# value: :ok
defmodule A do
  require Logger
  def run, do: Logger.info("hello #{1}", a: 1)
end

# === a state machine at work
# value: [:off, :on, 1]
defmodule A do
  @behaviour :gen_statem
  def callback_mode, do: :state_functions
  def init(_), do: {:ok, :off, 0}
  def off({:call, from}, :flip, n), do: {:next_state, :on, n + 1, {:reply, from, :off}}
  def on({:call, from}, :flip, n), do: {:keep_state, n, [{:reply, from, :on}, {:next_event, :internal, :x}]}
  def on(:internal, :x, _), do: :keep_state_and_data
  def on({:call, from}, :count, n), do: {:keep_state_and_data, {:reply, from, n}}

  def run do
    {:ok, pid} = :gen_statem.start_link(A, nil, [])
    [:gen_statem.call(pid, :flip), :gen_statem.call(pid, :flip), :gen_statem.call(pid, :count)]
  end
end

# === a message to the VM's own process, by a timer
# stopped: addresses :user
defmodule A do
  def run, do: :timer.send_after(0, :user, {:io_request, self(), 1, {:put_chars, :latin1, "x"}})
end

# === a message to the VM's own process, as a reply
# stopped: addresses :init
defmodule A do
  def run, do: GenServer.reply({:init, :stop}, {:stop, 0})
end

# === the pid of the VM's own process
# stopped: addresses :init
defmodule A do
  def run, do: Process.whereis(:init)
end

# === the pid of its own process
# value: true
defmodule A do
  def run do
    Process.register(self(), A)
    Process.whereis(A) == self()
  end
end

# === a name of the VM, unregistered
# stopped: addresses :user
defmodule A do
  def run, do: Process.unregister(:user)
end

# === calls without arguments
# value: [2, 3, %{}]
defmodule B do
  def two, do: 2
end

defmodule A do
  def run, do: [two(B), two(%{two: 3}), new(Map)]
  def two(x), do: x.two()
  def new(m), do: m.new()
end

# === a module's name as the name of a function
# stopped: calls ElixirEval.Dispatch.finish/0
defmodule A do
  def run do
    A."Elixir.ElixirEval.Dispatch"()
  rescue
    e -> e.function.finish()
  end
end

# === the bytes of another's closure
# stopped: looks into a function
defmodule A do
  def run, do: :erlang.term_to_binary([%{a: Stream.map([1], & &1)}])
end

# === the bytes of its own closure, and of a capture
# value: true
defmodule A do
  def run do
    x = 5
    is_binary(:erlang.term_to_binary([fn -> x end, &Enum.sum/1, %{a: {1.5, "b"}}], [:compressed]))
  end
end

# === another's closure by a function of its own
# stopped: looks into a function
defmodule A do
  def run, do: Enum.map([Stream.map([1], & &1)], &:erlang.term_to_iovec/1)
end

# === what explains an error
# stopped: calls :erlang.halt/2
defmodule A do
  def run do
    frame = {:a, :b, 0, [error_info: %{module: :erlang, function: :halt}]}
    apply(Exception, :normalize, [:error, 0, [frame]])
  end
end

# === what explains an error, by whom Erlang asks
# value: "errors were found at the given arguments:\n\n  * 1st argument: not an atom\n"
defmodule A do
  def run do
    :erlang.atom_to_binary("a")
  rescue
    error in ArgumentError -> error.message
  end
end
