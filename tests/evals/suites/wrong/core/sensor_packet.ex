# Wrong: reads values without their sign.
defmodule SensorPacket do
  @moduledoc "Packets of a weather station: a header of three bytes, readings and a checksum."

  @version 2

  @doc "Takes one packet from the start of a binary."
  def decode(<<@version::3, urgent::1, station::12, count, rest::binary>> = binary) do
    with <<body::binary-size(count * 3), checksum, rest::binary>> <- rest,
         head = binary_part(binary, 0, 3 + count * 3),
         {:checksum, ^checksum} <- {:checksum, checksum(head)} do
      readings = for <<kind::6, value::18 <- body>>, do: {kind(kind), value}
      {:ok, %{urgent: urgent == 1, station: station, readings: readings}, rest}
    else
      {:checksum, _other} -> {:error, :checksum}
      _short -> {:error, :truncated}
    end
  end

  def decode(<<version::3, _::21, _::binary>>), do: {:error, {:version, version}}
  def decode(binary) when is_binary(binary), do: {:error, :truncated}

  @doc "Writes a packet, or names the first field that does not fit."
  def encode(%{urgent: urgent, station: station, readings: readings}) do
    count = length(readings)

    with :ok <- check(station in 0..4095, {:station, station}),
         :ok <- check(count < 256, {:readings, count}),
         {:ok, body} <- body(readings) do
      flag = if urgent, do: 1, else: 0
      binary = <<@version::3, flag::1, station::12, count, body::binary>>
      {:ok, binary <> <<checksum(binary)>>}
    end
  end

  defp check(true, _problem), do: :ok
  defp check(false, problem), do: {:error, problem}

  defp body(readings) do
    Enum.reduce_while(readings, {:ok, <<>>}, fn {kind, value} = reading, {:ok, body} ->
      case code(kind) do
        code when is_integer(code) and value in -131_072..131_071 ->
          {:cont, {:ok, <<body::binary, code::6, value::18>>}}

        _unfit ->
          {:halt, {:error, {:reading, reading}}}
      end
    end)
  end

  defp kind(1), do: :temperature
  defp kind(2), do: :humidity
  defp kind(3), do: :pressure
  defp kind(other), do: {:unknown, other}

  defp code(:temperature), do: 1
  defp code(:humidity), do: 2
  defp code(:pressure), do: 3
  defp code({:unknown, n}) when n in 0..63, do: n
  defp code(_other), do: nil

  defp checksum(binary) do
    binary |> :binary.bin_to_list() |> Enum.sum() |> Integer.mod(256)
  end
end
