defmodule RunnerTest.Doubler do
  @behaviour Runner
  @impl true
  def start(n) when is_integer(n), do: {:ok, n}
  def start(other), do: {:error, other}
  @impl true
  def step(n), do: 2 * n
end

defmodule RunnerTest.Box do
  defstruct [:items]
end

defimpl Sized, for: RunnerTest.Box do
  def size(%{items: items}), do: length(items)
end

defmodule RunnerTest do
  use ExUnit.Case
  alias RunnerTest.{Box, Doubler}

  test "a behaviour of the candidate's that a test implements" do
    assert Runner.run(Doubler, 1, 3) == 8
    assert Runner.run(Doubler, :x, 3) == {:error, :x}
    assert Runner.loaded?(Doubler)
    refute Runner.loaded?(Box)
  end

  test "a protocol of the candidate's that a test implements" do
    assert Sized.size(%Box{items: [1, 2]}) == 2
    assert Runner.sizes([[1], %Box{items: []}]) == [1, 0]
    assert_raise Protocol.UndefinedError, fn -> Sized.size(1) end
  end
end
