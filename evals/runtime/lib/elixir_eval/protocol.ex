defmodule ElixirEval.Protocol do
  @moduledoc """
  Frames between Python and a VM: file descriptor 0 in, 1 out, a 4-byte big-endian length each.

  The first byte tells what follows: `J` a JSON object (control), `R` a channel (32 bits) and bytes
  that are relayed unchanged between the host VM and the candidate VM of that channel. Python is
  trusted; what it relays is not, so nothing here looks into an `R` frame.
  """

  @doc "Take over the two descriptors; nothing else may read or write them afterwards."
  def open, do: Port.open({:fd, 0, 1}, [:binary, :eof, packet: 4])

  @doc "What a frame holds: `{:control, map}`, `{:relay, channel, bytes}` or `:unknown`."
  def decode(<<"J", json::binary>>) do
    case JSON.decode(json) do
      {:ok, %{} = message} -> {:control, message}
      _ -> :unknown
    end
  end

  def decode(<<"R", channel::32, bytes::binary>>), do: {:relay, channel, bytes}
  def decode(_), do: :unknown

  @doc "Send a control message: a map of what JSON has. Text that is no UTF-8 is mended."
  def control(port, message) do
    true = Port.command(port, ["J" | JSON.encode_to_iodata!(mended(message))])
    :ok
  end

  @doc "A function that sends bytes to the candidate VM of a channel."
  def relay(port, channel) do
    fn bytes -> Port.command(port, [<<"R", channel::32>>, bytes]) end
  end

  @doc "At most `limit` bytes of a text, as valid UTF-8."
  def cut(text, limit) when byte_size(text) <= limit, do: text |> String.replace_invalid()

  def cut(text, limit) do
    String.replace_invalid(binary_part(text, 0, limit)) <> "… (cut)"
  end

  defp mended(text) when is_binary(text), do: String.replace_invalid(text)
  defp mended(%{} = map), do: Map.new(map, fn {key, value} -> {key, mended(value)} end)
  defp mended(list) when is_list(list), do: Enum.map(list, &mended/1)
  defp mended(other), do: other
end
