defmodule RunLength do
  @moduledoc "Run-length encoding of texts and of anything enumerable."

  @digits ~w(0 1 2 3 4 5 6 7 8 9)
  @escaped ["\\" | @digits]

  @doc "Writes a text by its runs."
  def encode(text) do
    text
    |> String.graphemes()
    |> runs()
    |> Enum.map_join(fn
      {grapheme, 1} -> escape(grapheme)
      {grapheme, length} -> Integer.to_string(length) <> escape(grapheme)
    end)
  end

  defp escape(grapheme) when grapheme in @escaped, do: "\\" <> grapheme
  defp escape(grapheme), do: grapheme

  @doc "Reads what `encode/1` writes, and nothing else."
  def decode(code) do
    code |> String.graphemes() |> Enum.with_index() |> read(String.length(code), nil, [])
  end

  defp read([], _size, _last, pieces), do: {:ok, pieces |> Enum.reverse() |> Enum.join()}

  defp read(graphemes, size, last, pieces) do
    with {:ok, length, rest} <- count(graphemes, size),
         {:ok, grapheme, at, rest} <- unescape(rest, size) do
      if grapheme == last,
        do: {:error, at},
        else: read(rest, size, grapheme, [String.duplicate(grapheme, length) | pieces])
    end
  end

  defp count(graphemes, size) do
    case Enum.split_while(graphemes, fn {grapheme, _at} -> grapheme in @digits end) do
      {[], rest} -> {:ok, 1, rest}
      {[{"0", at} | _], _rest} -> {:error, at}
      {[{"1", _at}], rest} -> {:error, position(rest, size)}
      {digits, rest} -> {:ok, digits |> Enum.map_join(&elem(&1, 0)) |> String.to_integer(), rest}
    end
  end

  defp unescape([{"\\", _}, {grapheme, at} | rest], _size) when grapheme in @escaped do
    {:ok, grapheme, at, rest}
  end

  defp unescape([{"\\", _at} | rest], size), do: {:error, position(rest, size)}
  defp unescape([{grapheme, at} | rest], _size), do: {:ok, grapheme, at, rest}
  defp unescape([], size), do: {:error, size}

  defp position([{_grapheme, at} | _rest], _size), do: at
  defp position([], size), do: size

  @doc "The runs of equal elements, lazily."
  def runs(enumerable) do
    Stream.chunk_while(
      enumerable,
      nil,
      fn
        element, nil -> {:cont, {element, 1}}
        element, {last, length} when element === last -> {:cont, {last, length + 1}}
        element, run -> {:cont, run, {element, 1}}
      end,
      fn
        nil -> {:cont, nil}
        run -> {:cont, run, nil}
      end
    )
  end
end
