# === an agent
defmodule Counter do
  use Agent
  def start_link(n), do: Agent.start_link(fn -> n end)
  def increment(counter), do: Agent.update(counter, &(&1 + 1))
  def value(counter), do: Agent.get(counter, & &1)
end

# === an agent, told by module, function and arguments
defmodule Counter do
  def start_link(n), do: Agent.start_link(__MODULE__, :first, [n])
  def first(n), do: n
  def next(n, by), do: n + by
  def increment(counter), do: Agent.cast(counter, __MODULE__, :next, [1])
  def value(counter), do: Agent.get(counter, Kernel, :+, [0])
end

# === a loop
defmodule Counter do
  def start_link(n), do: {:ok, spawn_link(fn -> loop(n) end)}
  def increment(counter), do: send(counter, :increment)

  def value(counter) do
    ref = make_ref()
    send(counter, {:value, self(), ref})

    receive do
      {^ref, n} -> n
    after
      1000 -> exit(:timeout)
    end
  end

  defp loop(n) do
    receive do
      :increment ->
        loop(n + 1)

      {:value, from, ref} ->
        send(from, {ref, n})
        loop(n)
    end
  end
end

# === a state machine
defmodule Counter do
  @behaviour :gen_statem
  def start_link(n), do: :gen_statem.start_link(__MODULE__, n, [])
  def increment(counter), do: :gen_statem.cast(counter, :increment)
  def value(counter), do: :gen_statem.call(counter, :value)

  @impl true
  def callback_mode, do: :handle_event_function
  @impl true
  def init(n), do: {:ok, :counting, n}
  @impl true
  def handle_event(:cast, :increment, :counting, n), do: {:keep_state, n + 1}

  def handle_event({:call, from}, :value, :counting, n),
    do: {:keep_state_and_data, [{:reply, from, n}]}
end

# === a table
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(counter), do: counter |> table() |> :ets.update_counter(:n, 1)
  def value(counter), do: counter |> table() |> :ets.lookup_element(:n, 2)
  defp table(counter), do: GenServer.call(counter, :table)

  @impl true
  def init(n) do
    table = :ets.new(:counter, [:public])
    :ets.insert(table, n: n)
    {:ok, table}
  end

  @impl true
  def handle_call(:table, _from, table), do: {:reply, table, table}
end

# === an atomic
defmodule Counter do
  def start_link(n) do
    counter = :counters.new(1, [])
    :counters.put(counter, 1, n)
    {:ok, counter}
  end

  def increment(counter), do: :counters.add(counter, 1, 1)
  def value(counter), do: :counters.get(counter, 1)
end

# === under a supervisor of its own
defmodule Counter do
  use Supervisor

  def start_link(n) do
    {:ok, supervisor} = Supervisor.start_link(__MODULE__, n)
    [{_, counter, :worker, _}] = Supervisor.which_children(supervisor)
    {:ok, counter}
  end

  @impl true
  def init(n), do: Supervisor.init([{Agent, fn -> n end}], strategy: :one_for_one)
  def increment(counter), do: Agent.update(counter, &(&1 + 1))
  def value(counter), do: Agent.get(counter, & &1)
end

# === with a timer to its own name
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n)

  def increment(counter) do
    name = :"counter of all"
    Process.register(self(), name)
    Process.send_after(name, {:add, 1}, 1)

    receive do
      {:add, n} -> GenServer.cast(counter, {:add, n})
    end

    Process.unregister(name)
    :ok
  end

  def value(counter), do: GenServer.call(counter, :value)

  @impl true
  def init(n), do: {:ok, n}
  @impl true
  def handle_cast({:add, by}, n), do: {:noreply, n + by}
  @impl true
  def handle_call(:value, _from, n), do: {:reply, n, n}
end

# === with a timer that it cancels
defmodule Counter do
  use GenServer
  @commands ~w(increment value)a
  def start_link(n), do: GenServer.start_link(__MODULE__, n)

  for command <- @commands do
    def unquote(command)(counter), do: GenServer.call(counter, unquote(command))
  end

  @impl true
  def init(n), do: {:ok, {n, Process.send_after(self(), :late, 60_000)}}

  @impl true
  def handle_call(:increment, _from, {n, timer}) do
    true = is_integer(Process.cancel_timer(timer))
    {:reply, :ok, {n + 1, Process.send_after(self(), :late, 60_000)}}
  end

  def handle_call(:value, _from, {n, _} = state), do: {:reply, n, state}
end

# === tasks that add
defmodule Counter do
  def start_link(n), do: Agent.start_link(fn -> [n] end)

  def increment(counter) do
    task = Task.async(fn -> Agent.update(counter, &[1 | &1]) end)
    Task.await(task)
  end

  def value(counter) do
    counter
    |> Agent.get(& &1)
    |> Task.async_stream(& &1, ordered: false)
    |> Enum.sum_by(fn {:ok, n} -> n end)
  end
end

# === words that name servers elsewhere
defmodule Counter do
  use GenServer
  defstruct [:auth, :pool, n: 0, status: :init, user: :code, group: :timer]
  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(counter), do: GenServer.call(counter, {:add, :user})
  def value(counter), do: GenServer.call(counter, :value)

  @impl true
  def init(n), do: {:ok, %__MODULE__{n: n}}
  @impl true
  def handle_call({:add, :user}, _, state), do: {:reply, :ok, %{state | n: state.n + 1}}
  def handle_call(:value, _, %{status: :init} = state), do: {:reply, state.n, state}
end

# === much of the language and its library, checked as it starts
# with: runtime/gates/honest/pantry.ex

defmodule Counter do
  use GenServer
  alias Pantry.Money

  @ready inspect(Pantry.run())
  def start_link(n) do
    :ok = Pantry.run()
    GenServer.start_link(__MODULE__, n)
  end

  def increment(counter), do: GenServer.cast(counter, {:add, Money.new(1)})
  def value(counter), do: GenServer.call(counter, :value).amount
  def ready, do: @ready

  @impl true
  def init(n), do: {:ok, Money.new(n)}
  @impl true
  def handle_cast({:add, money}, sum), do: {:noreply, update_in(sum.amount, &(&1 + money.amount))}
  @impl true
  def handle_call(:value, _from, sum), do: {:reply, sum, sum}
end
