defmodule PriorityInboxTest do
  use ExUnit.Case, async: true

  # An inbox that reports what it handles; `{:hold, _}` keeps it busy until it is told to go on.
  defp inbox do
    test = self()

    handler = fn
      {:hold, label} ->
        send(test, {:holding, label, self()})
        receive do: ({:go_on, ^label} -> :ok)

      {:fail, fun} ->
        fun.()

      message ->
        send(test, {:handled, message})
    end

    {:ok, pid} = PriorityInbox.start_link(handler)
    pid
  end

  # Makes the inbox busy, so that what is posted next is there together.
  defp hold(inbox, level \\ :normal) do
    label = make_ref()
    assert PriorityInbox.post(inbox, level, {:hold, label}) == :ok
    assert_receive {:holding, ^label, pid}, 2_000
    assert pid == inbox
    fn -> send(inbox, {:go_on, label}) end
  end

  defp post(inbox, messages),
    do:
      for(
        {level, message} <- messages,
        do: assert(PriorityInbox.post(inbox, level, message) == :ok)
      )

  defp handled(count) do
    for _ <- 1..count//1 do
      assert_receive {:handled, message}, 2_000
      message
    end
  end

  test "an idle inbox handles what comes" do
    inbox = inbox()

    for {level, message} <- [low: 1, high: nil, normal: {:x, 2}] do
      assert PriorityInbox.post(inbox, level, message) == :ok
      assert_receive {:handled, ^message}, 2_000
    end
  end

  test "urgent messages come before the others, each level in order" do
    inbox = inbox()
    go_on = hold(inbox)
    post(inbox, low: 1, normal: 2, high: 3, low: 4, high: 5, normal: 6)
    refute_received {:handled, _message}
    go_on.()
    assert handled(6) == [3, 5, 2, 6, 1, 4]
  end

  test "what arrives while a message is handled counts for the next choice" do
    inbox = inbox()
    first = hold(inbox)
    post(inbox, low: 1, normal: {:hold, :second}, low: 2)
    first.()
    assert_receive {:holding, :second, ^inbox}, 2_000
    post(inbox, normal: 3, high: 4)
    send(inbox, {:go_on, :second})
    assert handled(4) == [4, 3, 1, 2]
  end

  test "sync returns when everything has been handled" do
    inbox = inbox()
    assert PriorityInbox.sync(inbox) == :ok
    go_on = hold(inbox)
    post(inbox, low: 1, normal: 2, high: 3)
    go_on.()
    assert PriorityInbox.sync(inbox) == :ok
    assert handled(3) == [3, 2, 1]
    refute_received _any
  end

  test "a handler that fails is done with its message" do
    inbox = inbox()
    go_on = hold(inbox)

    for fail <- [fn -> raise "no" end, fn -> throw(1) end, fn -> exit(:bye) end],
        do: post(inbox, high: {:fail, fail})

    post(inbox, normal: :next)
    go_on.()
    assert handled(1) == [:next]
    assert PriorityInbox.sync(inbox) == :ok
  end

  test "stop returns what was not handled, in order" do
    inbox = inbox()
    ref = Process.monitor(inbox)
    go_on = hold(inbox, :low)
    post(inbox, low: 1, normal: 2, high: 3, low: 4, high: 5, normal: 6)
    task = Task.async(fn -> PriorityInbox.stop(inbox) end)
    # The stop has to be there before the inbox is free again; it is when the task waits for it.
    refute Task.yield(task, 20)
    go_on.()
    rest = Task.await(task)
    assert_receive {:DOWN, ^ref, :process, ^inbox, :normal}, 2_000
    done = handled(6 - length(rest))
    assert done ++ rest == [3, 5, 2, 6, 1, 4]
  end

  test "an idle inbox stops with nothing left" do
    inbox = inbox()
    ref = Process.monitor(inbox)
    post(inbox, low: 1)
    assert PriorityInbox.sync(inbox) == :ok
    assert PriorityInbox.stop(inbox) == []
    assert_receive {:DOWN, ^ref, :process, ^inbox, :normal}, 2_000
    assert handled(1) == [1]
    assert catch_exit(PriorityInbox.sync(inbox))
    assert catch_exit(PriorityInbox.stop(inbox))
    refute_received _any
  end

  test "strange messages are ignored and other levels refused" do
    inbox = inbox()

    for message <- [:strange, {:high, 1}, {:normal, 1}, {:low, 1}, {make_ref(), :ok}],
        do: send(inbox, message)

    for level <- [:urgent, nil, 1, "high"],
        do: assert_raise(FunctionClauseError, fn -> PriorityInbox.post(inbox, level, 1) end)

    assert PriorityInbox.sync(inbox) == :ok
    post(inbox, normal: 1)
    assert handled(1) == [1]
    refute_received {:handled, _message}
  end
end
