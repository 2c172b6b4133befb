# capabilities: process
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
