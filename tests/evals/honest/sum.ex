# Right solutions of Sum by means that are unusual but honest: all of them must pass.

# === plainly
defmodule Sum do
  def sum(list), do: Enum.sum(list)
end

# === a macro of its own
defmodule Sum.Macros do
  defmacro plus(a, b) do
    quote do: unquote(a) + unquote(b)
  end
end

defmodule Sum do
  require Sum.Macros
  def sum(list), do: Enum.reduce(list, 0, fn x, acc -> Sum.Macros.plus(x, acc) end)
end

# === a module that is used
defmodule Sum.Base do
  defmacro __using__(options) do
    start = Keyword.fetch!(options, :start)

    quote do
      def start, do: unquote(start)
    end
  end
end

defmodule Sum do
  use Sum.Base, start: 0
  def sum(list), do: List.foldl(list, start(), &+/2)
end

# === a hook before the end of the module
defmodule Sum.Hook do
  defmacro __before_compile__(_env) do
    quote do: def(zero, do: 0)
  end
end

defmodule Sum do
  @before_compile Sum.Hook
  def sum([]), do: zero()
  def sum([x | rest]), do: x + sum(rest)
end

# === apply
defmodule Sum do
  def sum(list), do: apply(__MODULE__, :go, [list, 0])
  def go([], acc), do: acc
  def go([x | rest], acc), do: apply(__MODULE__, :go, [rest, acc + x])
end

# === a module by a variable
defmodule Sum do
  def sum(list), do: total(Enum, list)
  defp total(module, list), do: module.sum(list)
end

# === a captured function by its name
defmodule Sum do
  def sum(list), do: Function.capture(Enum, :sum, 1).(list)
end

# === whether a module is there
defmodule Sum do
  def sum(list) do
    if Code.ensure_loaded?(Enum) and function_exported?(Enum, :sum, 1) do
      Enum.sum(list)
    else
      :lists.sum(list)
    end
  end
end

# === a module that is loaded
defmodule Sum do
  def sum(list) do
    {:module, module} = Code.ensure_loaded(Sum.Adder)
    module.add(list)
  end
end

defmodule Sum.Adder do
  def add(list), do: Enum.sum(list)
end

# === processes
defmodule Sum do
  def sum(list) do
    me = self()
    pid = spawn_link(fn -> send(me, {self(), Enum.sum(list)}) end)

    receive do
      {^pid, total} -> total
    end
  end
end

# === tasks
defmodule Sum do
  def sum(list) do
    list
    |> Task.async_stream(& &1)
    |> Enum.reduce(0, fn {:ok, x}, acc -> acc + x end)
  end
end

# === an agent
defmodule Sum do
  def sum(list) do
    {:ok, agent} = Agent.start_link(fn -> 0 end)
    Enum.each(list, fn x -> Agent.update(agent, &(&1 + x)) end)
    total = Agent.get(agent, & &1)
    Agent.stop(agent)
    total
  end
end

# === a server
defmodule Sum do
  use GenServer

  def sum(list) do
    {:ok, pid} = GenServer.start_link(__MODULE__, 0)
    Enum.each(list, &GenServer.cast(pid, {:add, &1}))
    total = GenServer.call(pid, :total)
    GenServer.stop(pid)
    total
  end

  @impl true
  def init(n), do: {:ok, n}
  @impl true
  def handle_cast({:add, x}, n), do: {:noreply, n + x}
  @impl true
  def handle_call(:total, _from, n), do: {:reply, n, n}
end

# === a server under a name, under a supervisor
defmodule Sum.Server do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, 0, name: __MODULE__)
  @impl true
  def init(n), do: {:ok, n}
  @impl true
  def handle_call({:add, x}, _from, n), do: {:reply, n + x, n + x}
end

defmodule Sum do
  def sum(list) do
    {:ok, sup} = Supervisor.start_link([Sum.Server], strategy: :one_for_one)
    total = Enum.reduce(list, 0, fn x, _ -> GenServer.call(Sum.Server, {:add, x}) end)
    Supervisor.stop(sup)
    total
  end
end

# === a table
defmodule Sum do
  def sum(list) do
    table = :ets.new(:sum, [:set, :private])
    :ets.insert(table, {:total, 0})
    Enum.each(list, &:ets.update_counter(table, :total, &1))
    [{:total, total}] = :ets.lookup(table, :total)
    :ets.delete(table)
    total
  end
end

# === a struct with a protocol
defmodule Sum.Bag do
  defstruct items: []

  defimpl Enumerable do
    def count(_), do: {:error, __MODULE__}
    def member?(_, _), do: {:error, __MODULE__}
    def slice(_), do: {:error, __MODULE__}
    def reduce(%{items: items}, acc, fun), do: Enumerable.List.reduce(items, acc, fun)
  end
end

defmodule Sum do
  def sum(list), do: Enum.sum(%Sum.Bag{items: list})
end

# === a protocol of its own
defprotocol Sum.Total do
  def total(term)
end

defimpl Sum.Total, for: List do
  def total(list), do: :lists.sum(list)
end

defmodule Sum do
  def sum(list), do: Sum.Total.total(list)
end

# === an exception as the end of a loop
defmodule Sum.Done do
  defexception [:total, message: "done"]
end

defmodule Sum do
  def sum(list) do
    loop(list, 0)
  rescue
    done in Sum.Done -> done.total
  end

  defp loop([], total), do: raise(Sum.Done, total: total)
  defp loop([x | rest], total), do: loop(rest, total + x)
end

# === the process dictionary
defmodule Sum do
  def sum(list) do
    Process.put(:total, 0)
    Enum.each(list, fn x -> Process.put(:total, Process.get(:total) + x) end)
    Process.delete(:total)
  end
end

# === functions that are generated
defmodule Sum do
  for {name, zero} <- [start: 0, nothing: 0] do
    defp unquote(name)(), do: unquote(zero)
  end

  def sum([]), do: nothing()
  def sum(list), do: Enum.sum(list) + start()
end

# === attributes that accumulate
defmodule Sum do
  Module.register_attribute(__MODULE__, :parts, accumulate: true)
  @parts :a
  @parts :b
  @count length(@parts)
  def sum(list), do: Enum.sum(list) * div(@count, 2)
end

# === Erlang, delegated
defmodule Sum do
  defdelegate sum(list), to: :lists
end

# === a stack trace, for a message
defmodule Sum do
  def sum(list) do
    Enum.sum(list)
  rescue
    error -> reraise error, __STACKTRACE__
  end
end

# === an atom from a text
defmodule Sum do
  def sum(list), do: apply(Enum, String.to_existing_atom("sum"), [list])
end

# === a guard, a sigil, a bit of binary
defmodule Sum do
  defguardp is_some(list) when is_list(list) and list != []
  @words ~w(none some)a

  def sum(list) do
    bytes = for x <- list, into: <<>>, do: <<x::signed-64>>
    case kind(list) do
      :none -> 0
      :some -> for(<<x::signed-64 <- bytes>>, do: x) |> Enum.sum()
    end
  end

  defp kind(list) when is_some(list), do: List.last(@words)
  defp kind(_), do: hd(@words)
end

# === output, and what it is worth
defmodule Sum do
  def sum(list) do
    IO.puts("adding #{length(list)}")
    IO.inspect(Enum.sum(list), label: "total")
  end
end

# === output that is not UTF-8
defmodule Sum do
  def sum(list) do
    IO.binwrite(<<255, 254, 0, 10>>)
    Enum.sum(list)
  end
end

# === the environment
defmodule Sum do
  def sum(list) do
    _ = System.get_env("SUM_START")
    _ = System.monotonic_time()
    Enum.sum(list)
  end
end

# === a file
defmodule Sum do
  def sum(list) do
    path = Path.join(System.tmp_dir!(), "sum")
    File.write!(path, :erlang.term_to_binary(list))
    list = path |> File.read!() |> :erlang.binary_to_term()
    File.rm!(path)
    Enum.sum(list)
  end
end

# === a long way round
defmodule Sum do
  def sum(list) do
    list
    |> Stream.concat([0])
    |> Stream.transform(0, fn x, acc -> {[acc + x], acc + x} end)
    |> Enum.to_list()
    |> List.last()
  end
end
