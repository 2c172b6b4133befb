defmodule OrderedTest do
  use ExUnit.Case

  test "what arrives while a callback runs in the tests' VM stays in order" do
    for round <- 1..20 do
      test = self()

      handler = fn ->
        send(test, {:working, self()})
        receive do: (:go_on -> :ok)
      end

      pid = Ordered.start(handler)
      Ordered.post(pid, :work)
      assert_receive {:working, ^pid}, 2_000
      for n <- 1..6, do: Ordered.post(pid, {round, n})
      send(pid, :go_on)
      for n <- 7..9, do: Ordered.post(pid, {round, n})
      assert Ordered.all(pid) == for(n <- 1..9, do: {round, n})
    end
  end
end
