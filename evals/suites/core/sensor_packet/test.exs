defmodule SensorPacketTest do
  use ExUnit.Case, async: true

  defp sealed(binary) do
    binary <> <<rem(Enum.sum(:binary.bin_to_list(binary)), 256)>>
  end

  test "writes the packet of the example" do
    packet = %{urgent: true, station: 5, readings: [{:temperature, -3}]}

    assert SensorPacket.encode(packet) ==
             {:ok, <<0x50, 0x05, 0x01, 0x07, 0xFF, 0xFD, 0x59>>}
  end

  test "reads one packet and gives back what follows" do
    binary = <<0x50, 0x05, 0x01, 0x07, 0xFF, 0xFD, 0x59, "more">>
    packet = %{urgent: true, station: 5, readings: [{:temperature, -3}]}
    assert SensorPacket.decode(binary) == {:ok, packet, "more"}
  end

  test "a packet without readings is four bytes" do
    packet = %{urgent: false, station: 4095, readings: []}
    assert SensorPacket.encode(packet) == {:ok, <<0x4F, 0xFF, 0x00, 0x4E>>}
    assert SensorPacket.decode(<<0x4F, 0xFF, 0x00, 0x4E>>) == {:ok, packet, ""}
  end

  test "knows the kinds, and keeps those that it does not know" do
    body = <<1::6, 0::18, 2::6, 55::18, 3::6, 101_325::18, 0::6, 7::18, 63::6, -1::18>>

    readings = [
      {:temperature, 0},
      {:humidity, 55},
      {:pressure, 101_325},
      {{:unknown, 0}, 7},
      {{:unknown, 63}, -1}
    ]

    binary = sealed(<<2::3, 0::1, 77::12, 5, body::binary>>)
    packet = %{urgent: false, station: 77, readings: readings}
    assert SensorPacket.decode(binary) == {:ok, packet, ""}
    assert SensorPacket.encode(packet) == {:ok, binary}
  end

  test "an unknown kind that has a name is written by its number" do
    {:ok, binary} =
      SensorPacket.encode(%{urgent: false, station: 1, readings: [{{:unknown, 2}, 9}]})

    assert {:ok, %{readings: [humidity: 9]}, ""} = SensorPacket.decode(binary)
  end

  test "what is not whole is truncated, header and readings" do
    {:ok, binary} =
      SensorPacket.encode(%{urgent: true, station: 1, readings: [humidity: 1, pressure: 2]})

    for size <- 0..(byte_size(binary) - 1) do
      assert SensorPacket.decode(binary_part(binary, 0, size)) == {:error, :truncated}
    end
  end

  test "the version is looked at as soon as the header is whole" do
    assert SensorPacket.decode(<<1::3, 0::13, 9>>) == {:error, {:version, 1}}
    assert SensorPacket.decode(<<7::3, 1::1, 0::12, 0, 0, 0>>) == {:error, {:version, 7}}
    assert SensorPacket.decode(<<1::3, 0::13>>) == {:error, :truncated}
  end

  test "a changed byte breaks the checksum" do
    {:ok, binary} = SensorPacket.encode(%{urgent: false, station: 300, readings: [humidity: 40]})
    size = byte_size(binary) - 1
    <<head::binary-size(size), last>> = binary
    assert SensorPacket.decode(<<head::binary, rem(last + 1, 256)>>) == {:error, :checksum}
    <<first::binary-size(4), middle, tail::binary>> = binary
    changed = <<first::binary, rem(middle + 1, 256), tail::binary>>
    assert SensorPacket.decode(changed) == {:error, :checksum}
  end

  test "names the first field that does not fit" do
    fits = %{urgent: false, station: 0, readings: []}
    assert SensorPacket.encode(%{fits | station: 4096}) == {:error, {:station, 4096}}
    assert SensorPacket.encode(%{fits | station: -1}) == {:error, {:station, -1}}

    many = List.duplicate({:humidity, 1}, 256)
    assert SensorPacket.encode(%{fits | readings: many}) == {:error, {:readings, 256}}
    assert {:ok, binary} = SensorPacket.encode(%{fits | readings: tl(many)})
    assert byte_size(binary) == 3 + 255 * 3 + 1
    assert {:ok, %{readings: readings}, ""} = SensorPacket.decode(binary)
    assert readings == tl(many)

    assert SensorPacket.encode(%{fits | station: 9999, readings: many}) ==
             {:error, {:station, 9999}}
  end

  test "names the first reading that does not fit" do
    encode = &SensorPacket.encode(%{urgent: false, station: 0, readings: &1})
    assert {:ok, _} = encode.(temperature: 131_071, temperature: -131_072)

    assert encode.(humidity: 1, temperature: 131_072) ==
             {:error, {:reading, {:temperature, 131_072}}}

    assert encode.(pressure: -131_073) == {:error, {:reading, {:pressure, -131_073}}}
    assert encode.(wind: 1, rain: 2) == {:error, {:reading, {:wind, 1}}}
    assert encode.([{{:unknown, 64}, 1}]) == {:error, {:reading, {{:unknown, 64}, 1}}}
    assert encode.([{{:unknown, -1}, 1}]) == {:error, {:reading, {{:unknown, -1}, 1}}}
  end
end
