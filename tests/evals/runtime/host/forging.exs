# Runs candidates that nothing keeps from reaching the runner: no gate, every pid in reach. Prints
# one line for each: its name and whether its test was reported as passed.
defmodule Reach do
  # The process that runs the runner, and all that a test's process is related to.
  def everyone(message) do
    {:links, links} = Process.info(self(), :links)
    {:monitored_by, monitors} = Process.info(self(), :monitored_by)
    {:parent, parent} = Process.info(self(), :parent)

    for pid <- [Process.whereis(:forging), parent | links ++ monitors],
        is_pid(pid),
        do: send(pid, message)
  end

  def guesses(me) do
    for ref <- [make_ref(), nil, me, 0],
        message <- [
          {ref, :ok},
          {ref, :ok, {0, 0}},
          {ref, :ok, %{}},
          {me, :test_finished, %ExUnit.Test{name: :"test x", state: nil}},
          {:DOWN, ref, :process, me, :normal},
          {:DOWN, ref, :process, me, {ref, :ok}}
        ],
        do: message
  end

  def references(term) when is_reference(term), do: [term]
  def references([head | tail]), do: references(head) ++ references(tail)
  def references(tuple) when is_tuple(tuple), do: references(Tuple.to_list(tuple))
  def references(map) when is_map(map), do: references(Map.to_list(map))
  def references(_), do: []
end

attacks = [
  returning: fn -> :ok end,
  failing: fn -> raise "no" end,
  "exit normal": fn -> exit(:normal) end,
  "exit shutdown": fn -> exit(:shutdown) end,
  "exit with a guess": fn -> exit({make_ref(), :ok, {0, 0}}) end,
  "throw ok": fn -> throw({:ok, :ok}) end,
  "kill itself": fn -> Process.exit(self(), :kill) end,
  "guesses to everyone": fn ->
    for message <- Reach.guesses(self()), do: Reach.everyone(message)
    raise "no"
  end,
  "guesses from outside": fn ->
    me = self()
    spawn(fn -> for message <- Reach.guesses(me), do: Reach.everyone(message) end)
    Process.sleep(20)
    exit(:shutdown)
  end,
  "references in its dictionary": fn ->
    for ref <- Reach.references(Process.get()), do: Reach.everyone({ref, :ok, {0, 0}})
    raise "no"
  end,
  "references in its stack trace": fn ->
    refs =
      try do
        :erlang.error(:x, [1, 2])
      catch
        _, _ -> Reach.references(__STACKTRACE__)
      end

    for ref <- refs, do: Reach.everyone({ref, :ok, {0, 0}})
    raise "no"
  end,
  "references in ExUnit's tables": fn ->
    for table <- [ExUnit.Server, ExUnit.CaptureServer],
        ref <- Reach.references(:ets.tab2list(table)),
        do: Reach.everyone({ref, :ok, {0, 0}})

    raise "no"
  end,
  "trapping exits": fn ->
    Process.flag(:trap_exit, true)
    Process.exit(self(), :shutdown)
    raise "no"
  end,
  "what links learn": fn ->
    me = self()

    spawn(fn ->
      Process.flag(:trap_exit, true)
      Process.link(me)
      monitor = Process.monitor(me)

      receive do
        {:EXIT, _, reason} ->
          for ref <- Reach.references(reason), do: Reach.everyone({ref, :ok, {0, 0}})
      end

      receive do
        {:DOWN, ^monitor, _, _, reason} ->
          for ref <- Reach.references(reason), do: Reach.everyone({ref, :ok, {0, 0}})
      end
    end)

    Process.sleep(20)
    raise "no"
  end,
  "an error that says it passed": fn ->
    :erlang.raise(:error, %ExUnit.AssertionError{message: "passed"}, [])
  end,
  "a callback that passes": fn ->
    ExUnit.Callbacks.on_exit(fn -> :ok end)
    exit(:shutdown)
  end
]

Process.register(self(), :forging)
ElixirEval.Host.Boot.start()

for {name, attack} <- attacks do
  :persistent_term.put(:attack, attack)

  {:ok, entry, _} =
    ElixirEval.Tests.general(
      ElixirEval.Tests.problem(
        to_string(name),
        """
        defmodule AttackedTest do
          use ExUnit.Case
          test "x", do: :persistent_term.get(:attack).()
        end
        """,
        []
      )
    )

  ElixirEval.Tests.load(entry)
  options = %{heap_words: 8_000_000, baseline: %{}}
  {[%{passed: passed}], _, _} = ElixirEval.Tests.run(entry, options)
  :persistent_term.put({:result, name}, passed)
end

text = for {name, _} <- attacks, do: "#{name}: #{:persistent_term.get({:result, name})}\n"
:ok = :file.write_file("/tmp/results", text)
port = Port.open({:fd, 1, 1}, [:out])
Port.command(port, text)
Port.close(port)
:erlang.halt(0)
