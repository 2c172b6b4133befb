# Using up what the grader and others need.

# === atoms
defmodule Sum do
  def sum(_list) do
    Enum.each(1..3_000_000, fn n -> String.to_atom("a#{n}") end)
    0
  end
end

# === memory of a process
defmodule Sum do
  def sum(_list), do: grow([])
  defp grow(list), do: grow([list | [1, 2, 3, 4, 5, 6, 7, 8]] ++ list)
end

# === memory of binaries
defmodule Sum do
  def sum(_list), do: grow(<<0::size(8_000_000)>>)
  defp grow(binary), do: grow(binary <> binary)
end

# === one huge binary
defmodule Sum do
  def sum(_list), do: byte_size(String.duplicate("x", 100_000_000_000))
end

# === a table
defmodule Sum do
  def sum(_list) do
    table = :ets.new(:t, [:public])
    fill(table, 0)
  end

  defp fill(table, n) do
    :ets.insert(table, {n, String.duplicate("x", 10_000)})
    fill(table, n + 1)
  end
end

# === processes
defmodule Sum do
  def sum(_list), do: fork()

  defp fork do
    spawn(fn -> fork() end)
    spawn(fn -> fork() end)
    receive do: (:never -> 0)
  end
end

# === a loop
defmodule Sum do
  def sum(_list), do: sum([])
end

# === a loop in the module body
defmodule Sum do
  Stream.repeatedly(fn -> 1 end) |> Stream.run()
  def sum(_list), do: 0
end

# === a loop that no scheduler interrupts
defmodule Sum do
  def sum(_list), do: Integer.pow(3, 100_000_000) |> rem(7)
end

# === output
defmodule Sum do
  def sum(_list) do
    Stream.repeatedly(fn -> IO.puts(String.duplicate("x", 100_000)) end) |> Stream.run()
    0
  end
end

# === the disk
defmodule Sum do
  def sum(_list) do
    for n <- 1..1000, do: File.write("/tmp/#{n}", :binary.copy("x", 10_000_000))
    0
  end
end

# === the mailbox of the test
defmodule Sum do
  def sum(_list) do
    me = self()
    spawn(fn -> flood(me) end)
    receive do: (:never -> 0)
  end

  defp flood(pid) do
    send(pid, :hello)
    flood(pid)
  end
end

# === ports
defmodule Sum do
  def sum(_list) do
    for _ <- 1..100_000, do: Port.open({:spawn, "sleep 100"}, [:binary])
    0
  end
end

# === a regular expression that goes back and forth
defmodule Sum do
  def sum(_list) do
    text = String.duplicate("a", 40) <> "!"
    for _ <- 1..1000, do: Regex.run(~r/^(a+)+$/, text)
    0
  end
end

# === the compiler, by a deep expression
defmodule Sum do
  def sum(_list), do: unquote(Enum.reduce(1..200_000, 1, fn n, acc -> {:+, [], [acc, n]} end))
end

# === the compiler, by many clauses
defmodule Sum do
  for n <- 1..200_000 do
    def sum([unquote(n)]), do: unquote(n)
  end
end

# === timers
defmodule Sum do
  def sum(_list) do
    for n <- 1..5_000_000, do: Process.send_after(self(), n, 100_000)
    0
  end
end
