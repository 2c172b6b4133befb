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
defmodule Pantry.Money do
  @moduledoc """
  Amounts.

      iex> Pantry.Money.new(1, :eur)
      %Pantry.Money{amount: 1, currency: :eur}
  """
  @enforce_keys [:amount]
  @derive {Inspect, only: [:amount]}
  defstruct [:amount, currency: :eur, init: nil, user: nil]
  @type t :: %__MODULE__{amount: integer, currency: atom}
  @doc "New one."
  @doc since: "1.0.0"
  @spec new(integer, atom) :: t
  def new(amount, currency \\ :eur) when is_integer(amount), do: %__MODULE__{amount: amount, currency: currency}
  defimpl String.Chars do
    def to_string(%{amount: a, currency: c}), do: "#{a} #{c}"
  end
end

defprotocol Pantry.Area do
  @fallback_to_any true
  @spec area(t) :: number
  def area(shape)
end

defimpl Pantry.Area, for: Any do
  def area(_), do: 0
end

defimpl Pantry.Area, for: [Integer, Float] do
  def area(n), do: n * n
end

defimpl Pantry.Area, for: Pantry.Money do
  def area(m), do: m.amount
end

defmodule Pantry.Error do
  defexception [:reason, message: "pantry"]
  @impl true
  def exception(opts), do: %__MODULE__{reason: opts[:reason], message: "because #{inspect(opts[:reason])}"}
end

defmodule Pantry.Behaviour do
  @callback cook(term) :: {:ok, term} | :error
  @callback spice(term) :: term
  @optional_callbacks spice: 1
end

defmodule Pantry.Cook do
  @behaviour Pantry.Behaviour
  @impl Pantry.Behaviour
  def cook(x), do: {:ok, x}
end

defmodule Pantry.Server do
  use GenServer, restart: :transient
  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, Keyword.take(opts, [:name]))
  def get(server), do: GenServer.call(server, :get)
  @impl true
  def init(opts), do: {:ok, opts, {:continue, :load}}
  @impl true
  def handle_continue(:load, s), do: {:noreply, s}
  @impl true
  def handle_call(:get, _from, s), do: {:reply, s, s}
  @impl true
  def handle_info(:timeout, s), do: {:noreply, s}
  def handle_info({:DOWN, _, :process, _, _}, s), do: {:noreply, s}
  @impl true
  def terminate(_reason, _s), do: :ok
end

defmodule Pantry do
  alias __MODULE__
  alias Pantry.{Cook, Error, Money}
  import Bitwise, only: [band: 2, bsl: 2]
  import Enum, only: [map: 2]
  require Integer
  require Logger
  @compile {:inline, double: 1}
  @colors ~w(red green blue)a
  @table Map.new(@colors, &{&1, Atom.to_string(&1)})
  @squares for n <- 1..10, do: {n, n * n}
  @pattern ~r/^(?<key>[a-z]+)=(?<value>\d+)$/i

  defguard is_even(n) when is_integer(n) and rem(n, 2) == 0
  defguardp is_pair(t) when is_tuple(t) and tuple_size(t) == 2

  @typep pair :: {integer, integer}
  @opaque bag :: %{optional(atom) => pair}
  @spec run(bag) :: :ok
  def run(_ \\ %{}) do
    4 = double(2)
    true = case 4 do
      n when is_even(n) -> true
      _ -> false
    end
    %{"key" => "a"} = Regex.named_captures(@pattern, "a=1")
    {:ok, 1} = Cook.cook(1)
    "3 eur" = to_string(Money.new(3))
    9 = Pantry.Area.area(3)
    0 = Pantry.Area.area("x")
    try do
      raise Error, reason: :salt
    rescue
      e in [Error] -> "because :salt" = Exception.message(e)
    after
      :ok
    end
    {:ok, 3} = with {:ok, a} <- {:ok, 1}, {:ok, b} <- {:ok, 2}, do: {:ok, a + b}
    <<1::4, x::bitstring>> = <<0x12>>
    <<2::4>> = x
    <<len::16-big, rest::binary-size(len)>> = <<0, 2, "ab">>
    "ab" = rest
    16 = band(bsl(1, 4), 31)
    [2, 4] = map([1, 2], &(&1 * 2))
    [b: 2] = Keyword.delete([a: 1, b: 2], :a)
    true = Integer.is_odd(3)
    q = :queue.in(1, :queue.new())
    {{:value, 1}, _} = :queue.out(q)
    t = :gb_trees.insert(:k, 1, :gb_trees.empty())
    1 = :gb_trees.get(:k, t)
    s = :gb_sets.from_list([3, 1])
    1 = :gb_sets.smallest(s)
    a = :array.set(0, :x, :array.new(default: nil))
    :x = :array.get(0, a)
    c = :counters.new(1, [:atomics])
    :ok = :counters.add(c, 1, 5)
    r = :atomics.new(1, signed: true)
    :atomics.add(r, 1, 2)
    Process.put(:pantry, 1)
    1 = Process.delete(:pantry)
    {:ok, agent} = Agent.start_link(fn -> 0 end)
    Agent.update(agent, &(&1 + 1))
    1 = Agent.get(agent, & &1)
    Agent.stop(agent)
    [1, 4] = [1, 2] |> Task.async_stream(&(&1 * &1), max_concurrency: 2) |> Enum.map(fn {:ok, v} -> v end)
    t = Task.async(fn -> :done end)
    :done = Task.await(t)
    nil = Task.yield(Task.async(fn -> Process.sleep(1) end), 0) || nil
    me = self()
    pid = spawn_link(fn -> send(me, {:hi, self()}) end)
    receive do
      {:hi, ^pid} -> :ok
    after
      1000 -> raise "late"
    end
    ref = Process.send_after(self(), :tick, 0)
    receive do: (:tick -> :ok)
    false = Process.cancel_timer(ref)
    {p, m} = spawn_monitor(fn -> exit(:bye) end)
    receive do: ({:DOWN, ^m, :process, ^p, :bye} -> :ok)
    [3, 2, 1] = Enum.sort([1, 2, 3], :desc)
    ["a", "b"] = String.split("a,b", ",")
    %{a: 1} = put_in(%{a: 0}, [:a], 1)
    %{a: %{b: 2}} = update_in(%{a: %{b: 1}}.a.b, &(&1 + 1))
    [1, 2] = get_in(%{x: [%{y: 1}, %{y: 2}]}, [:x, Access.all(), :y])
    {1, %{a: 2}} = get_and_update_in(%{a: 1}, [:a], &{&1, &1 + 1})
    5 = apply(Pantry, :go, [5])
    6 = apply(fn x -> x + 1 end, [5])
    true = function_exported?(Pantry, :go, 1)
    "1.5" = Float.to_string(1.5)
    [?a] = ~c"a"
    "1" <> _ = :io_lib.format("~p", [1]) |> IO.iodata_to_binary()
    ~D[2024-02-29] = Date.add(~D[2024-02-28], 1)
    {:ok, %{"a" => [1]}} = JSON.decode(~s({"a":[1]}))
    _ = inspect(%Pantry.Money{amount: 1})
    _ = :crypto.hash(:sha256, "x") |> Base.encode16(case: :lower)
    _ = Stream.unfold({0, 1}, fn {a, b} -> {a, {b, a + b}} end) |> Enum.take(5)
    _ = Stream.resource(fn -> 0 end, fn 3 -> {:halt, 3}; n -> {[n], n + 1} end, fn _ -> :ok end) |> Enum.to_list()
    _ = MapSet.new([1]) |> MapSet.member?(1)
    _ = :erlang.term_to_binary({1, "a"})
    _ = :erlang.phash2(:x)
    _ = System.monotonic_time(:millisecond)
    Logger.debug(fn -> "pantry" end)
    Logger.info("done", pantry: 1)
    {"red", 4} = {@table[:red], Map.new(@squares)[2]}
    :ok
  catch
    :exit, reason -> {:error, reason}
  end

  def go(x), do: x
  def pair?(t) when is_pair(t), do: true
  def pair?(_), do: false
  defp double(x), do: x * 2
  defdelegate sum(list), to: Enum
  defdelegate flat(list), to: List, as: :flatten
end

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
