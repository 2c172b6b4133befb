# capabilities:
defmodule Codec do
  @callback encode(term) :: binary
  @callback decode(binary) :: {:ok, term} | :error
  @optional_callbacks decode: 1

  def encode(codec, term), do: codec.encode(term)
  def modules, do: [Codec.Csv, Codec.Hex]
  def all(term), do: Enum.map(modules(), & &1.encode(term))
  def named(module, function, args), do: apply(module, function, args)
end

defmodule Codec.Csv do
  @behaviour Codec
  @impl Codec
  def encode(list), do: Enum.join(list, ",")
  @impl Codec
  def decode(text), do: {:ok, String.split(text, ",")}
end

defmodule Codec.Hex do
  @behaviour Codec
  @impl true
  def encode(list), do: list |> :erlang.list_to_binary() |> Base.encode16(case: :lower)
end
