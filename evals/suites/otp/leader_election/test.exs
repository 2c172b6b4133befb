defmodule ElectionTest do
  use ExUnit.Case, async: true

  defp election do
    {:ok, pid} = Election.start_link()
    pid
  end

  # A member that passes on what it is sent and does what it is told to.
  defp member(election, priority) do
    test = self()

    pid =
      spawn(fn ->
        send(test, {:joined, self(), Election.join(election, priority)})
        obey(test)
      end)

    assert_receive {:joined, ^pid, :ok}, 2_000
    pid
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

  defp told(pids, election, leader, term) do
    for pid <- pids, do: assert_receive({:got, ^pid, {:leader, ^election, ^leader, ^term}}, 2_000)
  end

  defp wait_for(election, wanted, deadline \\ System.monotonic_time(:millisecond) + 3_000) do
    seen = Election.members(election)

    cond do
      seen == wanted ->
        :ok

      System.monotonic_time(:millisecond) > deadline ->
        flunk("#{inspect(seen)}, not #{inspect(wanted)}")

      true ->
        wait_for(election, wanted, deadline)
    end
  end

  test "without members there is no leader" do
    election = election()
    assert Election.leader(election) == :none
    assert Election.members(election) == []
    assert Election.leading?(election, 0) == false
    assert Election.leading?(election, 1) == false
    assert Election.leave(election) == :ok
    refute_received _any
  end

  test "the first member leads and is told so" do
    election = election()
    test = self()
    assert Election.join(election, 5) == :ok
    assert_receive {:leader, ^election, ^test, 1}, 2_000
    assert Election.leader(election) == {:ok, self(), 1}
    assert Election.leading?(election, 1) == true
    assert Election.leading?(election, 0) == false
    assert Election.leading?(election, 2) == false
    assert Election.join(election, 7) == {:error, :already_member}
    assert Election.members(election) == [{self(), 5}]
    refute_received _any
  end

  test "a leader stays it, and those who join are told who it is" do
    election = election()
    a = member(election, 1)
    told([a], election, a, 1)
    b = member(election, 100)
    told([b], election, a, 1)
    assert Election.leader(election) == {:ok, a, 1}
    assert in_member(b, fn -> Election.leading?(election, 1) end) == false
    assert in_member(a, fn -> Election.leading?(election, 1) end) == true
    refute_received {:got, _pid, _message}
  end

  test "members succeed by priority, then by age" do
    election = election()
    [a, b, c, d, e] = for priority <- [0, 1, 3, 1, 3], do: member(election, priority)
    assert Election.members(election) == [{a, 0}, {c, 3}, {e, 3}, {b, 1}, {d, 1}]
    told([a, b, c, d, e], election, a, 1)

    for {{leaving, leader}, term} <- Enum.with_index([{a, c}, {c, e}, {e, b}, {b, d}], 2) do
      assert in_member(leaving, fn -> Election.leave(election) end) == :ok
      assert Election.leader(election) == {:ok, leader, term}
    end

    told([b, c, d, e], election, c, 2)
    told([b, d, e], election, e, 3)
    told([b, d], election, b, 4)
    told([d], election, d, 5)
    refute_received {:got, _pid, _message}
  end

  test "a leader that dies is succeeded" do
    election = election()
    [a, b, c] = for priority <- [9, 1, 2], do: member(election, priority)
    told([a, b, c], election, a, 1)
    Process.exit(a, :kill)
    told([b, c], election, c, 2)
    assert Election.leader(election) == {:ok, c, 2}
    assert in_member(c, fn -> Election.leading?(election, 2) end)
    refute in_member(c, fn -> Election.leading?(election, 1) end)
  end

  test "the end of another member changes no leadership" do
    election = election()
    [a, b, c] = for priority <- [0, 2, 1], do: member(election, priority)
    told([a, b, c], election, a, 1)
    Process.exit(b, :kill)
    wait_for(election, [{a, 0}, {c, 1}])
    assert in_member(c, fn -> Election.leave(election) end) == :ok
    assert Election.members(election) == [{a, 0}]
    assert Election.leader(election) == {:ok, a, 1}
    refute_received {:got, _pid, _message}
  end

  test "terms go on when everybody has left, or the same process leads again" do
    election = election()
    test = self()
    assert Election.join(election, 1) == :ok
    assert Election.leave(election) == :ok
    assert Election.leader(election) == :none
    refute Election.leading?(election, 1)
    assert Election.join(election, 1) == :ok
    assert Election.leader(election) == {:ok, self(), 2}
    assert_receive {:leader, ^election, ^test, 1}, 2_000
    assert_receive {:leader, ^election, ^test, 2}, 2_000
    refute_received _any
  end

  test "who leaves and joins again comes last among equals" do
    election = election()
    [a, b, c] = for _ <- 1..3, do: member(election, 1)
    told([a, b, c], election, a, 1)
    assert in_member(a, fn -> Election.leave(election) end) == :ok
    assert in_member(a, fn -> Election.join(election, 1) end) == :ok
    assert Election.members(election) == [{b, 1}, {c, 1}, {a, 1}]
    told([a, b, c], election, b, 2)
    Process.exit(a, :kill)
    wait_for(election, [{b, 1}, {c, 1}])
    refute_received {:got, _pid, _message}
  end

  test "one who has left may die unnoticed" do
    election = election()
    [a, b] = for _ <- 1..2, do: member(election, 1)
    assert in_member(a, fn -> Election.leave(election) end) == :ok
    told([a], election, a, 1)
    ref = Process.monitor(a)
    Process.exit(a, :kill)
    assert_receive {:DOWN, ^ref, :process, ^a, :killed}, 2_000
    assert Election.members(election) == [{b, 1}]
    assert Election.leader(election) == {:ok, b, 2}
  end
end
