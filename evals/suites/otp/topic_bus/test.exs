defmodule TopicBusTest do
  use ExUnit.Case, async: true

  defp bus(name) do
    pid =
      start_supervised!(%{id: name, start: {TopicBus, :start_link, [name]}, type: :supervisor})

    assert is_pid(pid)
    name
  end

  # A process that is subscribed to the patterns and passes on what it gets.
  defp subscriber(bus, patterns) do
    test = self()

    pid =
      spawn(fn ->
        for pattern <- patterns, do: :ok = TopicBus.subscribe(bus, pattern)
        send(test, {:ready, self()})
        forward(test)
      end)

    assert_receive {:ready, ^pid}, 2_000
    pid
  end

  defp forward(test) do
    receive do
      message -> send(test, {:got, self(), message})
    end

    forward(test)
  end

  defp wait_for(bus, topic, count, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = TopicBus.subscribers(bus, topic)

    cond do
      seen == count -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("#{seen} subscribers, not #{count}")
      true -> wait_for(bus, topic, count, deadline)
    end
  end

  test "a message reaches all subscribers of its topic and nobody else" do
    bus = bus(:topic_bus_plain)
    a = subscriber(bus, [["orders", "eu"]])
    b = subscriber(bus, [["orders", "eu"]])
    c = subscriber(bus, [["orders", "us"]])
    assert TopicBus.publish(bus, ["orders", "eu"], :hello) == 2
    for pid <- [a, b], do: assert_receive({:got, ^pid, {:bus, ["orders", "eu"], :hello}}, 2_000)
    assert TopicBus.publish(bus, ["orders", "us"], :bye) == 1
    assert_receive {:got, ^c, {:bus, ["orders", "us"], :bye}}, 2_000
    assert TopicBus.publish(bus, ["orders"], :none) == 0
    assert TopicBus.publish(bus, ["orders", "eu", "paid"], :none) == 0
    refute_received {:got, _pid, _message}
  end

  test "the publisher gets its own messages, in order" do
    bus = bus(:topic_bus_self)
    assert TopicBus.subscribe(bus, ["a"]) == :ok
    assert TopicBus.publish(bus, ["a"], 1) == 1
    assert TopicBus.publish(bus, ["a"], 2) == 1
    assert_receive {:bus, ["a"], first}, 2_000
    assert_receive {:bus, ["a"], second}, 2_000
    assert {first, second} == {1, 2}
  end

  test "patterns match as described" do
    bus = bus(:topic_bus_patterns)

    for {pattern, topic, matches} <- [
          {["a", :any, "c"], ["a", "b", "c"], 1},
          {["a", :any, "c"], ["a", "c"], 0},
          {["a", :any, "c"], ["a", "b", "d"], 0},
          {["a", :any], ["a", "b", "c"], 0},
          {["a", :any], ["a"], 0},
          {[:any], ["a"], 1},
          {[:any, :any], ["a"], 0},
          {["a", :rest], ["a"], 1},
          {["a", :rest], ["a", "b"], 1},
          {["a", :rest], ["a", "b", "c"], 1},
          {["a", :rest], ["b", "a"], 0},
          {["a", "b", "c", :rest], ["a", "b"], 0},
          {[:rest], ["a", "b"], 1},
          {[:any, "b", :rest], ["x", "b", "y", "z"], 1},
          {["any"], ["a"], 0},
          {["rest"], ["a"], 0}
        ] do
      assert TopicBus.subscribe(bus, pattern) == :ok
      assert {pattern, topic, TopicBus.subscribers(bus, topic)} == {pattern, topic, matches}
      assert TopicBus.publish(bus, topic, pattern) == matches
      if matches == 1, do: assert_receive({:bus, ^topic, ^pattern}, 2_000)
      assert TopicBus.unsubscribe(bus, pattern) == :ok
      assert TopicBus.subscribers(bus, topic) == 0
    end
  end

  test "a process gets a message once, however many of its patterns match" do
    bus = bus(:topic_bus_once)
    pid = subscriber(bus, [["a", "b"], ["a", :any], [:rest]])
    assert TopicBus.subscribers(bus, ["a", "b"]) == 1
    assert TopicBus.publish(bus, ["a", "b"], 1) == 1
    assert TopicBus.publish(bus, ["x"], 2) == 1
    assert_receive {:got, ^pid, {:bus, ["a", "b"], 1}}, 2_000
    assert_receive {:got, ^pid, {:bus, ["x"], 2}}, 2_000
    refute_received {:got, ^pid, _message}
  end

  test "subscribing twice to the very same pattern is refused" do
    bus = bus(:topic_bus_twice)
    subscriber(bus, [["a"]])
    assert TopicBus.subscribe(bus, ["a"]) == :ok
    assert TopicBus.subscribe(bus, ["a"]) == {:error, :already_subscribed}
    assert TopicBus.subscribe(bus, [:any]) == :ok
    assert TopicBus.unsubscribe(bus, ["a"]) == :ok
    assert TopicBus.subscribe(bus, ["a"]) == :ok
    assert TopicBus.subscribe(bus, [:any]) == {:error, :already_subscribed}
  end

  test "unsubscribing ends one subscription and no other" do
    bus = bus(:topic_bus_leave)
    other = subscriber(bus, [["a"]])
    assert TopicBus.subscribe(bus, ["a"]) == :ok
    assert TopicBus.subscribe(bus, ["b"]) == :ok
    assert TopicBus.unsubscribe(bus, ["a"]) == :ok
    assert TopicBus.unsubscribe(bus, ["a"]) == :ok
    assert TopicBus.unsubscribe(bus, ["never"]) == :ok
    assert TopicBus.publish(bus, ["a"], 1) == 1
    assert_receive {:got, ^other, {:bus, ["a"], 1}}, 2_000
    assert TopicBus.publish(bus, ["b"], 2) == 1
    assert_receive {:bus, ["b"], 2}, 2_000
    refute_received {:bus, ["a"], _message}
  end

  test "subscriptions disappear with their process" do
    bus = bus(:topic_bus_dead)
    pid = subscriber(bus, [["a"], [:any]])
    subscriber(bus, [["a"]])
    assert TopicBus.subscribers(bus, ["a"]) == 2
    Process.exit(pid, :kill)
    wait_for(bus, ["a"], 1)
    wait_for(bus, ["b"], 0)
    assert TopicBus.publish(bus, ["a"], 1) == 1
  end

  test "buses know nothing of each other" do
    {one, two} = {bus(:topic_bus_one), bus(:topic_bus_two)}
    assert TopicBus.subscribe(one, ["a"]) == :ok
    assert TopicBus.publish(two, ["a"], 1) == 0
    assert TopicBus.subscribe(two, ["a"]) == :ok
    assert TopicBus.publish(two, ["a"], 2) == 1
    assert_receive {:bus, ["a"], 2}, 2_000
    refute_received {:bus, ["a"], 1}
  end
end
