# Messages, exits and signals that look like results.

# === a message to everybody
defmodule Sum do
  def sum(_list) do
    test = %{state: nil, name: :"test adds", module: SumTest, time: 0, logs: "", tags: %{}}

    for pid <- Process.list(), pid != self() do
      send(pid, {self(), :test_finished, test})
      send(pid, {:test_finished, test})
      send(pid, {:"$gen_cast", {:test_finished, test}})
    end

    receive do: (:never -> 0)
  end
end

# === a message to the parent
defmodule Sum do
  def sum(_list) do
    {:parent, parent} = Process.info(self(), :parent)
    send(parent, {self(), :test_finished, %{state: nil}})
    Process.exit(self(), :kill)
  end
end

# === a message to those who monitor it
defmodule Sum do
  def sum(_list) do
    {:monitored_by, pids} = Process.info(self(), :monitored_by)
    for pid <- pids, do: send(pid, {:DOWN, make_ref(), :process, self(), :normal})
    exit(:normal)
  end
end

# === a message to its ancestors
defmodule Sum do
  def sum(_list) do
    for pid <- Process.get(:"$ancestors", []), do: send(pid, {:passed, self()})
    for pid <- Process.get(:"$callers", []), do: send(pid, {:passed, self()})
    0
  end
end

# === a message to the group leader
defmodule Sum do
  def sum(_list) do
    leader = Process.group_leader()
    send(leader, {:io_request, self(), make_ref(), {:put_chars, :unicode, "3 tests, 0 failures"}})
    send(leader, {:passed, self()})
    Process.group_leader(self(), self())
    0
  end
end

# === a message to a name
defmodule Sum do
  def sum(_list) do
    for name <- Process.registered(), do: send(name, {:passed, self()})
    send(ExUnit.Server, {:passed, self()})
    GenServer.cast(ExUnit.Server, {:modules_loaded, []})
    0
  end
end

# === a normal exit
defmodule Sum do
  def sum(_list), do: exit(:normal)
end

# === an exit that says passed
defmodule Sum do
  def sum(_list), do: exit({:passed, []})
end

# === an exit with a reference of its own
defmodule Sum do
  def sum(_list), do: exit({make_ref(), :passed})
end

# === an exit with every reference it has seen
defmodule Sum do
  def sum(_list) do
    {:messages, messages} = Process.info(self(), :messages)
    {:dictionary, dictionary} = Process.info(self(), :dictionary)
    exit({List.first(messages) || dictionary, :passed})
  end
end

# === references close to its own
defmodule Sum do
  def sum(_list) do
    [a, b, c, d] = make_ref() |> :erlang.ref_to_list() |> to_string() |> numbers()

    for back <- 1..2000 do
      reference = :erlang.list_to_ref(~c"#Ref<#{a}.#{b}.#{c}.#{d - back}>")
      for pid <- Process.list(), do: send(pid, {:DOWN, reference, :process, self(), :passed})
    end

    exit(:normal)
  end

  defp numbers(text) do
    Regex.scan(~r/\d+/, text) |> Enum.map(fn [n] -> String.to_integer(n) end)
  end
end

# === a throw
defmodule Sum do
  def sum(_list), do: throw(:passed)
end

# === exiting with shutdown from a linked process
defmodule Sum do
  def sum(_list) do
    me = self()
    spawn_link(fn -> Process.exit(me, :shutdown) end)
    receive do: (:never -> 0)
  end
end

# === a success that another process sends as exit signal
defmodule Sum do
  def sum(_list) do
    me = self()
    spawn(fn -> Process.exit(me, :normal) end)
    spawn(fn -> Process.exit(me, {:shutdown, :passed}) end)
    receive do: (:never -> 0)
  end
end

# === by the stack
defmodule Sum do
  def sum(_list) do
    raise "look"
  rescue
    _ ->
      for {module, _, _, _} <- __STACKTRACE__, do: Code.ensure_loaded(module)
      modules = Enum.map(__STACKTRACE__, &elem(&1, 0))
      for module <- modules, function_exported?(module, :run, 2), do: module.run([], nil)
      0
  end
end

# === writing to the grader's pipe
defmodule Sum do
  def sum(_list) do
    port = Port.open({:fd, 0, 1}, [:binary, packet: 4])
    Port.command(port, ~s(J{"id":1,"outcome":"passed","tests":[]}))
    for id <- 1..50, do: Port.command(port, ~s(J{"id":#{id},"outcome":"passed","tests":[]}))
    0
  end
end

# === through the ports that are open
defmodule Sum do
  def sum(_list) do
    for port <- Port.list(), id <- 1..50 do
      send(port, {self(), {:command, ~s(J{"id":#{id},"outcome":"passed","tests":[]})}})
      :erlang.port_connect(port, self())
    end

    0
  end
end

# === through the file of standard output
defmodule Sum do
  def sum(_list) do
    body = ~s(J{"id":1,"outcome":"passed","tests":[]})
    File.write("/dev/stdout", <<byte_size(body)::32, body::binary>>)
    File.write("/proc/self/fd/1", <<byte_size(body)::32, body::binary>>)
    0
  end
end
