defmodule CsvRowsTest do
  use ExUnit.Case, async: true

  test "reads plain records, with either line break and with or without the last one" do
    rows = [["a", "b"], ["1", "2"]]
    assert CsvRows.parse("a,b\n1,2") == {:ok, rows}
    assert CsvRows.parse("a,b\n1,2\n") == {:ok, rows}
    assert CsvRows.parse("a,b\r\n1,2\r\n") == {:ok, rows}
    assert CsvRows.parse("") == {:ok, []}
  end

  test "keeps empty fields, blank space and empty lines" do
    assert CsvRows.parse(",\n a , b\n\n,,") ==
             {:ok, [["", ""], [" a ", " b"], [""], ["", "", ""]]}

    assert CsvRows.parse("\n") == {:ok, [[""]]}
    assert CsvRows.parse("a\rb,c") == {:ok, [["a\rb", "c"]]}
  end

  test "reads quoted fields" do
    assert CsvRows.parse("a,b\n1,\"x, \"\"y\"\"\"\n") == {:ok, [["a", "b"], ["1", "x, \"y\""]]}
    assert CsvRows.parse("\"\",\"\"\"\"") == {:ok, [["", "\""]]}
    assert CsvRows.parse("\"a\nb\r\nc\",d\r\ne") == {:ok, [["a\nb\r\nc", "d"], ["e"]]}
    assert CsvRows.parse("\"ä,ö\",ü") == {:ok, [["ä,ö", "ü"]]}
  end

  test "takes another separator" do
    assert CsvRows.parse("a;b,c;\"d;e\"", separator: ";") == {:ok, [["a", "b,c", "d;e"]]}
    assert CsvRows.parse("a\tb", separator: "\t") == {:ok, [["a", "b"]]}
    assert CsvRows.parse("a→b", separator: "→") == {:ok, [["a", "b"]]}
  end

  test "names fields by the first record" do
    assert CsvRows.parse("a;b\n1;2", separator: ";", headers: true) ==
             {:ok, [%{"a" => "1", "b" => "2"}]}

    assert CsvRows.parse("a,b\n1,2\n3,4\n", headers: true) ==
             {:ok, [%{"a" => "1", "b" => "2"}, %{"a" => "3", "b" => "4"}]}

    assert CsvRows.parse("a,b\n", headers: true) == {:ok, []}
    assert CsvRows.parse("", headers: true) == {:ok, []}
    assert CsvRows.parse("a,b\n1", headers: false) == {:ok, [["a", "b"], ["1"]]}
  end

  test "says where a record has too few or too many fields" do
    assert CsvRows.parse("a,b\n1,2\n3\n", headers: true) == {:error, {3, {:fields, 1}}}

    assert CsvRows.parse("a,b\n\"1\n\n\",2\n3,4,5\n6", headers: true) ==
             {:error, {5, {:fields, 3}}}

    assert CsvRows.parse("a\n\"x\ny\",2", headers: true) == {:error, {2, {:fields, 2}}}
  end

  test "says where quotes are wrong" do
    assert CsvRows.parse("a\nb\"c") == {:error, {2, :quote}}
    assert CsvRows.parse("a, \"b\"") == {:error, {1, :quote}}
    assert CsvRows.parse("a\n\"b\nc\" ,d") == {:error, {3, :after_quote}}
    assert CsvRows.parse("\"a\"\r,b") == {:error, {1, :after_quote}}
    assert CsvRows.parse("a\n\n\"b\nc\n") == {:error, {3, :unclosed}}
    assert CsvRows.parse("a,\"b\"\"") == {:error, {1, :unclosed}}
    assert CsvRows.parse("a\r\nb\r\nc,\"") == {:error, {3, :unclosed}}
  end

  test "an error of quoting comes before one of fields" do
    assert CsvRows.parse("a,b\n1\n2,\"3\"x", headers: true) == {:error, {3, :after_quote}}
  end

  test "writes quotes only where they are needed" do
    assert CsvRows.dump([["a", "b c"], ["", "1;2"]]) == "a,b c\r\n,1;2\r\n"
    assert CsvRows.dump([["x,y", "say \"hi\""]]) == "\"x,y\",\"say \"\"hi\"\"\"\r\n"
    assert CsvRows.dump([["a\nb"], ["c\rd"]]) == "\"a\nb\"\r\n\"c\rd\"\r\n"
    assert CsvRows.dump([]) == ""
  end

  test "reads back what it wrote" do
    rows = [["", "a\r\nb"], ["\"", ",,"], ["\"\"", "ß"], [" ", "\n"]]
    assert rows |> CsvRows.dump() |> CsvRows.parse() == {:ok, rows}
  end
end
