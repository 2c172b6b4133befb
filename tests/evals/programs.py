"""Collections of candidate programs: one file, many programs, each under a line `# === name`."""

from __future__ import annotations

import re
from pathlib import Path

from evals.problem import Problem

HERE = Path(__file__).parent


def read(path: Path) -> list[tuple[str, str]]:
    """The programs of a file, with their names, in order."""
    parts = re.split(r"^# === (.+)$", path.read_text(), flags=re.MULTILINE)[1:]
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
