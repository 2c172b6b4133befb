# Wrong: line breaks within quotes are not counted.
defmodule CsvRows do
  @moduledoc "Comma separated values (RFC 4180)."

  @doc "The records of a text, as lists or, with `headers: true`, as maps."
  def parse(text, options \\ []) do
    separator = Keyword.get(options, :separator, ",")

    with {:ok, records} <- record(text, separator, 1, []) do
      if Keyword.get(options, :headers, false), do: name(records), else: {:ok, rows(records)}
    end
  end

  @doc "The text of rows of strings."
  def dump(rows) do
    Enum.map_join(rows, fn row -> Enum.map_join(row, ",", &quoted/1) <> "\r\n" end)
  end

  defp quoted(field) do
    if String.contains?(field, [",", "\"", "\r", "\n"]) do
      ~s("#{String.replace(field, "\"", "\"\"")}")
    else
      field
    end
  end

  # Records are `{line, fields}`, the last one first.
  defp record("", _separator, _line, records), do: {:ok, Enum.reverse(records)}

  defp record(text, separator, line, records),
    do: field(text, separator, line, {line, []}, records)

  defp field("\"" <> text, separator, line, row, records) do
    with {:ok, value, rest, line} <- inside(text, "", line, line) do
      next(rest, separator, line, value, row, records)
    end
  end

  defp field(text, separator, line, row, records),
    do: plain(text, separator, line, "", row, records)

  defp plain("\"" <> _rest, _separator, line, _value, _row, _records),
    do: {:error, {line, :quote}}

  defp plain(text, separator, line, value, row, records) do
    if ends?(text, separator) do
      next(text, separator, line, value, row, records)
    else
      {character, rest} = String.next_codepoint(text)
      plain(rest, separator, line, value <> character, row, records)
    end
  end

  defp inside("\"\"" <> rest, value, line, opened), do: inside(rest, value <> "\"", line, opened)
  defp inside("\"" <> rest, value, line, _opened), do: {:ok, value, rest, line}

  defp inside("\n" <> rest, value, line, opened),
    do: inside(rest, value <> "\n", line, opened)

  defp inside("", _value, _line, opened), do: {:error, {opened, :unclosed}}

  defp inside(<<byte, rest::binary>>, value, line, opened) do
    inside(rest, value <> <<byte>>, line, opened)
  end

  defp ends?(text, separator) do
    text == "" or String.starts_with?(text, [separator, "\n", "\r\n"])
  end

  # A field has ended: go on with the next one, the next record, or stop.
  defp next("\r\n" <> rest, separator, line, value, row, records) do
    record(rest, separator, line + 1, [close(row, value) | records])
  end

  defp next("\n" <> rest, separator, line, value, row, records) do
    record(rest, separator, line + 1, [close(row, value) | records])
  end

  defp next("", separator, line, value, row, records) do
    record("", separator, line, [close(row, value) | records])
  end

  defp next(text, separator, line, value, {start, fields}, records) do
    if String.starts_with?(text, separator) do
      rest = String.replace_prefix(text, separator, "")
      field(rest, separator, line, {start, [value | fields]}, records)
    else
      {:error, {line, :after_quote}}
    end
  end

  defp close({start, fields}, value), do: {start, Enum.reverse([value | fields])}

  defp rows(records), do: Enum.map(records, &elem(&1, 1))

  defp name([]), do: {:ok, []}

  defp name([{_line, names} | records]) do
    width = length(names)

    case Enum.find(records, fn {_line, fields} -> length(fields) != width end) do
      nil -> {:ok, for({_line, fields} <- records, do: names |> Enum.zip(fields) |> Map.new())}
      {line, fields} -> {:error, {line, {:fields, length(fields)}}}
    end
  end
end
