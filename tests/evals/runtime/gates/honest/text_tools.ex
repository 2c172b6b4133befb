# capabilities:
defmodule Text do
  @vowels ~c"aeiou"
  @words ~w(one two three)a

  def pig(word) do
    case String.split_at(word, 1) do
      {<<c>>, _} when c in @vowels -> word <> "ay"
      {first, rest} -> rest <> first <> "ay"
    end
  end

  def words, do: @words
  def caesar(text, n), do: for(<<c <- text>>, into: "", do: <<shift(c, n)>>)
  defp shift(c, n) when c in ?a..?z, do: ?a + Integer.mod(c - ?a + n, 26)
  defp shift(c, n) when c in ?A..?Z, do: ?A + Integer.mod(c - ?A + n, 26)
  defp shift(c, _), do: c

  def hash(text), do: :crypto.hash(:sha256, text) |> Base.encode16(case: :lower)
  def wrap(text, width), do: text |> String.graphemes() |> Enum.chunk_every(width) |> Enum.map(&Enum.join/1)
  def pad(n), do: n |> Integer.to_string() |> String.pad_leading(3, "0")
  def money(f), do: :erlang.float_to_binary(f, decimals: 2)
  def heredoc, do: """
    hello
    """
  def acronym(text), do: Regex.replace(~r/\b(\w)\w*\W*/, text, "\\1") |> String.upcase()
end
