# check: Pair.parse(<<4, 1, 2, 3, 4, 9>>) == {:ok, <<1, 2, 3, 4>>, <<9>>}
# check: Pair.parse(<<4, 1>>) == {:error, :incomplete}

# idiomatic
defmodule Pair do
  def parse(<<size, payload::binary-size(size), rest::binary>>), do: {:ok, payload, rest}
  def parse(_), do: {:error, :incomplete}
end

# plain
defmodule Pair do
  def parse(data) do
    size = :binary.at(data, 0)

    if byte_size(data) < size + 1 do
      {:error, :incomplete}
    else
      payload = :binary.part(data, 1, size)
      rest = :binary.part(data, size + 1, byte_size(data) - size - 1)
      {:ok, payload, rest}
    end
  end
end
