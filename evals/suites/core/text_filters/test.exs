defmodule TextFiltersTest do
  use ExUnit.Case, async: true

  defp run(text, lines) do
    assert {:ok, pipeline} = TextFilters.compile(text)
    TextFilters.run(pipeline, lines)
  end

  test "runs filters one after another" do
    assert run("unique | sort desc | number 5", ["b", "c", "b", "a"]) == ["5: c", "6: b", "7: a"]
    assert run("number | sort desc", ["x", "y", "z"]) == ["3: z", "2: y", "1: x"]
    assert run("replace a b | unique", ["a", "b", "ab", "bb", "c"]) == ["b", "bb", "c"]
    assert run("unique | replace a b", ["a", "b"]) == ["b", "b"]
  end

  test "a pipeline without filters changes nothing" do
    assert run("", ["b", "a"]) == ["b", "a"]
    assert run(" \t", ["b"]) == ["b"]
    assert run("sort", []) == []
  end

  test "takes any enumerable, and runs more than once" do
    assert {:ok, pipeline} = TextFilters.compile("unique|number")
    lines = Stream.map([1, 2, 1], &Integer.to_string/1)
    assert TextFilters.run(pipeline, lines) == ["1: 1", "2: 2"]
    assert TextFilters.run(pipeline, lines) == ["1: 1", "2: 2"]
  end

  test "what comes at the end goes through the filters after it" do
    assert run("sort | number | replace 1 one | sort desc", ["b", "a"]) == ["one: a", "2: b"]
    assert run("sort desc | sort | unique", ["b", "a", "b"]) == ["a", "b"]
  end

  test "replaces all of a text" do
    assert run("replace an AN", ["banana", "x"]) == ["bANANa", "x"]
    assert run("replace .  ..", ["a.b"]) == ["a..b"]
  end

  test "numbers from anywhere" do
    assert run("number", ["a", "a"]) == ["1: a", "2: a"]
    assert run("number -1", ["a", "b", "c"]) == ["-1: a", "0: b", "1: c"]
    assert run("number 007", ["a"]) == ["7: a"]
  end

  test "sorts, keeping equal lines" do
    assert run("sort", ["b", "a", "b", "B"]) == ["B", "a", "b", "b"]
    assert run("sort desc", ["b", "a", "b", "B"]) == ["b", "b", "a", "B"]
  end

  test "says which filter is wrong" do
    assert TextFilters.compile("sort | shout") == {:error, {2, {:unknown, "shout"}}}
    assert TextFilters.compile("SORT") == {:error, {1, {:unknown, "SORT"}}}
    assert TextFilters.compile("sort || number x") == {:error, {2, :empty}}
    assert TextFilters.compile("| sort") == {:error, {1, :empty}}
    assert TextFilters.compile("sort | unique | ") == {:error, {3, :empty}}
    assert TextFilters.compile("number x | shout") == {:error, {1, :arguments}}
  end

  test "filters look at their arguments" do
    for wrong <- [
          "replace",
          "replace a",
          "replace a b c",
          "number 1 2",
          "number 1.0",
          "number --1",
          "number +1",
          "number -",
          "unique a",
          "sort asc",
          "sort desc desc"
        ] do
      assert {wrong, TextFilters.compile(wrong)} == {wrong, {:error, {1, :arguments}}}
    end

    assert TextFilters.Replace.init(["", "x"]) == {:error, :arguments}
    assert {:ok, _state} = TextFilters.Replace.init(["x", ""])
  end

  test "each filter can be used by itself" do
    for filter <- [
          TextFilters.Replace,
          TextFilters.Number,
          TextFilters.Unique,
          TextFilters.Sort
        ] do
      arguments = if filter == TextFilters.Replace, do: ["a", "b"], else: []
      assert {:ok, state} = filter.init(arguments)
      assert {lines, _state} = filter.line("a", state)
      assert is_list(lines)
      assert function_exported?(filter, :finish, 1) == (filter == TextFilters.Sort)
    end

    {:ok, state} = TextFilters.Sort.init([])
    assert {[], state} = TextFilters.Sort.line("b", state)
    assert {[], state} = TextFilters.Sort.line("a", state)
    assert TextFilters.Sort.finish(state) == ["a", "b"]
    {:ok, state} = TextFilters.Unique.init([])
    assert {["a"], state} = TextFilters.Unique.line("a", state)
    assert {[], _state} = TextFilters.Unique.line("a", state)
  end

  test "declares the behaviour with its callbacks" do
    assert Enum.sort(TextFilters.Filter.behaviour_info(:callbacks)) ==
             [finish: 1, init: 1, line: 2]

    assert TextFilters.Filter.behaviour_info(:optional_callbacks) == [finish: 1]
  end
end
