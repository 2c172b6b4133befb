# capabilities:
defmodule Encoder do
  def encode(nil), do: "null"
  def encode(true), do: "true"
  def encode(false), do: "false"
  def encode(n) when is_number(n), do: to_string(n)
  def encode(s) when is_binary(s), do: inspect(s)
  def encode(a) when is_atom(a), do: encode(Atom.to_string(a))
  def encode(l) when is_list(l), do: ["[", Enum.map_intersperse(l, ",", &encode/1), "]"] |> IO.iodata_to_binary()

  def encode(%{__struct__: _} = struct), do: struct |> Map.from_struct() |> encode()

  def encode(map) when is_map(map) do
    pairs = Enum.map_join(map, ",", fn {k, v} -> ~s("#{k}":#{encode(v)}) end)
    "{" <> pairs <> "}"
  end

  def roundtrip(value), do: value |> JSON.encode!() |> JSON.decode()
end
