# capabilities:
defmodule Bits do
  import Bitwise
  require Integer

  defguard is_byte(n) when is_integer(n) and n >= 0 and n <= 255
  defguardp is_word(n) when is_integer(n) and n in 0..65_535

  def parity(n) when is_byte(n), do: n |> bits() |> Enum.sum() |> rem(2)
  def high(n) when is_word(n), do: n >>> 8 &&& 0xFF
  def even?(n), do: Integer.is_even(n)
  defp bits(n), do: for(<<bit::1 <- <<n>> >>, do: bit)

  def header(<<version::4, kind::4, length::16-big, payload::binary-size(length), rest::binary>>),
    do: {:ok, %{version: version, kind: kind, payload: payload}, rest}

  def header(_), do: :error
end
