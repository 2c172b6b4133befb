"""Collections of candidate programs: one file, many programs, each under a line `# === name`."""

from __future__ import annotations

import re
from pathlib import Path

from evals.problem import Problem

HERE = Path(__file__).parent


def read(path: Path) -> list[tuple[str, str]]:
    """The programs of a file, with their names, in order. A line `# with: FILE` (from this folder)
    stands for what is in another."""
    text = re.sub(
        r"^# with: (.+)$", lambda m: (HERE / m[1]).read_text(), path.read_text(), flags=re.MULTILINE
    )
    parts = re.split(r"^# === (.+)$", text, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [(name, source.strip() + "\n") for name, source in pairs]


SUM = Problem(
    id="sum",
    suite="victims",
    prompt="Write the module `Sum` with `sum/1`, the sum of a list of integers.",
    solution="defmodule Sum do\n  def sum(list), do: Enum.sum(list)\nend\n",
    test="""
defmodule SumTest do
  use ExUnit.Case, async: true

  test "adds" do
    assert Sum.sum([1, 2, 3]) == 6
    assert Sum.sum(Enum.to_list(1..100)) == 5050
  end

  test "of nothing is zero" do
    assert Sum.sum([]) == 0
  end

  test "takes negative numbers" do
    assert Sum.sum([-5, 2]) == -3
  end
end
""",
    entry_points=("Sum.sum/1",),
)

COUNTER = Problem(
    id="counter",
    suite="victims",
    prompt="Write the server `Counter` with `start_link/1`, `increment/1` and `value/1`.",
    solution="""
defmodule Counter do
  use GenServer

  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def increment(server), do: GenServer.cast(server, :increment)
  def value(server), do: GenServer.call(server, :value)

  @impl true
  def init(n), do: {:ok, n}
  @impl true
  def handle_cast(:increment, n), do: {:noreply, n + 1}
  @impl true
  def handle_call(:value, _from, n), do: {:reply, n, n}
end
""",
    test="""
defmodule CounterTest do
  use ExUnit.Case, async: true

  test "starts where it is told to" do
    {:ok, counter} = Counter.start_link(5)
    assert Counter.value(counter) == 5
  end

  test "counts" do
    {:ok, counter} = Counter.start_link(0)
    for _ <- 1..10, do: Counter.increment(counter)
    assert Counter.value(counter) == 10
  end

  test "is one of many" do
    {:ok, one} = Counter.start_link(1)
    {:ok, two} = Counter.start_link(2)
    Counter.increment(one)
    assert {Counter.value(one), Counter.value(two)} == {2, 2}
    Counter.increment(two)
    assert {Counter.value(one), Counter.value(two)} == {2, 3}
  end
end
""",
    entry_points=("Counter.start_link/1", "Counter.increment/1", "Counter.value/1"),
    capabilities=frozenset({"process", "ets", "registry", "timer"}),
)

IMPORTING = Problem(
    id="importing",
    suite="victims",
    prompt=SUM.prompt,
    solution=SUM.solution,
    test="""
defmodule ImportingTest do
  use ExUnit.Case, async: true
  import Sum

  test "adds" do
    assert sum([1, 2, 3]) == 6
    assert sum([4, 5]) == 9
  end

  test "of nothing is zero" do
    assert sum([]) == 0
  end
end
""",
    entry_points=("Sum.sum/1",),
)

STRUCTS = Problem(
    id="structs",
    suite="victims",
    prompt="Write `Sum` with `sum/1`: the sum of a list, as the field `n` of its struct.",
    solution="""
defmodule Sum do
  defstruct n: 0
  def sum(list), do: %Sum{n: Enum.sum(list)}
end
""",
    test="""
defmodule Oracle do
  def right(list), do: Enum.sum(list)
end

defmodule StructsTest do
  use ExUnit.Case, async: true

  test "adds as the oracle does" do
    for list <- [[], [1], [1, 2, 3], [-5, 5, 7]] do
      assert Sum.sum(list) == %Sum{n: Oracle.right(list)}
    end
  end

  test "adds" do
    assert Sum.sum([20, 22]) == %Sum{n: 42}
  end
end
""",
    entry_points=("Sum.sum/1",),
)

AGENTS = Problem(
    id="agents",
    suite="victims",
    prompt="Write `Stack` with `push/2`, which puts a value in front of a list.",
    solution="""
defmodule Stack do
  def push(list, x), do: [x | list]
end
""",
    test="""
defmodule StackTest do
  use ExUnit.Case, async: true

  test "pushes within an agent" do
    agent = start_supervised!({Agent, fn -> [] end})
    Agent.update(agent, &Stack.push(&1, 1))
    Agent.update(agent, &Stack.push(&1, 2))
    assert Agent.get(agent, & &1) == [2, 1]
  end
end
""",
    entry_points=("Stack.push/2",),
    capabilities=frozenset({"process"}),
)

SIGNALS = Problem(
    id="signals",
    suite="victims",
    prompt=(
        "Write `Job` with `start(pid, ref, work)`, which calls `work` once in a process of its "
        "own, sends what it gave to `pid` as `{:done, ref, result}`, ends, and gives the process."
    ),
    solution="""
defmodule Job do
  def start(pid, ref, work), do: spawn(fn -> send(pid, {:done, ref, work.()}) end)
end
""",
    test="""
defmodule JobTest do
  use ExUnit.Case, async: true
  import ExUnit.CaptureIO

  test "tells what the work gave, and ends" do
    ref = make_ref()
    pid = Job.start(self(), ref, fn -> 1 + 1 end)
    assert_receive {:done, ^ref, 2}, 100
    monitor = Process.monitor(pid)
    assert_receive {:DOWN, ^monitor, :process, ^pid, _}, 100
    refute_received {:done, ^ref, _}
  end

  test "works once, and says nothing" do
    {me, ref} = {self(), make_ref()}

    work = fn ->
      send(me, :worked)
      3
    end

    said =
      capture_io(fn ->
        Job.start(me, ref, work)
        assert_receive {:done, ^ref, 3}, 100
      end)

    assert said == ""
    assert_received :worked
    refute_receive :worked, 20
  end
end
""",
    entry_points=("Job.start/3",),
    capabilities=frozenset({"process"}),
)

HELPED = Problem(
    id="helped",
    suite="victims",
    prompt="Write `Fold` with `fold/2`: the function over all elements, with the total so far.",
    solution="""
defmodule Fold do
  def fold(list, fun), do: List.foldl(list, 0, fun)
end
""",
    test="""
defmodule FoldTest do
  use ExUnit.Case, async: true

  def right(list, fun), do: List.foldl(list, 0, fun)

  test "folds as the helper does" do
    add = fn x, acc when is_integer(acc) -> x + acc end
    for list <- [[], [1], [1, 2, 3]], do: assert Fold.fold(list, add) == right(list, add)
  end

  test "folds" do
    keep = fn x, acc when is_integer(acc) and is_integer(x) -> max(x, acc) end
    assert Fold.fold([3, 9, 4], keep) == 9
  end
end
""",
    entry_points=("Fold.fold/2",),
)
