# Wrong: counts bytes where graphemes are columns.
defmodule TextWrap do
  @moduledoc "Fills text into lines of a given width, paragraph by paragraph."

  @doc "The lines of `text`, none wider than `options[:width]` graphemes."
  @spec wrap(String.t(), keyword()) :: [String.t()]
  def wrap(text, options) do
    width = Keyword.fetch!(options, :width)
    indent = Keyword.get(options, :indent, 0)
    hanging = Keyword.get(options, :hanging, 0)

    text
    |> String.split(~r/\n[ \t]*(?:\n[ \t]*)+/)
    |> Enum.map(&String.split/1)
    |> Enum.reject(&Enum.empty?/1)
    |> Enum.map(&paragraph(&1, width, indent, hanging))
    |> Enum.intersperse([""])
    |> Enum.concat()
  end

  defp paragraph(words, width, indent, hanging) do
    words
    |> fill(width, {indent, hanging}, [], [])
    |> Enum.reverse()
  end

  # `line` holds the words of the current line, last one first.
  defp fill([], _width, {margin, _hanging}, line, lines), do: [render(line, margin) | lines]

  defp fill([word | rest], width, {margin, hanging} = margins, line, lines) do
    room = width - margin - used(line)

    cond do
      byte_size(word) <= room ->
        fill(rest, width, margins, [word | line], lines)

      line != [] ->
        fill([word | rest], width, {hanging, hanging}, [], [render(line, margin) | lines])

      true ->
        {piece, tail} = String.split_at(word, room)
        fill([tail | rest], width, {hanging, hanging}, [], [render([piece], margin) | lines])
    end
  end

  # Columns taken by the words and by the space before the next one.
  defp used(line), do: Enum.sum_by(line, &(byte_size(&1) + 1))

  defp render(line, margin) do
    String.duplicate(" ", margin) <> (line |> Enum.reverse() |> Enum.join(" "))
  end
end
