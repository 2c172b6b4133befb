defmodule PagedStreamTest do
  use ExUnit.Case, async: true

  # Functions that tell the test process when they are called.
  defp telling(tag, fun) do
    test = self()

    fn argument ->
      send(test, {tag, argument})
      fun.(argument)
    end
  end

  defp told do
    receive do
      message -> [message | told()]
    after
      0 -> []
    end
  end

  @pages %{
    1 => {:ok, [:a, :b], 2},
    2 => {:ok, [], 3},
    3 => {:ok, [:c], nil},
    9 => {:ok, [:z], :broken},
    :broken => {:error, :down}
  }

  defp pages, do: telling(:fetch, &Map.fetch!(@pages, &1))

  test "streams the items of all pages in order" do
    assert PagedStream.items(pages(), 1) |> Enum.to_list() == [ok: :a, ok: :b, ok: :c]
    assert PagedStream.items(pages(), 3) |> Enum.to_list() == [ok: :c]
    assert PagedStream.items(fn 0 -> {:ok, [], nil} end, 0) |> Enum.to_list() == []
  end

  test "an error is the last element" do
    assert PagedStream.items(pages(), 9) |> Enum.to_list() == [ok: :z, error: :down]
    assert PagedStream.items(pages(), :broken) |> Enum.to_list() == [error: :down]
    assert told() == [fetch: 9, fetch: :broken, fetch: :broken]
  end

  test "fetches a page when an element of it is needed" do
    stream = PagedStream.items(pages(), 1)
    assert told() == []
    assert Enum.take(stream, 1) == [ok: :a]
    assert told() == [fetch: 1]
    assert Enum.take(stream, 2) == [ok: :a, ok: :b]
    assert told() == [fetch: 1]
    assert Enum.take(stream, 3) == [ok: :a, ok: :b, ok: :c]
    assert told() == [fetch: 1, fetch: 2, fetch: 3]
    assert stream |> Stream.map(&elem(&1, 1)) |> Enum.find(&(&1 == :b)) == :b
    assert told() == [fetch: 1]
  end

  defp resource(elements) do
    test = self()

    next = fn agent ->
      Agent.get_and_update(agent, fn
        [:boom | rest] -> {:boom, rest}
        [first | rest] -> {{:ok, first}, rest}
        [] -> {:done, []}
      end)
    end

    open = fn ->
      send(test, :open)
      start_supervised!({Agent, fn -> elements end}, id: make_ref())
    end

    PagedStream.with_resource(open, next, fn agent -> send(test, {:close, is_pid(agent)}) end)
  end

  test "opens when needed and closes at the end, in every run" do
    stream = resource([1, 2, 3])
    assert told() == []
    assert Enum.to_list(stream) == [1, 2, 3]
    assert told() == [:open, {:close, true}]
    assert Enum.sum(stream) == 6
    assert told() == [:open, {:close, true}]
    assert Enum.to_list(resource([])) == []
    assert told() == [:open, {:close, true}]
  end

  test "closes once when stopped early or by an exception" do
    assert Enum.take(resource([1, 2, 3]), 2) == [1, 2]
    assert told() == [:open, {:close, true}]

    assert_raise ArithmeticError, fn -> resource([1, :x]) |> Enum.each(&(&1 + 1)) end
    assert told() == [:open, {:close, true}]

    assert_raise CaseClauseError, fn -> Enum.to_list(resource([1, :boom])) end
    assert told() == [:open, {:close, true}]
  end

  test "merges sorted sources" do
    merge = fn a, b -> PagedStream.merge_sorted(a, b) |> Enum.to_list() end
    assert merge.([1, 4], 2..3) == [1, 2, 3, 4]
    assert merge.(1..3, [0, 2, 9]) == [0, 1, 2, 2, 3, 9]
    assert merge.([], []) == []
    assert merge.([1], []) == [1]
    assert merge.([], 5..6) == [5, 6]
    assert merge.([7, 8], 1..0//1) == [7, 8]
    assert merge.(1..9//4, 2..10//4) == [1, 2, 5, 6, 9, 10]
    assert merge.([1.0, 2], [1, 2.0, 2.0]) === [1.0, 1, 2, 2.0, 2.0]
    assert merge.([1], [1.0]) === [1, 1.0]
  end

  test "merges as far as is asked for" do
    far = 1_000_000_000_000
    assert PagedStream.merge_sorted(1..far, 2..far//3) |> Enum.take(5) == [1, 2, 2, 3, 4]
    assert PagedStream.merge_sorted(far..(far * 9), 1..2) |> Enum.take(3) == [1, 2, far]
  end

  test "streams windows" do
    windows = fn enumerable, size -> PagedStream.windows(enumerable, size) |> Enum.to_list() end
    assert windows.([1, 2, 3, 4], 3) == [[1, 2, 3], [2, 3, 4]]
    assert windows.(1..3, 1) == [[1], [2], [3]]
    assert windows.(1..3, 3) == [[1, 2, 3]]
    assert windows.(1..2, 3) == []
    assert windows.([], 1) == []
    assert windows.([nil, false, nil], 2) == [[nil, false], [false, nil]]
  end

  test "a window is there as soon as its last element is" do
    source = Stream.map(Stream.iterate(1, &(&1 + 1)), telling(:took, & &1))
    stream = PagedStream.windows(source, 3)
    assert told() == []
    assert Enum.take(stream, 2) == [[1, 2, 3], [2, 3, 4]]
    assert told() == [took: 1, took: 2, took: 3, took: 4]
  end
end
