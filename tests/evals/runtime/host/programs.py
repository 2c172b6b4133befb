"""A problem and candidates for it, each with what the host must say of it."""

TEST = """
defmodule CounterTest do
  use ExUnit.Case, async: true

  setup do
    {:ok, pid: start_supervised!({Counter, 0})}
  end

  test "counts", %{pid: pid} do
    assert Counter.next(pid) == 1
    assert Counter.next(pid) == 2
  end

  describe "the value" do
    test "is shown", %{pid: pid} do
      assert Counter.value(pid) == 0
    end
  end
end
"""

GOOD = """
defmodule Counter do
  use GenServer

  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def next(pid), do: GenServer.call(pid, :next)
  def value(pid), do: GenServer.call(pid, :value)

  @impl true
  def init(n), do: {:ok, n}

  @impl true
  def handle_call(:next, _from, n), do: {:reply, n + 1, n + 1}
  def handle_call(:value, _from, n), do: {:reply, n, n}
end
"""


def counting(body: str, more: str = "") -> str:
    """The good candidate with another way to count, in the caller's process."""
    return GOOD.replace("GenServer.call(pid, :next)", body).replace("\nend\n", f"\n{more}\nend\n")


LOOP = counting("forever(pid)", "  def forever(pid), do: forever(pid)")
HOG = counting("fill([pid])", "  def fill(list), do: fill([list | Enum.to_list(1..1000)] ++ list)")
FLOOD = counting(
    "flood(pid)",
    '  def flood(pid) do\n    IO.puts(String.duplicate("x", 1000))\n    flood(pid)\n  end',
)
BOMB = counting(
    "bomb()",
    "  def bomb do\n    spawn(fn -> bomb() end)\n    spawn(fn -> bomb() end)\n    bomb()\n  end",
)
LINGERING = counting(
    "linger(pid)",
    """
  def linger(pid) do
    for _ <- 1..50, do: spawn(fn -> wait() end)
    holder = spawn(fn -> wait() end)
    Process.register(holder, :counter_holder)
    GenServer.call(pid, :next)
  rescue
    ArgumentError -> GenServer.call(pid, :next)
  end

  def wait do
    receive do
      :never -> :ok
    end
  end
""",
)

ENDINGS = {
    "exit(:normal)": counting("exit(:normal)"),
    "exit(:shutdown)": counting("exit(:shutdown)"),
    "throw(:ok)": counting("throw(:ok)"),
    "raise": counting('raise "no"'),
    "a kill of itself": counting("Process.exit(self(), :kill)"),
    "a normal exit sent to itself": counting("Process.exit(self(), :normal)"),
    "a kill by another": counting(
        "(me = self(); spawn(fn -> Process.exit(me, :kill) end); Process.sleep(5000); pid)"
    ),
    "a linked crash": counting("(spawn_link(fn -> exit(:shutdown) end); Process.sleep(5000); pid)"),
}
