defmodule RunLengthTest do
  use ExUnit.Case, async: true

  test "writes runs with their length" do
    assert RunLength.encode("aaabccé") == "3ab2cé"
    assert RunLength.encode("abc") == "abc"
    assert RunLength.encode("") == ""
    assert RunLength.encode(String.duplicate(" ", 100)) == "100 "
    assert RunLength.encode("abba") == "a2ba"
  end

  test "counts graphemes" do
    assert RunLength.encode("e\u0301e\u0301e") == "2e\u0301e"
    assert RunLength.encode("👨‍👩‍👧👨‍👩‍👧") == "2👨‍👩‍👧"
    assert RunLength.encode("\r\n\r\n\n") == "2\r\n\n"
  end

  test "escapes digits and backslashes" do
    assert RunLength.encode("111") == "3\\1"
    assert RunLength.encode("10") == "\\1\\0"
    assert RunLength.encode("9\\\\\\") == "\\93\\\\"
    assert RunLength.encode("12345678") == "\\1\\2\\3\\4\\5\\6\\7\\8"
  end

  test "reads what was written" do
    for text <- [
          "",
          "a",
          "aaab",
          "0",
          "1000000",
          "\\\\1\\",
          "\\n",
          "aAaA  é",
          "e\u0301e\u0301e",
          String.duplicate("x", 321) <> String.duplicate("7", 45)
        ] do
      assert text |> RunLength.encode() |> RunLength.decode() == {:ok, text}
    end

    assert RunLength.decode("3a2b") == {:ok, "aaabb"}
    assert RunLength.decode("10a") == {:ok, "aaaaaaaaaa"}
    assert RunLength.decode("2\\0\\1") == {:ok, "001"}
  end

  test "refuses lengths that are never written" do
    assert RunLength.decode("ab1c") == {:error, 3}
    assert RunLength.decode("0a") == {:error, 0}
    assert RunLength.decode("éb02a") == {:error, 2}
    assert RunLength.decode("1\\1") == {:error, 1}
    assert RunLength.decode("1") == {:error, 1}
    assert {:ok, _} = RunLength.decode("11a")
  end

  test "refuses code that stops early" do
    assert RunLength.decode("a12") == {:error, 3}
    assert RunLength.decode("2") == {:error, 1}
    assert RunLength.decode("a\\") == {:error, 2}
    assert RunLength.decode("é3\\") == {:error, 3}
  end

  test "refuses escapes of anything else" do
    assert RunLength.decode("\\a") == {:error, 1}
    assert RunLength.decode("b2\\é") == {:error, 3}
  end

  test "refuses a run that continues the one before it" do
    assert RunLength.decode("aa") == {:error, 1}
    assert RunLength.decode("2a3a") == {:error, 3}
    assert RunLength.decode("\\1\\1") == {:error, 3}
    assert RunLength.decode("\\12\\1") == {:error, 4}
    assert RunLength.decode("aba") == {:ok, "aba"}
  end

  test "streams runs of equal elements" do
    runs = &Enum.to_list(RunLength.runs(&1))
    assert runs.([1, 1, 1.0, 2]) == [{1, 2}, {1.0, 1}, {2, 1}]
    assert runs.([]) == []
    assert runs.([nil, nil, nil]) == [{nil, 3}]
    assert runs.([:a, nil, nil, :a]) == [{:a, 1}, {nil, 2}, {:a, 1}]
  end

  test "streams lazily" do
    halves = Stream.map(Stream.iterate(0, &(&1 + 1)), &div(&1, 2))
    assert halves |> RunLength.runs() |> Enum.take(3) == [{0, 2}, {1, 2}, {2, 2}]

    watched = Stream.map([:a, :a, :b, :c], fn x -> if x == :c, do: raise("too far"), else: x end)
    assert watched |> RunLength.runs() |> Enum.take(1) == [{:a, 2}]
  end
end
