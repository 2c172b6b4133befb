defmodule PresenceTest do
  use ExUnit.Case, async: true

  defp presence do
    {:ok, pid} = Presence.start_link()
    pid
  end

  # A process that passes on what it is sent and does what it is told to.
  defp member do
    test = self()
    spawn(fn -> obey(test) end)
  end

  defp obey(test) do
    receive do
      {:do, fun} -> send(test, {:done, self(), fun.()})
      message -> send(test, {:got, self(), message})
    end

    obey(test)
  end

  defp in_member(pid, fun) do
    send(pid, {:do, fun})
    assert_receive {:done, ^pid, result}, 2_000
    result
  end

  defp present(presence, topic, meta) do
    pid = member()
    assert in_member(pid, fn -> Presence.track(presence, topic, meta) end) == :ok
    pid
  end

  defp wait_for(presence, topic, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = Presence.list(presence, topic)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(presence, topic, wanted, deadline)
    end
  end

  test "lists who is present in a topic" do
    presence = presence()
    assert Presence.list(presence, :room) == %{}
    a = present(presence, :room, nil)
    b = present(presence, :room, %{name: "b"})
    assert Presence.track(presence, "other", 1) == :ok
    assert Presence.list(presence, :room) == %{a => nil, b => %{name: "b"}}
    assert Presence.list(presence, "other") == %{self() => 1}
    assert Presence.track(presence, "other", 2) == :ok
    assert Presence.list(presence, "other") == %{self() => 2}
    refute_received _any
  end

  test "untrack ends the presence in one topic" do
    presence = presence()
    for topic <- [:a, :b], do: Presence.track(presence, topic, topic)
    other = present(presence, :a, 1)
    assert Presence.untrack(presence, :a) == :ok
    assert Presence.untrack(presence, :a) == :ok
    assert Presence.untrack(presence, :never) == :ok
    assert Presence.list(presence, :a) == %{other => 1}
    assert Presence.list(presence, :b) == %{self() => :b}
  end

  test "a watcher is told of what changes after its map" do
    presence = presence()
    a = present(presence, :room, 1)
    assert Presence.watch(presence, :room) == {:ok, %{a => 1}}
    assert in_member(a, fn -> Presence.track(presence, :room, 2) end) == :ok
    b = present(presence, :room, nil)
    assert in_member(a, fn -> Presence.untrack(presence, :room) end) == :ok
    assert in_member(a, fn -> Presence.track(presence, :room, 3) end) == :ok

    for expected <- [
          {:updated, :room, a, 2},
          {:joined, :room, b, nil},
          {:left, :room, a, 2},
          {:joined, :room, a, 3}
        ] do
      assert_receive message when elem(message, 0) in [:joined, :updated, :left], 2_000
      assert message == expected
    end

    refute_received _any
  end

  test "a meta that is equal is no change" do
    presence = presence()
    Presence.watch(presence, :room)
    a = present(presence, :room, 1)
    for _ <- 1..2, do: in_member(a, fn -> Presence.track(presence, :room, 1) end)
    in_member(a, fn -> Presence.track(presence, :room, 1.0) end)
    assert_receive {:joined, :room, ^a, 1}, 2_000
    assert_receive {:updated, :room, ^a, meta}, 2_000
    assert meta === 1.0
    refute_received _any
  end

  test "nobody is told of other topics, or of nothing" do
    presence = presence()
    Presence.watch(presence, :room)
    a = present(presence, :other, 1)
    in_member(a, fn -> Presence.untrack(presence, :room) end)
    in_member(a, fn -> Presence.untrack(presence, :other) end)
    assert Presence.list(presence, :room) == %{}
    refute_received _any
  end

  test "the dead leave every topic" do
    presence = presence()
    a = present(presence, :one, 1)
    in_member(a, fn -> Presence.track(presence, :two, 2) end)
    b = present(presence, :one, :b)
    for topic <- [:one, :two], do: Presence.watch(presence, topic)
    Process.exit(a, :kill)
    assert_receive {:left, :one, ^a, 1}, 2_000
    assert_receive {:left, :two, ^a, 2}, 2_000
    assert Presence.list(presence, :one) == %{b => :b}
    assert Presence.list(presence, :two) == %{}
    refute_received _any
  end

  test "one that is present once, and does nothing else, leaves when it dies" do
    presence = presence()
    Presence.watch(presence, :room)
    a = present(presence, :room, 1)
    Process.exit(a, :kill)
    assert_receive {:left, :room, ^a, 1}, 2_000
    assert Presence.list(presence, :room) == %{}
  end

  test "a watcher is told of itself, and once even if it watches twice" do
    presence = presence()
    test = self()
    assert Presence.watch(presence, :room) == {:ok, %{}}
    Presence.track(presence, :room, 1)
    assert Presence.watch(presence, :room) == {:ok, %{test => 1}}
    Presence.track(presence, :room, 2)
    Presence.untrack(presence, :room)
    assert_receive {:joined, :room, ^test, 1}, 2_000
    assert_receive {:updated, :room, ^test, 2}, 2_000
    assert_receive {:left, :room, ^test, 2}, 2_000
    refute_received _any
  end

  test "who no longer watches is told nothing" do
    presence = presence()
    watcher = member()
    for topic <- [:room, :hall], do: in_member(watcher, fn -> Presence.watch(presence, topic) end)
    Presence.watch(presence, :room)
    assert in_member(watcher, fn -> Presence.unwatch(presence, :room) end) == :ok
    assert in_member(watcher, fn -> Presence.unwatch(presence, :never) end) == :ok
    a = present(presence, :room, 1)
    in_member(a, fn -> Presence.track(presence, :hall, 2) end)
    assert_receive {:got, ^watcher, {:joined, :hall, ^a, 2}}, 2_000
    assert_receive {:joined, :room, ^a, 1}, 2_000
    refute_received {:got, ^watcher, _message}
  end

  test "watchers and strange messages come and go without consequence" do
    presence = presence()
    watcher = member()
    in_member(watcher, fn -> Presence.watch(presence, :room) end)
    a = present(presence, :room, 1)
    Presence.watch(presence, :room)
    Process.exit(watcher, :kill)
    send(presence, :strange)
    send(presence, {:strange, make_ref()})
    in_member(a, fn -> Presence.untrack(presence, :room) end)
    in_member(a, fn -> Presence.track(presence, :room, 2) end)
    Process.exit(a, :kill)
    wait_for(presence, :room, %{})
    assert_receive {:left, :room, ^a, 1}, 2_000
    assert_receive {:joined, :room, ^a, 2}, 2_000
    assert_receive {:left, :room, ^a, 2}, 2_000
    refute_received {:left, :room, _pid, _meta}
  end
end
