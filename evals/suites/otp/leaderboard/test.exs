defmodule LeaderboardTest do
  use ExUnit.Case, async: true

  defp board(scores \\ []) do
    {:ok, pid} = Leaderboard.start_link()
    for {player, score} <- scores, do: :new = Leaderboard.record(pid, player, score)
    pid
  end

  test "an empty board knows nobody" do
    board = board()
    assert Leaderboard.top(board, 3) == []
    assert Leaderboard.score(board, "ada") == {:error, :unknown_player}
    assert Leaderboard.rank(board, "ada") == {:error, :unknown_player}
    assert Leaderboard.around(board, "ada", 1) == {:error, :unknown_player}
    assert Leaderboard.remove(board, "ada") == :ok
  end

  test "only a better score replaces the best" do
    board = board()
    assert Leaderboard.record(board, "ada", -5) == :new
    assert Leaderboard.record(board, "ada", -5) == :unchanged
    assert Leaderboard.record(board, "ada", -6) == :unchanged
    assert Leaderboard.score(board, "ada") == {:ok, -5}
    assert Leaderboard.record(board, "ada", -4) == :improved
    assert Leaderboard.record(board, "ada", 0) == :improved
    assert Leaderboard.score(board, "ada") == {:ok, 0}
    assert Leaderboard.top(board, 5) == [{"ada", 0}]
  end

  test "the top is ordered by score, then by name" do
    board = board([{"eve", 10}, {"bob", 30}, {"ada", 10}, {"dan", -1}, {"cat", 30}])
    all = [{"bob", 30}, {"cat", 30}, {"ada", 10}, {"eve", 10}, {"dan", -1}]
    for n <- 0..7, do: assert(Leaderboard.top(board, n) == Enum.take(all, n))
  end

  test "equal scores share a rank" do
    board = board([{"a", 50}, {"b", 40}, {"c", 40}, {"d", 40}, {"e", 1}])
    ranks = for player <- ~w(a b c d e), do: Leaderboard.rank(board, player)
    assert ranks == [ok: 1, ok: 2, ok: 2, ok: 2, ok: 5]
    assert Leaderboard.record(board, "c", 50) == :improved
    ranks = for player <- ~w(a b c d e), do: Leaderboard.rank(board, player)
    assert ranks == [ok: 1, ok: 3, ok: 1, ok: 3, ok: 5]
  end

  test "neighbours stand on both sides, as far as there are any" do
    board = board(for n <- 1..7, do: {"p#{n}", 100 - n})

    names = fn n, player ->
      board |> Leaderboard.around(player, n) |> elem(1) |> Enum.map(&elem(&1, 0))
    end

    assert Leaderboard.around(board, "p4", 1) == {:ok, [{"p3", 97}, {"p4", 96}, {"p5", 95}]}
    assert names.(0, "p4") == ["p4"]
    assert names.(2, "p4") == ~w(p2 p3 p4 p5 p6)
    assert names.(2, "p1") == ~w(p1 p2 p3)
    assert names.(2, "p6") == ~w(p4 p5 p6 p7)
    assert names.(50, "p7") == ~w(p1 p2 p3 p4 p5 p6 p7)
  end

  test "neighbours with the same score are ordered by name" do
    board = board([{"c", 1}, {"a", 1}, {"b", 1}])
    assert Leaderboard.around(board, "b", 1) == {:ok, [{"a", 1}, {"b", 1}, {"c", 1}]}
  end

  test "a removed player leaves no trace" do
    board = board([{"a", 3}, {"b", 2}, {"c", 1}])
    assert Leaderboard.remove(board, "b") == :ok
    assert Leaderboard.top(board, 5) == [{"a", 3}, {"c", 1}]
    assert Leaderboard.rank(board, "c") == {:ok, 2}
    assert Leaderboard.score(board, "b") == {:error, :unknown_player}
    assert Leaderboard.record(board, "b", 1) == :new
    assert Leaderboard.around(board, "b", 5) == {:ok, [{"a", 3}, {"b", 1}, {"c", 1}]}
  end

  test "boards know nothing of each other" do
    {one, two} = {board([{"a", 1}]), board([{"b", 2}])}
    assert Leaderboard.top(one, 5) == [{"a", 1}]
    assert Leaderboard.top(two, 5) == [{"b", 2}]
  end
end
